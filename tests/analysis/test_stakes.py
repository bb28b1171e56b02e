"""Money that goes with a driver."""

import numpy as np
import pytest

from notyet.analysis.population import YEAR
from notyet.analysis.stakes import at_stake, rounding_step

CLOSED = np.linspace(0, 2 * YEAR, 100)
HALF = np.arange(100) < 50


def test_it_is_value_times_effect_a_year() -> None:
    """Fifty deals of 10,400 over two years, ten points: 26,000 a year, give or take 16,000."""
    stake = at_stake(np.full(100, 10_400.0), CLOSED, HALF, -0.1, -0.16, -0.04)
    assert stake is not None
    assert (stake.amount, stake.low, stake.high) == (30_000, 10_000, 40_000)


def test_an_interval_that_holds_zero_begins_at_zero() -> None:
    """Nothing may be at stake."""
    stake = at_stake(np.full(100, 10_000.0), CLOSED, HALF, 0.1, -0.01, 0.21)
    assert stake is not None
    assert stake.low == 0


def test_unknown_amounts_are_not_guessed() -> None:
    """Up to half of them count for nothing; beyond, nothing is said."""
    value = np.full(100, 10_000.0)
    value[:20] = np.nan
    stake = at_stake(value, CLOSED, HALF, 0.1, 0.09, 0.11)
    assert stake is not None
    assert stake.amount == 15_000
    value[:30] = np.nan
    assert at_stake(value, CLOSED, HALF, 0.1, 0.09, 0.11) is None
    assert at_stake(np.full(100, 1.0), np.full(100, np.nan), HALF, 0.1, 0.09, 0.11) is None


@pytest.mark.parametrize(
    ("half", "amount", "step"), [(430_000, 1_900_000, 1e5), (1_200_000, 900_000, 1e5), (90, 4_000, 10)]
)
def test_it_is_rounded_to_what_is_known(half: float, amount: float, step: float) -> None:
    """To the power of ten of the interval's half width, unless little would be left."""
    assert rounding_step(half, amount) == step
