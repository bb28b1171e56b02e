"""Taking files apart: delimiters, encodings, quotes, broken rows, wrong files."""

import gzip
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notyet.deals.models import Deal
from notyet.exchange.csv_rows import CsvRows, read_csv
from notyet.exchange.encoding import TextForm
from notyet.exchange.errors import FileRefused, ImportFailed
from notyet.exchange.sources import InputFile
from tests.exchange.conftest import Bring, Write


def rows_of(path: Path) -> tuple[list[tuple[int, tuple[str | None, ...]]], list[tuple[int, str]]]:
    """The good rows with their lines, and the broken ones with their reasons."""
    source = read_csv(InputFile(path.name, path, "csv", path.suffix == ".gz"))
    good: list[tuple[int, tuple[str | None, ...]]] = []
    broken: list[tuple[int, str]] = []
    for batch in source.batches():
        columns = [column.to_pylist() for column in batch.columns]
        good += list(zip(batch.lines.tolist(), zip(*columns, strict=True), strict=True))
        broken += [(row.line, row.reason) for row in batch.broken]
    return good, broken


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_usual_forms_of_text(write: Write, encoding: str, delimiter: str, end: str) -> None:
    """Delimiter, encoding and line ends are found out."""
    lines = [["a", "b"], ["Zürich", "1"], ["İstanbul\u2028x", "2"]]
    path = write("x.csv", (end.join(delimiter.join(line) for line in lines) + end).encode(encoding))
    good, broken = rows_of(path)
    assert [row for _, row in good] == [("Zürich", "1"), ("İstanbul\u2028x", "2")]
    assert [line for line, _ in good] == [2, 3]
    assert broken == []


def test_an_old_encoding_is_guessed_and_said(write: Write) -> None:
    """A file of Latin letters that is no UTF-8."""
    text = "name;city\n" + "".join(f"Müller {n};Düsseldorf für Bälle\n" for n in range(50))
    path = write("x.csv", text.encode("cp1252"))
    good, _ = rows_of(path)
    assert good[0][1] == ("Müller 0", "Düsseldorf für Bälle")
    assert "save it as UTF-8" in read_csv(InputFile("x.csv", path, "csv")).remarks[0]


def test_a_stray_byte_costs_its_row_only(write: Write) -> None:
    """In a file that is UTF-8 otherwise."""
    path = write("x.csv", "a,b\nö,ä\nü,x\n".encode() + b"\xe9,y\n" + "ß,z\n".encode())
    good, broken = rows_of(path)
    assert [line for line, _ in good] == [2, 3, 5]
    assert broken == [(4, "byte E9, which is not UTF-8")]


def test_ragged_rows_are_refused_where_they_are(write: Write) -> None:
    """Too few and too many fields."""
    good, broken = rows_of(write("x.csv", "a,b,c\n1,2,3\n1,2\n\n1,2,3,4\n7,8,9\n"))
    assert [line for line, _ in good] == [2, 6]
    assert broken == [(3, "2 fields where the header has 3"), (5, "4 fields where the header has 3")]


def test_a_field_over_several_lines(write: Write) -> None:
    """Is one row, and the lines after it are counted on."""
    good, broken = rows_of(write("x.csv", 'a,b\n1,"first\nsecond\n"\n2,x\n'))
    assert good == [(2, ("1", "first\nsecond\n")), (5, ("2", "x"))]
    assert broken == []


def test_an_open_quote_swallows_nothing(write: Write) -> None:
    """The rows that it ran over are found again."""
    good, broken = rows_of(write("x.csv", 'a,b\n1,x\n2,"y\n3,z\n4,"w, v"\n5,u\n'))
    assert [row[0] for _, row in good] == ["1", "3", "4", "5"]
    assert [line for line, _ in good] == [2, 4, 5, 6]
    assert [line for line, _ in broken] == [3]


def test_an_open_quote_to_the_end(write: Write) -> None:
    """The same where no further quote ever comes."""
    good, broken = rows_of(write("x.csv", 'a,b\n1,"x\n' + "".join(f"{n},y\n" for n in range(2, 60))))
    assert [row[0] for _, row in good] == [str(n) for n in range(2, 60)]
    assert broken == [(2, "a quote that is never closed")]


def test_zero_bytes_cost_their_row(write: Write) -> None:
    """No database keeps them."""
    good, broken = rows_of(write("x.csv", "a,b\n1,x\0y\n" + "".join(f"{n},yyyyyyyyy\n" for n in range(2, 60))))
    assert len(good) == 58
    assert broken == [(2, "a zero byte")]


