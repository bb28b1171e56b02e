"""Where each table of the exchange format lies in the record, and how its values are written there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, models

from notyet.analysis.tables import TABLES, Column, Table
from notyet.deals.edit_models import EditedField, RemovedRow
from notyet.deals.models import Account, DataSource, Deal
from notyet.exchange.check import staged_schema
from notyet.history.freeze import typed
from notyet.history.record_tables import ROW_MODELS
from notyet.history.rows import text_batches

DEAL, ACCOUNT, SOURCE = (model._meta.db_table for model in (Deal, Account, DataSource))
EDITED, REMOVED = (model._meta.db_table for model in (EditedField, RemovedRow))
EDITED_SCHEMA = pa.schema(
    {"key": pa.int64(), "name": pa.string(), "pk": pa.int64(), "field": pa.string()}
    | {"source_value": pa.string(), "differs": pa.bool_(), "settled": pa.bool_()}
)
REMOVED_SCHEMA = pa.schema([("name", pa.string()), ("deal", pa.int64()), ("id", pa.string()), ("digest", pa.int64())])


def model_of(table: str) -> type[models.Model]:
    """The model that holds a table."""
    return Deal if table == "deals" else ROW_MODELS[table]


def db_table(table: str) -> str:
    """The name of the database's table."""
    return model_of(table)._meta.db_table


@dataclass(frozen=True)
class Written:
    """The database's columns of a table, and for each a DuckDB expression over a good row ``r``."""

    columns: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def select(self) -> str:
        """The expressions with their names, for a ``SELECT``."""
        return ", ".join(f'{value} AS "{column}"' for column, value in zip(self.columns, self.values, strict=True))


def written(table: Table, workspace: int, source: int) -> Written:
    """What a good row ``r`` (its deal's key ``k.pk``, its account's ``a.pk``) becomes in the database."""
    pairs: list[tuple[str, str]] = [("workspace_id", str(workspace))]
    if table.name in ("deals", "changes"):
        pairs.append(("data_source_id", str(source)))
    if table.name == "deals":
        pairs += [("account_id", "a.pk"), ("attributes", "r.attributes")]
    else:
        pairs += [("row_id", "coalesce(r.id, '')"), ("digest", "r.digest")]
    for column in table.columns:
        if column.name == "deal_id" and table.name != "deals":
            pairs.append(("deal_id", "k.pk"))
        elif not (table.name == "deals" and column.name == "account"):
            pairs.append((column.name, _expression(column)))
    pairs.append(("plain_dates", "r.plain_dates"))
    return Written(tuple(name for name, _ in pairs), tuple(value for _, value in pairs))


def _expression(column: Column) -> str:
    value, sqlite = f'r."{column.name}"', connection.vendor == "sqlite"
    if column.kind == "time":
        whole = f"strftime({value}, '%Y-%m-%d %H:%M:%S')"
        if not sqlite:
            return f"strftime({value}, '%Y-%m-%d %H:%M:%S.%f') || '+00'"
        return f"CASE WHEN epoch_us({value}) % 1000000 = 0 THEN {whole} ELSE {whole[:-2]}.%f') END"
    if column.kind == "amount":
        return f"rtrim(rtrim({value}::VARCHAR, '0'), '.')" if sqlite else value
    if column.kind == "flag":
        return f"{value}::INTEGER" if sqlite else value
    if column.kind in ("integer", "number", "share"):
        return value
    return f"coalesce({value}, '')"


