"""Reasons: sellers' and buyers' apart, nobody's answer told, answers weighted for all losses."""

from pathlib import Path

import numpy as np
import pytest

from notyet.analysis.meta import ReasonEntry
from notyet.analysis.report import analyse
from notyet.analysis.results import ReasonRow, Report
from notyet.analysis.settings import Settings
from notyet.analysis.weighting import fit_chances
from tests.analysis.written import Row, day, deal, deals, opened


def _report(folder: Path, rows: list[Row], answers: list[Row], settings: Settings | None = None) -> Report:
    with opened(folder, {"deals": rows, "buyer_answers": answers}) as history:
        return analyse(history, settings, drivers=False)


def _row(report: Report, reason: str) -> ReasonRow:
    return next(row for row in report.reasons if row.reason == reason)


def _answer(number: int, reason: str | None) -> Row:
    answered = None if reason is None else day(100)
    return {"deal": number, "invited_at": day(90), "answered_at": answered, "deciding_reason": reason}


def _losses(**reasons: int) -> list[Row]:
    names = [name.replace("_", " ") for name, count in reasons.items() for _ in range(count)]
    return [deal(number, "lost", loss_reason=name) for number, name in enumerate(names)]


def test_sellers_reasons_count_losses_and_what_they_were_worth(tmp_path: Path) -> None:
    rows = _losses(Too_pricey=3, We_were_slow=2)
    rows += [
        deal(10, "no_decision", loss_reason="Frozen", value=None),
        deal(11, "lost"),
        deal(12, "won", loss_reason="Frozen"),
    ]
    rows += [deal(13, "disqualified", loss_reason="Frozen")]
    report = _report(tmp_path, rows, [])
    told = {row.reason: (row.control, row.seller.deals, row.seller.value) for row in report.reasons}
    assert told == {
        "Too pricey": ("shared", 3, 3000.0),
        "We were slow": ("ours", 2, 2000.0),
        "(not recorded)": ("unknown", 1, 1000.0),
        "Frozen": ("theirs", 1, 0.0),
    }
    assert report.reasons[0].reason == "Too pricey"


def test_a_debriefs_reason_stands_in_place_of_the_first_one(tmp_path: Path) -> None:
    debriefs = [
        {"deal": 0, "at": day(80), "deciding_reason": "Frozen"},
        {"deal": 0, "at": day(90), "deciding_reason": "We were slow"},
        {"deal": 0, "at": day(95), "deciding_reason": None},
    ]
    with opened(tmp_path, {"deals": _losses(Too_pricey=1), "debriefs": debriefs}) as history:
        report = analyse(history, drivers=False)
    assert [row.reason for row in report.reasons] == ["We were slow"]


def test_the_workspaces_own_mapping_goes_before_the_historys(tmp_path: Path) -> None:
    settings = Settings(reasons=(ReasonEntry("Too pricey", "Value not shown", "ours"),))
    report = _report(tmp_path, _losses(Too_pricey=6), [], settings)
    assert (_row(report, "Too pricey").label, _row(report, "Too pricey").control) == ("Value not shown", "ours")
    figure = report.figure("lost_in_our_control")
    assert figure is not None and figure.value == 1


def test_four_answers_in_all_tell_nothing_of_what_buyers_said(tmp_path: Path) -> None:
    report = _report(tmp_path, _losses(Too_pricey=20), [_answer(n, "We were slow") for n in range(4)])
    for row in report.reasons:
        assert (row.buyer.deals, row.buyer.value, row.buyer.share) == (None, None, None)


def test_a_reason_that_four_buyers_named_has_its_count_but_no_value(tmp_path: Path) -> None:
    answers = [_answer(n, "We were slow" if n < 4 else "Frozen") for n in range(12)]
    report = _report(tmp_path, _losses(Too_pricey=20), answers)
    few, many = _row(report, "We were slow").buyer, _row(report, "Frozen").buyer
    assert (few.deals, few.value, few.estimate, few.withheld) == (4, None, None, "below_five")
    assert (many.deals, many.value, many.withheld) == (8, 8000.0, None)


def test_without_an_answer_buyers_said_nothing(tmp_path: Path) -> None:
    report = _report(tmp_path, _losses(Too_pricey=5), [_answer(n, None) for n in range(5)])
    assert (report.reasons[0].buyer.deals, report.reasons[0].buyer.value) == (0, 0.0)


def test_answers_are_weighted_by_the_chance_to_be_given(tmp_path: Path) -> None:
    # Buyers of deals filed under price answer four times as often; what they say goes with what the seller said.
    rows = _losses(Too_pricey=400, We_were_slow=400)
    answers = [_answer(n, ("Too pricey", "Frozen")[n % 4 == 0] if n < 320 else None) for n in range(400)]
    answers += [_answer(n, "We were slow" if n < 480 else None) for n in range(400, 800)]
    report = _report(tmp_path, rows, answers)
    slow = _row(report, "We were slow").buyer
    assert slow.deals == 80
    assert 80 / 400 < 0.25 and slow.share == pytest.approx(0.5, abs=0.02)
    assert slow.low is not None and slow.high is not None and slow.low < 0.5 < slow.high
    assert slow.estimate == pytest.approx(400, rel=0.05)
    assert slow.estimate_value == pytest.approx(400_000, rel=0.05)
    assert sum(row.buyer.share or 0 for row in report.reasons) == pytest.approx(1)


def test_chances_are_those_of_their_cell_where_cells_are_large() -> None:
    codes = [np.array([0, 0, 1, 1]), np.array([0, 0, 0, 0])]
    chances = fit_chances(codes, np.array([3000.0, 1000.0, 500.0, 4500.0]), np.array([True, False, True, False]))
    assert chances == pytest.approx([0.75, 0.75, 0.1, 0.1], abs=0.01)


def test_weighting_halves_the_bias_of_answers_that_depend_on_the_reason() -> None:
    # Sellers file a part of what is their own under price; who suffered a slow reply answers less often.
    random = np.random.default_rng(1)
    raw, weighted, runs = 0.0, 0.0, 60
    for _ in range(runs):
        slow = random.random(3000) < 0.4
        filed = np.where(slow, random.random(3000) < 0.85, random.random(3000) < 0.1).astype(np.int64)
        answered = random.random(3000) < np.where(slow, 0.2, 0.6)
        chance = fit_chances([filed], np.ones(3000), answered)
        raw += (slow[answered].mean() - slow.mean()) / runs
        weighted += (np.average(slow[answered], weights=1 / chance[answered]) - slow.mean()) / runs
    assert abs(weighted) < 0.6 * abs(raw)


def test_a_history_without_losses_has_no_reasons(tmp_path: Path) -> None:
    assert _report(tmp_path, deals(won=8), []).reasons == ()
