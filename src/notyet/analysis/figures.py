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
from notyet.analysis.metrics import Difference, Mean, Median, Metric, Ratio, Share, Total
from notyet.analysis.registry import METRICS
from notyet.analysis.results import Figure, Withheld


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
    wanted = [
        metric for metric in METRICS if isinstance(metric.shape, Share | Difference | Ratio | Mean | Total | Median)
    ]
    sums: dict[str, ir.Value] = {}
    for metric in wanted:
        sums.update({f"{metric.key}.{name}": value for name, value in _sums(metric, rows).items()})
    row = first_row(rows.aggregate(**sums))
    medians = _medians([metric for metric in wanted if isinstance(metric.shape, Median)], rows, row)
    return tuple(
        figure(metric, _one_outcome(metric, row) or _counted(metric, row, medians), smallest) for metric in wanted
    )


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


def _sums(metric: Metric, rows: ir.Table) -> dict[str, ir.Value]:
    """The aggregates that a metric's estimate is made from."""
    of, shape = metric.of(rows), metric.shape
    match shape:
        case Share():
            return {"n": rows.count(where=of), "x": rows.count(where=of & shape.when(rows))}
        case Difference():
            when = shape.when(rows)
            sides = {"with": of & when, "without": of & ~when}
            counts = {f"n_{side}": rows.count(where=condition) for side, condition in sides.items()}
            return counts | {f"x_{side}": rows.count(where=c & rows.is_won) for side, c in sides.items()}
        case Ratio():
            return _ratio_sums(shape, rows, of)
        case Mean():
            values = rows[shape.column].cast("float64")
            there = of & values.notnull()
            squares = (values * values).sum(where=there)
            return {"n": rows.count(where=there), "sum": values.sum(where=there), "squares": squares}
        case Total():
            there = of & rows[shape.column].notnull()
            return {"n": rows.count(where=there), "sum": rows[shape.column].cast("float64").sum(where=there)}
        case Median():
            return {"n": rows.count(where=_there(shape, rows, of))}
    raise TypeError(f"{metric.key} is made by a module of its own")


def _ratio_sums(shape: Ratio, rows: ir.Table, of: ir.BooleanValue) -> dict[str, ir.Value]:
    whole, part = rows[shape.whole].cast("float64"), rows[shape.part].cast("float64")
    counts = of if shape.when is None else of & shape.when(rows)
    return {
        "n": rows.count(where=of),
        "x": rows.count(where=counts),
        "won": rows.count(where=of & rows.is_won),
        "lost": rows.count(where=of & rows.is_lost),
        "part": part.sum(where=counts),
        "whole": whole.sum(where=of),
        "part_2": (part * part).sum(where=counts),
        "whole_2": (whole * whole).sum(where=of),
        "product": (part * whole).sum(where=counts),
    }


def _there(shape: Median, rows: ir.Table, of: ir.BooleanValue) -> ir.BooleanValue:
    return of if shape.never else of & rows[shape.column].notnull()


def _medians(metrics: list[Metric], rows: ir.Table, row: Row) -> dict[str, Estimate]:
    asked: dict[str, ir.Value] = {}
    for metric in metrics:
        n = row[f"{metric.key}.n"]
        if n and isinstance(metric.shape, Median):
            asked[metric.key] = _order_statistics(metric.shape, rows, metric.of(rows), n)
    if not asked:
        return {}
    return {key: median_of(found) for key, found in first_row(rows.aggregate(**asked)).items()}


def _order_statistics(shape: Median, rows: ir.Table, of: ir.BooleanValue, n: int) -> ir.Value:
    values = rows[shape.column].cast("float64")
    if shape.never:
        values = values.fill_null(float("inf"))
    return order_statistics(values, _there(shape, rows, of), n)


def order_statistics(values: ir.Value, where: ir.BooleanValue, n: int) -> ir.Value:
    """The four values that ``median_of`` reads, of ``n`` values."""
    fractions = [(rank - 0.5) / n for rank in intervals.median_ranks(n)]
    return _quantiles(values, ibis.array(fractions), where=where)


def median_of(found: list[float]) -> Estimate:
    """The median from its order statistics; an infinite value or bound is none."""
    low, one, two, high = found
    values = ((one + two) / 2, low, high)
    return Estimate(*(value if isfinite(value) else None for value in values))


def _one_outcome(metric: Metric, row: Row) -> Withheld | None:
    """By-value shares say nothing where values are known for one outcome only."""
    if metric.key != "win_rate_by_value":
        return None
    won, lost = row[f"{metric.key}.won"], row[f"{metric.key}.lost"]
    alone = (won == 0) != (lost == 0)
    return "one_outcome_only" if alone and _other_outcome(row, known_won=won > 0) else None


def _other_outcome(row: Row, *, known_won: bool) -> bool:
    others = row["win_rate.n"] - row["win_rate.x"] if known_won else row["win_rate.x"]
    return bool(others > 0)


def _counted(metric: Metric, row: Row, medians: dict[str, Estimate]) -> Counted:
    def get(name: str) -> Any:
        return row[f"{metric.key}.{name}"] or 0

    match metric.shape:
        case Share():
            return Counted(intervals.share(get("x"), get("n")), get("n"), get("x"))
        case Difference():
            n_with, n_without = get("n_with"), get("n_without")
            estimate = intervals.difference(get("x_with"), n_with, get("x_without"), n_without)
            return Counted(estimate, n_with + n_without, n_with, smallest=min(n_with, n_without))
        case Ratio():
            names = ("n", "part", "whole", "part_2", "whole_2", "product")
            return Counted(intervals.ratio(Sums(*(get(name) for name in names))), get("n"), get("x"))
        case Mean():
            return Counted(intervals.mean(get("n"), get("sum"), get("squares")), get("n"))
        case Total():
            return Counted(Estimate(float(get("sum"))), get("n"))
    return Counted(medians.get(metric.key, intervals.NOTHING), get("n"))
