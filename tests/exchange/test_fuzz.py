"""Every reader fed with what chance makes of good files, for a bounded time: rows or a sentence, nothing else."""

import gzip
import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.exchange.fuzz.accounting import accounted_for
from tests.exchange.workbooks import attribute, parts_of, sheet_xml, write_parts, xes

SECONDS = 6.0
"""For each reader, together; Hypothesis' own bookkeeping comes on top."""

ROWS: list[list[object]] = [
    ["deal_id", "outcome", "amount", "Größe"],
    *([f"D{n}", "won", n * 1.5, 'a "b", c'] for n in range(20)),
]


def good_csv() -> bytes:
    """Quotes, commas, umlauts."""
    quoted = (",".join('"' + str(one).replace('"', '""') + '"' for one in row) for row in ROWS)
    return "\r\n".join(quoted).encode()


def good_parquet() -> bytes:
    """A few kinds of columns."""
    out = io.BytesIO()
    pq.write_table(pa.table({"deal_id": ["A", "B"], "outcome": ["won", None], "amount": [1.5, 2.0]}), out)
    return out.getvalue()


def good_xes() -> bytes:
    """A trace with an attribute of its own."""
    return xes({"C1": [("A", "2025-01-01")], "C2": [("B", "2025-01-01")]}, attribute("int", "AMOUNT", "5")).encode()


def good_book(folder: Path) -> bytes:
    """Two sheets."""
    return write_parts(
        folder / "good.xlsx", parts_of({"deals": sheet_xml(ROWS), "b": sheet_xml(ROWS[:2])})
    ).read_bytes()


@st.composite
def spoilt(draw: st.DrawFn, good: bytes) -> bytes:
    """A good file with pieces cut out, doubled, overwritten or put in; or bytes of no meaning."""
    data = bytearray(good)
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        match draw(st.sampled_from(["cut", "put", "over", "double", "end"])):
            case "cut":
                del data[at : at + draw(st.integers(1, 40))]
            case "put":
                data[at:at] = draw(st.binary(min_size=1, max_size=12))
            case "over":
                new = draw(st.binary(min_size=1, max_size=4))
                data[at : at + len(new)] = new
            case "double":
                data[at:at] = data[at : at + draw(st.integers(1, 200))]
            case "end":
                del data[at:]
    return bytes(data) if draw(st.integers(0, 9)) else draw(st.binary(max_size=300))


def fuzzed(path: Path, good: bytes, pack: Callable[[bytes], bytes] = bytes) -> None:
    """Hold files made of ``good`` against ``accounted_for`` until the time is over."""
    end = time.monotonic() + SECONDS

    @settings(max_examples=400, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(content=spoilt(good))
    def run(content: bytes) -> None:
        if time.monotonic() < end:
            path.write_bytes(pack(content))
            accounted_for(path)

    run()


@pytest.mark.parametrize(
    ("name", "good"),
    [("deals.csv", good_csv), ("deals.parquet", good_parquet), ("log.xes", good_xes)],
)
def test_files(tmp_path: Path, name: str, good: Callable[[], bytes]) -> None:
    """CSV, Parquet, XES."""
    fuzzed(tmp_path / name, good())


def test_packed_files(tmp_path: Path) -> None:
    """Gzip that is whole, with a log in it that is not."""
    fuzzed(tmp_path / "log.xes.gz", good_xes(), gzip.compress)


def test_damaged_packings(tmp_path: Path) -> None:
    """Gzip that is not whole."""
    fuzzed(tmp_path / "deals.csv.gz", gzip.compress(good_csv()))


def test_damaged_archives(tmp_path: Path) -> None:
    """A zip whose bytes are wrong."""
    fuzzed(tmp_path / "history.zip", write_parts(tmp_path / "x", {"deals.csv": good_csv()}).read_bytes())


def test_damaged_workbooks(tmp_path: Path) -> None:
    """The bytes of the archive are wrong."""
    fuzzed(tmp_path / "deals.xlsx", good_book(tmp_path))


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"]
)
def test_wrong_parts_of_workbooks(tmp_path: Path, part: str) -> None:
    """The archive is whole, a part in it is not."""
    parts = parts_of({"deals": sheet_xml(ROWS), "b": sheet_xml(ROWS[:2])})

    def pack(content: bytes) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, text in parts.items():
                archive.writestr(name, content if name == part else text)
        return out.getvalue()

    fuzzed(tmp_path / "deals.xlsx", parts[part].encode(), pack)
