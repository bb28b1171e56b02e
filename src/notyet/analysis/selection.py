"""Which deals a report is about: a window of close dates, filters on fields, a moment to look from."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import and_, or_

import ibis
import ibis.expr.types as ir

from notyet.analysis.meta import Meta
from notyet.analysis.moments import epoch_us, microseconds

NOT_RECORDED = "(not recorded)"
"""How a missing value is shown and asked for; the words ``None`` and ``NA`` are values like any other."""

FILTERS = ("outcome", "data_source", "seller_reason", "last_stage", "process_version", "currency")
"""Columns of the facts that can be asked for beside the history's fields."""


class UnknownField(ValueError):
    """A filter names a field that there is not, or one that names people; ``known`` lists those there are."""

    def __init__(self, field: str, known: tuple[str, ...], *, person: bool = False) -> None:
        """``person``: the field is there, but its values are people."""
        self.field, self.known, self.person = field, known, person
        why = f"{field!r} names people, and no figure is made of them" if person else f"there is no field {field!r}"
        super().__init__(f"{why}; there are: {', '.join(known)}")


@dataclass(frozen=True)
class Selection:
    """Deals that closed between ``since`` and ``until`` (inclusive days of the workspace's time zone), filtered.

    ``where`` holds fields with the values that are let in: all fields must match, any value of each. A field is
    called by its name, its column, or its header in the source. With ``as_of`` everything is as known at that moment.
    Deals without a close date are in only where there is no window; open deals are in whatever the window.
    """

    since: date | None = None
    until: date | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    as_of: datetime | None = None

    @property
    def windowed(self) -> bool:
        """Whether there is a window."""
        return self.since is not None or self.until is not None


def askable(meta: Meta, facts: ir.Table) -> dict[str, str]:
    """The fields that can be filtered on: every name they go by, and the column of the facts that each stands for."""
    people = {field.column for field in meta.fields if field.person} | {"owner"}
    named = {name: name for name in FILTERS if name in facts.columns}
    for field in meta.fields:
        if field.column in facts.columns and field.column not in people:
            for name in (field.source_column, field.column, field.name):
                named[name] = field.column
    return named


def filtered(facts: ir.Table, meta: Meta, selection: Selection) -> ir.Table:
    """The facts that pass the selection's filters, whatever its window. Raises ``UnknownField``."""
    conditions = [_matches(facts, meta, field, values) for field, values in selection.where]
    return facts.filter(*conditions) if conditions else facts


def selected(facts: ir.Table, meta: Meta, selection: Selection) -> ir.Table:
    """The facts of the selection: filtered, and closed in its window. Raises ``UnknownField``."""
    rows = filtered(facts, meta, selection)
    if not selection.windowed:
        return rows
    return rows.filter((rows.outcome == "open") | _in_window(rows, meta, selection))


def level(column: ir.Value) -> ir.Value:
    """A column's levels as text: flags as ``true`` and ``false``, missing values as ``NOT_RECORDED``."""
    return column.cast("string").fill_null(NOT_RECORDED)


def _in_window(rows: ir.Table, meta: Meta, selection: Selection) -> ir.Value:
    closed, inside = epoch_us(rows.closed_at), [rows.closed_at.notnull()]
    if selection.since is not None:
        inside.append(closed >= midnight(selection.since, meta))
    if selection.until is not None:
        inside.append(closed < midnight(selection.until + timedelta(days=1), meta))
    return reduce(and_, inside)


def midnight(day: date, meta: Meta) -> int:
    """The microsecond at which a day begins in the workspace's time zone."""
    return microseconds(datetime.combine(day, time(), tzinfo=meta.zone))


def _matches(facts: ir.Table, meta: Meta, field: str, values: tuple[str, ...]) -> ir.Value:
    named = askable(meta, facts)
    if field not in named:
        known = meta.field(field)
        person = field == "owner" or (known is not None and known.person)
        raise UnknownField(field, tuple(sorted(set(named))), person=person)
    column = facts[named[field]]
    if column.type().is_timestamp():
        return reduce(or_, (_on_day(column, value, meta) for value in values), ibis.literal(False))
    if column.type().is_numeric():
        return reduce(or_, (_is_number(column, value) for value in values), ibis.literal(False))
    wanted = [value.lower() for value in values] if column.type().is_boolean() else list(values)
    return level(column).isin(wanted)


def _is_number(column: ir.Value, value: str) -> ir.Value:
    if value == NOT_RECORDED:
        return column.isnull()
    try:
        return (column == float(value)).fill_null(False)
    except ValueError:
        return ibis.literal(False)


def _on_day(column: ir.Value, value: str, meta: Meta) -> ir.Value:
    if value == NOT_RECORDED:
        return column.isnull()
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return ibis.literal(False)
    begins, ends = midnight(day, meta), midnight(day + timedelta(days=1), meta)
    return epoch_us(column).between(begins, ends - 1).fill_null(False)
