"""The deals behind a figure, a reason, a driver or a stage: the same rows that it was made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from notyet.analysis import cohorts, facts, funnel, groups, leaks
from notyet.analysis.behaviours import observe
from notyet.analysis.candidates import attributes
from notyet.analysis.conformance_behind import deals_of_way
from notyet.analysis.drivers import smallest_group
from notyet.analysis.facts_record import known_stages
from notyet.analysis.figures import first_row
from notyet.analysis.history import History
from notyet.analysis.meta import Meta
from notyet.analysis.metrics import Apart, Mean, Median, Shape, Total
from notyet.analysis.population import Population, closed_deals
from notyet.analysis.readings import Reasons, quarter, with_readings
from notyet.analysis.registry import BY_KEY
from notyet.analysis.selection import NOT_RECORDED, Selection, UnknownField, filtered, level, selected
from notyet.analysis.settings import Settings
from notyet.analysis.winbacks import asked_again

ORDERS = ("closed_at", "opened_at", "value_final", "name", "account", "outcome")


class UnknownFigure(ValueError):
    """There is no figure, reason, driver or stage of that name."""


@dataclass(frozen=True)
class Behind:
    """A page of the deals behind something: their numbers (``deal`` of the facts) in order, and how many there are."""

    total: int
    deals: tuple[int, ...]


@dataclass(frozen=True)
class Asked:
    """What is opened: a figure's key with its group, or ``outcome``, ``lost`` (``reason``), ``left`` (``stage``),
    ``driver`` (``name``), ``followed`` (a ``way`` of a ``step`` of the process).
    """

    key: str
    by: Mapping[str, str]


@dataclass(frozen=True)
class _Rows:
    history: History
    meta: Meta
    settings: Settings
    reasons: Reasons
    chosen: ir.Table
    unwindowed: ir.Table


def deals_behind(
    history: History,
    settings: Settings,
    selection: Selection,
    asked: Asked,
    *,
    seen: Mapping[str, str] | None = None,
    order: str = "-closed_at",
    offset: int = 0,
    limit: int = 25,
) -> Behind:
    """The deals behind a figure of ``selection``, those with the columns of ``seen`` only (what the asker may see).

    ``order``: one of ``ORDERS``, with a minus for descending. Raises ``UnknownFigure`` or ``UnknownField``.
    """
    rows = _opened(_known(history, settings, selection), asked)
    for column, value in (seen or {}).items():
        rows = rows.filter(rows[column] == value)
    total = int(first_row(rows.aggregate(n=rows.count()))["n"])
    by = order.removeprefix("-")
    column = rows[by if by in ORDERS else "closed_at"]
    sort = ibis.desc(column, nulls_first=False) if order.startswith("-") else ibis.asc(column, nulls_first=False)
    page = rows.order_by(sort, rows.deal).limit(limit, offset=offset).select("deal").to_pyarrow()
    return Behind(total, tuple(page["deal"].to_pylist()))


def _known(history: History, settings: Settings, selection: Selection) -> _Rows:
    made = facts.read(history, selection.as_of)
    reasons = Reasons.of(history.meta, settings)
    return _Rows(
        history,
        history.meta,
        settings,
        reasons,
        with_readings(selected(made, history.meta, selection), reasons),
        with_readings(filtered(made, history.meta, selection), reasons),
    )


def _opened(rows: _Rows, asked: Asked) -> ir.Table:
    ways: dict[str, Callable[[_Rows, Mapping[str, str]], ir.Table]] = {
        "outcome": _by_outcome,
        "lost": _by_reason,
        "left": _by_stage,
        "driver": _by_driver,
        "followed": _by_way,
    }
    if asked.key in ways:
        return ways[asked.key](rows, asked.by)
    if asked.key not in BY_KEY:
        raise UnknownFigure(f"there is no figure {asked.key!r}")
    start = rows.unwindowed if cohorts.QUARTER in asked.by else rows.chosen
    found = start.filter(BY_KEY[asked.key].of(start))
    return _grouped(_counted(found, rows, BY_KEY[asked.key].shape), rows, asked.by)


def _counted(found: ir.Table, rows: _Rows, shape: Shape) -> ir.Table:
    """Of a figure's deals those that have what it sums, averages or counts."""
    if isinstance(shape, Total | Mean) or (isinstance(shape, Median) and not shape.never):
        return found.filter(found[shape.column].notnull())
    if isinstance(shape, Apart) and shape.module == "winbacks":
        return found.semi_join(asked_again(rows.history), "deal")
    return found


