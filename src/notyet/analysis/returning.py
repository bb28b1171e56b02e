"""How many lost buyers come back to the table, and after how long: shares of those asked, and curves by reason."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from statsmodels.duration.survfunc import SurvfuncRight

from notyet.analysis.intervals import NOTHING, Estimate, Z, share
from notyet.analysis.losses import Flags, Floats, Losses

LONGEST_MONTHS = 36
MOST_REASONS = 6


@dataclass(frozen=True)
class Step:
    """Of the losses that were asked again, the share that got so far; nothing below five asked."""

    key: str
    label: str
    share: Estimate
    count: int
    n: int


@dataclass(frozen=True)
class ReturnCurve:
    """The share of losses that has come back by each whole month since the loss, with its 95 % interval.

    Losses that have not come back count as long as the record is known (they are censored then). ``reason`` is empty
    for all losses. ``returned`` of ``n`` came back. Points end at the last month that five losses are known for.
    """

    reason: str
    n: int
    returned: int
    months: tuple[int, ...]
    shares: tuple[Estimate, ...]


def steps(found: Losses, smallest: int) -> tuple[Step, ...]:
    """Of the losses asked again: those that came back, that ordered, that paid."""
    asked = found.asked
    n = int(asked.sum())
    kinds = (
        ("returned", "Came back to the table", found.returned),
        ("won", "Ordered", found.won),
        ("paid", "Paid", found.paid),
    )
    made = []
    for key, label, flags in kinds:
        count = int((flags & asked).sum())
        made.append(Step(key, label, share(count, n) if n >= smallest else NOTHING, count, n))
    return tuple(made)


def return_curves(found: Losses, smallest: int) -> tuple[ReturnCurve, ...]:
    """The curve of all losses, then of the reasons that lost most; those of fewer than ``smallest`` are left out."""
    counted = Counter(str(reason) for reason in found.reason if reason)
    reasons = [reason for reason, n in counted.most_common(MOST_REASONS) if n >= smallest]
    curves = [_curve("", found, np.full(found.n, True), smallest)]
    curves += [_curve(reason, found, found.reason == reason, smallest) for reason in reasons]
    return tuple(curve for curve in curves if curve.n >= smallest)


def kaplan_meier(months: Floats, returned: Floats, at: Floats) -> list[Estimate]:
    """The share that has come back by each moment of ``at``, from times to the return or to the end of the record.

    Kaplan and Meier (1958), J. Am. Stat. Assoc. 53:457, by statsmodels; the interval from Greenwood's variance on the
    scale of log(-log S), which keeps it between 0 and 1 (Kalbfleisch and Prentice, 1980). Before the first return the
    share is 0 and has no bounds.
    """
    if not returned.any():
        return [Estimate(0.0) for _ in at]
    curve = SurvfuncRight(months, returned)
    place = np.searchsorted(curve.surv_times, at, side="right") - 1
    return [Estimate(0.0) if one < 0 else _came_back(curve.surv_prob[one], curve.surv_prob_se[one]) for one in place]


def _came_back(stayed: float, error: float) -> Estimate:
    if not 0 < stayed < 1 or not np.isfinite(error):
        return Estimate(1 - stayed)
    reach = Z * error / (-stayed * np.log(stayed))
    low, high = stayed ** np.exp(-reach), stayed ** np.exp(reach)
    return Estimate(float(1 - stayed), float(1 - low), float(1 - high))


def _curve(reason: str, found: Losses, chosen: Flags, smallest: int) -> ReturnCurve:
    returned = found.returned[chosen]
    months = np.where(returned, found.returned_months[chosen], found.seen_months[chosen])
    known = np.sort(months)[::-1]
    last = int(min(known[smallest - 1], LONGEST_MONTHS)) if len(known) >= smallest else 0
    whole = tuple(range(last + 1))
    shares = kaplan_meier(months, returned.astype(float), np.asarray(whole, dtype=float)) if len(known) else []
    return ReturnCurve(reason, len(known), int(returned.sum()), whole, tuple(shares))
