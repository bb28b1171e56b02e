"""``notyet today``: from files to what is due, on whatever day the clock says."""

import csv
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from notyet.cli.main import app

pytestmark = pytest.mark.django_db(transaction=True)

Clock = Callable[[str], datetime]
TABLES: dict[str, list[dict[str, str]]] = {
    "deals": [
        {
            "deal_id": f"W{n}",
            "account": f"Won {n}",
            "owner": "Jo Hart",
            "amount": "900",
            "opened_at": f"2025-0{n}-01T09:00:00Z",
            "closed_at": f"2025-0{n}-21T09:00:00Z",
            "outcome": "won",
        }
        for n in range(1, 8)
    ]
    + [
        {
            "deal_id": "A",
            "account": "Helvia AG",
            "owner": "Mara Lind",
            "amount": "50000",
            "opened_at": "2026-02-20T09:00:00Z",
            "outcome": "open",
        },
        {
            "deal_id": "B",
            "account": "Corwin & Sons",
            "owner": "Jo Hart",
            "amount": "1000",
            "opened_at": "2026-02-01T09:00:00Z",
            "outcome": "open",
        },
        {"deal_id": "C", "account": "Okapi", "owner": "", "opened_at": "2026-02-27T09:00:00Z", "outcome": "open"},
    ],
    "stage_changes": [
        {"deal_id": f"W{n}", "stage": stage, "entered_at": f"2025-0{n}-{day:02}T09:00:00Z"}
        for n in range(1, 8)
        for stage, day in (("Discovery", 1), ("Proposal", 9))
    ]
    + [
        {"deal_id": "B", "stage": "Discovery", "entered_at": "2026-02-01T09:00:00Z"},
    ],
    "conversations": [
        {
            "deal_id": "B",
            "at": "2026-02-27T15:00:00Z",
            "channel": "call",
            "direction": "in",
            "missed": "true",
            "contact": "Tom Corwin",
        },
        {
            "deal_id": "A",
            "at": "2026-02-27T10:00:00Z",
            "channel": "email",
            "direction": "in",
            "missed": "",
            "contact": "Ana Roth",
        },
        {
            "deal_id": "A",
            "at": "2026-02-27T11:00:00Z",
            "channel": "call",
            "direction": "out",
            "missed": "false",
            "contact": "Ana Roth",
        },
    ],
    "promises": [
        {
            "deal_id": "A",
            "made_at": "2026-02-20T09:00:00Z",
            "due_at": "2026-03-02T15:00:00Z",
            "kept_at": "",
            "text": "the security sheet",
        },
        {"deal_id": "A", "made_at": "", "due_at": "2026-03-03", "kept_at": "", "text": "the price"},
        {"deal_id": "A", "made_at": "", "due_at": "2026-02-26", "kept_at": "2026-02-25", "text": "a call"},
    ],
    "next_steps": [
        {"deal_id": "A", "due_at": "2026-03-20", "done_at": "", "text": "Visit"},
        {"deal_id": "B", "due_at": "2026-02-27", "done_at": "2026-02-27", "text": "Call"},
        {"deal_id": "C", "due_at": "2026-03-01", "done_at": "", "text": "Call Okapi"},
    ],
}


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def listed(*arguments: str) -> list[dict[str, Any]]:
    result = run("today", "--format", "json", *arguments)
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


@pytest.fixture
def imported(tmp_path: Path, clock: Clock) -> None:
    clock("2026-03-02T08:00:00+00:00")
    folder = tmp_path / "history"
    folder.mkdir()
    for name, rows in TABLES.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, {key: "" for row in rows for key in row})
            writer.writeheader()
            writer.writerows(rows)
    assert run("import", folder).exit_code == 0


@pytest.mark.usefixtures("imported")
def test_after_an_import_everything_due_is_listed_in_order() -> None:
    found = listed()
    assert [(one["kind"], one["deal_id"], one["due_at"], one["person"]) for one in found] == [
        ("promise", "A", "2026-03-02T15:00:00Z", "Mara Lind"),
        ("missed_call", "B", "2026-03-02T11:00:00Z", "Jo Hart"),
        ("next_step", "C", "2026-03-01T00:00:00Z", None),
        ("stalled", "B", "2026-02-13T09:00:00Z", "Jo Hart"),
        ("next_step", "B", None, "Jo Hart"),
    ]
    assert [one["text"] for one in found] == [
        "You promised Helvia AG the security sheet",
        "Call Corwin & Sons back: Tom Corwin rang on 27 Feb at 15:00 and nobody answered",
        "Next step with Okapi: Call Okapi",
        "Corwin & Sons: in this stage 29 days; won deals leave it in 8 days (median)",
        "Corwin & Sons has no dated next step",
    ]


@pytest.mark.usefixtures("imported")
def test_the_clock_can_be_moved_to_and_fro(clock: Clock) -> None:
    clock("2026-03-03T08:00:00+00:00")
    assert [one["text"] for one in listed() if one["kind"] == "promise"] == [
        "You promised Helvia AG the security sheet",
        "You promised Helvia AG the price",
    ]
    clock("2026-03-01T08:00:00+00:00")
    assert [one for one in listed() if one["kind"] == "promise"] == []


@pytest.mark.usefixtures("imported")
def test_a_persons_own() -> None:
    run("person", "jo@example.org", "--role", "seller", "--seller-name", "Jo Hart")
    hers = listed("--person", "jo@example.org")
    assert {one["deal_id"] for one in hers} == {"B"}
    assert {one["person"] for one in hers} == {"jo@example.org"}
    assert {one["deal_id"] for one in listed("--person", "Mara Lind")} == {"A"}
    run("person", "ida@example.org", "--role", "seller")
    assert listed("--person", "ida@example.org") == []


@pytest.mark.usefixtures("imported")
def test_nobody_of_that_name_is_an_error() -> None:
    result = run("today", "--person", "nobody@example.org")
    assert result.exit_code == 2
    assert "nobody is called 'nobody@example.org'" in result.stderr
    assert result.stdout == ""


@pytest.mark.usefixtures("imported")
def test_as_text_one_a_line() -> None:
    result = run("today")
    lines = result.stdout.splitlines()
    assert len(lines) == 5
    assert lines[0] == "today              You promised Helvia AG the security sheet  [A, Mara Lind]"
    assert run("today", "--person", "Mara Lind").stdout.splitlines() == lines[:1]


@pytest.mark.usefixtures("imported")
def test_nothing_due_says_so(clock: Clock) -> None:
    clock("2024-01-01T08:00:00+00:00")
    assert "Nothing is waiting" in run("today").stdout
    assert listed() == []


def test_before_anything_is_there_it_says_where_to_begin() -> None:
    result = run("today")
    assert result.exit_code == 1
    assert "notyet import" in result.stderr


@pytest.mark.usefixtures("imported")
def test_what_an_import_settles_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    folder.mkdir()
    (folder / "deals.csv").write_text(
        "deal_id,account,owner,amount,opened_at,outcome\nA,Helvia AG,Mara Lind,50000,2026-02-20T09:00:00Z,lost\n"
    )
    assert run("import", folder).exit_code == 0
    assert "A" not in {one["deal_id"] for one in listed()}
