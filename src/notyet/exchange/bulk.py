"""Writing many rows at once: ``COPY`` on PostgreSQL, ``executemany`` on SQLite."""

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.csv
from django.db import connection

BATCH = 20_000


def insert(table: str, columns: Sequence[str], batches: Iterable[pa.RecordBatch], done: Callable[[int], None]) -> int:
    """Insert batches whose columns are in the order of ``columns``; returns how many rows."""
    names = ", ".join(f'"{column}"' for column in columns)
    if connection.vendor == "postgresql":
        return _copy(f"COPY {table} ({names}) FROM STDIN (FORMAT csv)", batches, done)
    places = ", ".join(["?"] * len(columns))
    return _many(f"INSERT INTO {table} ({names}) VALUES ({places})", batches, done)


def update(table: str, columns: Sequence[str], batches: Iterable[pa.RecordBatch], done: Callable[[int], None]) -> int:
    """Update rows by key; the batches' last column is the key. Returns how many rows."""
    if connection.vendor == "postgresql":
        return _many_named(table, columns, batches, done)
    places = ", ".join(f'"{column}" = ?' for column in columns)
    return _many(f"UPDATE {table} SET {places} WHERE id = ?", batches, done)


def _many(sql: str, batches: Iterable[pa.RecordBatch], done: Callable[[int], None]) -> int:
    total = 0
    # The driver's own cursor: Django's would rewrite the statement and the values once more.
    cursor = connection.connection.cursor()
    try:
        for batch in batches:
            cursor.executemany(sql, _tuples(batch))
            total += batch.num_rows
            done(total)
    finally:
        cursor.close()
    return total


def _many_named(
    table: str, columns: Sequence[str], batches: Iterable[pa.RecordBatch], done: Callable[[int], None]
) -> int:
    """On PostgreSQL the new values are copied into a temporary table of the same types first."""
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE incoming ON COMMIT DROP AS SELECT {names}, id FROM {table} WITH NO DATA")
        total = _copy(f"COPY incoming ({names}, id) FROM STDIN (FORMAT csv)", batches, done)
        sets = ", ".join(f'"{column}" = incoming."{column}"' for column in columns)
        cursor.execute(f"UPDATE {table} SET {sets} FROM incoming WHERE {table}.id = incoming.id")
        cursor.execute("DROP TABLE incoming")
    return total


def _copy(sql: str, batches: Iterable[pa.RecordBatch], done: Callable[[int], None]) -> int:
    total = 0
    options = pyarrow.csv.WriteOptions(include_header=False)
    cursor: Any
    with connection.cursor() as cursor, cursor.copy(sql) as copy:
        for batch in batches:
            out = io.BytesIO()
            pyarrow.csv.write_csv(pa.Table.from_batches([batch]), out, options)
            copy.write(out.getbuffer())
            total += batch.num_rows
            done(total)
    return total


def _tuples(batch: pa.RecordBatch) -> Iterable[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in batch.columns), strict=True)
