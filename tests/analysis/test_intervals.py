"""Intervals against statsmodels, published tables and what they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from notyet.analysis import intervals
from notyet.analysis.intervals import Sums

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts)
def test_wilson_is_that_of_statsmodels(counted: tuple[int, int]) -> None:
    low, high = proportion_confint(*counted, method="wilson")
    made = intervals.share(*counted)
    assert made.low == pytest.approx(low, abs=1e-12)
    assert made.high == pytest.approx(high, abs=1e-12)


@given(counts, counts)
def test_differences_are_newcombes(one: tuple[int, int], two: tuple[int, int]) -> None:
    low, high = confint_proportions_2indep(*one, *two, compare="diff", method="newcomb")
    made = intervals.difference(*one, *two)
    assert made.low == pytest.approx(low, abs=1e-9)
    assert made.high == pytest.approx(high, abs=1e-9)


@pytest.mark.parametrize(
    ("counted", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_1998_table_ii_method_10(counted: tuple[int, int, int, int], low: float, high: float) -> None:
    made = intervals.difference(*counted)
    assert (made.low, made.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@pytest.mark.parametrize("n", [6, 7, 10, 25, 101, 5000])
def test_the_ranks_of_a_median_cover_it_and_are_the_closest_that_do(n: int) -> None:
    low, one, two, high = intervals.median_ranks(n)
    assert 1 - 2 * stats.binom.cdf(low - 1, n, 0.5) >= 0.95 > 1 - 2 * stats.binom.cdf(low, n, 0.5)
    assert low + high == one + two == n + 1


def test_the_median_of_ten_lies_between_the_second_and_the_ninth() -> None:
    assert intervals.median_ranks(10) == (2, 5, 6, 9)  # Conover's table: 97.9 %


def test_of_five_values_there_is_their_range() -> None:
    assert intervals.median_ranks(5) == (1, 3, 3, 5)


def _sums(part: np.ndarray, whole: np.ndarray) -> Sums:
    squares = ((part**2).sum(), (whole**2).sum(), (part * whole).sum())
    return Sums(len(part), part.sum(), whole.sum(), *squares)


def test_ratios_of_sums_cover_over_many_samples() -> None:
    random = np.random.default_rng(5)
    covered = 0
    for _ in range(1500):
        whole = random.lognormal(0, 1, 150)
        part = whole * (random.random(150) < 0.3)
        made = intervals.ratio(_sums(part, whole))
        assert made.low is not None and made.high is not None
        covered += made.low <= 0.3 <= made.high
    assert 0.93 <= covered / 1500 <= 0.97


def test_a_ratio_of_equal_amounts_is_a_share() -> None:
    part = np.repeat([1.0, 0.0], [300, 700])
    made, plain = intervals.ratio(_sums(part, np.ones(1000))), intervals.share(300, 1000)
    assert made.value == plain.value
    assert made.low == pytest.approx(plain.low, abs=1e-3)
    assert made.high == pytest.approx(plain.high, abs=1e-3)


def test_a_ratio_of_one_has_room_below_it_only() -> None:
    made = intervals.ratio(_sums(np.ones(20), np.ones(20)))
    assert made.value == made.high == 1
    assert made.low == pytest.approx(intervals.share(20, 20).low)


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=50).filter(lambda values: np.std(values) > 1e-3))
def test_means_have_students_interval(values: list[float]) -> None:
    array = np.array(values)
    low, high = stats.t.interval(0.95, len(array) - 1, array.mean(), stats.sem(array))
    made = intervals.mean(len(array), float(array.sum()), float((array**2).sum()))
    assert made.low == pytest.approx(low, rel=1e-4, abs=1e-3 * array.std())
    assert made.high == pytest.approx(high, rel=1e-4, abs=1e-3 * array.std())


def test_nothing_comes_of_nothing() -> None:
    assert intervals.share(0, 0) == intervals.difference(1, 2, 0, 0) == intervals.mean(0, 0, 0) == intervals.NOTHING
