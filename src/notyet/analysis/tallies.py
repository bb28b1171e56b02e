"""Counts and sums under many conditions from one narrow pass: deals are grouped by which of the conditions they meet.

Thirty conditions meet in some hundreds of combinations; every count of deals that meet one or several of them is a
sum over these. The database groups once by a number whose bits are the conditions, instead of asking each condition
of each deal.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from notyet.analysis.readings import Condition

MOST_CONDITIONS = 62


@dataclass(frozen=True)
class Tally:
    """Deals by the combination of conditions they meet; ``table`` has a row for each combination."""

    table: pa.Table
    places: dict[Condition, int]

    def holds(self, *conditions: Condition) -> npt.NDArray[np.bool_]:
        """Which combinations meet all of the conditions."""
        bits = sum(1 << self.places[condition] for condition in set(conditions))
        return np.asarray((self.table["met"].to_numpy() & bits) == bits, dtype=bool)

    def count(self, *conditions: Condition, column: str | None = None) -> int:
        """The deals that meet all conditions; with ``column`` those of them that have it."""
        name = "deals" if column is None else f"{column}.n"
        return int(self.table[name].to_numpy()[self.holds(*conditions)].sum())

    def total(self, what: str, *conditions: Condition) -> float:
        """A sum over the deals that meet all conditions. ``what``: ``column.sum``, ``column.squares`` or
        ``one*other``.
        """
        return float(np.nansum(self.table[what].to_numpy()[self.holds(*conditions)]))


def tally(
    rows: ir.Table, conditions: Iterable[Condition], columns: Iterable[str], products: Iterable[tuple[str, str]]
) -> Tally:
    """Tally ``rows`` by conditions (at most 62), with sums and squares of columns, and sums of products of two.

    Raises ``ValueError`` where there are more conditions than a number has bits.
    """
    places = {condition: place for place, condition in enumerate(dict.fromkeys(conditions))}
    if len(places) > MOST_CONDITIONS:
        raise ValueError(f"{len(places)} conditions are more than {MOST_CONDITIONS}")
    names, pairs = sorted(set(columns)), sorted(set(products))
    met = reduce(add, (_bit(condition(rows), place) for condition, place in places.items()))
    narrow = rows.select(met=met, **{name: rows[name].cast("float64") for name in names})
    sums: dict[str, ir.Value] = {"deals": narrow.count()}
    for name in names:
        sums[f"{name}.n"] = narrow[name].count()
        sums[f"{name}.sum"] = narrow[name].sum()
        sums[f"{name}.squares"] = (narrow[name] * narrow[name]).sum()
    sums |= {f"{one}*{other}": (narrow[one] * narrow[other]).sum() for one, other in pairs}
    return Tally(narrow.group_by("met").aggregate(**sums).to_pyarrow(), places)


def _bit(condition: ir.BooleanValue, place: int) -> ir.IntegerValue:
    return ibis.cases((condition, ibis.literal(1 << place, "int64")), else_=ibis.literal(0, "int64"))