def _grouped(found: ir.Table, rows: _Rows, by: Mapping[str, str]) -> ir.Table:
    named = groups.dimensions(rows.meta, rows.settings, found)
    for field, value in by.items():
        if field in (groups.QUARTER, cohorts.QUARTER):
            moment = found.closed_at if field == groups.QUARTER else found.opened_at
            span = first_row(found.aggregate(first=moment.min(), last=moment.max()))
            if span["first"] is None:
                return found.limit(0)
            found = found.filter(quarter(moment, rows.meta, (span["first"], span["last"])) == value)
        elif field in named:
            found = found.filter(level(found[named[field]]) == value)
        else:
            raise UnknownField(field, tuple(named))
    return found


def _by_outcome(rows: _Rows, by: Mapping[str, str]) -> ir.Table:
    return rows.chosen.filter(rows.chosen.outcome == by.get("outcome", ""))


def _by_reason(rows: _Rows, by: Mapping[str, str]) -> ir.Table:
    """The losses that sellers filed under a label; a buyer's reason opens none, since that would tell his answer."""
    lost = rows.chosen.filter(rows.chosen.is_lost)
    label = by.get("reason", "")
    if label == NOT_RECORDED:
        return lost.filter(lost.seller_reason.isnull())
    worded = [text for text, entry in rows.reasons.entries.items() if entry.label == label]
    return lost.filter(lost.seller_reason.isin([*worded, label]))


def _by_stage(rows: _Rows, by: Mapping[str, str]) -> ir.Table:
    return funnel.left_from(rows.chosen, known_stages(rows.history), by.get("stage", ""))


def _by_driver(rows: _Rows, by: Mapping[str, str]) -> ir.Table:
    """The closed deals that have what the driver names, cut into groups as the driver analysis cuts them."""
    leaking = leaks.find(rows.unwindowed, rows.history.table("field_changes"), rows.meta, rows.settings)
    population = closed_deals(rows.chosen)
    return _numbered(rows, _having(population, rows, leaks.left_out(leaking, rows.meta), by.get("name", "")))


def _by_way(rows: _Rows, by: Mapping[str, str]) -> ir.Table:
    """The closed deals that went one way at a step of the process."""
    found = deals_of_way(rows.history, by, rows.settings.smallest_group)
    if found is None:
        raise UnknownFigure("there is no such step of the process")
    return _numbered(rows, found)


def _numbered(rows: _Rows, deals: npt.NDArray[np.int64]) -> ir.Table:
    rows.history.con.con.register("numbered_deals", pa.table({"deal": deals}))
    return rows.chosen.semi_join(rows.history.con.table("numbered_deals"), "deal")


def _having(population: Population, rows: _Rows, left_out: frozenset[str], name: str) -> npt.NDArray[np.int64]:
    smallest = smallest_group(population.n)
    numbers = population.table["deal"].to_numpy()
    for factor in attributes(population, rows.meta, rows.settings, left_out, smallest).factors:
        for tested in factor.tested:
            if factor.label(tested) == name:
                return np.asarray(numbers[factor.codes == tested])
    for one in observe(population, rows.settings.controls, rows.settings.landmark_days, smallest)[0]:
        for tested in one.factor.tested:
            if one.factor.label(tested) == name:
                return np.asarray(numbers[(one.factor.codes == tested) & one.landmark.open(population)])
    raise UnknownFigure(f"there is no driver {name!r} among these deals")
