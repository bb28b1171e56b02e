"""Reading workbooks: each sheet with anything in it is a table."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from notyet.exchange.errors import FileRefused
from notyet.exchange.parse_values import shortest
from notyet.exchange.rows import BATCH_ROWS, RowBatch, distinct_header, without_zero_bytes
from notyet.exchange.sources import InputFile
from notyet.exchange.workbook_guard import check_workbook

TITLE_ROWS = 30
"""How far down a header may stand below a title."""
_EMPTY_ROWS = 100_000


@dataclass
class SheetRows:
    """One sheet of a workbook; see ``RowSource``. A row's line is its row number in the sheet."""

    file: InputFile
    sheet: str
    header: tuple[str, ...]
    remarks: tuple[str, ...]
    header_row: int

    def batches(self) -> Iterator[RowBatch]:
        """The rows below the header that hold anything, some ``BATCH_ROWS`` at a time."""
        with _opened(self.file) as book:
            sheet = book.get_sheet_by_name(self.sheet)
            rows = enumerate(sheet.iter_rows(), 1)
            filled = ((line, row) for line, row in rows if line > self.header_row and any(v != "" for v in row))
            while part := list(islice(filled, BATCH_ROWS)):
                lines = np.array([line for line, _ in part], dtype=np.int64)
                columns = zip(*(row for _, row in part), strict=True)
                texts = tuple(pa.array([cell_text(value) for value in column], pa.string()) for column in columns)
                yield without_zero_bytes(RowBatch(self.header, texts, lines))
        self.file.check_unchanged()


def read_workbook(file: InputFile) -> list[SheetRows]:
    """The sheets of a workbook that are not empty. Raises ``FileRefused`` where there is none or it cannot be read."""
    check_workbook(file)
    found = []
    with _opened(file) as book:
        for one in book.sheets_metadata:
            if one.typ == SheetTypeEnum.WorkSheet:
                sheet = book.get_sheet_by_name(one.name)
                if sheet.width and sheet.height:
                    found.append(_sheet(file, sheet))
    if not found:
        raise FileRefused(f"{file.name} is empty: none of its sheets holds anything", 1)
    return found


@contextmanager
def _opened(file: InputFile) -> Iterator[CalamineWorkbook]:
    try:
        with file.path.open("rb") as handle, CalamineWorkbook.from_filelike(handle) as book:
            yield book
    except (CalamineError, OSError) as error:
        raise FileRefused(
            f"{file.name} is damaged ({error}); open it in a spreadsheet program and save its table as CSV"
        ) from error


def _sheet(file: InputFile, sheet: CalamineSheet) -> SheetRows:
    """Find the header: the first row of at least two fields near the top, else the first with anything in it."""
    name = f"{file.name}, sheet {sheet.name}"
    top = [
        (line, row) for line, row in islice(enumerate(sheet.iter_rows(), 1), _EMPTY_ROWS) if any(v != "" for v in row)
    ]
    if not top:
        raise FileRefused(f"{name}: the first {_EMPTY_ROWS:,} rows are empty; delete them", 1)
    first, wide = top[0], [one for one in top[:TITLE_ROWS] if sum(v != "" for v in one[1]) > 1]
    line, row = wide[0] if wide else first
    header, remarks = distinct_header([cell_text(value) or "" for value in row], name)
    if line != first[0]:
        remarks = (*remarks, f"{name}: row {line} is taken for the header; what stands above it is left aside")
    return SheetRows(file, sheet.name, header, remarks, line)


def cell_text(value: Any) -> str | None:
    """A cell as the text that a CSV of it would hold.

    Numbers have the 15 digits that a spreadsheet shows, dates and times are ISO 8601 to the millisecond.
    """
    match value:
        case bool():
            text = "true" if value else "false"
        case float():
            text = shortest(float(format(value, ".15g"))) if math.isfinite(value) else str(value)
        case datetime():
            text = _rounded(value).isoformat()
        case date() | time():
            text = value.isoformat()
        case _:
            text = str(value)
    return text or None


def _rounded(moment: datetime) -> datetime:
    """To the millisecond: a spreadsheet keeps times as fractions of a day."""
    try:
        late = moment + timedelta(microseconds=500)
    except OverflowError:
        return moment
    return late.replace(microsecond=late.microsecond // 1000 * 1000)
