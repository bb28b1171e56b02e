"""The selection in the address."""

from datetime import date

import pytest
from django.http import QueryDict

from notyet.web.filters import Filters, field_label, last_four_quarters, read

FIELDS = {"persona": ["Founder", "IT"], "page": ["1"], "attr.Lead Quality": ["good"]}
LAST = date(2025, 11, 20)


def test_without_a_choice_it_is_the_four_quarters_that_end_with_the_last_close() -> None:
    found = read(QueryDict(""), FIELDS, LAST)
    assert (found.period, found.since, found.until) == ("last4q", date(2025, 1, 1), date(2025, 12, 31))
    assert found.query() == ""


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2025, 3, 31), date(2024, 4, 1), date(2025, 3, 31)),
        (date(2025, 4, 1), date(2024, 7, 1), date(2025, 6, 30)),
        (date(2024, 12, 31), date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_four_quarters_end_with_the_one_of_the_day(day: date, first: date, last: date) -> None:
    assert last_four_quarters(day) == (first, last)


def test_a_history_without_dates_is_read_whole() -> None:
    found = read(QueryDict(""), FIELDS, None)
    assert (found.since, found.until) == (None, None)


def test_the_address_and_the_selection_are_inverse() -> None:
    query = "period=custom&since=2025-02-01&until=2025-03-31&persona=IT&persona=Founder&attr.Lead+Quality=good"
    found = read(QueryDict(query), FIELDS, LAST)
    assert found.selection.where == (("persona", ("IT", "Founder")), ("attr.Lead Quality", ("good",)))
    assert read(QueryDict(found.query()), FIELDS, LAST) == found


def test_a_sources_column_called_like_a_parameter_of_ours_is_kept_apart() -> None:
    assert read(QueryDict("page=2"), FIELDS, LAST).where == ()
    found = read(QueryDict("field.page=1"), FIELDS, LAST)
    assert found.where == (("page", ("1",)),)
    assert read(QueryDict(found.query()), FIELDS, LAST) == found


def test_a_field_that_is_no_dimension_is_left_out() -> None:
    assert read(QueryDict("owner=Mara"), FIELDS, LAST).where == ()


@pytest.mark.parametrize("query", ["period=custom&since=soon", "period=custom&since=2025-05-01&until=2025-04-01"])
def test_a_window_that_cannot_be_is_said(query: str) -> None:
    assert read(QueryDict(query), FIELDS, LAST).problem


def test_a_value_can_be_taken_away_and_a_group_be_put_in() -> None:
    both = Filters("all", None, None, (("persona", ("IT", "Founder")),))
    assert both.without("persona", "IT").where == (("persona", ("Founder",)),)
    assert both.without("persona", "IT").without("persona", "Founder").where == ()


def test_fields_read_like_words() -> None:
    assert [field_label(one) for one in ("persona", "lost_to", "attr.Lead Quality")] == [
        "Persona",
        "Lost to",
        "Lead Quality",
    ]