def test_headers_that_come_twice_or_are_empty(write: Write) -> None:
    """Each column has a name of its own."""
    source = read_csv(InputFile("x.csv", write("x.csv", "a,a,,b,\n1,2,3,4,\n"), "csv"))
    assert source.header == ("a", "a (2)", "column 3", "b", "column 5")
    assert "comes twice" in source.remarks[0]


def test_a_first_line_that_names_the_delimiter(write: Write) -> None:
    """As spreadsheets write it."""
    good, _ = rows_of(write("x.csv", "sep=;\na;b\n1;2,5\n"))
    assert good == [(3, ("1", "2,5"))]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\n\n \n", "empty"),
        (b"\0" * 5000, "no text"),
        (b"a" * (17 * 2**20), "line of more than"),
        ((",".join(f"c{n}" for n in range(3000)) + "\n").encode(), "at most 2000"),
    ],
)
def test_what_is_no_table_at_all(write: Write, content: bytes, reason: str) -> None:
    """A sentence, not a traceback, and no memory filled."""
    with pytest.raises(FileRefused, match=reason):
        rows_of(write("x.csv", content))


def test_gzip_zip_and_parquet(write: Write, bring: Bring, tmp_path: Path) -> None:
    """Say the same as a CSV."""
    text = "deal_id,outcome,amount,opened_at\nA,won,12.5,2026-01-31\n"
    bring(write("deals.csv", text))
    expected = Deal.objects.values("outcome", "amount", "opened_at", "plain_dates").get()
    packed = tmp_path / "deals.csv.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    archive = tmp_path / "history.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("some/folder/deals.csv", text)
    from datetime import date
    from decimal import Decimal

    table = pa.table(
        {"deal_id": ["A"], "outcome": ["won"], "amount": [Decimal("12.5")], "opened_at": [date(2026, 1, 31)]}
    )
    pq.write_table(table, tmp_path / "deals.parquet")
    for number, path in enumerate((packed, archive, tmp_path / "deals.parquet")):
        assert bring(path, source=f"form-{number}").exit_code == 0
        deal = Deal.objects.filter(data_source__key=f"form-{number}")
        assert deal.values("outcome", "amount", "opened_at", "plain_dates").get() == expected


def test_parquet_of_other_types(bring: Bring, tmp_path: Path) -> None:
    """Doubles, whole numbers, flags and zoned times are read as their text."""
    from datetime import UTC, datetime

    table = pa.table(
        {
            "deal_id": pa.array([1, 2]),
            "outcome": pa.array(["won", "lost"]).dictionary_encode(),
            "amount": pa.array([0.1, 1e6]),
            "contract_term_months": pa.array([12.0, None]),
            "opened_at": pa.array([datetime(2026, 1, 31, 8, tzinfo=UTC)] * 2, pa.timestamp("ns", "Europe/Berlin")),
            "VIP": pa.array([True, None]),
        }
    )
    pq.write_table(table, tmp_path / "deals.parquet")
    assert bring(tmp_path / "deals.parquet").exit_code == 0
    found = [(d.deal_id, str(d.amount), d.contract_term_months, d.attributes) for d in Deal.objects.order_by("deal_id")]
    assert found == [("1", "0.1000", 12, {"VIP": "true"}), ("2", "1000000.0000", None, {})] or found == [
        ("1", "0.1", 12, {"VIP": "true"}),
        ("2", "1000000", None, {}),
    ]


def test_a_parquet_of_numbers_that_are_none(bring: Bring, tmp_path: Path) -> None:
    """NaN and infinity are refused by row."""
    table = pa.table({"deal_id": ["A", "B", "C"], "outcome": ["won"] * 3, "amount": [1.0, float("nan"), float("inf")]})
    pq.write_table(table, tmp_path / "deals.parquet")
    result = bring(tmp_path / "deals.parquet")
    assert [(one.line, one.value) for one in result.refusals] == [(2, "nan"), (3, "inf")]


@pytest.mark.parametrize("member", ["../deals.csv", "/deals.csv", "a/../../deals.csv", "C:/deals.csv"])
def test_an_archive_that_points_elsewhere(bring: Bring, tmp_path: Path, member: str) -> None:
    """Nothing of it is unpacked."""
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr(member, "deal_id,outcome\nA,won\n")
    with pytest.raises(ImportFailed, match="outside"):
        bring(archive)


def test_bombs(bring: Bring, tmp_path: Path) -> None:
    """What unpacks to far more than a table can hold is stopped early."""
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("deals.csv", b"0" * (100 * 2**20))
    with pytest.raises(ImportFailed, match="too many bytes"):
        bring(archive)
    packed = tmp_path / "deals.csv.gz"
    packed.write_bytes(gzip.compress(b"\n" * (100 * 2**20)))
    with pytest.raises(ImportFailed, match="far more"):
        bring(packed)


