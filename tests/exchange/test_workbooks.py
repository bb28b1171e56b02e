"""Workbooks: sheets as tables, cells as a CSV would hold them, and those that would cost too much to open."""

import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from notyet.deals.models import Conversation, Deal
from notyet.exchange.errors import FileRefused, ImportFailed
from notyet.exchange.sources import InputFile
from notyet.exchange.workbook_guard import MAX_CELLS
from notyet.exchange.xlsx_rows import SheetRows, cell_text, read_workbook
from tests.exchange.conftest import Bring, Write
from tests.exchange.workbooks import DAY, MOMENT, cell, parts_of, sheet_xml, write_book, write_parts

pytestmark = pytest.mark.django_db


def sheets_of(path: Path) -> list[SheetRows]:
    """The sheets of a workbook."""
    return read_workbook(InputFile(path.name, path, "xlsx"))


def rows_of(sheet: SheetRows) -> list[tuple[int, tuple[str | None, ...]]]:
    """Lines and texts of a sheet's rows."""
    rows = []
    for batch in sheet.batches():
        rows += list(zip(batch.lines.tolist(), zip(*(c.to_pylist() for c in batch.columns), strict=True), strict=True))
    return rows


def test_cells_are_what_a_csv_would_hold(tmp_path: Path) -> None:
    """Numbers without noise, dates as dates, times to the millisecond, text as it is."""
    cells = [
        cell(0.1 + 0.2), cell(1234567.0), cell(1e-7), cell(45000, DAY), cell(45000.75, MOMENT),
        cell(45000.123456789, MOMENT), cell(True), "=1+1", " x ", '<c t="e"><v>#N/A</v></c>',
        '<c t="str"><f>A1</f><v>7</v></c>',
    ]  # fmt: skip
    path = write_book(tmp_path / "x.xlsx", {"One": [[f"h{n}" for n in range(len(cells))], cells]})
    [sheet] = sheets_of(path)
    assert rows_of(sheet) == [
        (2, ("0.3", "1234567", "0.0000001", "2023-03-15", "2023-03-15T18:00:00", "2023-03-15T02:57:46.667000",
             "true", "=1+1", " x ", None, "7")),
    ]  # fmt: skip


def test_a_time_at_the_end_of_all_days() -> None:
    """Is not rounded over it."""
    assert cell_text(datetime.fromisoformat("9999-12-31T23:59:59.999999")) == "9999-12-31T23:59:59.999999"


def test_lines_are_those_of_the_sheet(tmp_path: Path) -> None:
    """Empty rows hold nothing; a title above the header is left aside, and said."""
    rows: list[list[object]] = [[], ["All our deals"], [], ["a", "b"], ["1", None], [], [None, "2"]]
    [sheet] = sheets_of(write_book(tmp_path / "x.xlsx", {"One": rows}))
    assert (sheet.header, sheet.header_row) == (("a", "b"), 4)
    assert rows_of(sheet) == [(5, ("1", None)), (7, (None, "2"))]
    assert "row 4 is taken for the header" in sheet.remarks[0]


def test_each_sheet_is_a_table(bring: Bring, tmp_path: Path) -> None:
    """Named as in the exchange format, they are that."""
    write_book(
        tmp_path / "history.xlsx",
        {
            "deals": [["deal_id", "outcome", "amount", "opened_at"], ["A", "won", 12.5, cell(45000, DAY)]],
            "conversations": [["deal_id", "at", "channel"], ["A", "2023-03-16T10:00:00Z", "call"]],
            "Empty": [],
        },
    )
    result = bring(tmp_path / "history.xlsx")
    assert (result.exit_code, result.accepted) == (0, 2)
    assert float(Deal.objects.get().amount or 0) == 12.5
    assert Conversation.objects.get().channel == "call"
    assert bring(tmp_path / "history.xlsx").table("deals").unchanged == 1


def test_a_foreign_workbook_is_guessed(bring: Bring, tmp_path: Path) -> None:
    """As a CSV is; a second sheet that belongs to the deals is looked up."""
    deals: list[list[object]] = [["Deal ID", "Stage", "Amount", "Close Date", "Product"]]
    deals += [
        [f"D{n}", "Closed Won" if n % 2 else "Closed Lost", 100 + n, cell(45000 + n, DAY), f"P{n % 3}"]
        for n in range(20)
    ]
    products = [["Product", "Series"], ["P0", "S"], ["P1", "T"], ["P2", "T"]]
    result = bring(write_book(tmp_path / "export.xlsx", {"Deals": deals, "Products": products}))
    assert result.outcomes == {"won": 10, "lost": 10}
    assert {deal.attributes["Series"] for deal in Deal.objects.all()} == {"S", "T"}


