"""Fifty small files, each wrong in one way, and the sentence that says so."""

import gzip
import json
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest

from notyet.deals.models import Deal
from notyet.exchange.errors import ImportFailed
from tests.exchange.conftest import Bring
from tests.exchange.workbooks import parts_of, sheet_xml, write_book, write_parts, xes

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Wrong:
    """A file's name and content, what is said about it, and how many deals of it are good."""

    file: str
    content: str | bytes
    sentence: str
    good: int = 0


def deals(*rows: str, header: str = "deal_id,outcome") -> str:
    """A table of deals of which the first is good."""
    filler = "," * (header.count(",") - 1)
    return "\n".join([header, f"GOOD,won{filler}", *rows]) + "\n"


def one(row: str, sentence: str, header: str = "deal_id,outcome") -> Wrong:
    """A good deal and a bad row after it."""
    return Wrong("deals.csv", deals(row, header=header), sentence, good=1)


AMOUNT, OPENED = "deal_id,outcome,amount", "deal_id,outcome,opened_at"
BOTH = "deal_id,outcome,opened_at,closed_at"

WRONG = {
    "no id": one(",won", "deal_id missing, and it is required"),
    "no outcome": one("A,", "outcome missing, and it is required"),
    "unknown outcome": one("A,maybe", "not one of open, won, lost, no_decision, disqualified"),
    "outcome in capitals": one("A,WON", "not one of open, won, lost"),
    "long id": one("A" * 501 + ",won", "longer than 500 characters"),
    "other deal of the same id": one("GOOD,lost", "line 2 has the same deal_id and other content; that one was taken"),
    "amount is a word": one("A,won,lots", "not an amount", AMOUNT),
    "amount has a decimal comma": one('A,won,"12,50"', "not an amount: a number of at most 15 digits", AMOUNT),
    "amount has a currency": one("A,won,€12", "not an amount", AMOUNT),
    "amount is infinite": one("A,won,inf", "not an amount", AMOUNT),
    "amount is no number": one("A,won,NaN", "not an amount", AMOUNT),
    "amount has 16 digits": one("A,won,1234567890123456", "not an amount", AMOUNT),
    "amount has five decimals": one("A,won,0.12345", "4 after the point", AMOUNT),
    "unknown currency": one("A,won,XQZ", "not a currency of ISO 4217, such as EUR", "deal_id,outcome,currency"),
    "currency in small letters": one("A,won,eur", "not a currency of ISO 4217", "deal_id,outcome,currency"),
    "months with a fraction": one("A,won,1.5", "not a whole number", "deal_id,outcome,contract_term_months"),
    "months below nothing": one("A,won,-3", "not a whole number from 0 on", "deal_id,outcome,contract_term_months"),
    "time without a zone": one("A,won,2025-01-31T10:00:00", r"an offset \(2026-01-31T09:30:00\+01:00\)", OPENED),
    "day and month of a spreadsheet": one("A,won,31.01.2025", r"or a date \(2026-01-31\)", OPENED),
    "a day that is none": one("A,won,2025-02-30", "not .*ISO 8601", OPENED),
    "a year that is none": one("A,won,0000-01-01", "of the years 1900 to 2199", OPENED),
    "a number of a spreadsheet for a day": one("A,won,45000", "not .*ISO 8601", OPENED),
    "close before opening": one("A,won,2025-02-02,2025-02-01", "a close before the opening", BOTH),
    "too few fields": one("A", "1 fields where the header has 2"),
    "too many fields": one("A,won,x", "3 fields where the header has 2"),
    "open quote": one('"A,won', "a quote that is never closed"),
    "text after a quote": one('"A"x,won', "text after a closing quote"),
    "zero byte": one("A\0" + "A" * 60 + ",won", "a zero byte"),
    "byte that is no UTF-8": Wrong(
        "deals.csv", deals("ÄÖ,won").encode() + b"\xe9,won\n",
        "byte E9, which is not UTF-8", 2,
    ),
    "header twice": Wrong("deals.csv", "deal_id,outcome,outcome\nA,won,lost\n", "the header 'outcome' comes twice"),
    "empty": Wrong("deals.csv", "", "is empty"),
    "spaces only": Wrong("deals.csv", " \n \n", "is empty"),
    "no id column": Wrong("deals.csv", "account,outcome\nX,won\nY,lost\n", "has no column deal_id"),
    "no outcome column": Wrong("export.csv", "Deal ID,City\n1,Bonn\n2,Ulm\n", "how its deals ended.*begin with"),
    "a picture": Wrong(
        "deals.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
        "no text in any encoding that is known; save it as UTF-8",
    ),
    "a database": Wrong("deals.csv", b"", "no text file: it is full of zero bytes"),
    "JSON": Wrong("deals.csv", json.dumps([{"deal_id": "A", "outcome": "won"}]), "has a header and no rows"),
    "a page": Wrong(
        "deals.csv", "<!doctype html>\n<html>\n<p>Please sign in</p>\n</html>\n",
        "says how its deals ended",
    ),
    "gzip in name only": Wrong("deals.csv.gz", deals(), "damaged or cut short"),
    "gzip cut short": Wrong("deals.csv.gz", gzip.compress(deals().encode())[:-9], "damaged or cut short"),
    "zip in name only": Wrong("history.zip", deals(), "is not a zip archive that can be read"),
    "Parquet in name only": Wrong("deals.parquet", deals(), "is no Parquet file that can be read"),
    "workbook in name only": Wrong("deals.xlsx", deals(), "is no Excel workbook, whatever its name says"),
    "old workbook": Wrong("deals.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 99, r"save it as \.xlsx or its table as CSV"),
    "protected workbook": Wrong("deals.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 99, "protected by a password"),
    "empty workbook": Wrong("deals.xlsx", b"", "none of its sheets holds anything"),
    "workbook without its sheet": Wrong("deals.xlsx", b"", "is damaged .*save its table as CSV"),
    "workbook with a bad cell": Wrong("deals.xlsx", b"", "not an amount", 1),
    "log without a mapping": Wrong(
        "log.xes", xes({"C": [("A", "2025-01-01")]}),
        "is an event log; which activities mean won",
    ),
    "log cut short": Wrong("log.xes", xes({"C": [("A", "2025-01-01")]})[:-20], "damaged or cut short, no XML"),
    "log with entities": Wrong(
        "log.xes", xes({"C": [("A", "2025-01-01")]}, before="<!DOCTYPE log>"),
        "declares a document type",
    ),
    "log of something else": Wrong("log.xes", "<html><body/></html>", "holds no events; is it an event log in XES"),
}  # fmt: skip


def written(wrong: str, folder: Path) -> Path:
    """The file; those that take a program to make are made here."""
    case = WRONG[wrong]
    path = folder / case.file
    match wrong:
        case "a database":
            with sqlite3.connect(path) as db:
                db.execute("CREATE TABLE deals (deal_id TEXT, outcome TEXT)")
            db.close()
        case "empty workbook":
            write_book(path, {"deals": [], "more": []})
        case "workbook without its sheet":
            parts = parts_of({"deals": sheet_xml([["deal_id", "outcome"], ["A", "won"]])})
            del parts["xl/worksheets/sheet1.xml"]
            write_parts(path, parts)
        case "workbook with a bad cell":
            write_book(path, {"deals": [["deal_id", "outcome", "amount"], ["GOOD", "won", 1], ["A", "won", "lots"]]})
        case _:
            path.write_bytes(case.content if isinstance(case.content, bytes) else case.content.encode("utf-8"))
    return path


def test_there_are_fifty() -> None:
    """At least."""
    assert len(WRONG) >= 50


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_file(bring: Bring, tmp_path: Path, wrong: str) -> None:
    """Refused in words that name the file and what would be accepted; the good rows of it are in."""
    case = WRONG[wrong]
    path = written(wrong, tmp_path)
    if case.good:
        result = bring(path)
        [refusal] = result.refusals
        assert (result.exit_code, refusal.file) == (4, case.file)
        said = f"{refusal.column} {refusal.reason}"
        assert refusal.line > 1
    else:
        with pytest.raises(ImportFailed) as error:
            bring(path)
        said = str(error.value)
        assert case.file in said
    assert re.search(f"(?s){case.sentence}", said), said
    assert Deal.objects.count() == case.good
