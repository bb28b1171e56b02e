"""Figures of a whole selection: one pass for all counts and sums, one for all medians."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from notyet.analysis import intervals
from notyet.analysis.intervals import Estimate, Sums
from notyet.analysis.metrics import Apart, Difference, Mean, Median, Metric, Ratio, Share, Total, lost, won
from notyet.analysis.readings import Condition
from notyet.analysis.registry import METRICS
from notyet.analysis.results import Figure, Withheld
from notyet.analysis.tallies import Tally, tally

OF_BOTH_OUTCOMES = ("win_rate_by_value", "value_lost", "median_deal_value", "lost_in_our_control")
"""Figures of money that say nothing where amounts are written down for one outcome only."""


def _aggregate(values: ir.Value, fractions: ir.Value) -> ir.Value:
    """DuckDB's discrete quantiles."""


_quantiles = ibis.udf.agg.builtin(
    _aggregate, name="quantile_disc", signature=((dt.float64, dt.Array(dt.float64)), dt.Array(dt.float64))
)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Counted:
    """What a figure is made of before it is withheld or not: its estimate, its n, and the numerator's count."""

    estimate: Estimate
    n: int
    count: int | None = None
    smallest: int | None = None


def figures(rows: ir.Table, smallest: int) -> tuple[Figure, ...]:
    """Every figure of the registry that needs no module of its own, over ``rows`` (facts ``with_readings``)."""
    wanted = [metric for metric in METRICS if not isinstance(metric.shape, Apart)]
    closed = rows.filter(rows.is_closed)
    told = _tally(closed, wanted)
    medians = _medians([metric for metric in wanted if isinstance(metric.shape, Median)], closed, told)
    return tuple(figure(metric, _counted(metric, told, medians), smallest) for metric in wanted)


def _tally(closed: ir.Table, metrics: list[Metric]) -> Tally:
    """Everything that the metrics count and sum."""
    conditions: list[Condition] = [won, lost]
    columns: list[str] = []
    products: list[tuple[str, str]] = []
    for metric in metrics:
        conditions.append(metric.of)
        match metric.shape:
            case Share(when) | Difference(when):
                conditions.append(when)
            case Ratio(part, whole, when):
                columns += [part, whole]
                products += [(part, whole)] if part != whole else []
                conditions += [when] if when is not None else []
            case Mean(column) | Total(column) | Median(column):
                columns.append(column)
    return tally(closed, conditions, columns, products)


def first_row(query: ir.Table) -> Row:
    """The only row of a query."""
    found: Row = query.to_pyarrow().to_pylist()[0]
    return found


def figure(metric: Metric, counted: Counted | Withheld, smallest: int, by: Mapping[str, str] | None = None) -> Figure:
    """The figure of a metric, withheld where it rests on fewer than ``smallest`` deals or answers."""
    if not isinstance(counted, Counted):
        return Figure(metric.key, metric.label, metric.unit, None, None, None, 0, by or {}, counted)
    estimate, withheld = counted.estimate, None
    if (counted.n if counted.smallest is None else counted.smallest) < smallest:
        estimate, withheld = intervals.NOTHING, "below_five"
    elif estimate.value is None:
        withheld = "not_recorded"
    return Figure(
        key=metric.key,
        label=metric.label,
        unit=metric.unit,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        n=counted.n,
        by=by or {},
        withheld=withheld,  # type: ignore[arg-type]
        count=counted.count,
    )


def _medians(metrics: list[Metric], rows: ir.Table, told: Tally) -> dict[str, Estimate]:
    asked: dict[str, ir.Value] = {}
    for metric in metrics:
        n = _n(metric, told)
        if n and isinstance(metric.shape, Median):
            asked[metric.key] = _order_statistics(metric.shape, rows, metric.of(rows), n)
    if not asked:
        return {}
    return {key: median_of(found) for key, found in first_row(rows.aggregate(**asked)).items()}


def _n(metric: Metric, told: Tally) -> int:
    """The deals of a metric: those that have its column, where it needs one."""
    shape = metric.shape
    if isinstance(shape, Mean | Total) or (isinstance(shape, Median) and not shape.never):
        return told.count(metric.of, column=shape.column)
    return told.count(metric.of)


def _order_statistics(shape: Median, rows: ir.Table, of: ir.BooleanValue, n: int) -> ir.Value:
    values = rows[shape.column].cast("float64")
    if shape.never:
        values = values.fill_null(float("inf"))
    return order_statistics(values, of, n)


def order_statistics(values: ir.Value, where: ir.BooleanValue, n: int) -> ir.Value:
    """The four values that ``median_of`` reads, of ``n`` values."""
    fractions = [(rank - 0.5) / n for rank in intervals.median_ranks(n)]
    return _quantiles(values, ibis.array(fractions), where=where)


def median_of(found: list[float]) -> Estimate:
    """The median from its order statistics; an infinite value or bound is none."""
    low, one, two, high = found
    values = ((one + two) / 2, low, high)
    return Estimate(*(value if isfinite(value) else None for value in values))


def _counted(metric: Metric, told: Tally, medians: dict[str, Estimate]) -> Counted | Withheld:
    """What the tally says of a metric, or why it says nothing."""
    if metric.key in OF_BOTH_OUTCOMES and _one_outcome(told, "value_final"):
        return "one_outcome_only"
    return _estimated(metric, told, medians)


def _estimated(metric: Metric, told: Tally, medians: dict[str, Estimate]) -> Counted:
    of, n = metric.of, _n(metric, told)
    match metric.shape:
        case Share(when):
            count = told.count(of, when)
            return Counted(intervals.share(count, n), n, count)
        case Difference(when):
            n_with = told.count(of, when)
            wins, wins_with = told.count(of, won), told.count(of, when, won)
            estimate = intervals.difference(wins_with, n_with, wins - wins_with, n - n_with)
            return Counted(estimate, n, n_with, smallest=min(n_with, n - n_with))
        case Ratio() as shape:
            return _ratio(metric, shape, told, n)
        case Mean(column):
            total, squares = told.total(f"{column}.sum", of), told.total(f"{column}.squares", of)
            return Counted(intervals.mean(n, total, squares), n)
        case Total(column):
            return Counted(Estimate(told.total(f"{column}.sum", of)), n)
    return Counted(medians.get(metric.key, intervals.NOTHING), n)


def _ratio(metric: Metric, shape: Ratio, told: Tally, n: int) -> Counted:
    of, part, whole = metric.of, shape.part, shape.whole
    mine = (of,) if shape.when is None else (of, shape.when)
    sums = Sums(
        n=n,
        part=told.total(f"{part}.sum", *mine),
        whole=told.total(f"{whole}.sum", of),
        part_2=told.total(f"{part}.squares", *mine),
        whole_2=told.total(f"{whole}.squares", of),
        product=told.total(f"{part}.squares" if part == whole else f"{part}*{whole}", *mine),
    )
    return Counted(intervals.ratio(sums), n, told.count(*mine))


def _one_outcome(told: Tally, column: str) -> bool:
    """Whether both outcomes occur, and the column holds more than zeros for one of them only."""
    known = [told.total(f"{column}.sum", outcome) > 0 for outcome in (won, lost)]
    return known[0] != known[1] and bool(told.count(won)) and bool(told.count(lost))
