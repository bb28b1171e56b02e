"""A frozen history opened for reading: its meta and its tables, as Ibis expressions on an in-memory DuckDB."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from notyet.analysis.meta import HistoryError, Meta
from notyet.analysis.tables import TABLES, frozen_schema

FACTS_FILE = "facts.parquet"
MEMORY_LIMIT = "800MB"


@dataclass(frozen=True)
class History:
    """An open history. Tables are read from Parquet when a query asks for them, not before."""

    folder: Path
    meta: Meta
    con: Backend
    tables: Mapping[str, ir.Table]

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> "History":
        """Open a folder of Parquet files with their ``history.json``.

        A table without a file is empty. Raises ``HistoryError`` where the folder holds no history.
        """
        place = Path(folder)
        meta = Meta.load(place)
        if not (place / "deals.parquet").exists():
            raise HistoryError(f"{place} holds no deals.parquet")
        con = connect()
        return cls(place, meta, con, {name: _table(con, place, name) for name in TABLES})

    def table(self, name: str) -> ir.Table:
        """A table of ``tables.TABLES`` in its frozen form. Raises ``KeyError`` for another name."""
        return self.tables[name]

    def keep(self, name: str, rows: ir.Table) -> ir.Table:
        """Compute rows once and keep them in memory under a name, in place of what was kept under it."""
        self.con.raw_sql(f'DROP TABLE IF EXISTS "{name}"')
        self.con.raw_sql(f'CREATE TEMP TABLE "{name}" AS {self.con.compile(rows)}')
        return self.con.table(name)

    @property
    def facts_file(self) -> Path | None:
        """The file with one row of facts a deal, where it has been written."""
        place = self.folder / FACTS_FILE
        return place if place.exists() else None

    def close(self) -> None:
        """Let go of the files and the memory."""
        self.con.disconnect()

    def __enter__(self) -> "History":
        """Use as a context that closes the history at its end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


def connect() -> Backend:
    """An in-memory DuckDB for analysis, in UTC, that spills to the temporary folder rather than grow without end."""
    return ibis.duckdb.connect(
        memory_limit=os.environ.get("NOTYET_ANALYSIS_MEMORY", MEMORY_LIMIT),
        temp_directory=str(Path(tempfile.gettempdir()) / f"notyet-duckdb-{os.getpid()}"),
        preserve_insertion_order=False,
    )


def _table(con: Backend, folder: Path, name: str) -> ir.Table:
    path = folder / f"{name}.parquet"
    if path.exists():
        return con.read_parquet(path, table_name=name)
    return con.create_table(name, schema=ibis.schema(frozen_schema(TABLES[name])), temp=True)
