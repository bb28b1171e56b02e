"""Closing deals on the web: one in a minute, several at once, what is asked again, and what stays when refused."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from notyet.deals.actions import create_deal
from notyet.deals.models import Closing, Deal
from notyet.winbacks.check_ups import waiting
from notyet.winbacks.parting_models import Parting
from notyet.workspaces.access import operator
from notyet.workspaces.models import Role, Workspace
from notyet.workspaces.scope import within

SignIn = Callable[[Role], Client]
LOST = {"outcome": "lost", "lost_to": "Northwind", "reason": "Bad timing", "channel": "email"}


@pytest.fixture
def deal(workspace: Workspace, clock: Callable[[str], datetime]) -> Deal:
    clock("2026-03-02T08:00:00+00:00")
    return create_deal(operator(workspace), {"account": "Okapi", "opened_at": "2026-02-01", "competitor": "Northwind"})


def test_a_deal_is_closed_and_says_when_it_is_asked_again(workspace: Workspace, deal: Deal, sign_in: SignIn) -> None:
    client = sign_in(Role.SELLER)
    address = reverse("deal_close", args=[deal.pk])
    form = client.get(address).content.decode()
    assert 'value="Northwind"' in form
    assert "Slow follow-up" in form
    page = client.post(address, {**LOST, "on": "2026-03-02", "wish_on": "2026-09-01"}, follow=True).content.decode()
    assert "Closed: lost. To be asked again on 1 September 2026." in page
    with within(workspace):
        assert Closing.objects.get().reason == "Bad timing"
        assert Parting.objects.get().channel == "email"
        found = waiting(deal)
        assert found is not None
        assert found.due_at is not None
        assert found.due_at.date() == date(2026, 9, 1)
    assert client.get(address).status_code == 302, "it is closed already"
    assert client.post(address, LOST).status_code == 302
    assert Closing.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"outcome": ""}, "Say how it ended."),
        ({"reason": ""}, "“Unknown” is an answer too."),
        ({"on": "2026-03-03"}, "this is yet to come"),
        ({"on": "2026-01-03"}, "the deal was closed before that"),
        ({"wish_on": "2026-03-01"}, "name a day that is still to come"),
        ({"channel": "never", "wish_on": "2026-09-01"}, "Which is it?"),
    ],
)
def test_what_is_refused_leaves_what_was_typed(
    workspace: Workspace, deal: Deal, sign_in: SignIn, sent: dict[str, str], says: str
) -> None:
    response = sign_in(Role.SELLER).post(reverse("deal_close", args=[deal.pk]), {**LOST, **sent})
    page = response.content.decode()
    assert response.status_code == 400
    assert says in page
    assert 'value="Northwind"' in page
    deal.refresh_from_db()
    assert deal.outcome == "open"


def test_an_order_is_paid_and_a_deal_opened_again(workspace: Workspace, deal: Deal, sign_in: SignIn) -> None:
    client = sign_in(Role.SELLER)
    client.post(reverse("deal_close", args=[deal.pk]), {"outcome": "ordered"})
    page = client.post(reverse("deal_paid", args=[deal.pk]), {"on": "2026-03-01x"}, follow=True).content.decode()
    assert "write a day like 2026-03-05" in page
    client.post(reverse("deal_paid", args=[deal.pk]), {"on": ""})
    deal.refresh_from_db()
    assert (deal.outcome, bool(deal.paid_at)) == ("won", True)
    page = client.post(reverse("deal_reopen", args=[deal.pk]), follow=True).content.decode()
    assert "take the payment back first" in page


def test_several_are_closed_alike(workspace: Workspace, deal: Deal, sign_in: SignIn) -> None:
    other = create_deal(operator(workspace), {"account": "Brightwater", "opened_at": "2026-02-20"})
    client = sign_in(Role.MANAGER)
    address = reverse("close_several")
    assert "Brightwater" in client.get(address).content.decode()
    assert "Brightwater" not in client.get(address, {"q": "oka"}).content.decode()
    ended = {"outcome": "no_decision", "reason": "Unknown"}
    refused = client.post(address, ended)
    assert refused.status_code == 400
    assert "Tick the deals that ended." in refused.content.decode()
    keys = [str(deal.pk), str(other.pk), "999999", "x"]
    page = client.post(address, {**ended, "deal": keys, "on": "2026-02-15"}, follow=True).content.decode()
    assert "One deal closed." in page
    assert "Brightwater was not closed: the deal was closed before that." in page
    assert "2 deals had been closed meanwhile" in page
    with within(workspace):
        assert [one.outcome for one in Deal.objects.order_by("pk")] == ["no_decision", "open"]
