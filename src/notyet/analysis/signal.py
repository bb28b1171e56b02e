"""Whether anything recorded tells won from lost: a model's log-loss on deals that it has not seen."""

import warnings
from dataclasses import dataclass

import numpy as np
from scipy import stats
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from notyet.analysis.population import Flags, Floats, Ints

BLOCKS = 5
MOST_ROWS = 30_000


@dataclass(frozen=True)
class Signal:
    """How much better than the base rate a model predicts unseen deals.

    ``gain`` is the base rate's log-loss minus the model's, a deal (above 0: the model is better), with its 95 %
    interval; ``n`` deals were predicted; ``validation`` says how (in time order or by accounts).
    """

    gain: float
    low: float
    high: float
    n: int
    validation: str


def part(n: int) -> Ints:
    """The rows to measure on: all, or 30,000 spread evenly (more would only cost time)."""
    return np.arange(n) if n <= MOST_ROWS else np.linspace(0, n - 1, MOST_ROWS).astype(np.int64)


def measure(x: Floats, won: Flags, closed: Floats, accounts: Ints) -> Signal | None:
    """Predict deals unseen by a lasso logistic model of the columns ``x`` against the base rate of the same deals.

    ``closed`` in seconds, NaN unknown. In time order where deals have dates (each fifth of the closes from those
    before it), else by fifths of the accounts. ``None`` where too few deals are left to learn from or to predict.
    """
    dated = np.isfinite(closed)
    if dated.mean() > 0.9:
        x, won = x[dated], won[dated]
        splits, validation = _in_time_order(closed[dated]), "in time order"
    else:
        splits, validation = _by_account(accounts), "by parts of the accounts"
    gains = [_gain(x[train], won[train], x[test], won[test]) for train, test in splits]
    known = [gain for gain in gains if gain is not None]
    if not known:
        return None
    joined = np.concatenate(known)
    mean, error = float(joined.mean()), float(joined.std(ddof=1) / np.sqrt(len(joined)))
    reach = float(stats.norm.ppf(0.975)) * error
    return Signal(mean, mean - reach, mean + reach, len(joined), validation)


def _in_time_order(closed: Floats) -> list[tuple[Ints, Ints]]:
    order = np.argsort(closed, kind="stable")
    parts = np.array_split(order, BLOCKS)
    return [(np.concatenate(parts[:i]), parts[i]) for i in range(1, BLOCKS)]


def _by_account(accounts: Ints) -> list[tuple[Ints, Ints]]:
    names, codes = np.unique(accounts, return_inverse=True)
    fold = np.random.default_rng(0).permutation(len(names))[codes] % BLOCKS
    return [(np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(BLOCKS)]


def _gain(x: Floats, won: Flags, x_test: Floats, won_test: Flags) -> Floats | None:
    """Each test deal's log-loss under the training base rate minus that under the model."""
    base = float(won.mean())
    if len(won) < 30 or len(won_test) < 5 or not 0 < base < 1:
        return None
    chosen = _lasso(x, won)
    if not chosen.any():
        return np.zeros(len(won_test))
    model = LogisticRegression(C=4.0, solver="newton-cholesky").fit(x[:, chosen], won)
    chance = model.predict_proba(x_test[:, chosen])[:, 1]
    under_base = np.where(won_test, np.log(base), np.log1p(-base))
    under_model = np.where(won_test, np.log(chance), np.log1p(-chance))
    return np.asarray(under_model - under_base, dtype=float)


def _lasso(x: Floats, won: Flags) -> Flags:
    """The columns that a lasso keeps whose penalty is set in advance (Belloni, Chernozhukov and Wei 2016).

    Under no signal it keeps none in nine of ten samples; the model is then fitted again on those kept.
    """
    n, k = x.shape
    spread = x.std(axis=0)
    usable = spread > 0
    z = (x[:, usable] - x[:, usable].mean(axis=0)) / spread[usable]
    rate = float(won.mean())
    penalty = np.sqrt(n * rate * (1 - rate)) * float(stats.norm.isf(0.1 / (2 * max(1, k))))
    model = LogisticRegression(C=1 / penalty, l1_ratio=1.0, solver="liblinear", intercept_scaling=10.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(z, won)
    chosen = np.zeros(k, dtype=bool)
    chosen[np.flatnonzero(usable)] = np.abs(model.coef_[0]) > 1e-8
    return chosen
