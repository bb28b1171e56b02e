"""Win rates by the quarter of the opening, once that quarter has matured."""

from datetime import datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from notyet.analysis.figures import Counted, figure, first_row
from notyet.analysis.intervals import NOTHING, share
from notyet.analysis.meta import Meta
from notyet.analysis.moments import microseconds
from notyet.analysis.readings import quarter, quarter_end
from notyet.analysis.registry import BY_KEY
from notyet.analysis.results import Figure
from notyet.analysis.selection import midnight
from notyet.analysis.settings import Settings

QUARTER = "opened_quarter"
"""The group that a cohort's figure is ``by``."""


def cohort_win_rates(rows: ir.Table, meta: Meta, settings: Settings, horizon: datetime) -> tuple[Figure, ...]:
    """The win rate of each quarter of opening, over ``rows`` filtered but not cut to a window.

    A quarter has matured when the cycle that ``matured_share`` of closed deals stayed within fits between its last
    day and ``horizon``; until then it is withheld, since quick deals end first.
    """
    closed = rows.filter(rows.is_closed & rows.opened_at.notnull())
    known = first_row(
        closed.aggregate(
            first=closed.opened_at.min(),
            last=closed.opened_at.max(),
            cycle=closed.cycle_days.quantile(settings.matured_share),
        )
    )
    if known["first"] is None:
        return ()
    opened = quarter(closed.opened_at, meta, (known["first"], known["last"]))
    grouped = closed.group_by(quarter=opened).aggregate(n=closed.count(), won=closed.count(where=closed.is_won))
    found: list[dict[str, Any]] = grouped.order_by(ibis.asc("quarter")).to_pyarrow().to_pylist()
    return tuple(_figure(row, meta, settings, horizon, known["cycle"]) for row in found)


def _figure(row: dict[str, Any], meta: Meta, settings: Settings, horizon: datetime, cycle: float | None) -> Figure:
    metric, by = BY_KEY["cohort_win_rate"], {QUARTER: row["quarter"]}
    ends = midnight(quarter_end(row["quarter"]), meta)
    matured = cycle is not None and ends + timedelta(days=cycle) / timedelta(microseconds=1) <= microseconds(horizon)
    estimate = share(row["won"], row["n"]) if matured else NOTHING
    made = figure(metric, Counted(estimate, row["n"], row["won"]), settings.smallest_group, by)
    if matured:
        return made
    return Figure(metric.key, metric.label, metric.unit, None, None, None, row["n"], by, "not_matured", row["won"])
