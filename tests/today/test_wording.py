"""What an item says."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from notyet.core.working_time import WorkingTime
from notyet.today.models import Clock, DueItem, Group
from notyet.today.rules import KIND_OF
from notyet.today.wording import MANY, Seen, due, worded
from tests.today.conftest import BERLIN, local

MONDAY = Seen(local(2, 9), WorkingTime(BERLIN))


def item(group: str, **more: Any) -> DueItem:
    return DueItem(kind=KIND_OF[group], group=group, shows_at=local(1), **more)


def said(group: str, **more: Any) -> tuple[str, str]:
    found = worded(item(group, **more), "Helvia AG", MONDAY)
    assert found.buyer == "Helvia AG"
    return found.text, found.detail


@pytest.mark.parametrize(
    ("group", "more", "text", "detail"),
    [
        (
            Group.PROMISE,
            {"what": "the security sheet", "since": local(27, 9, month=2)},
            "You promised Helvia AG the security sheet",
            "Promised on 27 Feb",
        ),
        (Group.PROMISE, {"what": "Security sheet"}, "You promised Helvia AG: Security sheet", ""),
        (Group.PROMISE, {}, "You promised Helvia AG something, and there is no note of what", ""),
        (
            Group.MISSED_CALL,
            {"since": local(2, 8, 12)},
            "Call Helvia AG back: they rang at 08:12 and nobody answered",
            "Missed call",
        ),
        (
            Group.MISSED_CALL,
            {"since": local(1, 8, 12), "who": "Ana Roth", "times": 3},
            "Call Helvia AG back: Ana Roth rang yesterday at 08:12 and nobody answered",
            "3 missed calls",
        ),
        (Group.REPLY, {"since": local(1), "since_day": True}, "Answer Helvia AG: they wrote yesterday", ""),
        (
            Group.REPLY,
            {"since": local(20, 9, month=2), "what": "message", "times": 2},
            "Answer Helvia AG: they sent a message on 20 Feb at 09:00",
            "Wrote 2 times since",
        ),
        (
            Group.QUESTION,
            {"what": "Who signs?", "stage": "Discovery", "since": local(11, 9, month=2)},
            "Helvia AG asks: Who signs?",
            "In Discovery for 19 days",
        ),
        (
            Group.STEP,
            {"what": "Send the summary", "stage": "Discovery", "since": local(2, 8)},
            "Helvia AG: Send the summary",
            "In Discovery since today",
        ),
        (
            Group.UNPAID,
            {"since": local(1, month=1)},
            "Ask Helvia AG about the payment: ordered 60 days ago, not paid",
            "Counts once it is paid",
        ),
        (
            Group.STALLED,
            {"clock": Clock.STAGE, "since": local(11, 9, month=2), "median_hours": 192.0},
            "Helvia AG: in this stage 19 days; won deals leave it in 8 days (median)",
            "",
        ),
        (
            Group.STALLED,
            {"clock": Clock.OPENING, "since": local(1, 9, month=1), "median_hours": 720.0},
            "Helvia AG: 60 days since the opening; won deals had left this stage after 30 days (median)",
            "",
        ),
        (
            Group.STALLED,
            {"clock": Clock.QUIET, "since": local(1, 9), "median_hours": 6.0},
            "Helvia AG: 24 hours since the last conversation; won deals were silent for 6 hours at most (median)",
            "",
        ),
        (Group.NEXT_STEP, {"what": "Call"}, "Next step with Helvia AG: Call", ""),
        (Group.NO_NEXT_STEP, {}, "Helvia AG has no dated next step", ""),
    ],
)
def test_sentences(group: str, more: dict[str, Any], text: str, detail: str) -> None:
    assert said(group, **more) == (text, detail)


@pytest.mark.parametrize(
    ("due_at", "whole_day", "text", "late"),
    [
        (local(2, 15), False, "by 15:00", False),
        (local(2, 8), False, "by 08:00", True),
        (local(2), True, "today", False),
        (local(27, 17, month=2), False, "1 day late", True),
        (local(26, 17, month=2), False, "2 days late", True),
        (local(28, 17, month=2), False, "1 day late", True),
        (local(3, 9), False, "tomorrow", False),
        (local(5, 9), False, "Thu", False),
        (local(12, 9), False, "12 Mar", False),
        (local(3, 9, month=1) - timedelta(days=365), False, "since 3 Jan 2025", True),
    ],
)
def test_when(due_at: datetime, whole_day: bool, text: str, late: bool) -> None:
    found = due(item(Group.REPLY, due_at=due_at, whole_day=whole_day), MONDAY)
    assert (found.text, found.late) == (text, late)


def test_a_weekend_never_makes_anything_later() -> None:
    sunday = Seen(local(1, 12), WorkingTime(BERLIN))
    assert due(item(Group.REPLY, due_at=local(27, 17, month=2)), sunday).text == "late"
    assert due(item(Group.PROMISE, due_at=local(28, month=2), whole_day=True), sunday).late


def test_promises_due_today_are_due_today_whatever_the_hour() -> None:
    assert due(item(Group.PROMISE, due_at=local(2, 15)), MONDAY).text == "today"
    passed = due(item(Group.PROMISE, due_at=local(2, 8)), MONDAY)
    assert (passed.text, passed.late) == ("today", True)
    assert due(item(Group.NO_NEXT_STEP), MONDAY).text == "no date"
    assert due(item(Group.STALLED, due_at=local(1)), MONDAY).text == "stalled"


def test_many_of_every_group_have_a_name() -> None:
    assert set(MANY) == set(Group.values)
