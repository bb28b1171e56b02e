"""Taking a whole import back: what it added goes, what it changed becomes what it was; all of it, or nothing."""

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import DatabaseError, connection, models, transaction

from notyet.analysis.tables import TABLES, Table
from notyet.core.clock import now
from notyet.deals.edit_models import ChangedDeal
from notyet.deals.models import Account, DataSource, Deal
from notyet.deals.touching import touch
from notyet.debriefs.models import LossReason, ReasonWording
from notyet.exchange import bulk, journal, record
from notyet.exchange.edited_since import same, with_edits
from notyet.exchange.errors import UndoRefused
from notyet.exchange.files import KEEP_JOURNAL_DAYS, KEEP_JOURNALS, folder_of
from notyet.exchange.intake import Progress
from notyet.exchange.journal import SourceJournal
from notyet.exchange.models import Import, ImportState, Step
from notyet.exchange.recorded import STOPPED
from notyet.history.record_tables import ROW_MODELS
from notyet.process.models import Stage
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.audit import note
from notyet.workspaces.models import Workspace
from notyet.workspaces.scope import within

GONE = (
    f"what it changed is kept for {KEEP_JOURNAL_DAYS} days and for the last {KEEP_JOURNALS} imports, "
    "and is no longer there"
)
_FOLLOW_THE_RECORD = {"today", "notices", "pipeline"}
"""Rooms whose rows about a deal are worked out from it: they go with it."""


def undo_import(actor: Actor, run: Import, *, progress: Progress | None = None) -> None:
    """Restore the record to what it was before ``run``.

    Raises ``UndoRefused`` where something has come to depend on it (a later import, work done here), where it
    is not done, or where what undoing takes is gone; ``Denied`` where the actor may not.
    """
    actor.require(Permission.IMPORT)
    say = progress or (lambda done, total, label: None)
    was = run.state
    if was != ImportState.DONE and (was, run.step) != (ImportState.RUNNING, Step.UNDO):
        raise UndoRefused("it is not in the record")
    try:
        with within(actor.workspace), transaction.atomic():
            parts = [SourceJournal(**part) for part in run.journal.get("sources", ())]
            # Whoever imports into one of these sources holds the same lock.
            list(DataSource.objects.select_for_update().filter(pk__in=[part.source for part in parts]))
            _refuse_out_of_order(run, parts)
            for part in reversed(parts):
                _take_back(part, folder_of(run) / "journal", say)
            was_currency, became = run.journal.get("currency", ("", ""))
            if was_currency != became:
                Workspace.objects.filter(pk=run.workspace_id, currency=became).update(currency=was_currency)
                actor.workspace.refresh_from_db(fields=["currency"])
            values = {"state": ImportState.UNDONE, "undone_at": now(), "undone_by": actor.name, "error": ""}
            if not Import.objects.filter(pk=run.pk, state=was, attempt=run.attempt).update(**values):
                raise UndoRefused(STOPPED)
            note(actor, "undo import", str(run.pk))
            touch(actor.workspace, None)
    except DatabaseError as error:
        raise UndoRefused(f"the database cannot be written: {str(error).strip()}") from error
    shutil.rmtree(folder_of(run) / "journal", ignore_errors=True)
    run.refresh_from_db()


def why_not(run: Import) -> str:
    """Why a finished import cannot be undone as things are, as a sentence; empty where nothing is known against it."""
    try:
        _refuse_out_of_order(run, [SourceJournal(**part) for part in run.journal.get("sources", ())])
    except UndoRefused as error:
        return str(error)
    return ""


def _refuse_out_of_order(run: Import, parts: list[SourceJournal]) -> None:
    mine = {part.source for part in parts}
    for later in Import.objects.filter(finished_at__isnull=False, revision__gt=run.revision or 0).order_by("-revision"):
        theirs = {part["source"] for part in later.journal.get("sources", ())}
        standing = later.state not in (ImportState.UNDONE, ImportState.FAILED)
        if standing and mine & theirs and later.summary.get("changed"):
            day = f"{later.finished_at:%Y-%m-%d}"
            raise UndoRefused(f"import {later.pk} of {day} came later and builds on this one; undo that one first")
    for part in parts:
        for table in part.changed:
            for moment in ("before", "after"):
                if not part.file(folder_of(run) / "journal", table, moment).exists():
                    raise UndoRefused(GONE)


def _take_back(part: SourceJournal, folder: Path, say: Progress) -> None:
    source = DataSource.objects.filter(pk=part.source).first()
    if source is None:
        raise UndoRefused("the source that it brought in is no longer there")
    _refuse_if_depended_on(part)
    for name in part.changed:
        _restore(part, folder, name, say)
    for name in [*(name for name in TABLES if name != "deals"), "deals"]:
        if record.db_table(name) in part.added:
            say(0, None, f"taking back {name.replace('_', ' ')}")
            _delete(record.db_table(name), own_rows(part, name))
    _forget_accounts(part)
    _restore_heard(part, folder)
    _restore_names(part)
    _restore_source(part, source)


def own_rows(part: SourceJournal, name: str) -> str:
    """A condition on the rows that the import added to a table.

    Keys alone are not enough: on PostgreSQL others may write at the same time. But rows that people make
    have no digest, and no two imports write into one source at the same time.
    """
    above, top = part.added[record.db_table(name)]
    among = f"id > {above} AND id <= {top}"
    if name == "deals":
        return f"{among} AND data_source_id = {part.source}"
    if name == "changes":
        return f"{among} AND data_source_id = {part.source} AND digest <> 0"
    return f"{among} AND digest <> 0 AND deal_id IN (SELECT id FROM {record.DEAL} WHERE data_source_id = {part.source})"


