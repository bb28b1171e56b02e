"""The file of refused rows: written so that it can be mended and imported again, and read back as what it was."""

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from notyet.analysis.tables import TABLES
from notyet.exchange.errors import FileRefused
from notyet.exchange.refusals import NOTE_COLUMNS, Refusal, RefusalLog
from notyet.exchange.rows import BrokenRow, RowBatch, RowSource

_FILE, _LINE, _COLUMN, _VALUE, _REASON, _TABLE = NOTE_COLUMNS


def write_refused(log: RefusalLog, sources: dict[str, RowSource], path: Path) -> None:
    """Write every refused row once, with what is wrong with it and all that it held.

    ``sources`` are the files by name; those with refused rows are read again. The rows of all files share one
    header. The file appears whole or not at all; without refused rows it is a header and nothing else.
    """
    by_file = _by_file(log)
    headers = [header for name in by_file for header in (sources[name].header if name in sources else ())]
    header = [*NOTE_COLUMNS, *dict.fromkeys(name for name in headers if name not in NOTE_COLUMNS)]
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, header, restval="")
        writer.writeheader()
        for name, lines in by_file.items():
            rows = _rows_again(sources[name], lines) if name in sources else {}
            for line, refusals in sorted(lines.items()):
                writer.writerow({**rows.get(line, {}), **_notes(refusals)})
    temporary.replace(path)


def _by_file(log: RefusalLog) -> dict[str, dict[int, list[Refusal]]]:
    found: dict[str, dict[int, list[Refusal]]] = {}
    for one in log.all():
        found.setdefault(one.file, {}).setdefault(one.line, []).append(one)
    return found


def _notes(refusals: list[Refusal]) -> dict[str, str]:
    first = refusals[0]
    reasons = [first.reason, *(f"{one.column}: {one.reason}" for one in refusals[1:])]
    values = (first.file, str(first.line), first.column, first.value, "; ".join(reasons), first.table)
    return dict(zip(NOTE_COLUMNS, values, strict=True))


def _rows_again(source: RowSource, lines: dict[int, list[Refusal]]) -> dict[int, dict[str, str]]:
    """The fields of the rows at some lines. Rows that could not be taken apart have none: their text is the value."""
    wanted, last = np.array(sorted(lines), dtype=np.int64), max(lines)
    found: dict[int, dict[str, str]] = {}
    for batch in source.batches():
        hits = np.flatnonzero(np.isin(batch.lines, wanted))
        columns = [column.take(pa.array(hits)).to_pylist() for column in batch.columns]
        for number, index in enumerate(hits):
            fields = (values[number] or "" for values in columns)
            found[int(batch.lines[index])] = dict(zip(batch.header, fields, strict=True))
        for row in batch.broken:
            if row.line in lines:
                found[row.line] = dict(zip(batch.header, row.fields, strict=False))
        if batch.size and int(batch.lines[-1]) >= last:
            break
    return found


def is_refused_file(header: tuple[str, ...]) -> bool:
    """Whether a file is one of refused rows, mended or not."""
    return set(NOTE_COLUMNS) <= set(header)


@dataclass(frozen=True)
class MendedRows:
    """Those rows of a file of refused rows that came from one file; see ``RowSource``."""

    source: RowSource
    origin: str
    table: str
    header: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    def with_columns(self, names: Collection[str]) -> "MendedRows":
        """The same with further columns of the file of refused rows, letters' case aside: in these rows all are empty.

        The file they came from may have had them, which cannot be told from the rows alone.
        """
        held = tuple(n for n in self.source.header if n in self.header or n.casefold() in names)
        return replace(self, header=tuple(n for n in held if n not in NOTE_COLUMNS))

    def batches(self) -> Iterator[RowBatch]:
        """The rows in the columns that the file they came from had filled."""
        for batch in self.source.batches():
            keep = pc.equal(batch.column(_FILE), self.origin).fill_null(False)
            columns = tuple(batch.column(name).filter(keep) for name in self.header)
            yield RowBatch(self.header, columns, batch.lines[np.asarray(keep)], batch.broken)


def mended_rows(name: str, source: RowSource) -> list[MendedRows]:
    """What a file of refused rows holds, by the file that the rows came from. Raises ``FileRefused`` where nothing."""
    broken: BrokenRow | None = None
    filled: dict[str, set[str]] = {}
    tables: dict[str, str] = {}
    for batch in source.batches():
        broken = broken or next(iter(batch.broken), None)
        for origin in pc.unique(batch.column(_FILE)).drop_null().to_pylist():
            keep = pc.equal(batch.column(_FILE), origin).fill_null(False)
            full = {name for name, column in zip(batch.header, batch.columns, strict=True) if _any(column.filter(keep))}
            table = tables.setdefault(origin, next(iter(batch.column(_TABLE).filter(keep).drop_null().to_pylist()), ""))
            required = (
                {column.name for column in TABLES[table].columns if column.required} if table in TABLES else set()
            )
            filled.setdefault(origin, required & set(batch.header)).update(full)
    if not filled and broken is not None:
        raise FileRefused(f"{name}: no row can be read; line {broken.line}: {broken.reason}", broken.line)
    if not filled:
        raise FileRefused(f"{name} is a file of refused rows, and there are none in it")
    return [
        MendedRows(source, origin, tables[origin], tuple(n for n in source.header if n in names - set(NOTE_COLUMNS)))
        for origin, names in filled.items()
    ]


def _any(column: pa.StringArray) -> bool:
    return bool(column.null_count < len(column))
