"""What leaves the page as a file."""

import csv
import io
import json
import re
from dataclasses import replace

import pytest

from notyet.analysis.results import Figure
from notyet.web.spreadsheet import HEADER, figures_csv, harmless
from notyet.web.standalone import policy, render, style
from tests.web.reports import REPORT


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_what_begins_like_a_formula_is_made_text(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless("Founder = owner") == "Founder = owner"


def test_the_csv_holds_every_figure_and_no_formula() -> None:
    bad = Figure("win_rate", "Win rate", "share", 0.5, 0.4, 0.6, 10, {"=cmd()": "x"})
    text = figures_csv(replace(REPORT, figures=(*REPORT.figures, bad)))
    rows = list(csv.reader(io.StringIO(text)))
    assert tuple(rows[0]) == HEADER
    assert len(rows) == len(REPORT.figures) + 2
    assert rows[-1][3] == "'=cmd(): x"
    withheld = next(row for row in rows if row[0] == "won_back_value")
    assert (withheld[4], withheld[9]) == ("", "below_five")


def test_a_report_stands_alone() -> None:
    """No script, nothing asked from elsewhere, no inline style, and every figure as on the page."""
    text = render(REPORT)
    assert "<script" not in text
    assert not re.search(r'\b(src|href)="(?!#)', text)
    assert not re.search(r'\sstyle="', text)
    assert "31.4%" in text
    assert "First reply within 24 hours" in text
    assert "Days in process" in text


def test_the_policy_lets_in_the_reports_own_style_and_no_other() -> None:
    text = render(REPORT)
    found = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert found is not None
    assert found[1] == style()
    assert policy()["style-src"].startswith("'sha256-")


def test_text_of_the_record_cannot_become_markup() -> None:
    text = render(replace(REPORT, workspace="<script>alert(1)</script>"))
    assert "<script" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.django_db
def test_the_exports_of_the_page_agree(frozen: object, sign_in: object) -> None:
    """CSV and JSON hold the same figures."""
    from notyet.workspaces.models import Role

    client = sign_in(Role.LEADERSHIP)  # type: ignore[operator]
    figures = json.loads(client.get("/win-loss/figures.json?period=all").content)["figures"]
    rows = list(csv.DictReader(io.StringIO(client.get("/win-loss/figures.csv?period=all").content.decode())))
    assert [(row["key"], row["n"]) for row in rows] == [(one["key"], str(one["n"])) for one in figures]
    alone = client.get("/win-loss/figures.html?period=all")
    assert policy()["style-src"] in alone["Content-Security-Policy"]
    assert "attachment" in alone["Content-Disposition"]
