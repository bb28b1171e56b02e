"""Whether a model does better than the base rate on deals it has not seen."""

import numpy as np

from notyet.analysis.signal import Signal, measure, part


def _measured(seed: int, effect: float, n: int = 3_000, *, dated: bool = True) -> Signal:
    rng = np.random.default_rng(seed)
    x = (rng.random((n, 20)) < 0.4).astype(float)
    won = rng.random(n) < 1 / (1 + np.exp(0.5 - effect * x[:, 3] + effect * x[:, 7]))
    closed = rng.uniform(0, 1e8, n) if dated else np.full(n, np.nan)
    found = measure(x, won, closed, rng.integers(0, n // 3, n))
    assert found is not None
    return found


def test_a_signal_is_seen_on_unseen_deals() -> None:
    """The gain is what the true chances gain, and its interval leaves zero out."""
    found = _measured(1, 1.0)
    assert found.low > 0
    assert found.low < 0.045 < found.high
    assert found.n == 2_400
    assert found.validation == "in time order"


def test_without_a_signal_nothing_is_gained() -> None:
    """Nothing at all in most histories, and hardly ever surely more."""
    found = [_measured(seed, 0.0, 1_000) for seed in range(25)]
    assert sum(one.gain == 0 for one in found) > 12
    assert all(one.low <= 0 for one in found)


def test_without_dates_all_deals_are_predicted_by_other_accounts() -> None:
    """Each fifth of the accounts from the others."""
    found = _measured(1, 1.0, dated=False)
    assert (found.n, found.validation) == (3_000, "by parts of the accounts")
    assert found.low > 0


def test_too_few_deals_are_not_measured() -> None:
    """There is nothing to learn from."""
    x = np.zeros((30, 2))
    assert measure(x, np.arange(30) % 2 == 0, np.arange(30.0), np.arange(30)) is None


def test_very_many_deals_are_thinned_evenly() -> None:
    """From the first to the last."""
    rows = part(1_000_000)
    assert len(rows) == 30_000
    assert (rows[0], rows[-1]) == (0, 999_999)
    assert len(part(100)) == 100
