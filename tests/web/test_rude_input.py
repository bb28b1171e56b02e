"""What no browser sends by itself is refused in words, on either database: control characters, endless texts."""

import json
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import DataError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from notyet.deals.models import Deal, Outcome
from notyet.deals.view_models import SavedView
from notyet.debriefs.models import ReasonWording
from notyet.debriefs.work_models import PreparationItem
from notyet.process.models import DeviationNote, ProcessDraft
from notyet.process.queries import version_of
from notyet.web.middleware import WorkspaceMiddleware
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


@pytest.mark.parametrize("name", ["team", "seller_name"])
def test_a_persons_names_hold_no_control_characters(deals: list[Deal], sign_in: SignIn, name: str) -> None:
    """Nobody is added by them."""
    client = sign_in(Role.ADMINISTRATOR)
    sent = {"email": "new@example.org", "role": "seller", name: NUL}
    assert client.post(reverse("person_add"), sent).status_code == 400
    assert not User.objects.filter(username="new@example.org").exists()


@pytest.mark.parametrize("pair", [(NUL, "Bad timing"), ("Too dear", NUL), ("x" * 501, "Bad timing")])
def test_a_wording_that_cannot_be_kept_is_refused(deals: list[Deal], sign_in: SignIn, pair: tuple[str, str]) -> None:
    """A wording too long to have a meaning does not keep others from having one."""
    client = sign_in(Role.OWNER)
    client.post(reverse("wordings"), {"text": pair[0], "means": pair[1]})
    assert not ReasonWording.objects.exists()
    client.post(reverse("wordings"), {"text": ["x" * 501, "Too dear"], "means": ["", "Bad timing"]})
    assert ReasonWording.objects.get().text == "Too dear"


@pytest.mark.parametrize("wrong", [{"step": "x" * 101}, {"kind": "x" * 21}, {"kind": NUL}, {"step": NUL}])
def test_only_what_can_be_a_deviation_is_explained(deals: list[Deal], sign_in: SignIn, wrong: dict[str, str]) -> None:
    """A note is of a step and a kind that there are."""
    client = sign_in(Role.SELLER)
    stage = version_of(deals[9]).definition.stages[0].key
    right = {"stage": stage, "step": "", "kind": "skipped", "why": "They called us"}
    client.post(reverse("deal_why", args=[deals[9].pk]), {**right, **wrong})
    assert not DeviationNote.objects.exists()
    client.post(reverse("deal_why", args=[deals[9].pk]), right)
    assert DeviationNote.objects.count() == 1


def _draft(client: Client) -> dict[str, str]:
    client.post(reverse("process_start"), {"origin": "usual"})
    draft = ProcessDraft.objects.get()
    return {"seen": json.dumps(draft.definition), "revision": str(draft.revision)}


@pytest.mark.parametrize(
    "wrong",
    [
        {"seen": "[" * 100_000},
        {"removed": "[" * 100_000, "op": "back"},
        {"seen": '{"stages": [{"key": "a", "label": "\\ud800", "kind": "other"}]}'},
        {"seen": '{"stages": [{"key": "a", "label": "\\u0000", "kind": "other"}]}'},
        {"seen": '{"stages": [{"key": "a", "label": "A", "kind": "other", "steps": '
         '[{"key": "s", "text": "S", "due": {"amount": 1000000000000, "unit": "days"}}]}]}'},
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["process_edit", "process_again"])
def test_what_no_draft_can_hold_is_no_form(
    deals: list[Deal], sign_in: SignIn, name: str, wrong: dict[str, str]
) -> None:
    """Nothing of it reaches the draft."""
    client = sign_in(Role.OWNER)
    form = _draft(client)
    assert client.post(reverse(name), {**form, **wrong}).status_code == 400


def test_what_is_no_form_is_said_as_plain_text(deals: list[Deal], sign_in: SignIn) -> None:
    """The answer repeats what came in, and no browser may read that as a page."""
    client = sign_in(Role.OWNER)
    response = client.post(reverse("process_edit"), {**_draft(client), "op": "<img src=x>:a"})
    assert response.status_code == 400
    assert response["Content-Type"].startswith("text/plain")


def test_a_backslash_in_a_label_is_no_control_character(deals: list[Deal], sign_in: SignIn) -> None:
    """Whoever writes one about programs may."""
    client = sign_in(Role.OWNER)
    form = _draft(client)
    seen = form["seen"].replace('"label": "Enquiry"', '"label": "\\\\u0000"')
    assert client.post(reverse("process_edit"), {**form, "seen": seen}).status_code == 200


def test_a_control_character_in_a_field_of_the_process_is_refused(deals: list[Deal], sign_in: SignIn) -> None:
    """It stays in its field, and the draft is as it was."""
    client = sign_in(Role.OWNER)
    before = _draft(client)
    client.post(reverse("process_edit"), {**before, "stage.enquiry.label": NUL})
    assert json.dumps(ProcessDraft.objects.get().definition) == before["seen"]


@pytest.mark.parametrize("name", ["process_publish", "process_discard"])
def test_a_revision_without_end_is_none(deals: list[Deal], sign_in: SignIn, name: str) -> None:
    """The draft stays, and is shown."""
    client = sign_in(Role.OWNER)
    _draft(client)
    assert client.post(reverse(name), {"revision": "9" * 5_000}).status_code == 400
    assert ProcessDraft.objects.exists()


@pytest.mark.django_db
def test_what_no_database_keeps_is_refused_wherever_it_comes_from(rf: RequestFactory) -> None:
    """The last door behind those of the forms: PostgreSQL keeps no such character. Other faults stay faults."""
    door = WorkspaceMiddleware(lambda request: HttpResponse())
    with connection.cursor() as cursor:
        try:
            cursor.execute("SELECT %s", [NUL])
            fault = DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        except DataError as error:
            fault = error
    refused = door.process_exception(rf.post("/"), fault)
    assert refused is not None and refused.status_code == 400
    assert door.process_exception(rf.post("/"), DataError("value out of range")) is None
