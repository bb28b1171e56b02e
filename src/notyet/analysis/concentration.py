"""On how few deals or accounts a sum rests."""

from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt

from notyet.analysis.figures import Counted, figure, first_row
from notyet.analysis.intervals import NOTHING, Estimate
from notyet.analysis.registry import BY_KEY
from notyet.analysis.results import Figure


def effective_accounts(rows: ir.Table, smallest: int) -> Figure:
    """The effective number of accounts among the won deals of ``rows``: 1 / Σ share²; n counts accounts."""
    won = rows.filter(BY_KEY["effective_accounts"].of(rows) & (rows.value_final > 0))
    accounts = won.group_by("account").aggregate(value=won.value_final.sum())
    row = first_row(
        accounts.aggregate(n=accounts.count(), total=accounts.value.sum(), squares=(accounts.value**2).sum())
    )
    estimate = Estimate(row["total"] ** 2 / row["squares"]) if row["n"] else NOTHING
    return figure(BY_KEY["effective_accounts"], Counted(estimate, row["n"]), smallest)


@dataclass(frozen=True)
class Basket:
    """What live deals are worth together, and on how few of them that rests.

    ``effective``: on how many deals of equal value it would rest as much (1 / Σ share², the inverse Herfindahl index).
    ``largest``: the deals of the highest value with their values, the highest first. ``n`` counts the deals with a
    value, ``unvalued`` those without. A description of what is there: no interval.
    """

    n: int
    unvalued: int
    total: float
    effective: float
    largest: tuple[tuple[int, float], ...]

    @property
    def share(self) -> float:
        """The largest deal's share of the whole."""
        return self.largest[0][1] / self.total


LARGEST = 4


def basket(deals: npt.NDArray[np.int64], values: npt.NDArray[np.float64]) -> Basket | None:
    """The basket of some deals; ``None`` where none of them has a value above zero."""
    valued = values > 0
    known, of = values[valued], deals[valued]
    if not len(known):
        return None
    order = np.lexsort((of, -known))[:LARGEST]
    largest = tuple((int(of[place]), float(known[place])) for place in order)
    total = float(known.sum())
    return Basket(len(known), int((~valued).sum()), total, total**2 / float((known**2).sum()), largest)
