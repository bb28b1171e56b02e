"""Writing the record out in the exchange format: what comes out goes in again unchanged."""

import json
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Literal

from django.db import connection, transaction

from notyet.analysis.tables import TABLES, Table
from notyet.deals.models import DataSource
from notyet.exchange import record
from notyet.exchange.errors import ExportFailed
from notyet.exchange.export_text import as_texts
from notyet.exchange.export_write import table_writer
from notyet.exchange.groups import DEFAULT
from notyet.exchange.intake import Progress
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.audit import note
from notyet.workspaces.scope import within

Format = Literal["csv", "parquet"]


def export_history(
    actor: Actor,
    path: Path,
    *,
    format: Format = "csv",  # noqa: A002 - the word that the command uses
    answers: bool = False,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Write the workspace's record to a folder, or to a zip where ``path`` ends so; returns rows by table.

    Each source has a folder by its key, but for ``default`` where it is the only one. ``answers``: also those answers
    of buyers that are not signed, which only an administrator may take out; without it they are left out. What
    ``path`` names appears whole or not at all. Raises ``ExportFailed``, ``Denied``.
    """
    actor.require(Permission.EXPORT)
    if answers:
        actor.require(Permission.EXPORT_ANSWERS)
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise ExportFailed(f"{path} is there already; choose a new name")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as scratch, within(actor.workspace):
            made = Path(scratch) / "export"
            with transaction.atomic():
                _one_moment()
                rows = _write_sources(actor, made, format, answers=answers, progress=progress)
                note(actor, "export", path.name, answers=answers, rows=rows)
            _put(made, path)
    except OSError as error:
        raise ExportFailed(f"{path} cannot be written: {error.strerror or error}") from error
    return rows


def _write_sources(
    actor: Actor, target: Path, form: Format, *, answers: bool, progress: Progress | None
) -> dict[str, int]:
    sources = list(DataSource.objects.filter(workspace=actor.workspace).order_by("pk"))
    rows = dict.fromkeys(TABLES, 0)
    target.mkdir()
    for source in sources:
        folder = target if [one.key for one in sources] == [DEFAULT] else target / source.key
        folder.mkdir(exist_ok=True)
        for name, table in TABLES.items():
            rows[name] += _write_table(table, source, folder, form, answers=answers, progress=progress)
    if not sources:
        table_writer(target, TABLES["deals"], list(TABLES["deals"].names), form).close()
    return rows


def _write_table(
    table: Table, source: DataSource, folder: Path, form: Format, *, answers: bool, progress: Progress | None
) -> int:
    """One table of one source. Without rows only the deals have a file."""
    where = "" if answers or table.name != "buyer_answers" else f"AND t.signed = {_true()}"
    zone = source.workspace.time_zone
    attributes = _attributes(source) if table.name == "deals" else []
    with_ids = table.name != "deals" and _any_id(table, source)
    names = [*(("id",) if with_ids else ()), *table.names, *attributes]
    written, writer = 0, None
    for batch in record.stored(table, source.pk, where):
        writer = writer or table_writer(folder, table, names, form)
        writer.write(as_texts(batch, table, names, zone))
        written += batch.num_rows
        if progress is not None:
            progress(written, None, f"writing {table.name.replace('_', ' ')}")
    if writer is None and table.name == "deals":
        writer = table_writer(folder, table, names, form)
    if writer is not None:
        writer.close()
    return written


def _attributes(source: DataSource) -> list[str]:
    """The names of all attributes that the source's deals have, in order."""
    found: set[str] = set()
    for batch in record.texts_of("deals", ["attributes"], source.pk):
        for text in batch.column("attributes").drop_null().to_pylist():
            found.update(json.loads(text))
    return sorted(found)


def _any_id(table: Table, source: DataSource) -> bool:
    return any(
        batch.column("row_id").null_count < batch.num_rows
        for batch in record.texts_of(table.name, ["row_id"], source.pk)
    )


def _put(made: Path, path: Path) -> None:
    """Move what was made to its place in one step."""
    if path.suffix.lower() == ".zip":
        packed = made.with_suffix(".zip")
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(made.rglob("*")):
                if file.is_file():
                    archive.write(file, file.relative_to(made).as_posix())
        packed.replace(path)
        return
    if path.exists():
        path.rmdir()
    shutil.move(made, path)


def _one_moment() -> None:
    """Read everything as it was at one moment; inside a caller's transaction that is the caller's."""
    if connection.vendor == "postgresql" and not connection.savepoint_ids:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _true() -> str:
    return "TRUE" if connection.vendor == "postgresql" else "1"
