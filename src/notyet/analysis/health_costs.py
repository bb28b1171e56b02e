"""What a gap in the record costs: which figures leave deals out because of it, and how much wider they are for that.

Which columns a figure reads is taken from its definition in the registry, so that a new figure is counted without
anybody thinking of it here.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from math import sqrt
from operator import and_

import ibis.expr.operations as ops
import ibis.expr.types as ir

from notyet.analysis.metrics import Apart, Mean, Median, Metric, Total
from notyet.analysis.readings import Condition
from notyet.analysis.registry import METRICS

OUTCOMES = ("is_closed", "is_won", "is_lost")
NEARLY_ALL = 0.95

GAPS: dict[str, Condition] = {
    "opened_at": lambda rows: rows.opened_at.isnull(),
    "closed_at": lambda rows: rows.closed_at.isnull(),
    "amount": lambda rows: rows.value_final.isnull() & ~rows.unrated,
    "currency": lambda rows: rows.unrated,
    "loss_reason": lambda rows: rows.seller_reason.isnull(),
    "account": lambda rows: rows.account.isnull(),
    "conversations": lambda rows: ~rows.talked,
    "debriefs": lambda rows: rows.preparation.isnull(),
}
"""What can be missing of a deal, by field or table of the exchange format."""

MADE_FROM: dict[str, tuple[str, ...]] = {
    "opened_at": ("opened_at",),
    "closed_at": ("closed_at",),
    "enquiry_at": ("opened_at",),
    "cycle_days": ("opened_at", "closed_at"),
    "value_final": ("amount", "currency"),
    "seller_reason": ("loss_reason",),
    "account": ("account",),
    "conversations": ("conversations",),
    "missed_calls": ("conversations",),
    "preparation": ("debriefs",),
    **dict.fromkeys(("outcome", "plain_dates", "buyer_reason", "invited_at", "promises_due"), ()),
    **dict.fromkeys(("missed_returned", "missed_unreturned"), ()),
    **dict.fromkeys(("first_missed_hours", "first_promise_due_hours"), ()),
}
"""Column of the facts -> the gaps that leave it empty; without one its absence says something, and is no gap."""

APART: dict[str, tuple[str, ...]] = {
    "agreement": ("seller_reason", "buyer_reason"),
    "winbacks": (),
    "concentration": (),
    "cohorts": ("opened_at",),
}
"""What the figures that are made by a module of their own need beyond their population."""


@dataclass(frozen=True)
class Cost:
    """A figure that rests on ``n`` deals and could rest on up to ``could``.

    ``withheld``: it is not shown, and would be. ``wider``: by how much its interval is wider than it would be
    (0.26: 26 %), by the square root of the sample sizes; ``None`` where it is withheld or has no interval. ``beside``:
    what else the source lacks for nearly all of these deals; mending one without the other does not help the figure.
    """

    key: str
    label: str
    n: int
    could: int
    withheld: bool
    wider: float | None
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Needs:
    """The deals of ``rows`` that a metric is about, those it rests on, and by gap those that it keeps out."""

    metric: Metric
    base: ir.BooleanValue
    there: ir.BooleanValue
    gaps: Mapping[str, ir.BooleanValue]


def needs(rows: ir.Table) -> list[Needs]:
    """What every metric needs of ``rows``, the facts straight from ``with_readings``."""
    return [_needs(metric, rows) for metric in METRICS]


def _needs(metric: Metric, rows: ir.Table) -> Needs:
    of = metric.of(rows)
    named = _named(of, rows)
    base = reduce(and_, (rows[name] for name in OUTCOMES if name in named))
    held = _held(metric)
    there = reduce(and_, (rows[name].notnull() for name in held), of)
    out: dict[str, ir.BooleanValue] = {}
    for column in {column for name in named for column in _columns(name, rows)}:
        out |= {gap: base & ~of & GAPS[gap](rows) for gap in MADE_FROM[column]}
    for column in held:
        others = reduce(and_, (rows[name].notnull() for name in held if name != column), of)
        for gap in MADE_FROM[column]:
            kept_out = others & GAPS[gap](rows)
            out[gap] = out[gap] | kept_out if gap in out else kept_out
    return Needs(metric, base, there, out)


def _held(metric: Metric) -> tuple[str, ...]:
    """The columns that must hold a value for a deal of the population to count."""
    match metric.shape:
        case Median(column=column, never=False) | Mean(column=column) | Total(column=column):
            return (column,)
        case Apart(module=module):
            return APART[module]
    return ()


def _named(condition: ir.Value, rows: ir.Table) -> set[str]:
    return {one.name for one in condition.op().find(ops.Field) if one.rel == rows.op()}


def _columns(name: str, rows: ir.Table) -> set[str]:
    """The columns of the facts themselves that a column of ``rows`` is made from."""
    return {one.name for one in rows.op().values[name].find(ops.Field)}


Counts = Mapping[str, Mapping[str, int]]
"""By data source: what was asked for by name -> how many deals."""


def asked(wanted: list[Needs], rows: ir.Table) -> dict[str, ir.Value]:
    """The counts that ``costs`` reads, by name, to be aggregated by data source."""
    sums: dict[str, ir.Value] = {}
    for one in wanted:
        sums[f"n:{one.metric.key}"] = rows.count(where=one.there)
        sums[f"base:{one.metric.key}"] = rows.count(where=one.base)
        sums.update({f"gap:{one.metric.key}:{gap}": rows.count(where=where) for gap, where in one.gaps.items()})
    return sums


def costs(wanted: list[Needs], counts: Counts, smallest: int) -> dict[tuple[str, str], tuple[Cost, ...]]:
    """By data source and gap, the figures that lose by it: those withheld first, then those widened most."""
    found: dict[tuple[str, str], list[Cost]] = defaultdict(list)
    for one in wanted:
        n = sum(row[f"n:{one.metric.key}"] for row in counts.values())
        for source, row in counts.items():
            lost = {gap: row[f"gap:{one.metric.key}:{gap}"] for gap in one.gaps}
            nearly = [gap for gap in sorted(lost) if lost[gap] >= NEARLY_ALL * row[f"base:{one.metric.key}"]]
            for gap in filter(lost.__getitem__, lost):
                beside = tuple(other for other in nearly if other != gap)
                found[source, gap].append(_cost(one.metric, n, n + lost[gap], smallest, beside))
    return {key: tuple(sorted(each, key=_heaviest)) for key, each in found.items()}


def _heaviest(cost: Cost) -> tuple[bool, bool, float, str]:
    return (not cost.withheld, bool(cost.beside), cost.n / cost.could, cost.key)


def _cost(metric: Metric, n: int, could: int, smallest: int, beside: tuple[str, ...]) -> Cost:
    withheld = n < smallest <= could
    narrow = n < smallest or isinstance(metric.shape, Total) or metric.key in ("won_back_value", "effective_accounts")
    return Cost(metric.key, metric.label, n, could, withheld, None if narrow else sqrt(could / n) - 1, beside)
