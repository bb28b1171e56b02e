"""What no browser sends by itself is refused in words, on either database: control characters, endless texts."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from notyet.deals.models import Deal, Outcome
from notyet.deals.view_models import SavedView
from notyet.debriefs.work_models import PreparationItem
from notyet.winbacks.parting_models import Letter, Offer
from notyet.workspaces.models import Role

SignIn = Callable[[Role], Client]
NUL = "a\0b"


@pytest.mark.parametrize("sent", [{"reason": "", "text": NUL}, {"reason": NUL, "text": "A smaller start"}])
def test_an_offer_with_a_control_character_is_refused(deals: list[Deal], sign_in: SignIn, sent: dict[str, str]) -> None:
    """Nothing of the table is changed."""
    assert sign_in(Role.OWNER).post(reverse("offers"), sent).status_code == 400
    assert not Offer.objects.exists()


def test_a_tick_with_a_control_character_is_refused(deals: list[Deal], sign_in: SignIn) -> None:
    """What debriefs ask stays."""
    assert sign_in(Role.OWNER).post(reverse("preparation"), {"ticks": f"Rehearsed\n{NUL}"}).status_code == 400
    assert not PreparationItem.objects.exists()


def test_a_view_by_a_name_with_a_control_character_is_not_kept(deals: list[Deal], sign_in: SignIn) -> None:
    """The list says so."""
    response = sign_in(Role.SELLER).post(reverse("view_save"), {"name": NUL, "query": ""}, follow=True)
    assert "cannot be called that" in response.content.decode()
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["today_settle", "today_snooze"])
@pytest.mark.parametrize("field", ["kind", "ref"])
def test_an_item_that_cannot_be_looked_for_is_not_there(
    deals: list[Deal], sign_in: SignIn, name: str, field: str
) -> None:
    """It is answered like any other that is settled already."""
    sent = {"deal": deals[9].pk, "kind": "promise", "ref": "1", "day": "2999-01-01", "text": "Later", field: NUL}
    response = sign_in(Role.SELLER).post(reverse(name), sent)
    assert response.status_code in (302, 400)


@pytest.mark.parametrize("name", ["q", "owner"])
def test_deals_to_close_are_looked_for_without_control_characters(
    deals: list[Deal], sign_in: SignIn, name: str
) -> None:
    """They are left out of what is looked for."""
    wanted = {"q": "Pl\0ant", "owner": "Jo\0 Hart"}[name]
    page = sign_in(Role.SELLER).get(reverse("close_several"), {name: wanted}).content.decode()
    assert "Plant maintenance 9" in page


def test_a_buyers_name_without_end_is_refused(deals: list[Deal], sign_in: SignIn) -> None:
    """SQLite looks for no pattern of more than 50,000 letters."""
    assert sign_in(Role.SELLER).post(reverse("deal_new"), {"account": "x" * 60_000}).status_code == 400


def test_an_address_too_long_to_keep_is_refused(deals: list[Deal], sign_in: SignIn) -> None:
    """Addresses have at most 254 letters; what passes for one may have 320."""
    lost = Deal.objects.filter(outcome=Outcome.LOST)[0]
    to = f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 60}.org"
    sign_in(Role.SELLER).post(reverse("letter", args=[lost.pk]), {"to": to, "subject": "Thanks", "body": "Thank you"})
    assert not Letter.objects.exists()
