"""Rows that do not go in: why each, and the file that brings them back to be mended."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from notyet.exchange.mapping import REFUSED_PREFIX

KEPT = 1_000
MOST_KINDS, EXAMPLES = 50, 3
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True)
class Refusal:
    """One thing wrong with one row (``line`` 0: with the whole file)."""

    file: str
    line: int
    column: str
    value: str
    reason: str
    table: str = ""

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        shown = self.value if len(self.value) <= 80 else self.value[:79] + "…"
        column = f", {self.column}" if self.column else ""
        return f"{where}{column}: {shown!r}: {self.reason}" if self.value else f"{where}{column}: {self.reason}"


@dataclass
class Alike:
    """Refusals of one kind: of one column of a file, for reasons that differ in numbers only. The first as examples."""

    count: int = 0
    examples: list[Refusal] = field(default_factory=list)


@dataclass
class RefusalLog:
    """All refusals of an import, on disk; the first ``KEPT`` of them in memory, and some of each kind."""

    path: Path
    first: list[Refusal] = field(default_factory=list)
    kinds: dict[tuple[str, str, str], Alike] = field(default_factory=dict)
    rows: Counter[str] = field(default_factory=Counter)
    """Refused rows by table."""
    _out: IO[str] | None = None
    _writer: Any = None
    _last: tuple[str, int] = ("", -1)

    def add(self, refusals: Iterable[Refusal]) -> None:
        """Note refusals; those of one row come one after another."""
        for one in refusals:
            if self._out is None:
                self._out = self.path.open("w", newline="", encoding="utf-8")
                self._writer = csv.writer(self._out)
            if len(self.first) < KEPT:
                self.first.append(one)
            self._sort_in(one)
            if (one.file, one.line) != self._last:
                self.rows[one.table] += 1
                self._last = (one.file, one.line)
            self._writer.writerow([one.file, one.line, one.column, one.value, one.reason, one.table])

    def _sort_in(self, one: Refusal) -> None:
        key = (one.file, one.column, _NUMBERS.sub("#", one.reason))
        if key not in self.kinds and len(self.kinds) >= MOST_KINDS:
            return
        kind = self.kinds.setdefault(key, Alike())
        kind.count += 1
        if len(kind.examples) < EXAMPLES:
            kind.examples.append(one)

    def all(self) -> Iterator[Refusal]:
        """Every refusal, in the order they were noted."""
        if self._out is None:
            return
        self._out.flush()
        with self.path.open(newline="", encoding="utf-8") as handle:
            for file, line, column, value, reason, table in csv.reader(handle):
                yield Refusal(file, int(line), column, value, reason, table)

    @property
    def total(self) -> int:
        """The number of refused rows."""
        return sum(self.rows.values())

    def close(self) -> None:
        """Close the file; the log can be read no more after its folder is gone."""
        if self._out is not None:
            self._out.close()


NOTE_COLUMNS = tuple(REFUSED_PREFIX + name for name in ("file", "line", "column", "value", "reason", "table"))
