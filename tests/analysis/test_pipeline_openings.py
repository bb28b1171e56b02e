"""New prospects: rates of Poisson counts against tables and their own false alarms, and silence where data is short."""

import numpy as np
import pytest
from scipy import stats

from notyet.analysis.pipeline_openings import Openings, openings, overdispersion, rate_ratio


@pytest.mark.parametrize(("count_1", "count_2"), [(3, 40), (0, 30), (12, 12), (90, 1040)])
def test_the_interval_is_the_exact_conditional_one(count_1: int, count_2: int) -> None:
    """As scipy's binomial test inverts it (Clopper and Pearson)."""
    exact = stats.binomtest(count_1, count_1 + count_2).proportion_ci(0.95, method="exact")
    found = rate_ratio(count_1, 4, count_2, 52)
    assert found.value == pytest.approx(count_1 / 4 / (count_2 / 52))
    assert found.low == pytest.approx(exact.low / (1 - exact.low) * 13, abs=1e-9)
    assert found.high == pytest.approx(exact.high / (1 - exact.high) * 13)


def test_counts_that_vary_more_weigh_less() -> None:
    """Four times the variance: the interval of a quarter of the counts, around the same ratio."""
    plain, wide = rate_ratio(3, 4, 40, 52), rate_ratio(12, 4, 160, 52, 4.0)
    assert (wide.value, wide.low, wide.high) == (plain.value, plain.low, plain.high)


def test_dispersion_is_one_for_poisson_counts_and_less() -> None:
    """Only what varies more than chance is made to weigh less."""
    assert overdispersion([5, 5, 5, 5]) == 1
    assert overdispersion([0, 10, 0, 10]) == pytest.approx(100 / 3 / 5)
    assert overdispersion([]) == 1
    assert overdispersion([0, 0, 0]) == 1


def opened(by_week: "list[int] | np.ndarray") -> "np.ndarray":
    """Openings of weeks, the last of them ending on day 1000."""
    weeks = len(by_week)
    days = [1000 - 7 * (weeks - place) + 3.5 for place, count in enumerate(by_week) for _ in range(count)]
    return np.array(days)


def test_fewer_than_usual_is_noticed() -> None:
    """Ten a week for a year, two a week lately."""
    found = openings(opened([10] * 52 + [2] * 4), 1000, 999)
    assert (found.recent, found.usual, found.weeks) == (8, 510, 51)
    assert found.below_usual
    assert not openings(opened([10] * 56), 1000, 999).below_usual


def test_false_alarms_are_rare_also_of_bursts() -> None:
    """A steady rate calls for attention in one of forty cases at most; so does one that comes in bursts."""
    rng = np.random.default_rng(3)
    steady = [openings(opened(rng.poisson(4, 56)), 1000, 999).below_usual for _ in range(400)]
    bursts = [openings(opened(rng.negative_binomial(2, 2 / 6, 56)), 1000, 999).below_usual for _ in range(400)]
    assert np.mean(steady) <= 0.04
    assert np.mean(bursts) <= 0.06


@pytest.mark.parametrize(
    ("weeks", "last_event", "why"),
    [([10] * 15, 999, "short"), ([0] * 50 + [1] * 4 + [1] * 4, 999, "short"), ([10] * 56, 980, "ended")],
)
def test_silent_where_data_is_short_or_has_ended(weeks: list[int], last_event: float, why: str) -> None:
    """No comparison, no alarm."""
    found = openings(opened(weeks), 1000, last_event, np.full(10, 50.0))
    assert found.silent == why
    assert found.ratio is None
    assert not found.below_usual
    assert not found.below_need


def test_an_empty_record_is_silent() -> None:
    """Nothing was ever opened."""
    assert openings(np.empty(0), 1000, float("nan")) == Openings(0, 0, 0, silent="ended")


def test_against_what_the_target_takes() -> None:
    """Ten a week, of which the target takes thirty, or five."""
    short = openings(opened([10] * 56), 1000, 999, np.full(500, 30.0))
    assert short.below_need
    assert not short.below_usual
    assert short.of_needed is not None
    assert short.of_needed.value == pytest.approx(1 / 3)
    assert short.of_needed.low == pytest.approx(stats.gamma(40.5, scale=1 / 4).ppf(0.025) / 30, rel=0.05)
    assert not openings(opened([10] * 56), 1000, 999, np.full(500, 5.0)).below_need
