"""A simulated history in the form that the analysis reads, without the way through an import."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from notyet.analysis.tables import ATTRIBUTE_PREFIX, DEALS, TABLES, Table, frozen_schema
from notyet.simulator.reasons import REASONS
from notyet.simulator.simulation import Simulation

SOURCE = "default"
_NO_FIELDS = ("deal_id", "outcome", "reopened_from")
_FREE_TEXT = ("account", "name")
_CHANGED = ("amount", "Probability")
_SERIAL = ("Invoice number",)


@dataclass(frozen=True)
class Frozen:
    """A frozen history in memory: a table for each name, and the object of ``history.json``."""

    tables: dict[str, pa.Table]
    meta: dict[str, Any]


def frozen_tables(simulation: Simulation) -> Frozen:
    """The history with numbered deals, values in the workspace's currency and typed attributes."""
    ids = simulation.tables["deals"]["deal_id"].combine_chunks()
    tables = {name: _frozen(TABLES[name], table, ids, simulation.rates) for name, table in simulation.tables.items()}
    return Frozen(tables, meta_of(simulation))


def meta_of(simulation: Simulation) -> dict[str, Any]:
    """The object of ``history.json``: workspace, currency, fields, stages, reasons."""
    paid = simulation.payments_from
    return {
        "version": 1,
        "workspace": simulation.company.name,
        "currency": simulation.company.currency,
        "timezone": simulation.company.timezone,
        "frozen_at": _iso(simulation.known_at.isoformat()),
        "revision": 1,
        "sources": [{"key": SOURCE, "payments_from": _iso(paid.isoformat()) if paid else None}],
        "fields": _fields(simulation.tables["deals"]),
        "stages": [
            {"label": label, "kind": kind, "position": place + 1}
            for place, (label, kind) in enumerate(simulation.stages)
        ],
        "reasons": [{"text": label, "label": label, "control": control} for label, control in REASONS],
    }


def _iso(moment: str) -> str:
    return moment.replace("+00:00", "Z")


def _frozen(table: Table, rows: pa.Table, ids: pa.Array, rates: dict[str, float]) -> pa.Table:
    schema = frozen_schema(table)
    known = {name: rows[name] for name in rows.column_names}
    known["plain_dates"] = pa.array(np.zeros(rows.num_rows, dtype=np.int32))
    if table.name == "deals":
        known["deal"] = pa.array(np.arange(rows.num_rows))
        known["data_source"] = pa.array([SOURCE]).take(pa.array(np.zeros(rows.num_rows, dtype=np.int64)))
        rate = pa.array([rates[code] for code in rates]).take(pc.index_in(rows["currency"], pa.array(list(rates))))
        known["value"] = pc.multiply(rows["amount"].cast(pa.float64()), rate)
    elif "deal" in schema.names:
        known["deal"] = pc.index_in(rows["deal_id"], ids).cast(pa.int64())
    arrays = [known[field.name].cast(field.type) for field in schema]
    names = list(schema.names)
    if table.name == "deals":
        for name in _attributes(rows):
            arrays.append(_typed(rows[name]))
            names.append(ATTRIBUTE_PREFIX + name)
    return pa.table(arrays, names=names)


def _attributes(deals: pa.Table) -> list[str]:
    return [name for name in deals.column_names if name not in DEALS.names]


def _typed(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return values.cast(pa.float64()) if pa.types.is_integer(values.type) else values


def _fields(deals: pa.Table) -> list[dict[str, Any]]:
    fields = []
    for column in DEALS.columns:
        if column.name in _NO_FIELDS:
            continue
        kind = {"time": "time", "amount": "number", "integer": "number"}.get(column.kind, "category")
        fields.append(_field(column.name, column.name, "text" if column.name in _FREE_TEXT else kind))
    for name in _attributes(deals):
        fields.append(_field(name, ATTRIBUTE_PREFIX + name, _kind(name, deals[name].type)))
    return fields


def _kind(name: str, kind: pa.DataType) -> str:
    if name in _SERIAL:
        return "text"
    return "flag" if pa.types.is_boolean(kind) else "number" if pa.types.is_integer(kind) else "category"


def _field(name: str, column: str, kind: str) -> dict[str, Any]:
    return {
        "name": name,
        "column": column,
        "source_column": name,
        "kind": kind,
        "person": name == "owner",
        "changes": name in _CHANGED,
    }
