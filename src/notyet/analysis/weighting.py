"""What all losses' buyers would have said, estimated from those who answered.

Each answer is weighted by the inverse of its chance to be given, which is estimated from the deal's attributes and the
seller's reason (Horvitz-Thompson weights in Hájek's ratio form). What no record tells cannot be weighted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from notyet.analysis.intervals import Estimate, Z
from notyet.analysis.readings import Reasons
from notyet.analysis.selection import level

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_LEVELS = 12
MOST_CELLS = 60
LEAST_CHANCE = 0.02


@dataclass(frozen=True)
class Weighted:
    """A buyers' reason over all losses: its estimated share, and the losses and the money that this comes to."""

    share: Estimate
    losses: float
    value: float


def weighted(rows: ir.Table, columns: Sequence[str], reasons: Reasons, smallest: int) -> dict[str, Weighted]:
    """By the buyers' wording the estimate for all losses among ``rows`` (facts ``with_readings``).

    ``columns``: the attributes that the chance to answer may depend on. Empty where fewer than ``smallest`` answered.
    """
    cells = _cells(rows, columns, reasons)
    answered = np.asarray(pc.is_valid(cells["buyer"]).to_numpy(), dtype=bool)
    deals = cells["deals"].to_numpy().astype(float)
    if deals[answered].sum() < smallest:
        return {}
    chance = _chance(cells, columns, deals, answered)
    weight = np.where(answered, 1 / np.maximum(chance, LEAST_CHANCE), 0.0)
    value = cells["value"].to_numpy().astype(float)
    texts = np.array(cells["buyer"].to_pylist(), dtype=object)
    spoken = sorted({text for text in texts if text is not None})
    return {text: _estimate(texts == text, weight, deals, value) for text in spoken}


def _cells(rows: ir.Table, columns: Sequence[str], reasons: Reasons) -> pa.Table:
    """Losses counted by everything that the chance to answer may depend on, and by what their buyers said."""
    lost = rows.filter(rows.is_lost)
    keys = {f"a{number}": level(lost[column]) for number, column in enumerate(columns)}
    said = {"seller": level(lost.seller_reason), "no_decision": lost.outcome == "no_decision"}
    grouped = lost.group_by(**keys, **said, buyer=lost.buyer_reason).aggregate(
        deals=lost.count(), value=lost.value_final.sum().fill_null(0.0)
    )
    cells = grouped.to_pyarrow()
    labels = pa.array([reasons.entry(text).label for text in cells["seller"].to_pylist()], pa.string())
    return cells.set_column(cells.column_names.index("seller"), "seller", labels)


def _chance(cells: pa.Table, columns: Sequence[str], deals: Floats, answered: npt.NDArray[np.bool_]) -> Floats:
    """Each cell's chance to answer, by a logistic regression of whether a loss was answered on its cell."""
    codes = [_codes(cells["seller"]), _codes(cells["no_decision"])]
    codes += [_codes(cells[f"a{number}"]) for number in range(len(columns))]
    return fit_chances(codes, deals, answered)


def fit_chances(codes: Sequence[Ints], deals: Floats, answered: npt.NDArray[np.bool_]) -> Floats:
    """The chance of ``answered`` by rows of ``deals`` each, from groupings' codes: ridge-penalised logistic regression.

    Newton's method on one column a level, over the distinct combinations of groups; the penalty of half a squared unit
    a coefficient keeps rare levels near the mean.
    """
    cells, place = np.unique(np.stack(codes, axis=1), axis=0, return_inverse=True)
    whole = np.bincount(place, weights=deals)
    told = np.bincount(place, weights=deals * answered)
    offsets = 1 + np.concatenate(([0], np.cumsum([int(code.max()) + 1 for code in codes])))
    width = int(offsets[-1])
    design = np.zeros((len(cells), width))
    design[:, 0] = 1.0
    np.put_along_axis(design, cells + offsets[:-1], 1.0, axis=1)
    penalty = np.ones(width)
    penalty[0] = 1e-6
    theta = np.zeros(width)
    for _ in range(25):
        expected = 1 / (1 + np.exp(-design @ theta))
        gradient = design.T @ (told - whole * expected) - penalty * theta
        curvature = (design * (whole * expected * (1 - expected))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        theta += step
        if np.abs(step).max() < 1e-8:
            break
    return np.asarray(1 / (1 + np.exp(-design @ theta)))[place]


def _codes(column: pa.ChunkedArray) -> Ints:
    coded = pc.cast(column, pa.string()).combine_chunks().dictionary_encode()
    return np.asarray(coded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)


def _estimate(mine: npt.NDArray[np.bool_], weight: Floats, deals: Floats, value: Floats) -> Weighted:
    whole = float((weight * deals).sum())
    share = float((weight * deals)[mine].sum()) / whole
    variance = float((weight**2 * deals * (mine - share) ** 2).sum()) / whole**2
    low, high = _logit_interval(share, sqrt(variance))
    worth = float((weight * value).sum())
    money = float((weight * value)[mine].sum()) / worth * float(value.sum()) if worth else 0.0
    return Weighted(Estimate(share, low, high), share * float(deals.sum()), money)


def _logit_interval(share: float, error: float) -> tuple[float | None, float | None]:
    if not 0 < share < 1:
        return None, None
    centre, reach = np.log(share / (1 - share)), Z * error / (share * (1 - share))
    return float(1 / (1 + np.exp(reach - centre))), float(1 / (1 + np.exp(-centre - reach)))


def attributes(rows: ir.Table, found: dict[str, int], preferred: Sequence[str]) -> tuple[str, ...]:
    """Attributes with few levels, few together, so that cells stay few. ``found``: levels of each recorded column."""
    chosen: list[str] = []
    cells = 1
    for column in preferred:
        count = found.get(column, 0)
        if 1 < count <= MOST_LEVELS and cells * count <= MOST_CELLS and column in rows.columns:
            chosen.append(column)
            cells *= count
    return tuple(chosen)
