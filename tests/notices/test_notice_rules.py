"""The rules of messages, held to the minute."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from notyet.core.working_time import WorkingTime
from notyet.notices import rules
from notyet.notices.things import Thing
from notyet.today.models import Group

BERLIN = WorkingTime(ZoneInfo("Europe/Berlin"), closed=frozenset({date(2026, 4, 6)}))


def thing(number: int, kind: str = "promise", came_up: datetime | None = None) -> Thing:
    """One of many."""
    return Thing(f"{kind}:1:{number}", kind, 1, f"{kind} {number}", came_up=came_up)


def at(text: str) -> datetime:
    """A moment by Berlin's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


def test_every_group_of_today_has_its_words() -> None:
    """A new one needs a noun and a label."""
    assert set(rules.NOUNS) == set(rules.KINDS) == set(Group.values)


def test_few_are_named_many_become_a_line() -> None:
    """Five of a kind stand one by one; of six, three and the rest. The order is the list's."""
    few = [thing(n) for n in range(5)]
    assert [line.text for line in rules.lines(few)] == [one.text for one in few]
    many = [thing(0, "reply"), *(thing(n) for n in range(6)), thing(1, "reply")]
    assert [line.text for line in rules.lines(many)] == [
        "reply 0",
        "promise 0",
        "promise 1",
        "promise 2",
        "and 3 more promises",
        "reply 1",
    ]
    assert rules.lines([]) == ()


@pytest.mark.parametrize(
    ("now", "hour", "due"),
    [
        ("2026-03-27T08:00:00", 8, True),
        ("2026-03-27T07:59:59", 8, False),
        ("2026-03-27T16:59:59", 8, True),
        ("2026-03-27T17:00:00", 8, False),
        ("2026-03-27T20:10:00", 20, True),
        ("2026-03-27T21:00:00", 20, False),
        ("2026-03-27T00:00:00", 0, True),
        ("2026-03-28T09:00:00", 8, False),
        ("2026-03-30T08:00:00", 8, True),
        ("2026-04-06T09:00:00", 8, False),
    ],
)
def test_when_the_mail_is_due(now: str, hour: int, due: bool) -> None:
    """By the clock on the wall: the 29th put it forward; the 6th of April is a holiday, the 28th a Saturday."""
    assert rules.digest_is_due(BERLIN, hour, at(now)) is due


def test_what_comes_up_overnight_is_new_in_the_morning() -> None:
    """Since the end of the last working day, over a weekend and a holiday; nothing of the future."""
    tuesday = at("2026-04-07T09:30:00")
    since = rules.last_close(BERLIN, tuesday)
    assert since == at("2026-04-03T17:00:00")
    moments = ["2026-04-03T16:59:00", "2026-04-03T17:00:01", "2026-04-06T12:00:00", "2026-04-07T09:31:00"]
    things = [thing(n, came_up=at(moment)) for n, moment in enumerate(moments)]
    assert [one.text for one in rules.fresh(things, since, tuesday)] == ["promise 1", "promise 2"]
    steps = [thing(1, "step", at("2026-04-06T12:00:00")), thing(2, "reply", None)]
    assert rules.fresh(steps, since, tuesday) == []


def test_chat_keeps_working_hours() -> None:
    """To the minute."""
    short = WorkingTime(ZoneInfo("Europe/Berlin"), starts=time(9), ends=time(16, 30))
    open_at = [
        now for now in ("08:59", "09:00", "16:29", "16:30") if rules.chat_is_open(short, at(f"2026-03-27T{now}"))
    ]
    assert open_at == ["09:00", "16:29"]
    assert not rules.chat_is_open(short, at("2026-03-28T12:00"))


def test_numbers_are_said() -> None:
    """One is one, thousands have their comma."""
    assert rules.counted(1, "missed_call") == "1 missed call"
    assert rules.counted(12_345, "no_next_step") == "12,345 deals without a next step"
    assert rules.digest_subject(1) == "1 thing keeps your word today"
    assert rules.chat_subject([thing(1), thing(2, "reply"), thing(3)]) == "2 promises, 1 mail to answer"
