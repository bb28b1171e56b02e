"""The page of what is missing or odd in the record."""

import html
import re
from collections.abc import Callable

import pytest
from django.test import Client

from notyet.analysis.health_costs import Cost
from notyet.deals.models import DataSource, Deal
from notyet.debriefs.models import Debrief
from notyet.history import record_health as reading
from notyet.web.health_page import cost_words
from notyet.workspaces.models import Role, Workspace

SignIn = Callable[[Role], Client]


def _text(page: bytes) -> str:
    """What is read on a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.decode())).split())


@pytest.fixture
def spoilt(workspace: Workspace) -> Workspace:
    """A record with gaps, frozen."""
    from notyet.history.freeze import refresh
    from tests.web.records import fill

    fill(workspace)
    Deal.objects.filter(deal_id__in=["D-001", "D-002"]).update(amount=None, owner="")
    Deal.objects.filter(deal_id__in=["D-003", "D-004", "D-005"]).update(product="CARE")
    Debrief.objects.filter(deal__deal_id="D-005").update(deciding_reason="Qwertz")
    DataSource.objects.update(columns={"amount": "Deal value <net>"})
    refresh(workspace)
    return workspace


def test_what_is_found_follows_the_page(spoilt: Workspace, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking takes some seconds, so the page comes first; once it is known it is on the page."""
    reading._found.clear()
    client = sign_in(Role.OWNER)
    page = client.get("/health/").content
    assert b'hx-get="/health/found/"' in page
    assert "have no amount" not in _text(page)

    part = client.get("/health/found/").content
    assert b"<html" not in part
    text = _text(part)
    assert "Deal value <net> 2 of 44 closed deals have no amount." in text
    assert b"<net>" not in part
    assert "“Value of a deal, median” by about 2% (42 of 44 deals)" in text
    assert "2 of 60 deals have no owner." in text
    assert "Merge them on the page of duplicates. Open the duplicates" in text
    assert "Open the table of reasons" in text

    looked = []
    monkeypatch.setattr(reading, "examine", lambda *args: looked.append(args))
    again = client.get("/health/").content
    assert b"hx-get" not in again
    assert "have no amount" in _text(again)
    assert looked == []


def test_links_lead_only_where_one_may_go(spoilt: Workspace, sign_in: SignIn) -> None:
    """Marketing sees what is odd, and can neither merge nor map."""
    text = _text(sign_in(Role.MARKETING).get("/health/?with=found").content)
    assert "2 of 44 closed deals have no amount." in text
    assert "Open the" not in text
    assert "Duplicates" not in text


def test_people_are_not_on_it(spoilt: Workspace, sign_in: SignIn) -> None:
    """No seller's name, whatever is missing of whose deals."""
    text = _text(sign_in(Role.LEADERSHIP).get("/health/?with=found").content)
    assert "Mara Lind" not in text
    assert "Jo Hart" not in text


def test_a_change_of_the_record_is_told(spoilt: Workspace, sign_in: SignIn) -> None:
    """The page speaks of the history that was frozen."""
    from notyet.workspaces.actions import touch_record

    client = sign_in(Role.OWNER)
    assert "The record has changed since" not in _text(client.get("/health/?with=found").content)
    touch_record(spoilt)
    assert "The record has changed since" in _text(client.get("/health/?with=found").content)


def test_before_the_first_import_there_is_nothing(workspace: Workspace, sign_in: SignIn) -> None:
    """The page says how to begin; its part is empty."""
    client = sign_in(Role.OWNER)
    assert "No history yet" in _text(client.get("/health/").content)
    assert "The record holds no deals" in _text(client.get("/health/found/").content)


def test_costs_are_told_in_words() -> None:
    """Those withheld, those widened, those that only count fewer."""
    costs = [
        Cost("a", "Days to a win", 0, 90, True, None, ("closed_at", "conversations")),
        Cost("b", "Win rate by value", 64, 100, False, 0.25),
        Cost("c", "Value won", 30, 31, False, None),
        Cost("d", "Value of a deal", 999, 1000, False, 0.0005),
    ]
    assert cost_words(costs) == [
        "Withheld: “Days to a win” (needs closed at and conversations too).",
        "Wider intervals: “Win rate by value” by about 25% (64 of 100 deals).",
        "Made of fewer deals: “Value won” (30 of 31 deals); “Value of a deal” (999 of 1,000 deals).",
    ]
