"""Rows of any file as batches of text columns with their line numbers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from notyet.exchange.errors import FileRefused

BATCH_ROWS = 20_000
MAX_COLUMNS = 2_000


@dataclass(frozen=True)
class BrokenRow:
    """A row that cannot be taken: where it is, its fields as far as they can be told, its text, what is wrong."""

    line: int
    fields: tuple[str, ...]
    text: str
    reason: str


@dataclass(frozen=True)
class RowBatch:
    """Some rows: a string column for each name in ``header`` (null where a field is empty).

    ``lines`` holds the line each row begins at (the row's number in a Parquet file).
    """

    header: tuple[str, ...]
    columns: tuple[pa.StringArray, ...]
    lines: npt.NDArray[np.int64]
    broken: tuple[BrokenRow, ...] = field(default=())

    @property
    def size(self) -> int:
        """The number of whole rows."""
        return len(self.lines)

    def column(self, name: str) -> pa.StringArray:
        """The column of that name. Raises ``ValueError`` where there is none."""
        return self.columns[self.header.index(name)]


class RowSource(Protocol):
    """A file that gives its header and then its rows, as often as asked."""

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns, each once."""
        ...

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a person should know about how the file was read."""
        ...

    def batches(self) -> Iterator[RowBatch]:
        """All rows from the beginning. Raises ``FileRefused`` where the file breaks off."""
        ...


def distinct_header(names: list[str], file: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of which none is empty and none comes twice, and remarks on those that were changed."""
    if len(names) > MAX_COLUMNS:
        raise FileRefused(f"{file} has {len(names)} columns; at most {MAX_COLUMNS} are read", 1)
    taken: set[str] = set()
    result, remarks = [], []
    for number, name in enumerate(names, 1):
        clean = name.strip().lstrip("\ufeff")
        label, again = clean or f"column {number}", 2
        while label in taken:
            label, again = f"{clean or 'column'} ({again})", again + 1
        if clean and label != clean:
            remarks.append(f"{file}: the header {clean!r} comes twice; column {number} is called {label!r} here")
        taken.add(label)
        result.append(label)
    return tuple(result), tuple(remarks)


def without_zero_bytes(batch: RowBatch) -> RowBatch:
    """The batch with rows that hold a zero byte as broken ones, as in a CSV: PostgreSQL keeps none in a text."""
    bad = np.zeros(batch.size, dtype=bool)
    for column in batch.columns:
        found = pc.match_substring(column, "\0")
        if pc.any(found).as_py():
            bad |= found.fill_null(False).to_numpy(zero_copy_only=False)
    if not bad.any():
        return batch
    keep = pa.array(~bad)
    broken = []
    for index in np.flatnonzero(bad):
        fields = tuple((column[int(index)].as_py() or "").replace("\0", "\ufffd") for column in batch.columns)
        broken.append(BrokenRow(int(batch.lines[index]), fields, ",".join(fields), "a zero byte"))
    return RowBatch(batch.header, tuple(c.filter(keep) for c in batch.columns), batch.lines[~bad], tuple(broken))