def test_refused_rows_of_a_sheet_can_be_mended(bring: Bring, tmp_path: Path) -> None:
    """The file of refused rows finds its sheet again."""
    book = write_book(
        tmp_path / "h.xlsx",
        {
            "deals": [["deal_id", "outcome"], ["A", "won"], ["B", "wonn"]],
            "promises": [["deal_id", "text"], ["A", "call"]],
        },
    )
    refused = tmp_path / "mend.csv"
    result = bring(book, refused_path=refused)
    assert [(one.file, one.line, one.column) for one in result.refusals] == [("h.xlsx/deals", 3, "outcome")]
    refused.write_text(
        refused.read_text(encoding="utf-8").replace(",wonn\n", ",won\n").replace("B,wonn", "B,won"), encoding="utf-8"
    )
    assert bring(refused).table("deals").added == 1


def bomb(path: Path, kind: str) -> Path:
    """Workbooks that are small on the disk and large in the memory."""
    parts: dict[str, str | bytes] = {**parts_of({"deals": sheet_xml([["deal_id", "outcome"], ["A", "won"]])})}
    sheet = "xl/worksheets/sheet1.xml"
    match kind:
        case "sparse":
            parts.update(parts_of({"deals": '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>'}))
        case "implicit":
            parts.update(
                parts_of({"deals": f"<row>{'<c><v>1</v></c>' * 9000}</row>{'<row/>' * 9000}<row><c><v>1</v></c></row>"})
            )
        case "far":
            parts.update(parts_of({"deals": '<row r="99999999999"><c r="ZZZZZZZ99999999"><v>1</v></c></row>'}))
        case "spaces":
            parts[sheet] = str(parts[sheet]).replace("<sheetData>", "<sheetData>" + " " * (80 * 2**20))
        case "entities":
            lol = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
            doctype = f'<!DOCTYPE worksheet [<!ENTITY l0 "lol">{lol}]>'
            text = '<row><c t="inlineStr"><is><t>&l9;</t></is></c></row>'
            parts.update(parts_of({"deals": text}, doctype))
        case "external":
            doctype = '<!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
            parts.update(parts_of({"deals": '<row><c t="inlineStr"><is><t>&x;</t></is></c></row>'}, doctype))
        case "deep":
            parts[sheet] = "<a>" * 100_000
    return write_parts(path, parts)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("sparse", f"1,048,576 rows and 16,384 columns, too many .*at most {MAX_CELLS:,} cells"),
        ("implicit", "9,002 rows and 9,000 columns, too many"),
        ("far", "too many for a workbook"),
        ("spaces", "unpacks to too many bytes"),
        ("entities", "declares a document type or entities"),
        ("external", "declares a document type or entities"),
        ("deep", "nested more than 200 deep"),
    ],
)
def test_bombs_are_not_opened(bring: Bring, tmp_path: Path, kind: str, sentence: str) -> None:
    """They are measured first, and refused in words."""
    with pytest.raises(ImportFailed, match=sentence):
        bring(bomb(tmp_path / "deals.xlsx", kind))
    assert not Deal.objects.exists()


def test_a_declared_size_that_lies(tmp_path: Path) -> None:
    """Is found out by reading."""
    parts = parts_of({"deals": sheet_xml([["deal_id"], ["A"]])})
    path = write_parts(tmp_path / "deals.xlsx", parts)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    at = data.rfind(b"xl/worksheets/sheet1.xml") - 46 + 24
    assert int.from_bytes(data[at : at + 4], "little") == size
    data[at : at + 4] = (size - 30).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(FileRefused, match="damaged"):
        sheets_of(path)


def test_workbooks_of_other_kinds(bring: Bring, write: Write) -> None:
    """Old or protected ones, pages and archives that are called workbooks: what to do instead."""
    old = write("old.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    with pytest.raises(ImportFailed, match=r"old Excel workbook or is protected by a password.*save it as \.xlsx"):
        bring(old)
    with pytest.raises(ImportFailed, match=r"of a kind that is not read; save it as \.xlsx"):
        bring(write("old.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600))
    with pytest.raises(ImportFailed, match="no Excel workbook, whatever its name says"):
        bring(write("page.xlsx", "<html><table></table></html>"))
    with pytest.raises(ImportFailed, match="an archive, but no Excel workbook"):
        bring(write_parts(old.with_name("zip.xlsx"), {"a.csv": "x"}))
    with pytest.raises(ImportFailed, match="none of its sheets holds anything"):
        bring(write_book(old.with_name("empty.xlsx"), {"deals": []}))


def test_a_member_that_comes_twice(tmp_path: Path) -> None:
    """Two readers could see two tables."""
    path = write_parts(tmp_path / "x.xlsx", parts_of({"deals": sheet_xml([["deal_id"], ["A"]])}))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("XL/worksheets/Sheet1.xml", "<worksheet/>")
    with pytest.raises(FileRefused, match="twice"):
        sheets_of(path)
