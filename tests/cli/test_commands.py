"""The command line: one step from files to a report, honest exit codes, sentences instead of tracebacks."""

import csv
import json
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from notyet.cli.main import app

pytestmark = pytest.mark.django_db(transaction=True)

DEALS = ("deal_id", "amount", "currency", "persona", "opened_at", "closed_at", "outcome", "loss_reason")


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def deal(number: int, **more: str) -> dict[str, str]:
    outcome = "won" if number % 3 == 0 else "lost"
    row = {
        "deal_id": f"D{number}",
        "amount": "100",
        "currency": "EUR",
        "persona": "CFO" if number % 2 else "CTO",
        "opened_at": f"2025-01-{number % 27 + 1:02d}",
        "closed_at": f"2025-03-{number % 27 + 1:02d}",
        "outcome": outcome,
        "loss_reason": "" if outcome == "won" else "Price",
    }
    return {**row, **more}


def history(folder: Path, rows: list[dict[str, str]]) -> Path:
    folder.mkdir(exist_ok=True)
    with (folder / "deals.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, DEALS)
        writer.writeheader()
        writer.writerows(rows)
    return folder


def test_import_and_report_need_no_other_step(tmp_path: Path) -> None:
    imported = run("import", history(tmp_path / "h", [deal(number) for number in range(30)]))
    assert imported.exit_code == 0, imported.output
    assert "30 added" in imported.stdout

    report = run("report", "--format", "json")

    assert report.exit_code == 0
    found = json.loads(report.stdout)
    assert {"as_of", "deals", "figures", "reasons", "agreement", "drivers", "tested", "experiments", "warnings"} <= set(
        found
    )
    assert found["deals"]["closed"] == 30
    assert found["deals"]["won"] == 10
    assert found["experiments"] == []
    (price,) = found["reasons"]
    assert (price["reason"], price["control"], price["seller"]) == (
        "Price",
        "shared",
        {**price["seller"], "deals": 20, "value": 2000.0},
    )


def test_filters_narrow_the_report(tmp_path: Path) -> None:
    run("import", history(tmp_path / "h", [deal(number) for number in range(30)]))

    def closed(*options: str) -> int:
        return int(json.loads(run("report", "--format", "json", *options).stdout)["deals"]["closed"])

    assert closed("--where", "persona=CFO") == 15
    assert closed("--where", "persona=CFO", "--where", "persona=CTO") == 30
    assert closed("--until", "2025-03-01") == len([n for n in range(30) if n % 27 == 0])
    assert closed("--as-of", "2025-03-02") < 30


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--where", "colour=red"), "colour"),
        (("--where", "persona"), "FIELD=VALUE"),
        (("--where", "owner=Ada"), "owner"),
        (("--since", "yesterday"), "--since"),
        (("--as-of", "2025-13-01"), "--as-of"),
        (("--workspace", "nowhere"), "nowhere"),
    ],
)
def test_a_report_that_cannot_be_made_says_why(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    run("import", history(tmp_path / "h", [deal(number) for number in range(6)]))

    result = run("report", *options)

    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_some_refused_is_4_and_they_come_back_to_be_mended(tmp_path: Path) -> None:
    rows = [deal(0), deal(1, amount="plenty"), deal(2)]
    back = tmp_path / "refused.csv"

    result = run("import", history(tmp_path / "h", rows), "--refused", back)

    assert result.exit_code == 4
    assert "line 3, amount: 'plenty'" in result.stdout
    mended = back.read_text(encoding="utf-8").replace("plenty", "12.50")
    back.write_text(mended, encoding="utf-8")
    assert run("import", back).exit_code == 0
    assert json.loads(run("report", "--format", "json").stdout)["deals"]["closed"] == 3


@pytest.mark.parametrize("kind", ["missing", "empty folder", "noise", "no outcome", "all refused"])
def test_nothing_went_in_is_1(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "deals.csv"
    if kind == "empty folder":
        path.mkdir()
    elif kind == "noise":
        path.write_bytes(bytes(range(256)) * 40)
    elif kind == "no outcome":
        path.write_text("colour,size\nred,1\nblue,2\n", encoding="utf-8")
    elif kind == "all refused":
        path.write_text("deal_id,outcome\nA,perhaps\n", encoding="utf-8")

    result = run("import", path)

    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    result = run("import", history(tmp_path / "h", [deal(0), deal(1)]), "--dry-run")

    assert result.exit_code == 0
    assert "Nothing was changed" in result.stdout
    assert json.loads(run("report", "--format", "json").stdout)["deals"]["closed"] == 0


def test_an_export_comes_back_the_same(tmp_path: Path) -> None:
    run("import", history(tmp_path / "h", [deal(number) for number in range(9)]))
    target = tmp_path / "out.zip"

    assert run("export", target).exit_code == 0

    with zipfile.ZipFile(target) as packed:
        assert any(name.endswith("deals.csv") for name in packed.namelist())
    again = run("import", target)
    assert again.exit_code == 0
    assert "9 unchanged" in again.stdout


def test_a_sample_is_written_once(tmp_path: Path) -> None:
    target = tmp_path / "sample"

    assert run("sample", target, "--deals", "60", "--until", "2025-06-30").exit_code == 0
    assert (target / "deals.csv").exists()

    again = run("sample", target)
    assert again.exit_code == 1
    assert "there already" in again.stderr


def test_a_report_in_a_file_and_as_a_page(tmp_path: Path) -> None:
    run("import", history(tmp_path / "h", [deal(number) for number in range(30)]))
    page = tmp_path / "report.html"

    assert run("report", "--format", "html", "--output", page).exit_code == 0

    text = page.read_text(encoding="utf-8")
    assert text.lstrip().lower().startswith("<!doctype html>")
    assert "src=" not in text.replace('src="data:', "")
    assert "Win rate" in run("report").stdout


def test_people_are_added_with_a_role(tmp_path: Path) -> None:
    assert run("person", "ada@example.com", "--role", "boss").exit_code == 2
    added = run("person", "ada@example.com", "--role", "seller")
    assert added.exit_code == 0
    assert "first password" in added.stdout
    again = run("person", "ada@example.com", "--role", "manager")
    assert "Manager" in again.stdout
    assert "password" not in again.stdout


def test_rates_are_set_and_bad_ones_named(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text("date,currency,rate\n2025-01-01,USD,0.9\n2025-02-01,XXX1,0.9\n", encoding="utf-8")
    assert "line 3" in run("rates", path).stderr

    path.write_text("date,currency,rate\n2025-01-01,USD,0.9\n", encoding="utf-8")
    assert run("rates", path).exit_code == 0
