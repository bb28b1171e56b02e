"""Shares of many small groups, drawn towards their mean as far as their size asks for it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Pooled:
    """Each group's share drawn towards the mean, and its 95 % interval; arrays of the groups' length."""

    value: Floats
    low: Floats
    high: Floats


def pooled(count: npt.ArrayLike, n: npt.ArrayLike) -> Pooled:
    """Partially pooled shares of groups with ``count`` of ``n`` (both of the groups' length, ``n`` > 0).

    Beta-binomial empirical Bayes; the prior's mean is that of all deals, its strength is found by moments
    (Kleinman 1973, J. Am. Stat. Assoc. 68:46). Where the groups differ no more than chance lets them, each of them
    gets the mean, as a prior as strong as all deals together.
    """
    x, size = np.asarray(count, dtype=float), np.asarray(n, dtype=float)
    mean = float(x.sum() / size.sum())
    strength = _strength(x / size, size, mean)
    a, b = mean * strength + x, (1 - mean) * strength + size - x
    value = a / (a + b)
    if mean in (0.0, 1.0):
        return Pooled(np.full_like(size, mean), np.full_like(size, np.nan), np.full_like(size, np.nan))
    return Pooled(value, special.betaincinv(a, b, 0.025), special.betaincinv(a, b, 0.975))


def _strength(shares: Floats, size: Floats, mean: float) -> float:
    """The prior's strength in deals, between one and all of them."""
    total = float(size.sum())
    spread = mean * (1 - mean)
    groups = len(size)
    if groups < 2 or spread == 0:
        return total
    observed = float((size * (shares - mean) ** 2).sum())
    expected = spread * (groups - 1)
    between = (observed - expected) / (total - float((size**2).sum()) / total)
    if between <= 0:
        return total
    return float(np.clip(spread / between - 1, 1.0, total))