def stored(table: Table, source: int, where: str = "", more: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
    """What the record holds of a source, typed as staged rows are, with its key ``pk`` and the deal's key ``deal``.

    ``where`` is a further condition on the row ``t``.
    """
    own = [column for column in table.columns if column.name not in ("deal_id", "account")]
    names = [column.name for column in own]
    sql = [_as_text(f"t.{column.name}", column.kind) for column in own]
    sql += [_as_text("t.id"), _as_text("t.plain_dates")]
    names += ["pk", "plain_dates"]
    origin, condition = db_table(table.name) + " t", "t.data_source_id = %s"
    if table.name == "deals":
        sql += [_as_text("t.deal_id"), _as_text("a.name"), _as_text("t.attributes")]
        names += ["deal_id", "account", "attributes"]
        origin += f" LEFT JOIN {ACCOUNT} a ON a.id = t.account_id"
    else:
        sql.append(_as_text("t.row_id"))
        names.append("id")
    if table.name not in ("deals", "changes"):
        sql += [_as_text("d.deal_id"), _as_text("t.deal_id")]
        names += ["deal_id", "deal"]
        origin, condition = f"{origin} JOIN {DEAL} d ON d.id = t.deal_id", "d.data_source_id = %s"
    schema = stored_schema(table, names)
    query = f"SELECT {', '.join(sql)} FROM {origin} WHERE {condition} {where} ORDER BY t.id"
    for batch in text_batches(query, names, [source, *more]):
        yield typed(batch, schema)


def stored_schema(table: Table, names: Sequence[str]) -> pa.Schema:
    """The types of stored columns, in the order of ``names``."""
    staged = staged_schema(table)
    kinds = {"pk": pa.int64(), "deal": pa.int64()}
    return pa.schema([(name, kinds.get(name) or staged.field(name).type) for name in names])


def held_schema(table: Table) -> pa.Schema:
    """The types of what ``stored`` gives of a row: what it says, its key, and its id or attributes."""
    return stored_schema(table, [*table.names, "pk", "plain_dates", "attributes" if table.name == "deals" else "id"])


def texts_of(table: str, columns: Sequence[str], source: int) -> Iterator[pa.RecordBatch]:
    """Some of the database's own columns of a source's rows, as texts (null where empty)."""
    origin, condition = f"{db_table(table)} t", "t.data_source_id = %s"
    if table not in ("deals", "changes"):
        origin, condition = f"{origin} JOIN {DEAL} d ON d.id = t.deal_id", "d.data_source_id = %s"
    selected = ", ".join(_as_text(f"t.{column}") for column in columns)
    yield from text_batches(f"SELECT {selected} FROM {origin} WHERE {condition}", columns, [source])


def texts_by_key(
    table: Table, columns: Sequence[str], keys: Sequence[int], *, hold: bool = False
) -> Iterator[pa.RecordBatch]:
    """``id`` and some of the database's own columns of the rows with these keys, in the order of keys, as texts.

    With ``hold`` nobody else writes these rows until the transaction ends; on SQLite nobody can anyway.
    """
    kinds = {column.name: column.kind for column in table.columns}
    selected = [_as_text(f"t.{name}", kinds.get(name, "text")) for name in columns]
    wanted = ", ".join(str(int(key)) for key in keys)
    sql = f"SELECT {_as_text('t.id')}, {', '.join(selected)} FROM {db_table(table.name)} t WHERE t.id IN ({wanted})"
    held = " FOR NO KEY UPDATE" if hold and connection.vendor == "postgresql" else ""
    yield from text_batches(f"{sql} ORDER BY t.id{held}", ["id", *columns], [])


def restored(table: Table, columns: Sequence[str], batch: pa.RecordBatch) -> pa.RecordBatch:
    """Rows of ``texts_by_key`` as ``bulk.update`` takes them: the key last."""
    kinds = {column.name: column.kind for column in table.columns}
    arrays = []
    for name in columns:
        array, kind = batch.column(name), kinds.get(name, "text")
        if kind in ("number", "share"):
            array = array.cast(pa.float64())
        elif kind == "time" and connection.vendor == "postgresql":
            array = pc.binary_join_element_wise(array, "+00", "")
        elif name != "account_id" and kind in ("text", "currency", "choice", "list"):
            # What the databases hold as an empty text came as null.
            array = array.fill_null("")
        arrays.append(array)
    return pa.RecordBatch.from_arrays([*arrays, batch.column("id")], names=[*columns, "id"])


def stored_keys(table: str, source: int) -> Iterator[pa.RecordBatch]:
    """``pk``, ``deal`` (its key), ``id`` and ``digest`` of a source's rows of another table than deals."""
    schema = pa.schema([("pk", pa.int64()), ("deal", pa.int64()), ("id", pa.string()), ("digest", pa.int64())])
    origin, condition, deal = f"{db_table(table)} t", "t.data_source_id = %s", "NULL"
    if table != "changes":
        origin, condition, deal = f"{origin} JOIN {DEAL} d ON d.id = t.deal_id", "d.data_source_id = %s", "t.deal_id"
    columns = ", ".join(_as_text(name) for name in ("t.id", deal, "t.row_id", "t.digest"))
    for batch in text_batches(f"SELECT {columns} FROM {origin} WHERE {condition}", schema.names, [source]):
        yield typed(batch, schema)


def edited_fields(source: int) -> Iterator[pa.RecordBatch]:
    """What people edited of a source's deals and their rows (``pk`` in the table ``name``), see ``EditedField``."""
    names = ("t.id", 't."table"', 't."row"', "t.field", "t.source_value", "t.differs", "t.settled")
    yield from _of_deals(EDITED, names, source, EDITED_SCHEMA)


def removed_rows(source: int) -> Iterator[pa.RecordBatch]:
    """The rows about a source's deals that people removed, see ``RemovedRow``."""
    yield from _of_deals(REMOVED, ('t."table"', "t.deal_id", "t.row_id", "t.digest"), source, REMOVED_SCHEMA)


def _of_deals(table: str, columns: Sequence[str], source: int, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    selected = ", ".join(_as_text(column) for column in columns)
    sql = f"SELECT {selected} FROM {table} t JOIN {DEAL} d ON d.id = t.deal_id WHERE d.data_source_id = %s"
    for batch in text_batches(sql, schema.names, [source]):
        yield typed(batch, schema)


def deal_keys(source: int) -> Iterator[pa.RecordBatch]:
    """``pk`` and ``deal_id`` of a source's deals."""
    schema = pa.schema([("pk", pa.int64()), ("deal_id", pa.string())])
    sql = f"SELECT {_as_text('t.id')}, t.deal_id FROM {DEAL} t WHERE t.data_source_id = %s"
    for batch in text_batches(sql, schema.names, [source]):
        yield typed(batch, schema)


def account_keys(workspace: int) -> Iterator[pa.RecordBatch]:
    """``pk`` and ``name`` of a workspace's accounts."""
    schema = pa.schema([("pk", pa.int64()), ("name", pa.string())])
    sql = f"SELECT {_as_text('t.id')}, t.name FROM {ACCOUNT} t WHERE t.workspace_id = %s"
    for batch in text_batches(sql, schema.names, [workspace]):
        yield typed(batch, schema)


def _as_text(column: str, kind: str = "text") -> str:
    if kind == "time" and connection.vendor == "postgresql":
        column = f"({column} AT TIME ZONE 'UTC')"
    if kind in ("number", "share") and connection.vendor == "sqlite":
        # SQLite's own cast keeps fifteen digits; a double has up to seventeen.
        return f"CASE WHEN {column} IS NOT NULL THEN printf('%!.17g', {column}) END"
    return f"NULLIF(CAST({column} AS TEXT), '')"


TABLE_ORDER = tuple(TABLES.values())
"""Deals first: everything else needs them."""
