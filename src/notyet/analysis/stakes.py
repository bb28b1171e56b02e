"""What a driver is worth: money a year that goes with its unfavourable side."""

import math
from dataclasses import dataclass

import numpy as np

from notyet.analysis.population import YEAR, Flags, Floats

LEAST_KNOWN = 0.5


@dataclass(frozen=True)
class Stake:
    """Money a year in the workspace's currency with its 95 % interval, rounded to what is known."""

    amount: float
    low: float
    high: float


def at_stake(
    value: Floats, closed: Floats, unfavourable: Flags, effect: float, low: float, high: float
) -> Stake | None:
    """Value of the closed deals on the unfavourable side × the size of the effect, a year.

    ``value`` in the workspace's currency (NaN unknown), ``closed`` in seconds. The years are those between the first
    and the last close, at least a quarter. ``None`` where fewer than half of these deals' amounts, or no close dates,
    are known. Deals of unknown amount count for nothing.
    """
    known = unfavourable & np.isfinite(value)
    if not unfavourable.any() or known.sum() < LEAST_KNOWN * unfavourable.sum() or np.isfinite(closed).sum() < 2:
        return None
    years = max(0.25, float(np.nanmax(closed) - np.nanmin(closed)) / YEAR)
    yearly = float(np.maximum(value[known], 0).sum()) / years
    ends = sorted((abs(low), abs(high))) if low * high > 0 else [0.0, max(abs(low), abs(high))]
    if yearly == 0:
        return None
    step = rounding_step(yearly * (ends[1] - ends[0]) / 2, yearly * abs(effect))
    return Stake(*(round(yearly * share / step) * step for share in (abs(effect), *ends)))


def rounding_step(half_width: float, amount: float) -> float:
    """The power of ten to round to: that of the interval's half width, a tenth of it where little would be left."""
    step: float = 10.0 ** math.floor(math.log10(half_width)) if half_width > 0 else 1.0
    return step / 10 if amount < 2 * step else step
