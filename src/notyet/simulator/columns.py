"""Arrow columns from arrays of codes, seconds and numbers, and whole tables from columns."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from notyet.analysis.tables import ARROW_TYPES, TABLES
from notyet.simulator.shares import Flags, Floats, Ints


def text(labels: Sequence[str], codes: Ints, missing: Flags | None = None) -> pa.Array:
    """The label of each code; null where missing."""
    return pa.array(list(labels), pa.string()).take(pa.array(codes, mask=missing))


def times(moments: Ints, missing: Flags | None = None) -> pa.Array:
    """UTC timestamps of seconds since 1970; null where missing."""
    return pa.array(moments.astype("datetime64[s]").astype("datetime64[us]"), mask=missing).cast(ARROW_TYPES["time"])


def amounts(values: Floats, missing: Flags | None = None) -> pa.Array:
    """Decimals rounded to cents; null where missing."""
    return pa.array(np.round(values, 2), mask=missing).cast(ARROW_TYPES["amount"])


def numbers(values: Floats | Ints, missing: Flags | None = None) -> pa.Array:
    """Whole or floating numbers, as they are; null where missing."""
    return pa.array(values, mask=missing)


def flags(values: Flags, missing: Flags | None = None) -> pa.Array:
    """True and false; null where missing."""
    return pa.array(values, mask=missing)


def days(moments: Ints, missing: Flags | None = None) -> pa.Array:
    """Dates as text, ``2026-01-31``; null where missing."""
    return pa.array(moments // 86400, mask=missing).cast(pa.int32()).cast(pa.date32()).cast(pa.string())


def deal_ids(rows: Ints, missing: Flags | None = None) -> pa.Array:
    """The ``deal_id`` of row numbers, counted from ``D-000001``; null where missing."""
    digits = pc.utf8_lpad(pa.array(rows + 1, mask=missing).cast(pa.string()), 6, "0")
    return pc.binary_join_element_wise("D", digits, "-")


def table(name: str, columns: Mapping[str, pa.Array], attributes: Mapping[str, pa.Array] | None = None) -> pa.Table:
    """A table of the exchange format in the order of its definition, a source's own attributes after it.

    Columns that are not given are null. Raises ``ValueError`` for a column that the format does not know.
    """
    definition = TABLES[name]
    unknown = set(columns) - set(definition.names)
    if unknown:
        raise ValueError(f"{name} has no column {', '.join(sorted(unknown))}")
    rows = len(next(iter(columns.values())))
    arrays, names = [], []
    for column in definition.columns:
        kind = ARROW_TYPES[column.kind]
        given = columns.get(column.name)
        arrays.append(pa.nulls(rows, kind) if given is None else given.cast(kind))
        names.append(column.name)
    for attribute, values in (attributes or {}).items():
        arrays.append(values)
        names.append(attribute)
    return pa.table(arrays, names=names)
