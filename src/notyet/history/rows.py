"""Rows of the record as Arrow batches of text, the same way from SQLite and PostgreSQL."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.csv
from django.db import connection

BATCH = 65_536


def text_batches(sql: str, names: Sequence[str], params: Sequence[Any]) -> Iterator[pa.RecordBatch]:
    """Run a query whose columns are text (or NULL) and yield its rows, some 65,000 at a time.

    Memory is bounded by a batch: a server-side ``COPY`` on PostgreSQL, a plain cursor on SQLite.
    """
    if connection.vendor == "postgresql":
        yield from _copied(sql, names, params)
        return
    schema = pa.schema([(name, pa.string()) for name in names])
    connection.ensure_connection()
    # Django's own cursor fetches a hundred rows a call; the driver's goes straight through.
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql.replace("%s", "?"), params)
        while rows := cursor.fetchmany(BATCH):
            columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)
    finally:
        cursor.close()


class _CopyStream(io.RawIOBase):
    """The bytes of a ``COPY … TO STDOUT`` as a file that Arrow can read from."""

    def __init__(self, copy: Any) -> None:
        self._chunks = iter(copy)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._left = bytes(chunk)
        taken = self._left[: len(buffer)]
        buffer[: len(taken)] = taken
        self._left = self._left[len(taken) :]
        return len(taken)


def _copied(sql: str, names: Sequence[str], params: Sequence[Any]) -> Iterator[pa.RecordBatch]:
    with connection.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)", params) as copy:
        stream = io.BufferedReader(_CopyStream(copy), 1 << 20)
        if not stream.peek(1):
            return
        reader = pyarrow.csv.open_csv(
            stream,
            read_options=pyarrow.csv.ReadOptions(column_names=list(names), block_size=1 << 24),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                strings_can_be_null=True,
                null_values=[""],
                quoted_strings_can_be_null=False,
            ),
        )
        yield from reader
