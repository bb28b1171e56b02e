"""Numbers as they are read."""

import pytest

from notyet.analysis.results import Unit
from notyet.web import numbers


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.314, "share", "31.4%"),
        (0.11, "points", "+11 pts"),
        (-0.128, "points", "−13 pts"),
        (0.004, "points", "+0.4 pts"),
        (42.2, "days", "42 days"),
        (2.25, "days", "2.2 days"),
        (5.54, "hours", "5.5 h"),
        (7.0, "hours", "7 h"),
        (6.98, "hours", "7 h"),
        (1.5, "hours", "1.5 h"),
        (9.96, "hours", "10 h"),
        (31.4, "hours", "31 h"),
        (0.2, "hours", "12 min"),
        (0.999, "hours", "1 h"),
        (0.99, "hours", "59 min"),
        (0.0, "hours", "0 min"),
        (100.0, "hours", "4.2 days"),
        (1284, "count", "1,284"),
        (12.345, "number", "12.3"),
        (1_058_300, "money", "€1.1M"),
    ],
)
def test_a_value_is_shown_with_its_unit(value: float, unit: Unit, text: str) -> None:
    assert numbers.shown(value, unit, "EUR") == text


@pytest.mark.parametrize(
    ("low", "high", "unit", "text"),
    [
        (0.289, 0.34, "share", "28.9 – 34.0"),
        (0.06, 0.16, "points", "+6 to +16"),
        (-0.001, 0.19, "points", "−0.1 to +19.0"),
        (1.0, 20.0, "days", "1.0 days – 20 days"),
    ],
)
def test_an_interval_names_its_unit_once_where_that_reads_well(low: float, high: float, unit: Unit, text: str) -> None:
    assert numbers.interval(low, high, unit, "EUR") == text
