"""Reading Parquet: every column as the text that a CSV of it would hold."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from notyet.exchange.errors import FileRefused
from notyet.exchange.parse_values import shortest
from notyet.exchange.rows import BATCH_ROWS, RowBatch, distinct_header, without_zero_bytes
from notyet.exchange.sources import InputFile


@dataclass
class ParquetRows:
    """A Parquet file; see ``RowSource``. A row's line is its number, from 1."""

    file: InputFile
    header: tuple[str, ...]
    remarks: tuple[str, ...]
    kept: tuple[int, ...]

    def batches(self) -> Iterator[RowBatch]:
        """All rows, ``BATCH_ROWS`` at a time."""
        first = 1
        try:
            with pq.ParquetFile(self.file.path) as opened:
                for batch in opened.iter_batches(BATCH_ROWS):
                    batch.validate(full=True)
                    columns = tuple(as_text(batch.column(index)) for index in self.kept)
                    lines = np.arange(first, first + batch.num_rows, dtype=np.int64)
                    first += batch.num_rows
                    yield without_zero_bytes(RowBatch(self.header, columns, lines))
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise FileRefused(f"{self.file.name} is damaged after row {first - 1}: {error}", first) from error
        self.file.check_unchanged()


def read_parquet(file: InputFile) -> ParquetRows:
    """Open a Parquet file and read its schema. Raises ``FileRefused`` where it is none."""
    try:
        with pq.ParquetFile(file.path) as opened:
            schema = opened.schema_arrow
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise FileRefused(f"{file.name} is no Parquet file that can be read: {error}") from error
    kept = [i for i, column in enumerate(schema) if _flat(column.type) and not column.name.startswith("__index_level")]
    left = [column.name for column in schema if not _flat(column.type)]
    header, remarks = distinct_header([schema.field(i).name for i in kept], file.name)
    if left:
        remarks = (*remarks, f"{file.name}: nested columns are not read: {', '.join(left)}")
    return ParquetRows(file, header, remarks, tuple(kept))


def _flat(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return not (pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def as_text(array: pa.Array) -> pa.StringArray:
    """A column as text: times in ISO 8601 (with ``Z`` where the column has a zone), numbers with a point."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        array, kind = array.dictionary_decode(), kind.value_type
    if pa.types.is_timestamp(kind):
        return _times(array)
    if pa.types.is_floating(kind):
        return pa.array([None if v is None else _number(v) for v in array.to_pylist()], pa.string())
    if pa.types.is_null(kind):
        return pa.nulls(len(array), pa.string())
    text = array.cast(pa.string())
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _times(array: pa.Array) -> pa.StringArray:
    zoned = array.type.tz is not None
    plain = array.cast(pa.timestamp("us", "UTC" if zoned else None), safe=False)
    text = pc.strftime(plain.cast(pa.timestamp("us")), format="%Y-%m-%dT%H:%M:%S")
    return pc.binary_join_element_wise(text, pa.scalar("Z"), "") if zoned else text


def _number(value: Any) -> str:
    if not math.isfinite(value):
        return str(value)
    return shortest(value)
