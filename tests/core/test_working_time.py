"""Working time against an oracle that walks minute by minute and looks at the clock on the wall."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notyet.core.working_time import NeverWorked, WorkingTime

MINUTE = timedelta(minutes=1)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Santiago")
BERLIN = WorkingTime(ZoneInfo("Europe/Berlin"), closed=frozenset({date(2026, 4, 3), date(2026, 4, 6)}))

days = st.frozensets(st.integers(0, 6), min_size=1)
closed = st.frozensets(st.dates(date(2026, 3, 20), date(2026, 4, 12)), max_size=6)
# The clocks change in March and April 2026, on both halves of the globe.
moments = st.integers(0, 14 * 24 * 60).map(lambda minutes: datetime(2026, 3, 25, tzinfo=UTC) + minutes * MINUTE)


@st.composite
def times(draw: st.DrawFn) -> WorkingTime:
    starts = draw(st.integers(5, 20))
    ends = draw(st.integers(starts + 1, 23))
    return WorkingTime(
        ZoneInfo(draw(st.sampled_from(ZONES))), draw(days), time(starts, 30), time(ends, 45), draw(closed)
    )


def at_work(working: WorkingTime, at: datetime) -> bool:
    """The oracle's whole knowledge: what the clock and the calendar on the wall say in this minute."""
    wall = at.astimezone(working.zone)
    free = wall.weekday() not in working.days or wall.date() in working.closed
    return not free and working.starts <= wall.time() < working.ends


@given(times(), moments, st.integers(0, 20 * 60))
@settings(max_examples=60, deadline=None)
def test_hours_are_added_as_minute_by_minute(working: WorkingTime, at: datetime, minutes: int) -> None:
    expected, left = at, minutes
    while left:
        left -= at_work(working, expected)
        expected += MINUTE
    assert working.add_hours(at, minutes / 60) == expected


@given(times(), moments, st.integers(0, 6 * 24 * 60))
@settings(max_examples=60, deadline=None)
def test_hours_between_are_counted_as_minute_by_minute(working: WorkingTime, at: datetime, minutes: int) -> None:
    worked = sum(at_work(working, at + n * MINUTE) for n in range(minutes))
    end = at + minutes * MINUTE
    assert working.hours_between(at, end) == pytest.approx(worked / 60)
    assert working.hours_between(end, at) == pytest.approx(-worked / 60)


@given(times(), moments, st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_days_are_added_as_minute_by_minute(working: WorkingTime, at: datetime, number: int) -> None:
    first, seen, last = at.astimezone(working.zone).date(), set[date](), at
    walked = at
    while True:
        walked += MINUTE
        day = walked.astimezone(working.zone).date()
        if at_work(working, walked) and day != first:
            seen.add(day)
            if len(seen) > number:
                break
            last = walked
    assert working.add_days(at, number) == last + MINUTE


@given(times(), moments)
@settings(max_examples=60, deadline=None)
def test_no_days_are_the_rest_of_this_one_or_the_next(working: WorkingTime, at: datetime) -> None:
    walked = at
    while not at_work(working, walked):
        walked += MINUTE
    while at_work(working, walked):
        walked += MINUTE
    assert working.add_days(at, 0) == walked


@given(times(), moments, st.floats(0, 30), st.floats(0, 30))
@settings(max_examples=100, deadline=None)
def test_hours_add_up_and_never_go_back(working: WorkingTime, at: datetime, first: float, then: float) -> None:
    middle = working.add_hours(at, first)
    assert at <= middle <= working.add_hours(at, first + then) + timedelta(microseconds=10)
    assert working.hours_between(at, middle) == pytest.approx(first, abs=1e-6)


def test_a_promise_of_four_hours_on_the_thursday_before_easter() -> None:
    thursday = datetime(2026, 4, 2, 15, tzinfo=BERLIN.zone)
    assert BERLIN.add_hours(thursday, 4) == datetime(2026, 4, 7, 11, tzinfo=BERLIN.zone)
    assert BERLIN.add_hours(thursday, 2) == datetime(2026, 4, 2, 17, tzinfo=BERLIN.zone)
    assert BERLIN.add_days(thursday, 1) == datetime(2026, 4, 7, 17, tzinfo=BERLIN.zone)
    assert BERLIN.on_or_before(date(2026, 4, 6)) == date(2026, 4, 2)
    assert BERLIN.on_or_after(date(2026, 4, 3)) == date(2026, 4, 7)


def test_a_day_without_a_midnight_still_begins() -> None:
    beirut = WorkingTime(ZoneInfo("Asia/Beirut"))
    begins = beirut.midnight(date(2026, 3, 29))
    assert begins.astimezone(beirut.zone) == datetime(2026, 3, 29, 1, tzinfo=beirut.zone)
    assert beirut.day_of(begins) == date(2026, 3, 29)
    assert beirut.day_of(begins - timedelta(microseconds=1)) == date(2026, 3, 28)


def test_the_night_shift_of_the_long_night_is_an_hour_longer() -> None:
    nights = WorkingTime(BERLIN.zone, frozenset({6}), time(1), time(5))
    assert nights.hours_between(datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC)) == 5


def test_what_cannot_be_worked_is_refused() -> None:
    with pytest.raises(NeverWorked, match="no day of the week"):
        WorkingTime(BERLIN.zone, frozenset())
    with pytest.raises(ValueError, match="cannot start"):
        WorkingTime(BERLIN.zone, starts=time(17), ends=time(9))
    shut = frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(4_000))
    closed = WorkingTime(BERLIN.zone, closed=shut)
    with pytest.raises(NeverWorked, match="ten years"):
        closed.add_hours(datetime(2026, 1, 2, tzinfo=UTC), 1)
    for call in (
        lambda: BERLIN.add_hours(datetime(2026, 1, 2, tzinfo=UTC), -1),
        lambda: BERLIN.add_days(datetime(2026, 1, 2, tzinfo=UTC), -1),
    ):
        with pytest.raises(ValueError, match="forward"):
            call()
