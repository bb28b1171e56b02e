"""What of a report is made of debriefs says how many closed deals were debriefed, on every surface and nowhere else."""

from dataclasses import replace

import pytest

from notyet.analysis.debriefed import MADE_OF_DEBRIEFS, Debriefed, debriefed
from notyet.analysis.registry import BY_KEY
from notyet.analysis.results import Figure
from notyet.cli.report_text import as_text
from notyet.web.figure_view import no_link
from notyet.web.report_view import report_view
from notyet.web.standalone import render
from tests.web.reports import REPORT

TOLD = "412 of 1,284 closed deals debriefed"


def test_it_is_read_from_the_figure_and_said_in_words() -> None:
    found = debriefed(REPORT.figures)
    assert found == Debriefed(412, 1284)
    assert found.words("32.1%") == f"{TOLD} (32.1%)"


@pytest.mark.parametrize(
    "figures",
    [
        (),
        (Figure("debriefed", "Debriefed", "share", None, None, None, 0, count=0),),
        (Figure("debriefed", "Debriefed", "share", 0.5, 0.4, 0.6, 10, {"team": "North"}, count=5),),
    ],
)
def test_without_closed_deals_nothing_is_said(figures: tuple[Figure, ...]) -> None:
    assert debriefed(figures) is None
    others = tuple(one for one in REPORT.figures if one.key != "debriefed")
    report = replace(REPORT, figures=(*others, *figures))
    assert "closed deals debriefed" not in as_text(report) + render(report)


def test_the_figures_named_are_figures() -> None:
    assert BY_KEY.keys() >= MADE_OF_DEBRIEFS


def test_the_page_says_it_beside_them_and_beside_no_other() -> None:
    view = report_view(REPORT, no_link)
    said = {one.key: one.debriefed for one in (*view.heads, *view.others)}
    assert said["lost_in_our_control"] == said["preparation_won"] == view.debriefed == f"{TOLD} (32.1%)"
    assert not said["win_rate"]
    assert not said["debriefed"]


def test_the_report_in_one_file_says_it_beside_figures_reasons_and_the_matrix() -> None:
    assert render(REPORT).count(f"{TOLD} (32.1%)") == 4


def test_the_text_says_it_on_their_lines_and_above_the_reasons() -> None:
    lines = [line.strip() for line in as_text(REPORT).splitlines() if TOLD in line]
    assert [line.partition(":")[0] for line in lines[:2]] == ["Lost to things in our control", "Preparation, won deals"]
    assert lines[2] == f"Reasons for losses, by what sellers said; {TOLD} (32.1 %)"
    assert len(lines) == 3
