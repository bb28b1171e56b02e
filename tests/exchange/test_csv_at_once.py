"""Lines that are taken apart at once are those that the csv module takes apart in the same way."""

import csv
import io
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from notyet.exchange.csv_rows import CsvRows
from notyet.exchange.encoding import TextForm
from notyet.exchange.sources import InputFile

HEADER = ("deal_id", "name")
# Quotes, delimiters and ends of lines close together, where readers differ.
raw = st.text(alphabet='",; \taé|', max_size=5)
quoted = raw.map(lambda text: '"' + text.replace('"', '""') + '"')
plain = st.text(alphabet="; aé", max_size=4)
line = st.lists(st.one_of(plain, quoted, raw), min_size=1, max_size=3).map(",".join)
lines = st.lists(st.builds(str.__add__, line, st.sampled_from(["\n", "\r\n", "\r"])), min_size=1, max_size=4)


def at_once(texts: list[str], delimiter: str = ",") -> list[tuple[str | None, ...]] | None:
    """The rows of lines, as the importer takes them apart at once."""
    form = TextForm("utf-8", delimiter)
    columns = CsvRows(InputFile("x.csv", Path("x.csv"), "csv"), form, HEADER, (), 1)._at_once(texts)
    return None if columns is None else list(zip(*(column.to_pylist() for column in columns), strict=True))


def by_the_module(texts: list[str]) -> list[tuple[str | None, ...]] | None:
    """The rows of lines by the strict csv module, an empty field as ``None``; ``None`` where it finds a fault."""
    try:
        rows = list(csv.reader(io.StringIO("".join(texts), newline=""), strict=True))
    except csv.Error:
        return None
    return [tuple(field or None for field in row) for row in rows]


@settings(max_examples=500, deadline=None)
@given(lines)
def test_it_reads_what_the_csv_module_reads_or_nothing(texts: list[str]) -> None:
    """Whatever quotes stand where: never another row than the csv module's."""
    rows = at_once(texts)
    assert rows is None or rows == by_the_module(texts)


def test_quoted_lines_are_taken_apart_at_once() -> None:
    """Quotes around fields, doubled inside them, do not make the reading slow."""
    assert at_once(['"D-1","a ""b"", c"\r\n', 'D-2,""\r\n']) == [("D-1", 'a "b", c'), ("D-2", None)]
    assert at_once(['"D-1"|"a|b"\n'], "|") == [("D-1", "a|b")]


def test_faulty_quotes_are_left_to_the_careful_reading() -> None:
    """A quote inside a bare field, text after a closing quote, a quote that stays open."""
    for text in ('D-1,a"b\n', '"D-1"x,b\n', 'D-1,"b\n', ' "D-1",b\n'):
        assert at_once([text]) is None
