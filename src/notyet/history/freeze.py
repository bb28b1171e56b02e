"""The record frozen into Parquet: every table, the facts, and what the history says of itself."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db import connection, models, transaction

from notyet.analysis import facts
from notyet.analysis.tables import DEALS, TABLES, Table, frozen_schema
from notyet.core.clock import now
from notyet.core.money import Rate
from notyet.deals.models import Account, DataSource, Deal
from notyet.history import store
from notyet.history.attributes import write_deals
from notyet.history.meta import describe
from notyet.history.names import KeptNames
from notyet.history.record_tables import ROW_MODELS
from notyet.history.rows import text_batches
from notyet.workspaces.models import CurrencyRate, Workspace
from notyet.workspaces.scope import within

Progress = Callable[[str], None]


def freeze(workspace: Workspace, progress: Progress | None = None) -> Path:
    """Freeze a workspace's record; returns the folder that readers now see.

    The tables are read in one transaction, so that they belong together. A failure leaves
    the previous history as it was.
    """
    say = progress or (lambda label: None)
    with within(workspace), store.replacing(workspace) as folder:
        alone = not connection.in_atomic_block
        with transaction.atomic():
            if alone:
                _one_moment()
            workspace.refresh_from_db()
            kept = KeptNames.read()
            for name, table in TABLES.items():
                say(f"freezing {name.replace('_', ' ')}")
                _write_table(workspace, table, folder, kept)
            say("describing the fields")
            meta = describe(workspace, folder, frozen_at=now())
        meta.save(folder)
        say("working out each deal's facts")
        facts.write(folder)
    return folder


def refresh(workspace: Workspace, progress: Progress | None = None) -> Path:
    """The current history, frozen again only when the record has changed since."""
    workspace.refresh_from_db()
    held = store.current(workspace)
    if held is not None and store.is_current(held, workspace):
        return held
    return freeze(workspace, progress)


def write_deals_of(workspace: Workspace, folder: Path) -> None:
    """Write ``deals.parquet`` alone, as a freeze would, for the workspace in scope."""
    _write_deals(workspace, folder, KeptNames.read())


def _one_moment() -> None:
    """Let every table be read as of the same moment; a SQLite transaction does so anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _write_table(workspace: Workspace, table: Table, folder: Path, kept: KeptNames) -> None:
    if table.name == "deals":
        _write_deals(workspace, folder, kept)
        return
    model = ROW_MODELS[table.name]
    names = [field.name for field in frozen_schema(table)]
    columns = ["deal_id" if name == "deal" else name for name in names]
    sql = f"SELECT {_selected(model, columns)} FROM {model._meta.db_table} WHERE workspace_id = %s"
    schema = frozen_schema(table)
    with pq.ParquetWriter(folder / f"{table.name}.parquet", schema, compression="zstd", compression_level=1) as writer:
        for batch in text_batches(sql, names, [workspace.pk]):
            writer.write_batch(typed(kept.applied(table.name, batch), schema))


def _write_deals(workspace: Workspace, folder: Path, kept: KeptNames) -> None:
    deal, account, source = (one._meta.db_table for one in (Deal, Account, DataSource))
    own = [name for name in DEALS.names if name != "account"]
    names = ["deal", "data_source", "account", *own, "attributes", "plain_dates"]
    sql = (
        f"SELECT {_text('d.id')}, s.key, a.name, {_selected(Deal, [*own, 'attributes', 'plain_dates'], 'd.')} "
        f"FROM {deal} d JOIN {source} s ON s.id = d.data_source_id LEFT JOIN {account} a ON a.id = d.account_id "
        "WHERE d.workspace_id = %s ORDER BY d.id"
    )
    rates = [Rate(*row) for row in CurrencyRate.objects.values_list("currency", "day", "rate")]
    batches = (kept.applied("deals", batch) for batch in text_batches(sql, names, [workspace.pk]))
    write_deals(batches, folder, currency=workspace.currency, rates=rates)


def _selected(model: type[models.Model], columns: list[str], prefix: str = "") -> str:
    return ", ".join(_text(prefix + name, _is_time(model, name)) for name in columns)


def _is_time(model: type[models.Model], name: str) -> bool:
    if name == "deal_id":
        return False
    return isinstance(model._meta.get_field(name), models.DateTimeField)


def _text(column: str, is_time: bool = False) -> str:
    if is_time:
        utc = f"({column} AT TIME ZONE 'UTC')::text" if connection.vendor == "postgresql" else column
        return f"NULLIF({utc}, '')"
    return f"NULLIF(CAST({column} AS TEXT), '')"


_TRUE = pa.array(["1", "t", "true"])


def typed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """A batch of texts as the schema's types; times are read as UTC."""
    columns = []
    for field in schema:
        column = batch.column(field.name)
        if pa.types.is_timestamp(field.type):
            column = column.cast(pa.timestamp("us")).cast(field.type)
        elif pa.types.is_boolean(field.type):
            column = pc.if_else(pc.is_null(column), None, pc.is_in(column, value_set=_TRUE))
        elif field.type != pa.string():
            column = column.cast(field.type)
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, schema=schema)
