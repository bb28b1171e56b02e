"""Fields as people type and read them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notyet.analysis.tables import CHANNELS, DIRECTIONS, TABLES
from notyet.core.texts import cleaned
from notyet.deals import values
from notyet.deals.amounts import NotAnAmount, read_amount, shown_amount
from notyet.deals.deal_rules import DEAL_FIELDS
from notyet.deals.editing import FIELDS
from notyet.deals.values import BadValue, exact, from_exact, parse, same, shown
from notyet.deals.when import When, exact_time, read_exact, read_time, shown_time, start_of_day
from notyet.exchange.parse_times import start_of_day as start_in_files

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Africa/Cairo",
    "Pacific/Auckland",
    "Asia/Kathmandu",
]
MOMENTS = st.integers(0, 9_400_000_000_000_000).map(
    lambda micros: datetime(1901, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)
AMOUNTS = st.decimals(Decimal("-999999999999999.9999"), Decimal("999999999999999.9999"), places=4)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1200.5", "1200.5"),
        ("1200,50", "1200.5"),
        ("1,200.50", "1200.5"),
        ("1.200,50", "1200.5"),
        ("1 200,50", "1200.5"),
        ("1'200.50", "1200.5"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("12,345.6789", "12345.6789"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("1234.567", "1234.567"),
        ("1.2500", "1.25"),
        ("1.2340000", "1.234"),
        ("−5", "-5"),
        ("999999999999999.9999", "999999999999999.9999"),
    ],
)
def test_amounts_are_read_where_they_mean_one_thing(text: str, amount: str) -> None:
    """With a point or a comma, thousands set apart or not."""
    assert read_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    (
        *("1.200", "1,200", "-12.345", "1,20,30", "1.2.3", "1,2345.6", "12.34.567", "1.234,567.8", "", "€5", "1e5"),
        *("nan", "١٢", "1234567890123456", "1.23456", "1,,2", "0,123,456.7.8"),
    ),
)
def test_other_amounts_are_refused(text: str) -> None:
    """What could be a thousand or a fifth, and what is no number."""
    with pytest.raises(NotAnAmount):
        read_amount(text)


@settings(deadline=None)
@given(AMOUNTS)
def test_an_amount_is_shown_as_it_can_be_read(amount: Decimal) -> None:
    """But for those that other countries read as thousands, which are shown with a nought more."""
    assert read_amount(shown_amount(amount)) == amount


@settings(deadline=None)
@given(st.sampled_from(ZONES), MOMENTS)
def test_a_time_is_kept_to_the_microsecond_and_shown_to_the_minute(zone: str, at: datetime) -> None:
    """Read back it is the same: exactly what was kept, and what was shown but for what it does not show."""
    assert read_exact(exact_time(When(at), zone), zone) == When(at)
    odd = When(at, plain=True)
    assert read_exact(exact_time(odd, zone), zone) == odd
    minute = shown_time(When(at), zone)
    assert shown_time(read_time(minute, zone), zone) == minute


@settings(deadline=None)
@given(st.sampled_from(ZONES), st.dates(date(1901, 1, 1), date(2199, 12, 30)))
def test_a_day_is_a_plain_date_at_its_start(zone: str, day: date) -> None:
    """The same moment that a file's plain date becomes."""
    when = read_time(day.isoformat(), zone)
    assert when == When(start_of_day(day, zone), plain=True)
    micros = (when.at - datetime(1970, 1, 1, tzinfo=UTC)) // (datetime.resolution)
    assert micros == start_in_files(day, zone)
    assert shown_time(when, zone) == exact_time(when, zone) == day.isoformat()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5.3.2026", "2026-03-04T23:00:00+00:00"),
        ("2026-03-05 14:30", "2026-03-05T13:30:00+00:00"),
        ("2026-03-05T14:30", "2026-03-05T13:30:00+00:00"),
        ("2026-03-05, 9:05", "2026-03-05T08:05:00+00:00"),
        ("05.03.2026 14:30", "2026-03-05T13:30:00+00:00"),
        ("2026-03-05T14:30:05.25Z", "2026-03-05T14:30:05.250000+00:00"),
        ("2026-03-05 14:30 -05:00", "2026-03-05T19:30:00+00:00"),
    ],
)
def test_times_are_read(text: str, expected: str) -> None:
    """Days and times, by the zone's clocks or with an offset."""
    assert read_time(text, "Europe/Berlin").at == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("opened_at", "tomorrow"),
        ("opened_at", "2026-02-30"),
        ("opened_at", "1899-12-31"),
        ("opened_at", "2026-03-05 25:00"),
        ("opened_at", "3/4/2026"),
        ("contract_term_months", "601"),
        ("contract_term_months", "-1"),
        ("contract_term_months", "1.5"),
        ("contract_term_months", "٣"),
        ("minutes", "1441"),
        ("minutes", "an hour"),
        ("currency", "EURO"),
        ("currency", "XYZ"),
        ("channel", "fax"),
        ("direction", "up"),
        ("missed", "maybe"),
        ("amount", "12 apples"),
        ("name", "x" * 501),
        ("name", "a\x00b"),
        ("summary", "a\x07b"),
        ("summary", "\ud800"),
        ("text", "x" * 2_001),
        ("attr.Lead", "x" * 2_001),
        ("outcome", "won"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_field(field: str, text: str) -> None:
    """The message says what would be kept."""
    with pytest.raises(BadValue) as refused:
        parse(field, text, "UTC")
    assert refused.value.field == field
    assert len(refused.value.text) > 10


def test_texts_and_empty_fields() -> None:
    """A line is a line; an empty field is nothing, or an empty text."""
    assert parse("name", "  Big \n deal ", "UTC") == "Big deal"
    assert parse("summary", " one\r\ntwo ", "UTC") == "one\ntwo"
    assert parse("persona", "None", "UTC") == "None"
    empty = {
        field: parse(field, " ", "UTC") for field in ("amount", "opened_at", "missed", "minutes", "persona", "currency")
    }
    assert empty == {"amount": None, "opened_at": None, "missed": None, "minutes": None, "persona": "", "currency": ""}
    assert parse("currency", "eur", "UTC") == "EUR"
    assert parse("minutes", "12,5", "UTC") == 12.5
    assert cleaned("a\x00b" + "x" * 20, 10) == "abxxxxxxx…"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", Decimal("1200.5")),
        ("contract_term_months", 12),
        ("minutes", 12.5),
        ("minutes", 30.0),
        ("missed", True),
        ("missed", False),
        ("missed", None),
        ("name", ""),
        ("at", When(datetime(2026, 3, 5, 1, 2, 3, 4, tzinfo=UTC))),
        ("at", When(datetime(2026, 3, 4, 23, tzinfo=UTC), plain=True)),
    ],
)
def test_what_an_edit_keeps_is_read_back(field: str, value: values.Value) -> None:
    """Nothing of it is lost."""
    assert from_exact(field, exact(value, "Europe/Berlin"), "Europe/Berlin") == value


