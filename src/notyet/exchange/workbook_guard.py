"""Holding a workbook against what it would cost to open, before it is opened."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from notyet.exchange.errors import FileRefused
from notyet.exchange.sources import MAX_RATIO, InputFile
from notyet.exchange.xml_stream import local_name, parse_xml

MAX_ROWS, MAX_WIDTH = 1_048_576, 16_384
"""The size of a sheet that Excel knows."""
MAX_CELLS = 32_000_000
"""Cells of one sheet, the empty ones between the first and the last among them: they are all held in memory."""
MAX_BOOK = 2 * 2**30
_ALWAYS = 64 * 2**20
_PARTS = ("worksheet", "sharedStrings", "styles")
_OLD = b"\xd0\xcf\x11\xe0"


def check_workbook(file: InputFile) -> None:
    """Raises ``FileRefused``, with what to do, where a file is no workbook that can be opened safely."""
    with file.path.open("rb") as handle:
        start = handle.read(4)
    if start == _OLD:
        raise FileRefused(
            f"{file.name} is an old Excel workbook or is protected by a password; open it in a spreadsheet program "
            "and save it as .xlsx without a password, or as CSV"
        )
    if start != b"PK\x03\x04":
        raise FileRefused(f"{file.name} is no Excel workbook, whatever its name says; save its table as .xlsx or CSV")
    with _zip_errors(file.name), zipfile.ZipFile(file.path) as book:
        members = _trusted(file.name, book)
        for name in _parts(file.name, book, members):
            with book.open(members[name]) as part:
                size = _Size(f"{file.name} ({PurePosixPath(name).name})")
                for _ in parse_xml(part, size.name, size.start):
                    pass
                # Reading to the end compares the checksum, and with it the size that was declared.
                part.read(1)


@contextmanager
def _zip_errors(name: str) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise FileRefused(
            f"{name} is damaged or cut short ({error}); open it in a spreadsheet program and save its table as CSV"
        ) from error


def _trusted(file: str, book: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The members by their names in small letters."""
    members: dict[str, zipfile.ZipInfo] = {}
    for member in book.infolist():
        name = member.filename.replace("\\", "/").lower()
        if name in members:
            raise FileRefused(f"{file} holds {member.filename} twice; save it anew from a spreadsheet program")
        if member.flag_bits & 1:
            raise FileRefused(f"{file} is protected by a password; save it without one")
        if member.file_size > max(member.compress_size * MAX_RATIO, _ALWAYS):
            raise FileRefused(f"{file}: {member.filename} unpacks to too many bytes to be a table")
        members[name] = member
    if "xl/workbook.xml" not in members:
        raise FileRefused(f"{file} is an archive, but no Excel workbook; save its table as .xlsx or CSV")
    if sum(member.file_size for member in members.values()) > MAX_BOOK:
        raise FileRefused(f"{file} unpacks to more than {MAX_BOOK >> 30} GiB; save its table as CSV")
    return members


def _parts(file: str, book: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> list[str]:
    """The members that are read as XML: those named so, and those that the workbook says are its sheets and texts."""
    named = [name for name in members if name.endswith((".xml", ".rels"))]
    related: list[str] = []

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if local_name(tag) == "Relationship" and attributes.get("Type", "").endswith(_PARTS):
            target = attributes.get("Target", "").replace("\\", "/").lower()
            related.append(target.lstrip("/") if target.startswith("/") else f"xl/{target}")

    if (rels := members.get("xl/_rels/workbook.xml.rels")) is not None:
        with book.open(rels) as part:
            for _ in parse_xml(part, file, relation):
                pass
    return list(dict.fromkeys([*named, *(name for name in related if name in members)]))


class _Size:
    """Counts rows and columns of a sheet, and refuses those that would fill the memory."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.row = self.column = self.rows = self.columns = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take in the start of an element."""
        match local_name(tag):
            case "row":
                self.row, self.column = _number(attributes.get("r"), self.row + 1), 0
                self.rows = max(self.rows, self.row)
            case "c":
                self.row, self.column = _place(attributes.get("r"), self.row, self.column + 1)
                self.rows, self.columns = max(self.rows, self.row), max(self.columns, self.column)
                if self.rows > MAX_ROWS or self.columns > MAX_WIDTH or self.rows * self.columns > MAX_CELLS:
                    raise FileRefused(
                        f"{self.name} spans {self.rows:,} rows and {self.columns:,} columns, too many for a workbook "
                        f"here (at most {MAX_CELLS:,} cells): delete empty rows and columns, or save the table as CSV"
                    )


def _number(text: str | None, otherwise: int) -> int:
    return int(text[:12]) if text and text.isascii() and text.isdigit() else otherwise


def _place(reference: str | None, row: int, column: int) -> tuple[int, int]:
    """Row and column of a reference such as ``AB12``, both from 1."""
    if not reference:
        return row, column
    letters = reference.rstrip("0123456789")[:8].upper()
    if not letters.isascii() or not letters.isalpha():
        return row, column
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return _number(reference[len(letters) :], row), column
