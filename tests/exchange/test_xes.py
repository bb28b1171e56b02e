"""Event logs in XES: each event a row, each trace a deal."""

import gzip
from pathlib import Path

import pytest

from notyet.deals.models import Deal, StageChange
from notyet.exchange.errors import ImportFailed
from notyet.exchange.sources import InputFile
from notyet.exchange.xes_rows import read_xes
from tests.exchange.conftest import Bring, Write
from tests.exchange.workbooks import attribute, xes

pytestmark = pytest.mark.django_db

LOG = {
    "C1": [("Submitted", "2024-01-01T10:00:00+01:00"), ("Accepted", "2024-01-05T10:00:00+01:00")],
    "C2": [("Submitted", "2024-01-02T10:00:00+01:00"), ("Declined", "2024-01-03T10:00:00.000+01:00")],
    "C3": [("Submitted", "2024-01-04T10:00:00+01:00")],
}
MAPPING = """
[events.outcome]
Accepted = "won"
Declined = "lost"
[events.columns]
amount = "case:AMOUNT"
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    """Which activities end a case."""
    path = tmp_path / "mapping.toml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_a_log(bring: Bring, write: Write, mapping: Path, packed: bool) -> None:
    """Traces become deals with their own attributes, events stages."""
    text = xes(LOG, attribute("int", "AMOUNT", "5000") + attribute("boolean", "Repeat", "true"))
    path = write("log.xes.gz", gzip.compress(text.encode())) if packed else write("log.xes", text)
    result = bring(path, mapping=mapping)
    assert result.exit_code == 0
    assert result.outcomes == {"won": 1, "lost": 1, "open": 1}
    assert StageChange.objects.count() == 5
    deal = Deal.objects.get(deal_id="C1")
    assert (int(deal.amount or 0), deal.attributes["Repeat"]) == (5000, "true")
    assert str(deal.opened_at) == "2024-01-01 09:00:00+00:00"
    assert bring(path, mapping=mapping).table("deals").unchanged == 3


def test_a_log_without_a_mapping_gets_one_to_begin_with(bring: Bring, write: Write) -> None:
    """With its activities."""
    with pytest.raises(ImportFailed, match=r"\[events.outcome\](.|\n)*Submitted"):
        bring(write("log.xes", xes(LOG)))


def test_what_is_no_attribute_of_an_event_is_left(write: Write) -> None:
    """Lists and attributes of attributes; prefixes of names do not matter."""
    inner = '<string key="outer" value="1"><string key="inner" value="2"/></string>'
    inner += '<list key="l"><string key="m" value="3"/></list>'
    path = write("log.xes", xes({"C": [("A", "2024-01-01")]}, inner).replace("<event", "<event  "))
    rows = read_xes(InputFile("log.xes", path, "xes"))
    assert rows.header == ("case:concept:name", "concept:name", "time:timestamp", "case:outer")
    [batch] = rows.batches()
    assert [column.to_pylist() for column in batch.columns] == [["C"], ["A"], ["2024-01-01"], ["1"]]


def test_a_log_on_one_line_is_no_endless_line(write: Write) -> None:
    """A line may be as long as the file."""
    many = {"C": [("A" * 900, "2024-01-01")] * 20_000}
    rows = read_xes(InputFile("log.xes", write("log.xes", xes(many)), "xes"))
    assert sum(batch.size for batch in rows.batches()) == 20_000


LOLS = '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            xes({"&b;": [("A", "2024-01-01")]}, before=LOLS).replace("&amp;b;", "&b;"),
            "declares a document type or entities",
        ),
        (xes(LOG)[:-40], "damaged or cut short"),
        (xes({}), "holds no events"),
        ("deal_id,outcome\nA,won\n", "damaged or cut short, no XML"),
        ("<log>" + "<x>" * 5000, "nested more than 200 deep"),
        (xes(LOG).replace("time:timestamp", "when"), "no event has time:timestamp"),
        ('<log><trace><string key="x" value="' + "a" * (17 * 2**20), "a text of more than 16 MiB"),
        ("", "damaged or cut short, no XML"),
    ],
)
def test_logs_that_are_none(bring: Bring, write: Write, mapping: Path, text: str, sentence: str) -> None:
    """Each with what is wrong."""
    with pytest.raises(ImportFailed, match=sentence):
        bring(write("log.xes", text))
    assert not Deal.objects.exists()


def test_a_compressed_bomb(bring: Bring, write: Write) -> None:
    """Is stopped by what comes out of it."""
    with pytest.raises(ImportFailed, match="far more than a table"):
        bring(write("log.xes.gz", gzip.compress(b"<log>" + b" " * (100 * 2**20))))
