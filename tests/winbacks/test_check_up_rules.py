"""When to ask again: worked examples, and what holds for whatever the record says."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notyet.winbacks.check_up_rules import LONGEST_WAIT_MONTHS, Loss, add_months, when_to_ask
from notyet.workspaces.models import TermRule

CLOSED = date(2026, 2, 14)
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))

EXAMPLES = [
    (Loss(CLOSED, term_months=12), date(2026, 11, 14), "term"),
    (Loss(CLOSED, date(2026, 1, 31), 12), date(2026, 10, 31), "term"),
    (Loss(CLOSED, date(2026, 1, 31), 36), date(2028, 4, 30), "term"),
    (Loss(CLOSED, term_months=10), date(2026, 9, 29), "term"),
    (Loss(CLOSED), date(2026, 11, 14), "term"),
    (Loss(CLOSED, term_months=0), date(2026, 11, 14), "term"),
    (Loss(CLOSED, term_months=600), date(2029, 2, 14), "term"),
    (Loss(CLOSED, term_months=1), CLOSED + timedelta(days=30), "term"),
    (Loss(CLOSED, date(2020, 1, 1), 12), CLOSED + timedelta(days=30), "term"),
    (Loss(CLOSED, date(2026, 3, 1), 12), date(2026, 11, 14), "term"),
    (Loss(CLOSED, term_months=12, reason="Budget frozen"), date(2027, 1, 1), "reason"),
    (Loss(date(2026, 12, 20), reason="Budget frozen"), date(2028, 1, 1), "reason"),
    (Loss(date(2026, 12, 2), reason="Budget frozen"), date(2027, 1, 1), "reason"),
    (Loss(CLOSED, reason="Budget frozen", wish_on=date(2026, 3, 1)), date(2026, 3, 1), "wish"),
    (Loss(CLOSED, term_months=12, wish_on=date(2026, 2, 14)), date(2026, 11, 14), "term"),
]


@pytest.mark.parametrize(("loss", "on", "origin"), EXAMPLES)
def test_worked_examples(loss: Loss, on: date, origin: str) -> None:
    found = when_to_ask(loss)
    assert found is not None
    assert (found.on, found.origin) == (on, origin)


def test_three_months_before_the_end_is_a_setting() -> None:
    found = when_to_ask(Loss(CLOSED, term_months=24), TermRule.THREE_MONTHS_BEFORE)
    assert found is not None
    assert found.on == date(2027, 11, 14)


def test_the_words_say_where_the_day_comes_from() -> None:
    say = {loss.term_months: found.why for loss, _, _ in EXAMPLES if (found := when_to_ask(loss)) and loss.term_months}
    assert say[36] == "A 36-month contract was pitched; three quarters of it from the proposal"
    assert say[600].endswith("asked within three years")
    assert say[1].endswith("asked a month after the no")


@given(DAYS, st.none() | DAYS, st.none() | st.integers(0, 600), st.none() | DAYS, st.sampled_from(list(TermRule)))
def test_never_too_soon_never_too_late(
    closed: date, pitched: date | None, term: int | None, wish: date | None, rule: TermRule
) -> None:
    """Unless the buyer wished it; and whoever said never is left alone."""
    found = when_to_ask(Loss(closed, pitched, term, wish_on=wish), rule)
    assert found is not None
    if wish is not None and wish > closed:
        assert found.on == wish
    else:
        assert closed + timedelta(days=30) <= found.on <= add_months(closed, LONGEST_WAIT_MONTHS)
    assert when_to_ask(Loss(closed, pitched, term, wish_on=wish, never=True), rule) is None


@given(DAYS, st.integers(1, 12))
def test_a_budget_year_begins_on_its_first_day(closed: date, month: int) -> None:
    found = when_to_ask(Loss(closed, reason="Budget frozen"), budget_month=month)
    assert found is not None
    assert (found.on.month, found.on.day) == (month, 1)
    assert 30 <= (found.on - closed).days <= 30 + 366


@given(DAYS, st.integers(0, 600))
def test_months_are_the_calendars(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1
