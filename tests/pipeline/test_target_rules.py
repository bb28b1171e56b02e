"""What a target must be, and which is in force."""

from datetime import date
from decimal import Decimal

import pytest

from notyet.pipeline.rules import (
    BadTarget,
    Wish,
    checked,
    in_force,
    quarter_name,
    quarter_named,
    quarter_of,
    read_amount,
)

WISH = Wish("everybody", "", date(2026, 1, 1), date(2026, 3, 31), Decimal(100))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("250000", "250000"),
        ("250,000", "250000"),
        ("250.000", "250000"),
        ("1 250 000", "1250000"),
        ("1'250'000", "1250000"),
        ("1,250,000.50", "1250000.50"),
        ("1.250.000,5", "1250000.5"),
        (" 99.95 ", "99.95"),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, amount: str) -> None:
    """With or without marks between the thousands."""
    assert read_amount(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "a lot", "12,34,567", "-5", "1e6", "1,25", "250,0000", "12.345.67"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    """With the way to write one."""
    with pytest.raises(BadTarget, match="digits"):
        read_amount(text)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Wish("team", " ", WISH.since, WISH.until, WISH.amount), "name"),
        (Wish("person", "", WISH.since, WISH.until, WISH.amount), "name"),
        (Wish("everybody", "", WISH.until, WISH.since, WISH.amount), "until"),
        (Wish("everybody", "", WISH.since, date(2029, 6, 1), WISH.amount), "until"),
        (Wish("everybody", "", WISH.since, WISH.until, Decimal(0)), "amount"),
        (Wish("everybody", "", WISH.since, WISH.until, Decimal(10) ** 12), "amount"),
        (Wish("all", "", WISH.since, WISH.until, WISH.amount), "scope"),  # type: ignore[arg-type]
    ],
)
def test_what_can_be_no_target_is_refused(wish: Wish, field: str) -> None:
    """Beside the field that is wrong."""
    with pytest.raises(BadTarget) as refused:
        checked(wish)
    assert refused.value.field == field


def test_a_name_is_tidied_and_everybody_has_none() -> None:
    """So that it matches the deals'."""
    assert checked(Wish("team", "  North   Sea ", WISH.since, WISH.until, WISH.amount)).name == "North Sea"
    assert checked(Wish("everybody", "North", WISH.since, WISH.until, WISH.amount)).name == ""


@pytest.mark.parametrize(
    ("day", "first", "last", "name"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), date(2026, 3, 31), "2026-Q1"),
        (date(2026, 6, 30), date(2026, 4, 1), date(2026, 6, 30), "2026-Q2"),
        (date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 31), "2026-Q4"),
    ],
)
def test_quarters(day: date, first: date, last: date, name: str) -> None:
    """By a day, by their days, by their name."""
    assert quarter_of(day) == (first, last)
    assert quarter_name(first, last) == name
    assert quarter_named(name) == (first, last)
    assert quarter_name(first, day) == (name if day == last else "")


@pytest.mark.parametrize("name", ["", "2026-Q5", "2026", "0000-Q1"])
def test_what_is_no_quarter_is_refused(name: str) -> None:
    """With what to choose instead."""
    with pytest.raises(BadTarget, match="quarter"):
        quarter_named(name)


def test_the_shortest_period_is_in_force() -> None:
    """A quarter's before the year's; of two as long the later; none outside."""
    year = Wish("everybody", "", date(2026, 1, 1), date(2026, 12, 31), Decimal(1))
    late = Wish("everybody", "", date(2026, 2, 1), date(2026, 5, 1), Decimal(3))
    assert in_force([year, WISH], date(2026, 3, 31)) is WISH
    assert in_force([year, WISH, late], date(2026, 3, 31)) is late
    assert in_force([year, WISH], date(2026, 4, 1)) is year
    assert in_force([WISH], date(2026, 4, 1)) is None
