"""Typed values as the exchange format writes them."""

import json

import pyarrow as pa
import pyarrow.compute as pc

from notyet.analysis.tables import Column, Table
from notyet.exchange.parse_times import local_day
from notyet.exchange.parse_values import shortest


def as_texts(batch: pa.RecordBatch, table: Table, names: list[str], zone: str) -> pa.Table:
    """The rows as text columns ``names``: an exchange column, ``id``, or an attribute of the deals.

    Times are UTC and end in ``Z``; what came as a plain date is one again, in the workspace's time zone.
    """
    own = {column.name: column for column in table.columns}
    columns = {name: _text(batch, table, own[name], zone) for name in names if name in own}
    if "id" in names and "id" in batch.schema.names and table.name != "deals":
        columns["id"] = batch.column("id")
    wanted = [name for name in names if name not in columns]
    if wanted:
        held = [json.loads(text or "{}") for text in batch.column("attributes").to_pylist()]
        columns |= {name: pa.array([_plain(row.get(name)) for row in held], pa.string()) for name in wanted}
    return pa.table([columns[name] for name in names], names=names)


def _text(batch: pa.RecordBatch, table: Table, column: Column, zone: str) -> pa.StringArray:
    values = batch.column(column.name)
    match column.kind:
        case "time":
            bit = 1 << table.times.index(column.name)
            plain = pc.not_equal(
                pc.bit_wise_and(batch.column("plain_dates").cast(pa.int32()), pa.scalar(bit, pa.int32())), 0
            )
            return _times(values, plain.fill_null(False), zone)
        case "amount":
            return _trimmed(values.cast(pa.string()))
        case "number" | "share":
            return pa.array([None if value is None else shortest(value) for value in values.to_pylist()], pa.string())
        case "integer":
            return values.cast(pa.string())
        case "flag":
            return pc.if_else(values, "true", "false").cast(pa.string())
    return values


def _times(values: pa.TimestampArray, plain: pa.BooleanArray, zone: str) -> pa.StringArray:
    whole = pc.equal(pc.subsecond(values), 0)
    bare = values.cast(pa.timestamp("us"))
    seconds = pc.strftime(bare.cast(pa.timestamp("s"), safe=False), format="%Y-%m-%dT%H:%M:%SZ")
    texts = pc.if_else(whole, seconds, pc.strftime(bare, format="%Y-%m-%dT%H:%M:%SZ"))
    if not pc.any(plain).as_py():
        return texts
    # Python's own zones: Arrow knows no summer time after 2037.
    coded = values.cast(pa.int64()).dictionary_encode()
    days = [local_day(micros, zone).isoformat() for micros in coded.dictionary.to_pylist()]
    return pc.if_else(plain, pa.array(days, pa.string()).take(coded.indices), texts)


def _trimmed(texts: pa.StringArray) -> pa.StringArray:
    return pc.utf8_rtrim(pc.utf8_rtrim(texts, characters="0"), characters=".")


def _plain(value: object) -> str | None:
    return None if value is None or value == "" else value if isinstance(value, str) else json.dumps(value)
