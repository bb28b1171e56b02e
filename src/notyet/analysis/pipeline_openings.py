"""Whether enough prospects are opened: the last weeks against one's own usual, and against what a target takes."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from notyet.analysis.intervals import CONFIDENCE, Estimate

Floats = npt.NDArray[np.float64]

RECENT_WEEKS = 4
USUAL_WEEKS = 52
FEWEST_WEEKS = 12
FEWEST_OPENED = 5
STALE_DAYS = 14.0
SEED = 20_260_302
DRAWS = 4_000
INTERVAL = (0.025, 0.975)

Silent = Literal["short", "ended"]


@dataclass(frozen=True)
class Openings:
    """Prospects opened in the last ``RECENT_WEEKS`` weeks and in ``weeks`` weeks before them.

    ``ratio``: the recent rate over the usual one, with its 95 % interval. ``needed`` is how many a week the target
    takes and ``of_needed`` the recent rate over that. ``silent`` says why nothing is compared (``short``: too little
    record; ``ended``: the record ends before the last weeks).
    """

    recent: int
    usual: int
    weeks: int
    ratio: Estimate | None = None
    needed: Estimate | None = None
    of_needed: Estimate | None = None
    silent: Silent | None = None

    @property
    def below_usual(self) -> bool:
        """Whether fewer are opened than usual, beyond chance."""
        return self.ratio is not None and self.ratio.high is not None and self.ratio.high < 1

    @property
    def below_need(self) -> bool:
        """Whether fewer are opened than the target takes, beyond chance."""
        return self.of_needed is not None and self.of_needed.high is not None and self.of_needed.high < 1


def openings(opened: Floats, now: float, last_event: float, needed_a_week: Floats | None = None) -> Openings:
    """Count openings (days since 1970) before ``now`` and compare their rates.

    ``last_event``: when the record last saw anything. ``needed_a_week``: draws of how many the target takes.
    """
    known = opened[opened <= now]
    first = float(known.min()) if len(known) else now
    weeks = min(int((now - first) // 7) - RECENT_WEEKS, USUAL_WEEKS)
    recent_from = now - 7 * RECENT_WEEKS
    recent = int((known > recent_from).sum())
    by_week = np.histogram(recent_from - known, bins=max(weeks, 1), range=(0, 7 * max(weeks, 1)))[0]
    usual = int(by_week.sum()) if weeks > 0 else 0
    if not last_event >= now - STALE_DAYS:
        return Openings(recent, usual, max(weeks, 0), silent="ended")
    if weeks < FEWEST_WEEKS or usual < FEWEST_OPENED:
        return Openings(recent, usual, max(weeks, 0), silent="short")
    ratio = rate_ratio(recent, RECENT_WEEKS, usual, weeks, overdispersion(by_week))
    if needed_a_week is None:
        return Openings(recent, usual, weeks, ratio)
    middle, low, high = (float(one) for one in np.quantile(needed_a_week, (0.5, *INTERVAL)))
    of_needed = _against(recent, needed_a_week)
    return Openings(recent, usual, weeks, ratio, Estimate(middle, low, high), of_needed)


def overdispersion(by_week: npt.ArrayLike) -> float:
    """How much more weekly counts vary than a Poisson process would let them (variance over mean, 1 at least)."""
    counts = np.asarray(by_week, dtype=float)
    return max(float(counts.var(ddof=1) / counts.mean()), 1.0) if len(counts) > 1 and counts.mean() > 0 else 1.0


def rate_ratio(count_1: int, time_1: float, count_2: int, time_2: float, dispersion: float = 1.0) -> Estimate:
    """The first rate over the second (``count_2`` > 0) with the exact conditional interval of two Poisson counts.

    Given their sum the first count is binomial (Przyborowski and Wilenski 1940, Biometrika 31:313); its share's
    interval (Clopper and Pearson 1934) gives that of the ratio. Counts that vary more than Poisson's weigh as much
    less (quasi-Poisson; McCullagh and Nelder, Generalized Linear Models, 6.2).
    """
    x, y = count_1 / dispersion, count_2 / dispersion
    tail = (1 - CONFIDENCE) / 2
    low = float(special.betaincinv(x, y + 1, tail)) if x else 0.0
    high = float(special.betaincinv(x + 1, y, 1 - tail))
    scale = time_2 / time_1
    return Estimate(count_1 / count_2 * scale, low / (1 - low) * scale, high / (1 - high) * scale)


def _against(recent: int, needed_a_week: Floats) -> Estimate:
    """The recent weekly rate (posterior under Jeffreys' prior) over what is needed, both as uncertain as they are."""
    rng = np.random.default_rng(SEED)
    rate = rng.gamma(recent + 0.5, 1 / RECENT_WEEKS, DRAWS)
    ratio = rate / rng.choice(needed_a_week, DRAWS)
    low, high = (float(one) for one in np.quantile(ratio, INTERVAL))
    return Estimate(recent / RECENT_WEEKS / float(np.median(needed_a_week)), low, high)
