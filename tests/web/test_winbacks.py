"""The pages of win-backs: the list, one loss from asking to the new deal, what wakes losses, what to bring."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from notyet.analysis.intervals import Estimate
from notyet.analysis.returning import ReturnCurve
from notyet.deals.actions import create_deal
from notyet.deals.closing import Ending
from notyet.deals.models import Deal
from notyet.history.freeze import refresh
from notyet.web.winback_reasons import return_bars
from notyet.winbacks.models import WinBack
from notyet.winbacks.partings import Farewell, close_and_part
from notyet.workspaces.access import operator
from notyet.workspaces.models import Role, Workspace
from notyet.workspaces.scope import within

SignIn = Callable[[Role], Client]
Clock = Callable[[str], datetime]


@pytest.fixture
def lost(workspace: Workspace, clock: Clock) -> Deal:
    clock("2026-03-02T08:00:00+00:00")
    boss = operator(workspace)
    deal = create_deal(boss, {"account": "Okapi", "opened_at": "2026-02-01", "contract_term_months": "12"})
    close_and_part(boss, deal.pk, Ending("lost", lost_to="Northwind", reason="Missing feature"))
    return deal


def test_the_list_says_when_why_and_what_to_bring(workspace: Workspace, lost: Deal, sign_in: SignIn) -> None:
    refresh(workspace)
    page = sign_in(Role.SELLER).get(reverse("win_backs")).content.decode()
    for words in (
        "<b>2 Dec</b>",
        "1 lost buyer has a day on which to ask again.",
        "No reason has been watched",
        "Okapi",
        "three quarters of it from the close",
        "Show what has shipped since",
        "Waiting",
    ):
        assert words in page
    assert "too few to tell the time that matters" in page


def test_the_list_says_how_many_are_due_this_month_and_names_other_years(
    workspace: Workspace, lost: Deal, sign_in: SignIn, clock: Clock
) -> None:
    client = sign_in(Role.SELLER)
    clock("2025-12-31T09:00:00+00:00")
    assert "<b>2 Dec</b><small>2026</small>" in client.get(reverse("win_backs")).content.decode()
    clock("2026-11-30T09:00:00+00:00")
    assert "by the end of" not in client.get(reverse("win_backs")).content.decode()
    clock("2026-12-01T09:00:00+00:00")
    assert "ask again; 1 by the end of December." in client.get(reverse("win_backs")).content.decode()


def curve(reason: str, *shares: float, n: int = 40) -> ReturnCurve:
    """A curve with a share a half-year, each a hundredth wide to both sides."""
    told = tuple(Estimate(one, one - 0.01, one + 0.01) if one else Estimate(0.0) for one in shares)
    return ReturnCurve(reason, n, 4, tuple(6 * place for place in range(1, len(shares) + 1)), told)


def test_reasons_are_held_against_each_other_at_one_common_month() -> None:
    curves = [curve("", 0.1, 0.1, 0.1, 0.1), curve("Price", 0.02, 0.04), curve("Timing", 0.05, 0.08, 0.1, 0.2)]
    found = return_bars([*curves, curve("Trust", 0.01, 0.06, 0.06)])
    assert found is not None
    assert found.months == 12, "one of three was watched for two years"
    told = [(bar.label, bar.value, bar.interval, bar.width) for bar in found.bars]
    assert told[0] == ("Timing", "8.0%", "7.0 – 9.0", "80.00%")
    assert [label for label, *_ in told] == ["Timing", "Trust", "Price"]


def test_a_reason_nobody_came_back_from_has_no_bar_and_no_interval() -> None:
    found = return_bars([curve("Price", 0.0, 0.0, 0.0, 0.0)])
    assert found is not None
    assert (found.months, found.bars[0].width, found.bars[0].interval) == (24, "0.00%", "")
    assert return_bars([curve("", 0.1, 0.1, 0.1, 0.1)]) is None
    assert return_bars([curve("Price")]) is None


def test_nine_months_later_it_comes_back(workspace: Workspace, lost: Deal, sign_in: SignIn, clock: Clock) -> None:
    client, address = sign_in(Role.SELLER), reverse("win_back", args=[lost.pk])
    clock("2026-12-02T09:00:00+00:00")
    assert "Ready" in client.get(reverse("win_backs")).content.decode()
    asked = client.post(address, {"do": "ask", "offer": "Show what has shipped since"}, follow=True).content.decode()
    assert "Asked on 2 December 2026" in asked
    assert "Brought: Show what has shipped since" in asked
    assert "now it is their turn" in client.post(address, {"do": "follow"}, follow=True).content.decode().lower()
    back = client.post(address, {"do": "back", "name": "Second try"}, follow=True)
    assert "Back at the table" in back.content.decode()
    with within(workspace):
        opened = Deal.objects.get(name="Second try")
        assert opened.reopened_from == lost.deal_id
    assert "Reopened as" in client.get(address).content.decode()


def test_a_day_is_moved_left_and_set_again(workspace: Workspace, lost: Deal, sign_in: SignIn) -> None:
    client, address = sign_in(Role.SELLER), reverse("win_back", args=[lost.pk])
    assert "gone by" in client.post(address, {"do": "move", "on": "2026-03-01"}, follow=True).content.decode()
    assert "like 2026-03-05" in client.post(address, {"do": "move", "on": "soon"}, follow=True).content.decode()
    assert "1 June 2026" in client.post(address, {"do": "move", "on": "2026-06-01"}, follow=True).content.decode()
    left = client.post(address, {"do": "leave", "why": "Out of business"}, follow=True).content.decode()
    assert "No day is set" in left
    assert "The rules propose" in left
    assert "2 December 2026" in client.post(address, {"do": "date"}, follow=True).content.decode()


def test_never_says_so_and_offers_nothing(workspace: Workspace, clock: Clock, sign_in: SignIn) -> None:
    clock("2026-03-02T08:00:00+00:00")
    boss = operator(workspace)
    deal = create_deal(boss, {"account": "Silent", "opened_at": "2026-02-01"})
    close_and_part(boss, deal.pk, Ending("lost"), Farewell("never"))
    client, address = sign_in(Role.SELLER), reverse("win_back", args=[deal.pk])
    page = client.get(address).content.decode()
    assert "They asked to be left alone" in page
    assert "I asked them" not in page
    assert "never" in client.post(address, {"do": "date", "on": "2026-06-01"}, follow=True).content.decode()
    assert not WinBack.objects.exists()


def test_an_open_deal_has_no_win_back(workspace: Workspace, lost: Deal, sign_in: SignIn) -> None:
    deal = create_deal(operator(workspace), {"account": "Open", "opened_at": "2026-02-01"})
    assert sign_in(Role.SELLER).get(reverse("win_back", args=[deal.pk])).status_code == 404


def test_a_trigger_wakes_and_is_taken_back(workspace: Workspace, lost: Deal, sign_in: SignIn) -> None:
    client, address = sign_in(Role.MANAGER), reverse("triggers")
    assert client.post(address, {"kind": "shipped", "text": "Export"}).status_code == 400
    sent = {"kind": "shipped", "text": "The export shipped", "reason": ["Missing feature"]}
    assert "1 losses are to be asked again" in client.post(address, sent, follow=True).content.decode()
    assert "The export shipped" in client.get(reverse("win_backs")).content.decode()
    with within(workspace):
        made = lost.wakings.get().trigger_id
    undone = client.post(reverse("trigger_undo", args=[made]), follow=True).content.decode()
    assert "stand as they did before" in undone
    assert "The export shipped" not in client.get(reverse("win_backs")).content.decode()


def test_what_to_bring_is_the_workspaces(workspace: Workspace, lost: Deal, sign_in: SignIn) -> None:
    client = sign_in(Role.OWNER)
    pairs = {"reason": ["Missing feature", "", ""], "text": ["The new export", "Ask", ""]}
    client.post(reverse("offers"), pairs)
    assert "The new export" in client.get(reverse("win_back", args=[lost.pk])).content.decode()
    twice = client.post(reverse("offers"), {"reason": ["", ""], "text": ["Ask", "Ask"]})
    assert "two lines are the same" in twice.content.decode()
