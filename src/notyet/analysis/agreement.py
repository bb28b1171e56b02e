"""Whether buyers name the seller's reason, beyond chance, and what hides behind what."""

from collections import Counter
from math import sqrt

import numpy as np
import numpy.typing as npt

from notyet.analysis.intervals import Z, share
from notyet.analysis.readings import Reasons
from notyet.analysis.reasons import Pair
from notyet.analysis.results import Agreement, ConfusionCell, Hides

MOST_LABELS = 12


def agreement(found: tuple[Pair, ...], reasons: Reasons, smallest: int) -> Agreement:
    """Agreement over the losses that both sides gave a reason for, compared by the labels reasons are mapped to.

    Withheld below ``smallest`` answers; of the matrix every cell below it.
    """
    both: Counter[tuple[str, str]] = Counter()
    for pair in found:
        if pair.seller is not None and pair.buyer is not None:
            both[reasons.entry(pair.seller).label, reasons.entry(pair.buyer).label] += pair.deals
    n = both.total()
    if n < smallest:
        return Agreement(None, None, None, None, n, withheld="below_five")
    same = sum(deals for (seller, buyer), deals in both.items() if seller == buyer)
    estimate = share(same, n)
    kappa, low, high = cohens_kappa(_table(both))
    return Agreement(
        share=estimate.value,
        low=estimate.low,
        high=estimate.high,
        kappa=kappa,
        n=n,
        kappa_low=low,
        kappa_high=high,
        matrix=_matrix(both, smallest),
        hides=_hides(both, smallest),
    )


def cohens_kappa(table: npt.ArrayLike) -> tuple[float | None, float | None, float | None]:
    """Cohen's kappa of a square table of counts, with its 95 % interval; nothing where chance alone agrees always.

    Variance of Fleiss, Cohen and Everitt (1969), Psychological Bulletin 72:323.
    """
    counts = np.asarray(table, dtype=float)
    p = counts / counts.sum()
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    observed, chance = float(np.trace(p)), float(rows @ columns)
    if chance >= 1:
        return None, None, None
    kappa = (observed - chance) / (1 - chance)
    apart = 1 - kappa
    both = rows[None, :] + columns[:, None]
    on = float((np.diag(p) * (1 - np.diag(both) * apart) ** 2).sum())
    off = float((p * both**2).sum() - (np.diag(p) * np.diag(both) ** 2).sum()) * apart**2
    variance = (on + off - (kappa - chance * apart) ** 2) / ((1 - chance) ** 2 * counts.sum())
    reach = Z * sqrt(max(variance, 0.0))
    return kappa, max(kappa - reach, -1.0), min(kappa + reach, 1.0)


def _table(both: Counter[tuple[str, str]]) -> npt.NDArray[np.float64]:
    labels = sorted({label for pair in both for label in pair})
    place = {label: number for number, label in enumerate(labels)}
    table = np.zeros((len(labels), len(labels)))
    for (seller, buyer), deals in both.items():
        table[place[seller], place[buyer]] = deals
    return table


def _matrix(both: Counter[tuple[str, str]], smallest: int) -> tuple[ConfusionCell, ...]:
    """The most frequent labels against each other. That a cell holds nobody is withheld like that it holds one."""
    frequent: Counter[str] = Counter()
    for (seller, buyer), deals in both.items():
        frequent[seller] += deals
        frequent[buyer] += deals
    labels = [label for label, deals in frequent.most_common(MOST_LABELS) if deals >= smallest]
    cells = [(seller, buyer, both[seller, buyer]) for seller in labels for buyer in labels]
    return tuple(ConfusionCell(s, b, deals if deals >= smallest else None) for s, b, deals in cells)


def _hides(both: Counter[tuple[str, str]], smallest: int) -> tuple[Hides, ...]:
    """The other reasons that at least a tenth of a seller's reason turned out to be, most first."""
    filed: Counter[str] = Counter()
    for (seller, _), deals in both.items():
        filed[seller] += deals
    found = [
        Hides(seller, buyer, filed[seller], deals)
        for (seller, buyer), deals in both.items()
        if seller != buyer and deals >= smallest and deals >= filed[seller] / 10
    ]
    return tuple(sorted(found, key=lambda one: (-one.told, one.seller, one.buyer)))
