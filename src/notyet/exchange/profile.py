"""What the values of a foreign file's columns look like: counted once, over the whole file."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from notyet.exchange.rows import RowSource

MAX_DISTINCT = 1_000
SAMPLE = 2_000
_PREFIX = re.compile(
    r"^(?:property_|properties[._]|deal - |deal\.|opportunity - |lead - |hs_|x_studio_)", re.IGNORECASE
)


@dataclass
class ColumnProfile:
    """A column: how many fields are filled, its different values while they are few, a sample of distinct ones."""

    header: str
    size: int = 0
    filled: int = 0
    counts: Counter[str] | None = field(default_factory=Counter)
    """Each value's rows; ``None`` once there are more than ``MAX_DISTINCT``."""
    sample: dict[str, None] = field(default_factory=dict)
    sample_rows: int = 0

    @property
    def words(self) -> str:
        """The header in plain words: ``Deal - Close_Date`` is ``close date``."""
        return plain_words(self.header)

    @property
    def values(self) -> list[str]:
        """Distinct values: all of them where they are few, else a sample."""
        return list(self.counts) if self.counts is not None else list(self.sample)

    @property
    def naming(self) -> bool:
        """Whether (nearly) every row has a value of its own, as an id has."""
        return self.filled >= 0.999 * self.size > 0 and len(self.sample) >= 0.95 * self.sample_rows

    def add(self, column: pa.StringArray) -> None:
        """Take in the next rows."""
        self.size += len(column)
        filled = column.drop_null()
        self.filled += len(filled)
        take = SAMPLE - self.sample_rows if self.sample_rows < SAMPLE else 100
        part = filled.slice(0, take).to_pylist()
        self.sample_rows += len(part)
        self.sample.update(dict.fromkeys(part))
        if self.counts is not None:
            for pair in pc.value_counts(filled):
                self.counts[pair["values"].as_py()] += pair["counts"].as_py()
            if len(self.counts) > MAX_DISTINCT:
                self.counts = None


@dataclass(frozen=True)
class FileProfile:
    """A file and its columns."""

    name: str
    rows: RowSource
    columns: tuple[ColumnProfile, ...]
    size: int

    def column(self, header: str) -> ColumnProfile:
        """The column of that header. Raises ``KeyError``."""
        for column in self.columns:
            if column.header == header:
                return column
        raise KeyError(header)


def profile(name: str, rows: RowSource) -> FileProfile:
    """Read a file once. Raises ``FileRefused`` where it breaks off."""
    columns = tuple(ColumnProfile(header) for header in rows.header)
    size = 0
    for batch in rows.batches():
        size += batch.size
        for column, values in zip(columns, batch.columns, strict=True):
            column.add(values)
    return FileProfile(name, rows, columns, size)


def plain_words(header: str) -> str:
    """A header without prefixes of its system, case, camel humps and punctuation."""
    text = _PREFIX.sub("", header.strip())
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def share(values: Iterable[str], test: object) -> float:
    """The share of values that pass a test; 0 where there are none."""
    results = [bool(test(value)) for value in values]  # type: ignore[operator]
    return sum(results) / len(results) if results else 0.0
