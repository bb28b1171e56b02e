"""Where deals leave: counted against the rows, in the order of the process or of the record."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from notyet.analysis.meta import Stage
from notyet.analysis.report import analyse
from notyet.analysis.results import Funnel
from tests.analysis.written import Row, deal, meta, opened

STEPS = ("Enquiry", "Need", "Proposal")


def _entries(row: Row, steps: tuple[str, ...], days: int = 2) -> list[Row]:
    times = [row["opened_at"] + timedelta(days=days * number) for number in range(len(steps))]
    return [{"deal": row["deal"], "stage": step, "entered_at": at} for step, at in zip(steps, times, strict=True)]


def _funnel(folder: Path, rows: list[Row], entries: list[Row], stages: tuple[Stage, ...] | None = None) -> Funnel:
    about = meta() if stages is None else replace(meta(), stages=stages)
    with opened(folder, {"deals": rows, "stage_changes": entries}, about) as history:
        return analyse(history, drivers=False).funnel


def _company() -> tuple[list[Row], list[Row]]:
    """Ten won, six slow losses from Need, four losses from Proposal that were nobody's fault, three open."""
    rows = [deal(n) for n in range(10)]
    rows += [deal(n, "lost", loss_reason="We were slow") for n in range(10, 16)]
    rows += [deal(n, "lost", loss_reason="Frozen") for n in range(16, 20)]
    rows += [deal(n, "open") for n in range(20, 23)]
    reached = [3] * 10 + [2] * 6 + [3] * 4 + [1] * 3
    entries = [entry for row, count in zip(rows, reached, strict=True) for entry in _entries(row, STEPS[:count])]
    lost = [{"deal": n, "stage": "Lost", "entered_at": rows[n]["closed_at"]} for n in range(10, 20)]
    return rows, entries + lost


def test_closed_deals_enter_go_on_and_leave(tmp_path: Path) -> None:
    found = _funnel(tmp_path, *_company())
    counted = [(s.stage, s.entered, s.went_on, s.left_ours, s.left_other) for s in found.stages]
    assert counted == [("Enquiry", 20, 20, 0, 0), ("Need", 20, 14, 6, 0), ("Proposal", 14, 10, 0, 4)]
    assert not found.inferred


def test_they_wait_until_the_next_stage_or_the_close(tmp_path: Path) -> None:
    enquiry, need, proposal = _funnel(tmp_path, *_company()).stages
    assert enquiry.median_days == 2
    assert need.median_days == 2 and need.days_high == 18
    assert proposal.median_days == 16


def test_a_skipped_stage_was_not_entered(tmp_path: Path) -> None:
    rows = [deal(n) for n in range(6)]
    entries = [entry for row in rows for entry in _entries(row, ("Enquiry", "Proposal"))]
    assert [stage.stage for stage in _funnel(tmp_path, rows, entries).stages] == ["Enquiry", "Proposal"]


def test_an_order_that_nobody_gave_is_that_of_the_record(tmp_path: Path) -> None:
    rows = [deal(n) for n in range(9)]
    entries = [entry for row in rows[:8] for entry in _entries(row, STEPS)]
    entries += _entries(rows[8], tuple(reversed(STEPS)))
    found = _funnel(tmp_path, rows, entries, tuple(Stage(label) for label in ("Proposal", "Enquiry", "Need")))
    assert [stage.stage for stage in found.stages] == list(STEPS)
    assert found.inferred


def test_groups_that_leave_more_often_are_named(tmp_path: Path) -> None:
    rows, entries = [], []
    for number in range(200):
        bad = number % 4 == 0
        group = {"persona": "IT" if bad else "Founder", "source": "Ads" if number % 8 == 0 else "Web"}
        lost = number % 5 != 0 if group == {"persona": "IT", "source": "Ads"} else number % 5 == 0
        rows.append(deal(number, "lost" if lost else "won", **group))
        entries += _entries(rows[-1], STEPS[: 2 if lost else 3])
    worst = _funnel(tmp_path, rows, entries).worst
    assert [(cell.stage, dict(cell.by)) for cell in worst] == [("Need", {"persona": "IT", "source": "Ads"})]
    assert (worst[0].entered, worst[0].lost) == (25, 20)
    assert worst[0].share == pytest.approx(20 / (20 + 35))


def test_a_record_without_stages_has_no_funnel(tmp_path: Path) -> None:
    assert _funnel(tmp_path, [deal(1)], []) == Funnel()
