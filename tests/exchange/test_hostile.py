"""Files that are there to break the import, and circumstances that do: a sentence, and nothing half done."""

import errno
import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from notyet.core.home import folder
from notyet.deals.models import Deal
from notyet.exchange.csv_rows import CsvRows
from notyet.exchange.csv_rows import read_csv as read_rows
from notyet.exchange.errors import ImportFailed
from notyet.exchange.export import export_history
from notyet.exchange.models import Import
from notyet.exchange.parquet_rows import read_parquet
from notyet.exchange.rows import RowBatch
from notyet.exchange.staging import Staging
from notyet.workspaces.access import operator
from notyet.workspaces.models import Workspace
from tests.exchange.conftest import Bring, Write, read_csv
from tests.exchange.workbooks import write_book, xes

pytestmark = pytest.mark.django_db

GOOD = "deal_id,outcome\n" + "".join(f"D{n},won\n" for n in range(50))


def nothing_is_in() -> bool:
    """Whether the record is as it was, and no folder of the import is left."""
    left = [path.name for path in folder("imports", "staging").iterdir()]
    return not Deal.objects.exists() and not Import.objects.exists() and left == []


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x.example";"x")', "=cmd|' /C calc'!A0", "＝1+1"]


def test_formulas_stay_text(bring: Bring, tmp_path: Path, workspace: Workspace) -> None:
    """From a workbook and out again, to the letter."""
    rows: list[list[object]] = [["deal_id", "outcome", "name", "=Mine"]]
    rows += [[f"D{n}", "won", text, text] for n, text in enumerate(FORMULAS)]
    assert bring(write_book(tmp_path / "deals.xlsx", {"deals": rows})).exit_code == 0
    export_history(operator(workspace), tmp_path / "out", format="csv", answers=True)
    out = {row["deal_id"]: row for row in read_csv(tmp_path / "out" / "deals.csv")}
    assert [out[f"D{n}"]["name"] for n in range(len(FORMULAS))] == FORMULAS
    assert [out[f"D{n}"]["=Mine"] for n in range(len(FORMULAS))] == FORMULAS


def test_a_gigabyte_of_one_line(bring: Bring, tmp_path: Path) -> None:
    """Is not read to its end; the file is sparse, and so is the patience."""
    path = tmp_path / "deals.csv"
    with path.open("wb") as out:
        out.write(b"deal_id,outcome\nA,")
        out.truncate(2**30)
    with pytest.raises(ImportFailed, match="a line of more than 16 MiB"):
        bring(path)
    assert nothing_is_in()


def test_a_gigabyte_of_one_line_in_a_zip(bring: Bring, tmp_path: Path) -> None:
    """A megabyte on the disk."""
    with (
        zipfile.ZipFile(tmp_path / "h.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("deals.csv", "w") as out,
    ):
        for _ in range(128):
            out.write(b"a" * 2**20)
    with pytest.raises(ImportFailed, match="too many bytes to be a table"):
        bring(tmp_path / "h.zip")
    assert nothing_is_in()


@pytest.mark.parametrize("columns", [2_001, 100_000])
def test_a_hundred_thousand_columns(bring: Bring, write: Write, tmp_path: Path, columns: int) -> None:
    """In any kind of file."""
    names = [f"c{n}" for n in range(columns)]
    with pytest.raises(ImportFailed, match=f"{columns} columns; at most 2000"):
        bring(write("deals.csv", ",".join(["deal_id", "outcome", *names[2:]]) + "\nA,won\n"))
    if columns < 16_384:
        with pytest.raises(ImportFailed, match="columns; at most 2000"):
            bring(write_book(tmp_path / "deals.xlsx", {"deals": [names]}))
    else:
        with pytest.raises(ImportFailed, match="too many for a workbook"):
            bring(write_book(tmp_path / "deals.xlsx", {"deals": [names]}))
    assert nothing_is_in()


def test_attributes_without_end(bring: Bring, write: Write) -> None:
    """Of an event log."""
    many = "".join(f'<string key="a{n}" value="1"/>' for n in range(3_000))
    with pytest.raises(ImportFailed, match="more than 2000 attributes"):
        bring(write("log.xes", xes({"C": [("A", "2024-01-01")]}, many)))


@pytest.mark.parametrize("kind", ["grows", "shrinks", "goes"])
def test_a_file_that_changes_while_it_is_read(
    bring: Bring, write: Write, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Between the look at its form and the end of its rows: half a file is no file."""
    path = write("deals.csv", GOOD)

    def then_changed(file: Any) -> Any:
        rows = read_rows(file)
        if kind == "grows":
            path.write_text(GOOD + "E1,lost\nE2,lo", encoding="utf-8")
        elif kind == "shrinks":
            path.write_text(GOOD[:40], encoding="utf-8")
        else:
            path.unlink()
        return rows

    monkeypatch.setattr("notyet.exchange.plan.read_csv", then_changed)
    with pytest.raises(ImportFailed, match=r"deals\.csv.*(written to while it was read; wait|No such file)"):
        bring(path)
    assert nothing_is_in()


def test_a_parquet_file_cut_while_it_is_read(bring: Bring, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is refused in words."""
    path = write("deals.parquet", "")
    pq.write_table(pa.table({"deal_id": [f"D{n}" for n in range(9000)], "outcome": ["won"] * 9000}), path)

    def then_cut(file: Any) -> Any:
        rows = read_parquet(file)
        path.write_bytes(path.read_bytes()[:200])
        return rows

    monkeypatch.setattr("notyet.exchange.plan.read_parquet", then_cut)
    result = bring(path)
    assert result.exit_code == 1
    assert "damaged" in result.refusals[0].reason
    assert nothing_is_in()


def test_a_packed_file_cut_short(bring: Bring, write: Write) -> None:
    """As downloads are."""
    with pytest.raises(ImportFailed, match="damaged or cut short"):
        bring(write("deals.csv.gz", gzip.compress(GOOD.encode() * 50)[:-30]))
    assert nothing_is_in()


def full(*_: object, **__: object) -> None:
    """What a disk says that is full."""
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("where", ["unpacking", "staging", "sealing", "refused rows"])
def test_a_disk_that_fills_up(
    bring: Bring, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Wherever it happens: the sentence says so, and nothing is in."""
    path = write("deals.csv", GOOD + "X,wonn\n")
    if where == "unpacking":
        with zipfile.ZipFile(tmp_path / "h.zip", "w") as archive:
            archive.write(path, "deals.csv")
        path = tmp_path / "h.zip"
        monkeypatch.setattr("shutil.copyfileobj", full)
    elif where == "refused rows":
        monkeypatch.setattr("notyet.exchange.actions.write_refused", full)
    else:
        monkeypatch.setattr(Staging, "add" if where == "staging" else "seal", full)
    with pytest.raises(ImportFailed, match="No space left on device"):
        bring(path, refused_path=tmp_path / "mend.csv")
    assert nothing_is_in()


def test_a_reader_that_fails_half_way(bring: Bring, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that cannot be read any further is no good row less: nothing is in."""
    whole = CsvRows.batches

    def half(self: CsvRows) -> Iterator[RowBatch]:
        yield next(iter(whole(self)))
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(CsvRows, "batches", half)
    with pytest.raises(ImportFailed, match="Input/output error"):
        bring(write("deals.csv", GOOD))
    assert nothing_is_in()
