"""Writing what was staged into the record: all of it, or nothing."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

import pyarrow as pa
from django.db.models import Min

from notyet.analysis.tables import TABLES, Table
from notyet.deals.models import DataSource, Deal
from notyet.debriefs.models import LossReason, ReasonWording
from notyet.exchange import bulk, record
from notyet.exchange.crosscheck import cross_check
from notyet.exchange.differences import find_deals, find_rows, read_record_deals
from notyet.exchange.edited import count_differing, differing, hear_rows, keep_edited_deals, read_edits, write_heard
from notyet.exchange.edited_meanwhile import edited_meanwhile
from notyet.exchange.intake import Progress
from notyet.exchange.journal import JournalWriter
from notyet.exchange.mapping import Mapping
from notyet.exchange.refusals import RefusalLog
from notyet.exchange.results import Kept, TableResult
from notyet.exchange.staging import Staging
from notyet.process.models import Stage
from notyet.workspaces.models import Workspace

MOST_TOUCHED = 5_000
PaymentsFrom = datetime | Literal["never"] | None


class Commit:
    """Brings one source's staged rows into a workspace's record. Runs inside a transaction of the caller."""

    def __init__(self, workspace: Workspace, staged: Staging, log: RefusalLog, progress: Progress) -> None:
        self._workspace, self._staged, self._log, self._progress = workspace, staged, log, progress

    def compare(self, source: DataSource | None) -> tuple[TableResult, ...]:
        """Find what is new and what is changed; refuse what cannot be placed. Writes nothing."""
        staged = self._staged
        key = source.pk if source else None
        self._progress(0, None, "comparing with the record")
        read_record_deals(staged, key)
        read_edits(staged, key)
        repeated = cross_check(staged, self._log)
        keep_edited_deals(staged, self._workspace.time_zone)
        find_deals(staged)
        for name in repeated:
            if name != "deals":
                find_rows(staged, TABLES[name], key)
                hear_rows(staged, TABLES[name], self._workspace.time_zone)
        return tuple(
            self._result(name, repeated.get(name)) for name in TABLES if name in repeated or self._log.rows.get(name)
        )

    def outcomes(self) -> dict[str, int]:
        """The accepted deals of these files by outcome."""
        rows = self._staged.rows_of("SELECT outcome, count(*) FROM good_deals GROUP BY outcome")
        found = dict(rows)
        return {
            outcome: int(found[outcome]) for outcome in TABLES["deals"].column("outcome").choices if outcome in found
        }

    def undated(self) -> int:
        """How many of the accepted deals are closed, nobody knows when."""
        return self._staged.count("good_deals WHERE outcome <> 'open' AND closed_at IS NULL")

    def kept(self) -> Iterator[Kept]:
        """What stands as people edited it here though the files say otherwise."""
        return differing(self._staged)

    def kept_count(self) -> tuple[int, int]:
        """How much that is, and how much more people settled before, so that it is not told again."""
        return count_differing(self._staged)

    def touched(self, source: DataSource, results: tuple[TableResult, ...]) -> list[int] | None:
        """The keys of the deals about which something was written; ``None`` where it was too much to list."""
        written = {result.table: result.added + result.updated for result in results}
        if sum(written.values()) > MOST_TOUCHED:
            return None
        about = []
        for name in (name for name, rows in written.items() if rows and name != "changes"):
            about += [f"SELECT deal_id FROM new_{name}", f"SELECT deal_id FROM changed_{name}"]
            if name != "deals":
                about.append(f"SELECT deal_id FROM record_{name} SEMI JOIN changed_{name} USING (pk)")
        if not about:
            return []
        self._read_deal_keys(source)
        found = f"SELECT pk FROM deal_keys SEMI JOIN ({' UNION '.join(about)}) USING (deal_id)"
        return [key for (key,) in self._staged.rows_of(found)]

    def write(
        self, source: DataSource, results: tuple[TableResult, ...], journal: JournalWriter
    ) -> tuple[TableResult, ...]:
        """Insert what is new, update what is changed, and keep in the journal what that takes to undo.

        What people edited since ``compare`` stands too: what was written after all is said in the results.
        """
        with ExitStack() as holding:
            for result in results:
                if result.updated:
                    columns = record.written(TABLES[result.table], self._workspace.pk, source.pk).columns
                    holding.enter_context(journal.changing(TABLES[result.table], columns, self._staged))
            compared = [result.table for result in results if result.accepted]
            if edited_meanwhile(self._staged, compared, source.pk, self._workspace.time_zone):
                results = tuple(self._recounted(result) for result in results)
            for result in results:
                self._write_table(TABLES[result.table], source, result, journal)
        write_heard(self._staged, journal)
        return results

    def _result(self, name: str, repeated: int | None) -> TableResult:
        refused = self._log.rows.get(name, 0)
        if repeated is None:
            return TableResult(name, refused=refused)
        count = self._staged.count
        added, updated = count(f"new_{name}"), count(f"changed_{name}")
        unchanged = count(f"good_{name}") - added - updated
        return TableResult(name, added, updated, unchanged, refused, repeated)

    def _recounted(self, result: TableResult) -> TableResult:
        updated = self._staged.count(f"changed_{result.table}") if result.updated else 0
        return replace(result, updated=updated, unchanged=result.unchanged + result.updated - updated)

    def _write_table(self, table: Table, source: DataSource, result: TableResult, journal: JournalWriter) -> None:
        if not result.added + result.updated:
            return
        if table.name == "deals":
            with journal.adding(record.ACCOUNT):
                self._add_accounts()
        elif table.name != "changes":
            self._read_deal_keys(source)
        written = record.written(table, self._workspace.pk, source.pk)
        joins, order = "", "r.file, r.line"
        if table.name == "deals":
            joins = "LEFT JOIN accounts a ON a.name = r.account"
        elif table.name != "changes":
            joins, order = "JOIN deal_keys k ON k.deal_id = r.deal_id", "k.pk, r.file, r.line"
        target, what = record.db_table(table.name), table.name.replace("_", " ")

        def say(done: int) -> None:
            self._progress(done, result.added or result.updated, f"writing {what}")

        if result.added:
            sql = f"SELECT {written.select} FROM new_{table.name} r {joins} ORDER BY {order}"
            with journal.adding(target):
                bulk.insert(target, written.columns, self._staged.batches(sql, bulk.BATCH), say)
        if result.updated:
            sql = f"SELECT {written.select}, r.pk AS id FROM changed_{table.name} r {joins} ORDER BY r.pk"
            bulk.update(target, written.columns, self._staged.batches(sql, bulk.BATCH), say)

    def _add_accounts(self) -> None:
        db = self._staged.db
        self._load("accounts", record.account_keys(self._workspace.pk), "pk BIGINT, name VARCHAR")
        wanted = "SELECT account AS name FROM new_deals UNION SELECT account FROM changed_deals"
        missing = f"FROM ({wanted}) ANTI JOIN accounts USING (name) WHERE name IS NOT NULL"
        sql = f"SELECT {self._workspace.pk} AS workspace_id, name {missing} ORDER BY name"
        if bulk.insert(
            record.ACCOUNT, ("workspace_id", "name"), self._staged.batches(sql, bulk.BATCH), lambda done: None
        ):
            db.execute("DROP TABLE accounts")
            self._load("accounts", record.account_keys(self._workspace.pk), "pk BIGINT, name VARCHAR")

    def _read_deal_keys(self, source: DataSource) -> None:
        known = self._staged.count("information_schema.tables WHERE table_name = 'deal_keys'")
        if not known:
            self._load("deal_keys", record.deal_keys(source.pk), "pk BIGINT, deal_id VARCHAR")

    def _load(self, name: str, batches: Iterator[pa.RecordBatch], columns: str) -> None:
        db = self._staged.db
        db.execute(f"CREATE TABLE {name} ({columns})")
        for batch in batches:
            db.register("incoming_keys", pa.Table.from_batches([batch]))
            db.execute(f"INSERT INTO {name} FROM incoming_keys")
            db.unregister("incoming_keys")


def settle_source(source: DataSource, mapping: Mapping, payments_from: PaymentsFrom, zone: str) -> None:
    """What the source knows of payments, and what it calls its columns."""
    wish: PaymentsFrom = payments_from
    if wish is None and mapping.payments_from is not None:
        day = mapping.payments_from
        wish = "never" if day == "never" else datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    if wish is not None:
        source.payments_from, source.payments_set = (None if wish == "never" else wish), True
    elif not source.payments_set:
        source.payments_from = Deal.objects.filter(data_source=source).aggregate(first=Min("paid_at"))["first"]
    source.columns = {**source.columns, **mapping.source_columns()}
    source.save(update_fields=["payments_from", "payments_set", "columns"])


def settle_names(workspace: Workspace, mapping: Mapping) -> None:
    """The reasons and stages that the mapping names, into the workspace's own tables."""
    for text, reason in mapping.reasons.items():
        label, _ = LossReason.objects.get_or_create(
            workspace=workspace, label=reason.label, defaults={"control": reason.control}
        )
        ReasonWording.objects.update_or_create(workspace=workspace, text=text[:500], defaults={"reason": label})
    for name, stage in mapping.stages.items():
        Stage.objects.update_or_create(
            workspace=workspace, label=name[:300], defaults={"kind": stage.kind, "position": stage.position}
        )
