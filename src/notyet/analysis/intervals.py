"""95 % intervals: of shares, differences, ratios of sums, means and medians.

Closed forms on ``scipy.special`` alone: importing a statistics package would take longer than the figures do.
The tests hold each of them to statsmodels and to published tables.
"""

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]

CONFIDENCE = 0.95
Z = float(special.ndtri(0.5 + CONFIDENCE / 2))


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval; ``None`` where there is no such thing."""

    value: float | None
    low: float | None = None
    high: float | None = None


NOTHING = Estimate(None)


def wilson(count: npt.ArrayLike, n: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Wilson's score interval of ``count`` in ``n`` (any shape, ``n`` > 0): its lower and upper bounds.

    Wilson (1927), J. Am. Stat. Assoc. 22:209.
    """
    x, size = np.asarray(count, dtype=float), np.asarray(n, dtype=float)
    share = x / size
    centre = (share + Z**2 / (2 * size)) / (1 + Z**2 / size)
    reach = Z / (1 + Z**2 / size) * np.sqrt(share * (1 - share) / size + Z**2 / (4 * size**2))
    # At 0 and n the bounds are 0 and 1 but for rounding.
    return np.where(x == 0, 0.0, centre - reach), np.where(x == size, 1.0, centre + reach)


def share(count: int, n: int) -> Estimate:
    """A share with Wilson's interval; nothing where ``n`` is 0."""
    if n == 0:
        return NOTHING
    low, high = wilson(count, n)
    return Estimate(count / n, float(low), float(high))


def difference(count_1: int, n_1: int, count_2: int, n_2: int) -> Estimate:
    """The first share minus the second with Newcombe's hybrid score interval; nothing where either ``n`` is 0.

    Newcombe (1998), Statistics in Medicine 17:873, method 10.
    """
    if n_1 == 0 or n_2 == 0:
        return NOTHING
    one, two = share(count_1, n_1), share(count_2, n_2)
    assert one.value is not None and two.value is not None  # noqa: S101 - narrows the types
    assert one.low is not None and one.high is not None and two.low is not None and two.high is not None  # noqa: S101
    value = one.value - two.value
    low = value - sqrt((one.value - one.low) ** 2 + (two.high - two.value) ** 2)
    high = value + sqrt((one.high - one.value) ** 2 + (two.value - two.low) ** 2)
    return Estimate(value, low, high)


@dataclass(frozen=True)
class Sums:
    """What a ratio of two sums over ``n`` clusters (deals) needs: the sums, their squares and product."""

    n: int
    part: float
    whole: float
    part_2: float
    whole_2: float
    product: float


def ratio(sums: Sums) -> Estimate:
    """The ratio of two sums, ``part`` of ``whole`` (part ≤ whole), with an interval that treats each deal as one draw.

    Linearised variance of the ratio estimator (Cochran, Sampling Techniques, 1977, section 2.11) on the logit scale,
    where the bounds stay between 0 and 1, with Student's t. At a ratio of 0 or 1 the interval is Wilson's for as many
    deals as the weights are worth (Kish's effective number).
    """
    if sums.n < 2 or sums.whole <= 0:
        return NOTHING
    value = sums.part / sums.whole
    squares = sums.part_2 - 2 * value * sums.product + value**2 * sums.whole_2
    error = sqrt(max(squares, 0.0) * sums.n / (sums.n - 1)) / sums.whole
    if error == 0 or not 0 < value < 1:
        effective = sums.whole**2 / sums.whole_2
        low, high = wilson(value * effective, effective)
        return Estimate(value, float(low), float(high))
    reach = float(special.stdtrit(sums.n - 1, 0.5 + CONFIDENCE / 2)) * error / (value * (1 - value))
    centre = special.logit(value)
    return Estimate(value, float(special.expit(centre - reach)), float(special.expit(centre + reach)))


def mean(n: int, total: float, squares: float) -> Estimate:
    """The mean of ``n`` values with this sum and sum of squares, with Student's t interval; bounds need two values."""
    if n == 0:
        return NOTHING
    value = total / n
    if n == 1:
        return Estimate(value)
    variance = max(squares - n * value**2, 0.0) / (n - 1)
    reach = float(special.stdtrit(n - 1, 0.5 + CONFIDENCE / 2)) * sqrt(variance / n)
    return Estimate(value, value - reach, value + reach)


def median_ranks(n: int) -> tuple[int, int, int, int]:
    """The ranks (from 1, ascending) that tell a median of ``n`` > 0 values: low, the middle two, high.

    The interval between the order statistics ``low`` and ``high`` covers the median with at least 95 %
    (Conover, Practical Nonparametric Statistics, section 3.2); of five values or fewer all that can be
    had is from the smallest to the greatest (93.75 % of five).
    """
    tail = (1 - CONFIDENCE) / 2
    below = int(special.bdtrik(tail, n, 0.5)) if n > 5 else 0
    # The largest k with P(fewer than k of n below the median) at most the tail.
    while below >= 0 and n > 5 and special.bdtr(below, n, 0.5) > tail:
        below -= 1
    low = max(below + 1, 1)
    return low, ceil(n / 2), n // 2 + 1, n + 1 - low
