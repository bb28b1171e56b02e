"""Values read at once and values read one by one are the same values."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notyet.exchange.parse_times import TimeRule, parse_times, read_time, start_of_day
from notyet.exchange.parse_values import NumberRule, parse_amounts, read_amount

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Pacific/Apia",
    "Africa/Cairo",
]
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1901, 1, 1), datetime(2198, 12, 31), timezones=OFFSETS)  # noqa: DTZ001
DAYS = st.dates(date(1901, 1, 1), date(2199, 12, 31))
ODD = st.sampled_from(
    ["2026-01-31T10:00Z", "2026-02-30", "2026-06-31T00:00:00Z", "20260131T100000Z", "2026-01-31T10:00:00,5Z",
     "2026-01-31",
     "2026-01-31t10:00:00z", "2026-01-31 10:00:00 UTC", "2026-01-31T24:00:00Z", "2026-01-31T10:00:00", "1899-12-31", ""]
)  # fmt: skip


@given(
    st.lists(st.one_of(st.none(), MOMENTS.map(lambda m: m.isoformat()), DAYS.map(lambda d: d.isoformat()), ODD)),
    st.sampled_from(ZONES),
)
@settings(max_examples=200, deadline=None)
def test_times_at_once_and_one_by_one(texts: list[str | None], zone: str) -> None:
    """Microseconds, plain dates and what cannot be read."""
    rule = TimeRule(zone)
    found = parse_times(pa.array(texts, pa.string()), rule)
    for index, text in enumerate(texts):
        single = None if text is None else read_time(text, rule)
        assert bool(found.missing[index]) == (text is None)
        assert bool(found.bad[index]) == (text is not None and single is None)
        if single is not None:
            assert (int(found.micros[index]), bool(found.plain[index])) == single


@given(MOMENTS)
def test_times_are_moments(moment: datetime) -> None:
    """The same moment, whatever its offset."""
    read = read_time(moment.isoformat(), TimeRule("UTC"))
    assert read == ((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1), False)


@pytest.mark.parametrize(
    ("day", "zone"),
    [("2018-11-04", "America/Sao_Paulo"), ("2024-03-31", "Europe/Berlin"), ("2024-04-26", "Africa/Cairo")],
)
def test_days_that_begin_in_a_gap(day: str, zone: str) -> None:
    """Where the clock jumps over midnight, the day begins after the jump."""
    parsed = date.fromisoformat(day)
    first = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=start_of_day(parsed, zone))
    assert first.astimezone(ZoneInfo(zone)).date() == parsed
    assert (first - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() < parsed


@pytest.mark.parametrize(
    ("text", "rule", "expected"),
    [
        ("31/01/2026", TimeRule("UTC", formats=("%d/%m/%Y",)), ("2026-01-31T00:00:00", True)),
        ("1/2/2026 3:30 PM", TimeRule("UTC", "UTC", ("%m/%d/%Y %I:%M %p",)), ("2026-01-02T15:30:00", False)),
        ("2026-01-31 10:00", TimeRule("UTC", "Europe/Berlin"), ("2026-01-31T09:00:00", False)),
        ("2026-01-31 00:00:00", TimeRule("UTC", "UTC", days_only=True), ("2026-01-31T00:00:00", True)),
        ("1767225600000", TimeRule("UTC", formats=("epoch_ms",)), ("2026-01-01T00:00:00", False)),
        ("1767225600", TimeRule("UTC", formats=("epoch_s",)), ("2026-01-01T00:00:00", False)),
    ],
)
def test_times_as_a_mapping_says(text: str, rule: TimeRule, expected: tuple[str, bool]) -> None:
    """Formats, times without an offset, days with a meaningless clock, seconds since 1970."""
    read = read_time(text, rule)
    assert read is not None
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=read[0])
    assert (moment.strftime("%Y-%m-%dT%H:%M:%S"), read[1]) == expected


AMOUNTS = st.one_of(st.decimals(-(10**16), 10**16, places=5), st.decimals()).map(str)


@given(st.lists(st.one_of(st.none(), AMOUNTS, st.decimals(-(10**15), 10**15, places=4).map(str), st.text(max_size=5))))
@settings(deadline=None)
def test_amounts_at_once_and_one_by_one(texts: list[str | None]) -> None:
    """Each the decimal that it says, or none."""
    found = parse_amounts(pa.array(texts, pa.string()))
    for text, value, bad in zip(texts, found.array.to_pylist(), found.bad, strict=True):
        single = None if text is None else read_amount(text)
        assert value == single
        assert bool(bad) == (text is not None and single is None)


@given(st.lists(st.decimals(-(10**14), 10**14, places=4).map(str), min_size=1))
@settings(deadline=None)
def test_plain_amounts_keep_every_digit(texts: list[str]) -> None:
    """All at once."""
    assert parse_amounts(pa.array(texts)).array.to_pylist() == [Decimal(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "comma", "expected"),
    [
        ("$1,234.50", False, "1234.5"),
        ("1.234,50 €", True, "1234.5"),
        ("EUR 1 234", False, "1234"),
        ("(250)", False, "-250"),
        ("1'234.5", False, "1234.5"),
        ("12 apples", False, None),
        ("", False, None),
    ],
)
def test_amounts_as_people_write_them(text: str, comma: bool, expected: str | None) -> None:
    """In foreign files only."""
    value = read_amount(text, NumberRule(loose=True, comma=comma))
    assert value == (None if expected is None else Decimal(expected))
