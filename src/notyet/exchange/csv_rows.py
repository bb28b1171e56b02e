"""Reading delimited text, row by row, without losing a good row to a bad neighbour."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from notyet.exchange.encoding import TextForm, text_form
from notyet.exchange.errors import FileRefused
from notyet.exchange.rows import BATCH_ROWS, BrokenRow, RowBatch, distinct_header
from notyet.exchange.sources import InputFile

FIELD_LIMIT = 2**20
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")


class _Lines:
    """The physical lines of a text, remembering those of the row that is being read."""

    def __init__(self, lines: Iterable[str], before: int = 0) -> None:
        self._lines = lines
        self.row: list[str] = []
        self.number = before

    def __iter__(self) -> Iterator[str]:
        row = self.row
        for line in self._lines:
            self.number += 1
            row.append(line)
            yield line


@dataclass
class CsvRows:
    """A delimited text file; see ``RowSource``."""

    file: InputFile
    form: TextForm
    header: tuple[str, ...]
    remarks: tuple[str, ...]
    header_line: int

    def batches(self) -> Iterator[RowBatch]:
        """All rows, some ``BATCH_ROWS`` at a time."""
        csv.field_size_limit(FIELD_LIMIT)
        with _opened(self.file, self.form) as text:
            for _ in range(self.header_line):
                next(text)
            before = self.header_line
            while lines := list(islice(text, BATCH_ROWS)):
                columns = self._at_once(lines)
                if columns is not None:
                    at = np.arange(before + 1, before + 1 + len(lines), dtype=np.int64)
                    yield RowBatch(self.header, columns, at)
                    before += len(lines)
                else:
                    batch, before = self._one_by_one(lines, text, before)
                    yield batch
        self.file.check_unchanged()

    def _at_once(self, lines: list[str]) -> tuple[pa.StringArray, ...] | None:
        """The columns of lines of which each is a whole good row; ``None`` where some are not.

        Arrow takes a text apart many times faster than the csv module, but is kinder to what is no CSV. So it
        gets lines only that both read in the same way.
        """
        whole = "".join(lines)
        if "\0" in whole or (not whole.isascii() and _UNREADABLE.search(whole)):
            return None
        if max(map(len, lines)) > FIELD_LIMIT or ('"' in whole and not self._well_quoted(lines)):
            return None
        return self._by_arrow(whole, len(lines))

    def _well_quoted(self, lines: list[str]) -> bool:
        """Whether every field of every line has no quote, or is quoted as a whole with each quote in it doubled."""
        other = re.escape(self.form.delimiter)
        field = f'(?:"(?:[^"]|"")*"|[^"\\r\\n{other}]*)'
        line = f"^{field}(?:{other}{field})*\\r?\\n?$"
        return bool(pc.all(pc.match_substring_regex(pa.array(lines, pa.string()), line)).as_py())

    def _by_arrow(self, whole: str, size: int) -> tuple[pa.StringArray, ...] | None:
        """The columns of a text of so many rows; ``None`` where Arrow finds others."""
        data = whole.encode("utf-8")
        try:
            table = pyarrow.csv.read_csv(
                pa.BufferReader(data),
                pyarrow.csv.ReadOptions(use_threads=False, column_names=self.header, block_size=len(data) + 1),
                pyarrow.csv.ParseOptions(delimiter=self.form.delimiter),
                pyarrow.csv.ConvertOptions(
                    check_utf8=False,
                    column_types=dict.fromkeys(self.header, pa.string()),
                    null_values=[""],
                    strings_can_be_null=True,
                ),
            )
        except pa.ArrowInvalid:
            return None
        if table.num_rows != size:
            return None
        return tuple(column.combine_chunks() for column in table.columns)

    def _one_by_one(self, lines: list[str], text: Iterator[str], before: int) -> tuple[RowBatch, int]:
        """The rows that begin in some lines, with as many further lines as the last of them needs."""
        watched = _Lines(chain(lines, text), before)
        reader = csv.reader(iter(watched), delimiter=self.form.delimiter, strict=True)
        rows: list[list[str]] = []
        at: list[int] = []
        broken: list[BrokenRow] = []
        for start, row, wrong in _records(reader, watched, len(self.header), self.form.delimiter, before + len(lines)):
            if wrong:
                broken.append(_broken(start, row, wrong, self.form.delimiter))
            else:
                rows.append(row)
                at.append(start)
        return self._batch(rows, np.array(at, dtype=np.int64), broken), watched.number

    def _batch(self, rows: list[list[str]], at: npt.NDArray[np.int64], broken: list[BrokenRow]) -> RowBatch:
        columns = zip(*rows, strict=True) if rows else ([] for _ in self.header)
        return RowBatch(self.header, tuple(_texts(values) for values in columns), at, tuple(broken))


def _broken(start: int, row: list[str], wrong: str, delimiter: str) -> BrokenRow:
    fields = tuple(_UNREADABLE.sub("\ufffd", field) for field in row)
    return BrokenRow(start, fields, delimiter.join(fields), wrong)


def _texts(values: object) -> pa.StringArray:
    array = pa.array(values, pa.string())
    return pc.if_else(pc.equal(array, ""), pa.scalar(None, pa.string()), array)


def read_csv(file: InputFile) -> CsvRows:
    """Open a delimited text file and read its header. Raises ``FileRefused`` where there is none."""
    form = text_form(file)
    csv.field_size_limit(FIELD_LIMIT)
    with _opened(file, form) as text:
        lines = _Lines(text)
        reader = csv.reader(iter(lines), delimiter=form.delimiter, strict=True)
        try:
            names = next((row for row in reader if lines.number > form.skip_lines and any(row)), None)
        except csv.Error as error:
            raise FileRefused(f"{file.name}: the header cannot be read: {_plainly(error)}", 1) from error
        header_line = lines.number
    if names is None:
        raise FileRefused(f"{file.name} has no header", 1)
    if any(_UNREADABLE.search(name) for name in names):
        raise FileRefused(f"{file.name}: the header is no text; is this a table?", 1)
    header, remarks = distinct_header(names, file.name)
    if form.guessed:
        remarks = (*remarks, f"{file.name}: read as {form.encoding}, which is a guess; save it as UTF-8 to be sure")
    return CsvRows(file, form, header, remarks, header_line)


def _opened(file: InputFile, form: TextForm) -> io.TextIOWrapper:
    # Bytes that are none in the encoding become lone surrogates, and their row is refused by name.
    errors = "surrogateescape" if form.encoding in ("utf-8", "utf-8-sig") else "replace"
    return io.TextIOWrapper(file.open(), encoding=form.encoding, errors=errors, newline="")


def _records(
    reader: Iterator[list[str]], lines: _Lines, width: int, delimiter: str, last: int
) -> Iterator[tuple[int, list[str], str]]:
    """Each record that begins up to line ``last``: that line, its fields, what is wrong with it, if anything."""
    held = lines.row
    while lines.number < last:
        wrong = ""
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            row, wrong = ["".join(held)], _plainly(error)
        start = lines.number - len(held) + 1
        if wrong or len(row) != width or _suspicious(held):
            yield from _mended(start, row, wrong, held, width, delimiter)
        else:
            yield start, row, ""
        held.clear()


def _suspicious(held: list[str]) -> bool:
    for line in held:
        if not line.isascii() and _UNREADABLE.search(line):
            return True
        if "\0" in line:
            return True
    return False


def _mended(
    start: int, row: list[str], wrong: str, held: list[str], width: int, delimiter: str
) -> Iterator[tuple[int, list[str], str]]:
    """A record that is wrong somewhere: an open quote may have swallowed good rows, which are found again."""
    if len(held) > 1:
        alone = [_alone(line, width, delimiter) for line in held]
        if any(fields and not fault for fields, fault in alone[1:]):
            for offset, (fields, fault) in enumerate(alone):
                if fields:
                    yield start + offset, fields, fault
            return
    if not wrong and (not row or (len(row) == 1 and width > 1 and not row[0].strip())):
        return  # a blank line holds nothing
    yield start, row, wrong or _fault(row, width)


def _alone(line: str, width: int, delimiter: str) -> tuple[list[str], str]:
    try:
        row = next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        return [line.rstrip("\r\n")], _plainly(error)
    return row, _fault(row, width) if row else ""


def _fault(row: list[str], width: int) -> str:
    if len(row) != width:
        return f"{len(row)} fields where the header has {width}"
    for text in row:
        found = _UNREADABLE.search(text)
        if found:
            return "a zero byte" if found[0] == "\0" else f"byte {ord(found[0]) - 0xDC00:02X}, which is not UTF-8"
    return ""


def _plainly(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end" in text:
        return "a quote that is never closed"
    if "expected after" in text:
        return "text after a closing quote; a quote inside a field is written twice"
    if "field larger" in text:
        return f"a field of more than {FIELD_LIMIT >> 20} MiB, or a quote that is never closed"
    return text
