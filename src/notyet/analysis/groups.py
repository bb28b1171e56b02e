"""Win rates by every dimension, in one pass over the facts, and how buyers answered by it."""

from collections import defaultdict
from dataclasses import dataclass, replace

import ibis.expr.types as ir
import numpy as np

from notyet.analysis import facts
from notyet.analysis.figures import Counted, figure
from notyet.analysis.history import History
from notyet.analysis.intervals import share
from notyet.analysis.meta import Meta
from notyet.analysis.pooling import pooled
from notyet.analysis.readings import Reasons, with_readings
from notyet.analysis.registry import BY_KEY
from notyet.analysis.results import Figure
from notyet.analysis.selection import NOT_RECORDED
from notyet.analysis.settings import Settings

NO_DIMENSION = (
    *("owner", "account", "name", "deal_id", "data_source", "currency", "reopened_from", "lost_to", "loss_reason"),
    *("value", "amount", "outcome"),
)
QUARTER = "closed_quarter"
"""The dimension of the quarter of the close."""


@dataclass(frozen=True)
class Level:
    """One level of a dimension: how many closed deals, won, invited and answered."""

    name: str
    n: int
    won: int
    invited: int
    answered: int


Levels = dict[str, tuple[Level, ...]]


def dimensions(meta: Meta, settings: Settings, rows: ir.Table) -> dict[str, str]:
    """The fields that win rates are shown by: name to column. People, and what the owner called a leak, are none."""
    found: dict[str, str] = {}
    for field in meta.fields:
        usable = field.kind in ("category", "flag") and not field.person and field.column not in NO_DIMENSION
        if usable and field.column in rows.columns and settings.leaks.get(field.source_column) != "leak":
            found[field.name] = field.column
    return found


def field_levels(history: History, settings: Settings) -> dict[str, list[str]]:
    """Every field that deals can be filtered by, with its levels, the most frequent first."""
    rows = with_readings(facts.read(history), Reasons.of(history.meta, settings))
    names = dimensions(history.meta, settings, rows)
    found = levels(history, rows, {name: rows[column] for name, column in names.items()}, settings.most_levels)
    return {name: [one.name for one in sorted(ones, key=lambda one: -one.n)] for name, ones in found.items()}


def levels(history: History, rows: ir.Table, columns: dict[str, ir.Value], most: int) -> Levels:
    """The levels of each dimension over the closed deals of ``rows``; dimensions of more than ``most`` levels are
    left out.

    Ibis has no word for grouping sets, so the grouping around its query is DuckDB's own.
    """
    if not columns:
        return {}
    names = list(columns)
    closed = rows.filter(rows.is_closed).select(
        won=rows.is_won,
        invited=rows.invited_at.notnull(),
        answered=rows.invited_at.notnull() & rows.answered_at.notnull(),
        **{f"d{number}": _as_text(columns[name]) for number, name in enumerate(names)},
    )
    keys = [f"d{number}" for number in range(len(names))]
    sets = ", ".join(f"({key})" for key in keys)
    query = f"""
        SELECT * FROM (
            SELECT GROUPING({", ".join(keys)}) AS which, {", ".join(keys)}, count(*) AS n, count(*) FILTER (won) AS won,
                   count(*) FILTER (invited) AS invited, count(*) FILTER (answered) AS answered
            FROM ({history.con.compile(closed)}) GROUP BY GROUPING SETS ({sets})
        ) QUALIFY count(*) OVER (PARTITION BY which) <= {most}
    """
    everything = (1 << len(keys)) - 1
    which = {everything ^ (1 << (len(keys) - 1 - number)): name for number, name in enumerate(names)}
    found: dict[str, list[Level]] = defaultdict(list)
    for row in history.con.raw_sql(query).fetchall():
        name = which[row[0]]
        counts = row[1 + len(keys) :]
        told = row[1 + names.index(name)]
        found[name].append(Level(NOT_RECORDED if told is None else told, *counts))
    return {name: tuple(sorted(found[name], key=lambda one: (-one.n, one.name))) for name in names if name in found}


def _as_text(column: ir.Value) -> ir.Value:
    return column if column.type().is_string() else column.cast("string")


def win_rates(found: Levels, smallest: int) -> tuple[Figure, ...]:
    """The win rate of each level of each dimension with more than one, and its partially pooled value."""
    return tuple(one for name, rows in found.items() if len(rows) > 1 for one in _of_dimension(name, rows, smallest))


def _of_dimension(name: str, rows: tuple[Level, ...], smallest: int) -> list[Figure]:
    metric = BY_KEY["win_rate"]
    drawn = pooled([row.won for row in rows], [row.n for row in rows])
    figures = []
    for number, row in enumerate(rows):
        made = figure(metric, Counted(share(row.won, row.n), row.n, row.won), smallest, {name: row.name})
        if made.withheld is None:
            values = (float(column[number]) for column in (drawn.value, drawn.low, drawn.high))
            value, low, high = (None if np.isnan(one) else one for one in values)
            made = replace(made, pooled=value, pooled_low=low, pooled_high=high)
        figures.append(made)
    return figures