@pytest.mark.parametrize("name", ["deals.csv.gz", "history.zip", "deals.parquet"])
def test_damaged_containers(bring: Bring, tmp_path: Path, name: str) -> None:
    """A sentence that names the file."""
    path = tmp_path / name
    path.write_bytes(b"PK\x03\x04 this is none of it " * 20)
    with pytest.raises(ImportFailed, match=name):
        bring(path)


def test_a_spreadsheet_says_what_to_do(write: Write, bring: Bring) -> None:
    """Not an encoding error."""
    with pytest.raises(ImportFailed, match="save its table as CSV"):
        bring(write("deals.xlsx", b"PK\x03\x04" + b"x" * 99))


def test_a_header_without_rows_is_said(write: Write, bring: Bring) -> None:
    """It is no error."""
    result = bring(write("deals.csv", "deal_id,outcome\n"))
    assert (result.exit_code, result.warnings) == (0, ("deals.csv has a header and no rows",))


def test_columns_that_other_tables_do_not_keep_are_said(write: Write, bring: Bring) -> None:
    """Only deals keep columns of their own."""
    write("deals.csv", "deal_id,outcome,Mine\nA,open,1\n")
    write("promises.csv", "deal_id,text,Mood\nA,call,good\n")
    [warning] = bring().warnings
    assert "Mood" in warning


def test_a_path_that_is_not_there(bring: Bring, tmp_path: Path) -> None:
    """A sentence."""
    with pytest.raises(ImportFailed, match="is not there"):
        bring(tmp_path / "nowhere")


def test_other_files_of_a_folder_are_passed_over(write: Write, bring: Bring) -> None:
    """And named."""
    write("deals.csv", "deal_id,outcome\nA,won\n")
    write("README.txt", "Hello, this is our export\n")
    write("notes.docx", b"PK")
    result = bring()
    assert result.exit_code == 0
    assert sorted(one.file for one in result.passed_over) == ["README.txt", "notes.docx"]


def test_a_broken_table_beside_good_deals(write: Write, bring: Bring) -> None:
    """The deals go in; the file is refused as a whole."""
    write("deals.csv", "deal_id,outcome\nA,won\n")
    write("promises.csv", b"\0\1\2" * 999)
    result = bring()
    assert result.exit_code == 4
    assert result.refusals[0].file == "promises.csv"
    assert Deal.objects.count() == 1


PLAIN = st.text(st.characters(codec="utf-8", exclude_characters='",\n\r'), max_size=6)


@settings(deadline=None)
@given(rows=st.lists(st.lists(PLAIN, min_size=1, max_size=4), min_size=1, max_size=8))
def test_lines_at_once_and_one_by_one(rows: list[list[str]]) -> None:
    """The fast way of reading says what the careful one says, or steps back."""
    header = ("a", "b", "c")
    source = CsvRows(InputFile("x.csv", Path(), "csv"), TextForm("utf-8", ","), header, (), 1)
    lines = [",".join(row) + "\n" for row in rows]
    fast = source._at_once(lines)
    careful, _ = source._one_by_one(lines, iter(()), 1)
    if fast is not None:
        assert [column.to_pylist() for column in fast] == [column.to_pylist() for column in careful.columns]
        assert careful.broken == ()
        assert careful.lines.tolist() == list(range(2, 2 + len(lines)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=400), st.text(max_size=300).map(lambda t: t.encode("utf-8", "replace"))))
@pytest.mark.django_db
def test_any_bytes_are_refused_in_words(bring: Bring, tmp_path: Path, content: bytes) -> None:
    """Whatever a file holds: a result or a sentence."""
    for name in ("deals.csv", "export.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        try:
            result = bring(path, dry_run=True)
        except ImportFailed as error:
            assert str(error)
        else:
            assert result.accepted + result.refused >= 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8), min_size=1, max_size=5),
        max_size=12,
    )
)
@pytest.mark.django_db
def test_any_rows_are_all_accounted_for(bring: Bring, tmp_path: Path, rows: list[list[str]]) -> None:
    """Nothing is dropped in silence: what is not in is refused, and the good deal is always in."""
    import csv

    path = tmp_path / "deals.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["deal_id", "outcome", "amount"], ["A", "won", "1"], *rows])
    result = bring(path, dry_run=True)
    deals = result.table("deals")
    assert deals.added >= 1
    blank = [row for row in rows if len(row) == 1 and not row[0].strip()]
    assert deals.accepted + deals.refused + deals.repeated >= 1 + len(rows) - len(blank)