def test_a_row_shows_its_fields() -> None:
    """Times in the zone that is asked for, plain dates as days, nothing as nothing."""
    Deal = type("Deal", (SimpleNamespace,), {})
    at = datetime(2026, 3, 4, 23, tzinfo=UTC)
    deal = Deal(opened_at=at, ordered_at=at, plain_dates=1, amount=None, attributes={"Lead": "warm"}, account=None)
    assert shown(deal, "opened_at", "Europe/Berlin") == "2026-03-05"
    assert shown(deal, "ordered_at", "Europe/Berlin") == "2026-03-05 00:00"
    assert [shown(deal, field, "UTC") for field in ("amount", "account", "attr.Lead", "attr.No")] == [
        "",
        "",
        "warm",
        "",
    ]


def test_texts_that_mean_the_same() -> None:
    """However a browser sends them back."""
    assert same("amount", "1200.5", "1.200,50", "UTC")
    assert same("at", "2026-03-05T14:30", "2026-03-05 14:30", "UTC")
    assert same("summary", "a\r\nb", "a\nb", "UTC")
    assert not same("at", "2026-03-05", "2026-03-05 00:00", "UTC")
    assert not same("amount", "12 apples", "12", "UTC")


def test_the_tables_are_those_of_a_history() -> None:
    """The bits of plain dates, the fields and the choices are the exchange format's."""
    for name, times in values.TIMES.items():
        assert times == TABLES[name].times, name
    assert set(DEAL_FIELDS) <= set(TABLES["deals"].names)
    for name, fields in FIELDS.items():
        assert {*fields, "deal_id"} == set(TABLES[name].names)
    assert (values.CHANNELS, values.DIRECTIONS) == (CHANNELS, DIRECTIONS)