def _refuse_if_depended_on(part: SourceJournal) -> None:
    """Rows that would go must not take with them what did not come with them."""
    for name in TABLES:
        if record.db_table(name) in part.added:
            rows = f"SELECT id FROM {record.db_table(name)} WHERE {own_rows(part, name)}"
            if name != "deals" and (
                edited := _count(f'{record.EDITED} WHERE "table" = \'{name}\' AND "row" IN ({rows})')
            ):
                raise UndoRefused(f"{edited:,} of the {name.replace('_', ' ')} that it added were edited since")
            _refuse_if_related(part, record.model_of(name), rows)


def _refuse_if_related(part: SourceJournal, model: type[models.Model], rows: str) -> None:
    tables = {model._meta.db_table: name for name, model in ROW_MODELS.items()}
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ForeignObjectRel):
            continue
        other: type[models.Model] = relation.related_model
        table, column = other._meta.db_table, relation.field.column
        if other is ChangedDeal or other._meta.app_label in _FOLLOW_THE_RECORD:
            about = other._default_manager.extra(where=[f"{table}.{column} IN ({rows})"])  # noqa: S610 - keys and names of ours
            about.delete()
            continue
        mine = f"AND NOT ({own_rows(part, tables[table])})" if table in tables and table in part.added else ""
        if found := _count(f"{table} WHERE {column} IN ({rows}) {mine}"):
            what = other._meta.verbose_name_plural
            raise UndoRefused(f"{found:,} {what} were added to its deals since; they would be lost")


def _restore(part: SourceJournal, folder: Path, name: str, say: Progress) -> None:
    table, done = TABLES[name], 0
    before, after = (pq.ParquetFile(part.file(folder, name, moment)) for moment in ("before", "after"))
    columns = before.schema_arrow.names[1:]
    with before, after:
        pairs = zip(before.iter_batches(journal.CHUNK), after.iter_batches(journal.CHUNK), strict=True)
        for was, became in pairs:
            rows = record.restored(table, columns, _as_it_was(table, columns, was, became))
            done += bulk.update(record.db_table(name), columns, [rows], lambda count: None)
            say(done, part.changed[name], f"restoring {name.replace('_', ' ')}")


def _as_it_was(table: Table, columns: list[str], was: pa.RecordBatch, became: pa.RecordBatch) -> pa.RecordBatch:
    """The rows as they were before the import, but for fields that were edited since."""
    held = journal.rows_by_key(table, columns, [int(key) for key in became.column(0).to_pylist()])
    if held.combine_chunks().to_batches() == [became] or held.to_pylist() == became.to_pylist():
        return was
    was, became = with_edits(table, held, was, became)
    if not same(held, became):
        raise UndoRefused(f"some of the {table.name.replace('_', ' ')} that it changed were changed again since")
    return was


def _restore_heard(part: SourceJournal, folder: Path) -> None:
    """What the source had said of edited fields before."""
    path = part.edits_file(folder)
    if part.edits and not path.exists():
        raise UndoRefused(GONE)
    if part.edits:
        with pq.ParquetFile(path) as before:
            columns = before.schema_arrow.names[:-1]  # the key is the last
            bulk.update(record.EDITED, columns, before.iter_batches(bulk.BATCH), lambda done: None)


def _forget_accounts(part: SourceJournal) -> None:
    if record.ACCOUNT in part.added:
        above, top = part.added[record.ACCOUNT]
        workspace = DataSource.objects.values_list("workspace_id", flat=True).get(pk=part.source)
        used = f"SELECT account_id FROM {record.DEAL} WHERE workspace_id = {workspace} AND account_id IS NOT NULL"
        others = "".join(
            f" AND id NOT IN (SELECT {relation.field.column} FROM {relation.related_model._meta.db_table}"
            f" WHERE {relation.field.column} IS NOT NULL)"
            for relation in Account._meta.related_objects
            if relation.related_model is not Deal and not isinstance(relation.related_model, str)
        )
        own = f"id > {above} AND id <= {top} AND workspace_id = {workspace}"
        _delete(record.ACCOUNT, f"{own} AND id NOT IN ({used}){others}")


def _restore_names(part: SourceJournal) -> None:
    """Reasons, wordings and stages that nobody has touched since become what they were."""
    for kind, key, before, after in part.names:
        if kind == "stage":
            found = Stage.objects.filter(label=key, **after)
            found.delete() if before is None else found.update(**before)
        elif kind == "wording":
            wordings = ReasonWording.objects.filter(text=key, reason_id=after["reason"])
            wordings.delete() if before is None else wordings.update(reason_id=before["reason"])
    for kind, _, before, after in part.names:
        if kind == "reason" and before is None:
            LossReason.objects.filter(pk=after, wordings__isnull=True).delete()


def _restore_source(part: SourceJournal, source: DataSource) -> None:
    if part.made and not Deal.objects.filter(data_source=source).exists():
        source.delete()
        return
    held: dict[str, Any] = {name: getattr(source, name) for name in part.was}
    if held.get("payments_from"):
        held["payments_from"] = held["payments_from"].isoformat()
    for name, was in part.was.items():
        if held[name] == part.became.get(name):
            value = datetime.fromisoformat(was) if name == "payments_from" and was else was
            setattr(source, name, value)
    source.save(update_fields=list(part.was))


def _delete(table: str, condition: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {condition}")


def _count(what: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {what}")
        row = cursor.fetchone()
    return int(row[0]) if row else 0
