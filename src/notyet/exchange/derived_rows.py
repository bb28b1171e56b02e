"""Tables made of others: with columns from a table beside them, some of their rows, or only what changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from notyet.exchange.errors import FileRefused
from notyet.exchange.rows import RowBatch, RowSource

MAX_ROWS = 5_000_000
"""Rows of a table that is held in memory to join it or to find what changed."""


@dataclass(frozen=True)
class Beside:
    """A table whose columns are added where ``on`` equals its ``key``; they are called ``prefix`` and their name."""

    rows: RowSource
    key: str
    on: str
    prefix: str


@dataclass
class JoinedRows:
    """A table with the columns of another beside its own; see ``RowSource``."""

    source: RowSource
    beside: Beside
    header: tuple[str, ...] = field(init=False)
    remarks: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Name the added columns."""
        self._added = [name for name in self.beside.rows.header if name != self.beside.key]
        self.header = (*self.source.header, *(self.beside.prefix + name for name in self._added))
        self.remarks = self.source.remarks

    def batches(self) -> Iterator[RowBatch]:
        """The table's rows, empty in the added columns where the other table does not know the value."""
        other = held(self.beside.rows, (self.beside.key, *self._added))
        keys = other[self.beside.key]
        for batch in self.source.batches():
            at = pc.index_in(batch.column(self.beside.on), keys, skip_nulls=True)
            added = (other[name].take(at) for name in self._added)
            yield RowBatch(self.header, (*batch.columns, *added), batch.lines, batch.broken)


@dataclass
class SomeRows:
    """Those rows of a table in which each column of ``only`` has a value like one of its patterns."""

    source: RowSource
    only: Mapping[str, tuple[str, ...]]

    @property
    def header(self) -> tuple[str, ...]:
        """As the table's."""
        return self.source.header

    @property
    def remarks(self) -> tuple[str, ...]:
        """None of its own: the table's are said once."""
        return ()

    def batches(self) -> Iterator[RowBatch]:
        """The rows that fit; patterns are as of file names, and letters' case does not matter."""
        for batch in self.source.batches():
            keep = np.ones(batch.size, dtype=bool)
            for name, patterns in self.only.items():
                coded = batch.column(name).dictionary_encode()
                fits = [_like(value, patterns) for value in coded.dictionary.to_pylist()]
                keep &= np.asarray(pa.array(fits, pa.bool_()).take(coded.indices).fill_null(False))
            yield _kept(batch, keep)


@dataclass
class ChangedRows:
    """Of versions of things, those in which ``value`` is another than in the version before."""

    source: RowSource
    key: str
    at: str
    value: str

    @property
    def header(self) -> tuple[str, ...]:
        """As the table's."""
        return self.source.header

    @property
    def remarks(self) -> tuple[str, ...]:
        """None of its own."""
        return ()

    def batches(self) -> Iterator[RowBatch]:
        """The first version of each thing and those that changed the value, where they stand."""
        wanted = self._changed()
        for batch in self.source.batches():
            yield _kept(batch, np.isin(batch.lines, wanted))

    def _changed(self) -> npt.NDArray[np.int64]:
        table = held(self.source, (self.key, self.at, self.value))
        order = [(self.key, "ascending"), (self.at, "ascending"), ("line", "ascending")]
        ordered = pa.table(dict(table)).sort_by(order)
        key, value = (ordered[name].combine_chunks().fill_null("") for name in (self.key, self.value))
        lines = np.asarray(ordered["line"].combine_chunks(), dtype=np.int64)
        if not len(lines):
            return lines
        other = pc.or_(pc.not_equal(key[1:], key[:-1]), pc.not_equal(value[1:], value[:-1]))
        first: npt.NDArray[np.bool_] = np.concatenate([[True], np.asarray(other)])
        return np.asarray(lines[first], dtype=np.int64)


def held(rows: RowSource, names: tuple[str, ...]) -> dict[str, pa.Array]:
    """Some columns of a table whole, and each row's ``line``. Raises ``FileRefused`` where it is too large for that."""
    parts: dict[str, list[pa.Array]] = {name: [] for name in (*names, "line")}
    size = 0
    for batch in rows.batches():
        size += batch.size
        if size > MAX_ROWS:
            raise FileRefused(f"a table beside another has more than {MAX_ROWS:,} rows, too many to join it")
        for name in names:
            parts[name].append(batch.column(name))
        parts["line"].append(pa.array(batch.lines))
    kinds = {name: pa.int64() if name == "line" else pa.string() for name in parts}
    return {name: pa.concat_arrays(part) if part else pa.array([], kinds[name]) for name, part in parts.items()}


def _like(value: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(value.strip().lower(), pattern.lower()) for pattern in patterns)


def _kept(batch: RowBatch, keep: npt.NDArray[np.bool_]) -> RowBatch:
    if keep.all():
        return batch
    mask = pa.array(keep)
    return RowBatch(batch.header, tuple(c.filter(mask) for c in batch.columns), batch.lines[keep], batch.broken)
