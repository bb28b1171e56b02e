"""A frozen history opened for reading: its meta and its tables, as Ibis expressions on an in-memory DuckDB."""

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from notyet.analysis.meta import HistoryError, Meta
from notyet.analysis.moments import microseconds
from notyet.analysis.tables import TABLES, frozen_schema

FACTS_FILE = "facts.parquet"
MEMORY_LIMIT = "800MB"


def _of_text(text: ir.Value) -> ir.Value:
    """A function that DuckDB has, of a text."""


def _of_numbers(numbers: ir.Value, fractions: ir.Value) -> ir.Value:
    """An aggregate that DuckDB has, of numbers and fractions."""


_variable = ibis.udf.scalar.builtin(_of_text, name="getvariable", signature=((dt.string,), dt.int64))
_cuts = ibis.udf.agg.builtin(
    _of_numbers, name="quantile_disc", signature=((dt.int64, dt.Array(dt.float64)), dt.Array(dt.int64))
)


class _WhenAsked(dict[str, ir.Table]):
    """Tables by name, each opened when first asked for: opening all of them takes longer than a small question."""

    def __init__(self, opens: Callable[[str], ir.Table]) -> None:
        super().__init__()
        self._opens = opens

    def __missing__(self, name: str) -> ir.Table:
        if name not in TABLES:
            raise KeyError(name)
        self[name] = self._opens(name)
        return self[name]


@dataclass(frozen=True)
class History:
    """An open history. Tables are read from Parquet when a query asks for them, not before."""

    folder: Path
    meta: Meta
    con: Backend
    tables: Mapping[str, ir.Table]
    temporary: tempfile.TemporaryDirectory[str]
    kept: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> "History":
        """Open a folder of Parquet files with their ``history.json``.

        A table without a file is empty. Raises ``HistoryError`` where the folder holds no history.
        """
        place = Path(folder)
        meta = Meta.load(place)
        if not (place / "deals.parquet").exists():
            raise HistoryError(f"{place} holds no deals.parquet")
        temporary = tempfile.TemporaryDirectory(prefix="notyet-analysis-", ignore_cleanup_errors=True)
        con = connect(temporary.name)
        return cls(place, meta, con, _WhenAsked(lambda name: _table(con, place, name)), temporary)

    def table(self, name: str) -> ir.Table:
        """A table of ``tables.TABLES`` in its frozen form. Raises ``KeyError`` for another name."""
        return self.tables[name]

    def keep(self, name: str, rows: ir.Table) -> ir.Table:
        """Compute rows once and keep them in memory under a name, in place of what was kept under it."""
        self.kept.pop(name, None)
        self.kept[name] = self.con.compile(rows)
        self._compute(name)
        return self.con.table(name)

    def named(self, name: str, rows: ir.Table) -> ir.Table:
        """Give a query a name in the database, in place of what had it, so that what is asked of it need not repeat it.

        Nothing is computed. Most of the time of a small question goes into writing out its query.
        """
        self.con.raw_sql(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {self.con.compile(rows)}')
        return self.con.table(name)

    def keep_again(self) -> None:
        """Compute everything that is kept once more, in the order in which it was: for another range of deals."""
        for name in self.kept:
            self._compute(name)

    def keep_as(self, kept: Mapping[str, str]) -> None:
        """Keep what a history with the same tables kept: names with their queries, in order."""
        self.kept.clear()
        self.kept.update(kept)
        self.keep_again()

    def _compute(self, name: str) -> None:
        self.con.raw_sql(f'DROP TABLE IF EXISTS "{name}"')
        self.con.raw_sql(f'CREATE TEMP TABLE "{name}" AS {self.kept[name]}')

    def in_ranges(self) -> "History":
        """The same history, of which only the deals of the range are seen that ``set_range`` has set last."""
        low, high = (_variable(ibis.literal(name)) for name in ("first_deal", "last_deal"))

        def narrowed(name: str) -> ir.Table:
            rows = self.table(name)
            return rows.filter(rows.deal.between(low, high)) if "deal" in rows.columns else rows

        return replace(self, tables=_WhenAsked(narrowed), kept={})

    def set_range(self, first: int, last: int) -> None:
        """Set the range of deals (both ends in it) that is seen through ``in_ranges``."""
        self.con.raw_sql(f"SET VARIABLE first_deal = {first}; SET VARIABLE last_deal = {last}")

    def look_from(self, moment: datetime) -> None:
        """Set the moment that ``horizon`` stands for in every query of this connection."""
        self.con.raw_sql(f"SET VARIABLE horizon_us = {microseconds(moment)}")

    @property
    def horizon(self) -> ir.Value:
        """The moment that ``look_from`` has set last, in microseconds: queries that hold it do for any other."""
        return _variable(ibis.literal("horizon_us"))

    def ranges(self, size: int) -> list[tuple[int, int]]:
        """Ranges of deals, ascending and without gaps, of about ``size`` deals each; none where there is no deal."""
        deals = self.table("deals").deal
        row = self.con.to_pyarrow(deals.as_table().aggregate(n=deals.count(), first=deals.min(), last=deals.max()))
        n, first, last = (row[name][0].as_py() for name in ("n", "first", "last"))
        if not n:
            return []
        parts = -(-n // size)
        if parts == 1:
            return [(first, last)]
        cuts = ibis.array([number / parts for number in range(1, parts)])
        found = self.con.to_pyarrow(_cuts(deals, cuts).as_table()).column(0)[0].as_py()
        ends = [*sorted(set(found) - {last}), last]
        return list(zip([first, *(end + 1 for end in ends[:-1])], ends, strict=True))

    @property
    def facts_file(self) -> Path | None:
        """The file with one row of facts a deal, where it has been written."""
        place = self.folder / FACTS_FILE
        return place if place.exists() else None

    def scratch(self) -> Path:
        """A folder for files that are needed while the history is open; gone when it is closed."""
        return Path(self.temporary.name)

    def close(self) -> None:
        """Let go of the files and the memory."""
        self.con.disconnect()
        self.temporary.cleanup()

    def __enter__(self) -> "History":
        """Use as a context that closes the history at its end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


def connect(spill: str) -> Backend:
    """An in-memory DuckDB for analysis, in UTC, that spills to a folder rather than grow without end."""
    return ibis.duckdb.connect(
        memory_limit=os.environ.get("NOTYET_ANALYSIS_MEMORY", MEMORY_LIMIT),
        temp_directory=spill,
        preserve_insertion_order=False,
    )


def _table(con: Backend, folder: Path, name: str) -> ir.Table:
    path = folder / f"{name}.parquet"
    if path.exists():
        return con.read_parquet(path, table_name=name)
    return con.create_table(name, schema=ibis.schema(frozen_schema(TABLES[name])), temp=True)
