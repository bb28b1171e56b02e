"""When asking again worked, and with what: said only where the answers can tell."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from notyet.analysis.intervals import NOTHING, Estimate, share
from notyet.analysis.losses import Losses

SPAN = 3
"""Months that are looked at together."""
LONGEST = 36
MOST_SPANS = 3
FEWEST_ASKED = 40
FEWEST_RETURNED = 10
DRAWS = 2_000
LEVEL = 0.05
_SEED = 20_260_101

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class BestTime:
    """When buyers who were asked again came back most often, in months since the loss; or why that cannot be said.

    ``low`` (in it) to ``high`` (not in it). ``share``: of the ``n`` asked then, those that came back; ``rest``: of
    the others asked. ``p``: of the test whether the time of asking mattered at all. It goes with coming back; that it
    causes it is not shown, since who was asked when was not drawn by lot.
    """

    low: int | None = None
    high: int | None = None
    share: Estimate = NOTHING
    rest: Estimate = NOTHING
    n: int = 0
    p: float | None = None
    unsaid: str = ""


@dataclass(frozen=True)
class OfferResult:
    """What was brought to losses of one reason: how many were asked with it, came back, and ordered."""

    reason: str
    offer: str
    n: int
    returned: Estimate
    returned_count: int
    won_count: int


def best_time(found: Losses, seed: int = _SEED) -> BestTime:
    """The span of months since the loss in which asking went with coming back most often.

    First a permutation test of whether months and coming back have to do with each other at all (Pearson's chi-squared
    over spans of three months, ``DRAWS`` draws); then Fisher's exact test of each run of up to three spans against the
    rest, at a level divided by the number of runs (Bonferroni). Only where both hold is a time named, so that it is
    named wrongly for at most one history in twenty in which the time does not matter.
    """
    asked = found.asked & (found.asked_months < LONGEST)
    returned = found.returned[asked]
    n, back = int(asked.sum()), int(returned.sum())
    if n < FEWEST_ASKED or min(back, n - back) < FEWEST_RETURNED:
        return BestTime(n=n, unsaid=f"{n} asked again, {back} came back: too few to tell the time that matters")
    spans = (found.asked_months[asked] // SPAN).astype(np.int64)
    p = _permuted(spans, returned, seed)
    if p > LEVEL:
        return BestTime(
            n=n, p=p, unsaid="How long after the loss a buyer was asked made no difference that can be seen"
        )
    return _best_run(spans, returned, p)


def offers(found: Losses, smallest: int) -> tuple[OfferResult, ...]:
    """What each offer brought, by the reason of the loss; the share is withheld below ``smallest`` asked."""
    made = []
    asked = found.asked & (found.offer != "")
    for reason, offer in sorted(set(zip(found.reason[asked], found.offer[asked], strict=True))):
        chosen = asked & (found.reason == reason) & (found.offer == offer)
        n, back, won = int(chosen.sum()), int((chosen & found.returned).sum()), int((chosen & found.won).sum())
        made.append(OfferResult(reason, offer, n, share(back, n) if n >= smallest else NOTHING, back, won))
    return tuple(sorted(made, key=lambda one: (one.reason, -one.n, one.offer)))


def _permuted(spans: Ints, returned: Flags, seed: int) -> float:
    """The share of shuffles whose counts differ between spans at least as much as those found."""
    _, codes = np.unique(spans, return_inverse=True)
    sizes = np.bincount(codes)
    expected = sizes * returned.mean()

    def spread(flags: Flags) -> float:
        counts = np.bincount(codes, weights=flags, minlength=len(sizes))
        return float((((counts - expected) ** 2) / expected).sum())

    random = np.random.default_rng(seed)
    seen = spread(returned)
    as_far = sum(spread(random.permutation(returned)) >= seen - 1e-9 for _ in range(DRAWS))
    return (as_far + 1) / (DRAWS + 1)


def _best_run(spans: Ints, returned: Flags, p: float) -> BestTime:
    last = int(spans.max())
    runs = [(first, first + width) for width in range(1, MOST_SPANS + 1) for first in range(last + 2 - width)]
    best: tuple[float, BestTime] | None = None
    for first, end in runs:
        inside = (spans >= first) & (spans < end)
        n, back = int(inside.sum()), int((inside & returned).sum())
        others, also = int((~inside).sum()), int((~inside & returned).sum())
        if n < FEWEST_RETURNED or not others or back / n <= also / others:
            continue
        table = np.array([[back, n - back], [also, others - also]])
        exact = float(stats.fisher_exact(table, alternative="greater").pvalue)
        if exact <= LEVEL / len(runs) and (best is None or exact < best[0]):
            named = BestTime(first * SPAN, end * SPAN, share(back, n), share(also, others), n, p)
            best = (exact, named)
    if best is None:
        return BestTime(
            n=len(spans), p=p, unsaid="The time of asking seems to matter, but no span of months stands out"
        )
    return best[1]
