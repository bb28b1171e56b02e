"""``imports`` and ``undo``, and the worker that the server brings along."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from notyet.deals.actions import edit_deal
from notyet.deals.models import Deal
from notyet.deals.values import Change
from notyet.workspaces.access import operator
from notyet.workspaces.models import Workspace
from notyet.workspaces.scope import within
from tests.cli.test_commands import deal, history, run


@pytest.mark.django_db(transaction=True)
def test_imports_are_listed_and_undone_by_their_number(tmp_path: Path) -> None:
    """The newest first; out of order it is refused with a sentence."""
    run("import", "--dry-run", history(tmp_path / "n", [deal(1)]))
    assert "nothing was imported" in run("imports").stdout
    run("import", history(tmp_path / "one", [deal(number) for number in range(6)]))
    run("import", history(tmp_path / "two", [deal(1, amount="7"), deal(9)]))
    second, first = (line.split()[0] for line in run("imports").stdout.splitlines())
    assert "1 added, 1 updated" in run("imports").stdout.splitlines()[0]

    refused = run("undo", first)
    assert refused.exit_code == 1
    assert f"import {second} of" in refused.stderr

    assert run("undo", second).exit_code == 0
    assert json.loads(run("report", "--format", "json").stdout)["deals"]["closed"] == 6
    assert run("undo", first).exit_code == 0
    assert json.loads(run("report", "--format", "json").stdout)["deals"]["closed"] == 0
    assert run("undo", first).exit_code == 1
    assert run("undo", "4711").exit_code == 2


@pytest.mark.django_db(transaction=True)
def test_edits_that_stand_are_said(tmp_path: Path) -> None:
    """With what stands, what the file says, and where all of them are listed."""
    deals = tmp_path / "deals.csv"
    deals.write_text("deal_id,outcome,name,amount\nA,open,Chairs,5\n", encoding="utf-8")
    run("import", deals)
    workspace = Workspace.objects.get()
    with within(workspace):
        edit_deal(operator(workspace), Deal.objects.get().pk, {"amount": Change("5", "7")})
    deals.write_text("deal_id,outcome,name,amount\nA,open,Chairs,6\n", encoding="utf-8")
    said = run("import", deals).stdout
    assert "deals.csv, line 2: amount of deal" in said and "stays '7', not '6'" in said
    number = run("imports").stdout.split()[0]
    assert f"1 edit made here stands though the files say otherwise; import {number} lists them" in said


def test_an_attached_worker_ends_with_its_server(tmp_path: Path) -> None:
    """As soon as nobody holds its standard input any more, however the server ended."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "notyet", "work", "--attached"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"NOTYET_HOME": str(tmp_path), "PATH": ""},
    )
    assert worker.stdin is not None and worker.stdout is not None
    assert worker.stdout.readline().startswith(b"Working")
    assert worker.poll() is None
    worker.stdin.close()
    assert worker.wait(60) == 0
