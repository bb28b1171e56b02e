"""Working time counted for many moments at once, against a walk from minute to minute and from day to day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notyet.analysis.moments import microseconds
from notyet.analysis.process import Due, Working
from notyet.analysis.working import NEVER, Calendar
from notyet.core.working_time import WorkingTime

BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")
QUARTERS = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


def _after(working: Working, zone: ZoneInfo, at: datetime, due: Due, times: int = 1) -> datetime | None:
    calendar = Calendar.of(working, zone, FIRST, LAST)
    found = int(calendar.after(np.array([microseconds(at)]), due, times)[0])
    return None if found == NEVER else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=found)


def _walked_hours(working: Working, zone: ZoneInfo, at: datetime, hours: int) -> datetime:
    """Minute by minute by the clock on the wall: a minute counts when it begins within the hours of a working day."""
    left, now = hours * 60, at.astimezone(UTC)
    while left:
        wall = now.astimezone(zone)
        worked = wall.weekday() in working.days and wall.date() not in working.closed
        left -= worked and working.starts <= wall.time() < working.ends
        now += timedelta(minutes=1)
    return now


def _walked_days(working: Working, zone: ZoneInfo, at: datetime, days: int) -> datetime:
    day = at.astimezone(zone).date()
    while days:
        day += timedelta(days=1)
        days -= day.weekday() in working.days and day not in working.closed
    return datetime.combine(day, working.ends, zone).astimezone(UTC)


@st.composite
def _workings(draw: st.DrawFn) -> Working:
    clocks = sorted(draw(st.sets(QUARTERS, min_size=2, max_size=2)))
    days = draw(st.sets(st.integers(0, 6), min_size=1))
    closed = draw(st.lists(st.dates(date(2025, 2, 1), date(2025, 11, 15)), max_size=8))
    return Working(tuple(sorted(days)), clocks[0], clocks[1], tuple(closed))


MINUTES = st.integers(0, 280 * 24 * 60).map(
    lambda minutes: datetime(2025, 2, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@settings(max_examples=150, deadline=None)
@given(_workings(), st.sampled_from(ZONES), MINUTES, st.integers(1, 12))
def test_hours_are_those_of_the_clock_on_the_wall(working: Working, zone: str, at: datetime, hours: int) -> None:
    # Where the clocks change within the hours of work the wall tells an hour twice or not at all.
    place = ZoneInfo(zone)
    if working.starts < time(4) and place.key != "Asia/Kolkata":
        working = Working(working.days, time(4), max(working.ends, time(5)), working.closed)
    assert _after(working, place, at, Due(hours, "hours")) == _walked_hours(working, place, at, hours)


@settings(max_examples=150, deadline=None)
@given(_workings(), st.sampled_from(ZONES), MINUTES, st.integers(1, 5))
def test_days_end_with_the_work_of_the_last(working: Working, zone: str, at: datetime, days: int) -> None:
    place = ZoneInfo(zone)
    assert _after(working, place, at, Due(days, "days")) == _walked_days(working, place, at, days)


@settings(max_examples=200, deadline=None)
@given(
    _workings(),
    st.sampled_from(ZONES),
    MINUTES,
    st.integers(0, 40),
    st.sampled_from(("hours", "days")),
    st.integers(1, 2),
)
def test_it_is_the_working_time_of_the_workspace(
    working: Working, zone: str, at: datetime, amount: int, unit: str, times: int
) -> None:
    """The day list and the analysis call the same step late."""
    theirs = WorkingTime(
        ZoneInfo(zone), frozenset(working.days), working.starts, working.ends, frozenset(working.closed)
    )
    if amount and unit == "hours":
        wanted = theirs.add_hours(at, amount * times)
    elif amount == 0 and unit == "hours" and times == 1:
        wanted = at
    else:
        wanted = theirs.add_days(at, amount * times if amount else times - 1)
    found = _after(working, ZoneInfo(zone), at, Due(amount, unit), times)  # type: ignore[arg-type]
    assert found == (wanted if wanted.astimezone(ZoneInfo(zone)).date() <= LAST else None)


@pytest.mark.parametrize(
    ("at", "hours", "wanted"),
    [
        # Friday at three, four hours: Monday at eleven, over the weekend on which the clocks go forward.
        (datetime(2025, 3, 28, 14, tzinfo=UTC), 4, datetime(2025, 3, 31, 9, tzinfo=UTC)),
        # And back.
        (datetime(2025, 10, 24, 13, tzinfo=UTC), 4, datetime(2025, 10, 27, 10, tzinfo=UTC)),
        # Until the very end of a day is in time.
        (datetime(2025, 3, 28, 12, tzinfo=UTC), 4, datetime(2025, 3, 28, 16, tzinfo=UTC)),
        # Thursday before Easter: Tuesday.
        (datetime(2025, 4, 17, 14, tzinfo=UTC), 2, datetime(2025, 4, 22, 8, tzinfo=UTC)),
    ],
)
def test_weekends_holidays_and_changing_clocks(at: datetime, hours: int, wanted: datetime) -> None:
    easter = Working(closed=(date(2025, 4, 18), date(2025, 4, 21)))
    assert _after(easter, BERLIN, at, Due(hours, "hours")) == wanted


def test_beyond_the_calendar_nothing_comes() -> None:
    assert _after(Working(), BERLIN, datetime(2024, 12, 30, tzinfo=UTC), Due(1, "hours")) is None
    assert _after(Working(), BERLIN, datetime(2025, 12, 31, 12, tzinfo=UTC), Due(9, "hours")) is None
    assert _after(Working(), BERLIN, datetime(2025, 12, 31, 12, tzinfo=UTC), Due(1, "days")) is None
    assert (
        _after(Working(closed=(date(2025, 1, 1),)), BERLIN, datetime(2026, 1, 2, tzinfo=UTC), Due(0, "hours")) is None
    )
