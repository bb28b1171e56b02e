"""What an import adds and changes, written down while it does so, so that it can be taken back."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection

from notyet.analysis.tables import Table
from notyet.deals.models import DataSource
from notyet.debriefs.models import LossReason, ReasonWording
from notyet.exchange import record
from notyet.exchange.mapping import Mapping
from notyet.exchange.staging import Staging
from notyet.process.models import Stage
from notyet.workspaces.models import Workspace

CHUNK = 5_000
EDIT_COLUMNS = ("source_value", "differs", "settled")
_SETTLED = ("payments_from", "payments_set", "columns")


@dataclass
class SourceJournal:
    """One source's part: keys of added rows as ranges ``[above, up to]`` by table, tables with changed rows.

    ``was`` and ``became`` are what the source knew of payments and columns; ``names`` what became of reasons,
    their wordings and stages: ``[kind, key or name, before or None, after]``. ``edits`` counts the fields edited by
    people of which the source says something else than before.
    """

    source: int
    number: int
    made: bool
    added: dict[str, list[int]] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    was: dict[str, Any] = field(default_factory=dict)
    became: dict[str, Any] = field(default_factory=dict)
    names: list[list[Any]] = field(default_factory=list)
    edits: int = 0

    def file(self, folder: Path, table: str, moment: str) -> Path:
        """Where the rows that were changed are kept as they were (``before``) or became (``after``)."""
        return folder / f"{self.number}-{table}-{moment}.parquet"

    def edits_file(self, folder: Path) -> Path:
        """Where it is kept what the source had said of edited fields before."""
        return folder / f"{self.number}-edits.parquet"


class JournalWriter:
    """Writes one source's part into ``folder`` while its rows are written, within the same transaction.

    The files are on the disk before the transaction is committed. What a crash leaves behind belongs to no import.
    """

    def __init__(self, folder: Path, number: int, source: DataSource, made: bool) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.part = SourceJournal(source.pk, number, made, was=_settled(source))

    @contextmanager
    def adding(self, table: str) -> Iterator[None]:
        """Note the keys of the rows that the block inserts into a table of the database.

        Nobody else's rows are in that range that would be taken for the import's: see ``undo.own_rows``.
        """
        before = _highest(table)
        yield
        after = _highest(table)
        if after > before:
            above = self.part.added.get(table, [before])[0]
            self.part.added[table] = [above, after]

    @contextmanager
    def changing(self, table: Table, columns: Sequence[str], staged: Staging) -> Iterator[None]:
        """Keep the rows of ``changed_<table>`` as they are before the block and as they are after it.

        They are held until the transaction ends; ``held_<table>`` has their keys, whatever becomes of the view.
        """
        staged.db.execute(f"CREATE TABLE held_{table.name} AS SELECT pk FROM changed_{table.name}")
        self._keep(table, columns, staged, "before")
        yield
        self.part.changed[table.name] = self._keep(table, columns, staged, "after")

    def keep_edits(self, before: Iterable[pa.RecordBatch]) -> int:
        """Keep what was known of the source's word on edited fields: ``EDIT_COLUMNS`` and their key ``id``."""
        writer = None
        for batch in before:
            if writer is None:
                writer = pq.ParquetWriter(self.part.edits_file(self.folder), batch.schema)
            writer.write_batch(batch)
            self.part.edits += batch.num_rows
        if writer is not None:
            writer.close()
        return self.part.edits

    def _keep(self, table: Table, columns: Sequence[str], staged: Staging, moment: str) -> int:
        keys = f"SELECT pk FROM held_{table.name} ORDER BY pk"
        path = self.part.file(self.folder, table.name, moment)
        schema = pa.schema([(name, pa.string()) for name in ("id", *columns)])
        rows = 0
        with path.open("wb") as out:
            with pq.ParquetWriter(out, schema, compression="zstd", compression_level=1) as writer:
                for batch in staged.batches(keys, CHUNK):
                    found = rows_by_key(table, columns, batch.column(0).to_pylist(), hold=moment == "before")
                    writer.write_table(found)
                    rows += found.num_rows
            out.flush()
            os.fsync(out.fileno())
        return rows

    @contextmanager
    def settling(self, source: DataSource, workspace: Workspace, mapping: Mapping) -> Iterator[None]:
        """Note what the block makes of the source, and of the names that the mapping knows."""
        names = _names(workspace, mapping)
        yield
        self.part.became = _settled(source)
        self.part.names = [
            [kind, key, before, after]
            for (kind, key), after in _names(workspace, mapping).items()
            if (before := names.get((kind, key))) != after
        ]

    def as_json(self) -> dict[str, Any]:
        """The part as it is kept with the import."""
        return asdict(self.part)


def rows_by_key(table: Table, columns: Sequence[str], keys: Sequence[int], *, hold: bool = False) -> pa.Table:
    """Rows of the record by their keys, in the order of keys: ``id`` and the database's columns, as texts.

    ``hold``: see ``record.texts_by_key``.
    """
    names = ["id", *columns]
    schema = pa.schema([(name, pa.string()) for name in names])
    batches: list[pa.RecordBatch] = []
    for at in range(0, len(keys), CHUNK):
        some = keys[at : at + CHUNK]
        batches += [batch.cast(schema) for batch in record.texts_by_key(table, columns, some, hold=hold)]
    return pa.Table.from_batches(batches, schema)


def _highest(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(id) FROM {table}")
        row = cursor.fetchone()
    return int(row[0] or 0) if row else 0


def _settled(source: DataSource) -> dict[str, Any]:
    found = {name: getattr(source, name) for name in _SETTLED}
    moment = found["payments_from"]
    return {**found, "payments_from": moment.isoformat() if moment else None}


def _names(workspace: Workspace, mapping: Mapping) -> dict[tuple[str, str], Any]:
    """The rows of the workspace's own tables that a mapping may touch, by kind and name."""
    labels = {one.label for one in mapping.reasons.values()}
    found: dict[tuple[str, str], Any] = {
        ("reason", label): pk for label, pk in LossReason.objects.filter(label__in=labels).values_list("label", "pk")
    }
    texts = [text[:500] for text in mapping.reasons]
    for text, reason in ReasonWording.objects.filter(text__in=texts).values_list("text", "reason_id"):
        found["wording", text] = {"reason": reason}
    stages = Stage.objects.filter(label__in=[name[:300] for name in mapping.stages])
    for label, kind, position in stages.values_list("label", "kind", "position"):
        found["stage", label] = {"kind": kind, "position": position}
    return found
