"""Good rows on their way into the record: Parquet files in a folder of their own, looked at with DuckDB."""

import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from notyet.analysis.tables import TABLES
from notyet.exchange.check import staged_schema
from notyet.exchange.mapping import TableMapping

MEMORY = "512MB"
_STALE = 24 * 3600


@dataclass
class Staging:
    """A folder of checked rows by table, and a database over it. Use ``staging`` to open one."""

    folder: Path
    db: duckdb.DuckDBPyConnection
    files: list[TableMapping] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    _writers: dict[str, pq.ParquetWriter] = field(default_factory=dict)

    def number_of(self, mapping: TableMapping) -> int:
        """The number under which rows of a file are staged; later files have higher ones."""
        self.files.append(mapping)
        return len(self.files) - 1

    def add(self, table: str, rows: pa.Table, file: int) -> None:
        """Stage checked rows of a file."""
        schema = staged_schema(TABLES[table])
        numbered = rows.add_column(0, "file", pa.repeat(pa.scalar(file, pa.int32()), rows.num_rows)).cast(schema)
        if table not in self._writers:
            self._writers[table] = pq.ParquetWriter(self._path(table), schema, compression="lz4")
        self._writers[table].write_table(numbered)
        self.rows[table] = self.rows.get(table, 0) + rows.num_rows

    def seal(self) -> None:
        """End the staging: each table becomes a view ``staged_<table>``, empty where nothing was staged."""
        for name, table in TABLES.items():
            writer = self._writers.pop(name, None)
            if writer is None:
                writer = pq.ParquetWriter(self._path(name), staged_schema(table))
            writer.close()
            self.db.execute(f"CREATE VIEW staged_{name} AS SELECT * FROM read_parquet('{self._path(name)}')")

    def take(self, name: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
        """Make a table of the columns of ``schema`` out of batches of rows, in the place of one of that name."""
        self.db.register("incoming_rows", schema.empty_table())
        self.db.execute(f"CREATE OR REPLACE TABLE {name} AS FROM incoming_rows")
        for batch in batches:
            self.db.register("incoming_rows", pa.Table.from_batches([batch.select(schema.names)]))
            self.db.execute(f"INSERT INTO {name} FROM incoming_rows")
        self.db.unregister("incoming_rows")

    def rows_of(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, some at a time, while others run."""
        cursor = self.db.cursor().execute(sql)
        while rows := cursor.fetchmany(10_000):
            yield from rows

    def batches(self, sql: str, rows: int = 20_000) -> Iterator[pa.RecordBatch]:
        """The rows of a query as Arrow batches."""
        yield from self.db.cursor().sql(sql).to_arrow_reader(rows)

    def count(self, what: str) -> int:
        """``SELECT count(*) FROM`` what."""
        [(rows,)] = self.db.execute(f"SELECT count(*) FROM {what}").fetchall()
        return int(rows)

    def _path(self, table: str) -> Path:
        return self.folder / f"{table}.parquet"


def sweep(below: Path) -> None:
    """Remove what imports left behind that were killed more than a day ago."""
    for left in below.iterdir():
        if left.is_dir() and time.time() - left.stat().st_mtime > _STALE:
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def staging(below: Path) -> Iterator[Staging]:
    """A staging folder that is gone afterwards, whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="import-", dir=below))
    db = duckdb.connect(":memory:")
    try:
        db.execute(f"SET memory_limit = '{MEMORY}'")
        db.execute("SET temp_directory = ?", [str(folder / "spill")])
        db.execute("SET preserve_insertion_order = false")
        db.execute("SET TimeZone = 'UTC'")
        yield Staging(folder, db)
    finally:
        db.close()
        shutil.rmtree(folder, ignore_errors=True)
