"""What conversations went into: by stage, by outcome, and the bootstrap's interval."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from notyet.analysis import facts
from notyet.analysis.effort import Effort, effort, spent_on
from notyet.analysis.facts_record import known_stages
from notyet.analysis.intervals import wilson
from tests.analysis.written import Row, day, deal, meta, opened


def talk(number: int, at: float, **more: Any) -> Row:
    """A call of ten minutes on a deal, so many days after its opening."""
    return {"deal": number, "at": day(number % 50 + at), "channel": "call", "direction": "out", "minutes": 10.0} | more


def stage(number: int, label: str, at: float) -> Row:
    """A deal enters a stage."""
    return {"deal": number, "stage": label, "entered_at": day(number % 50 + at)}


def spent(folder: Path, deals: list[Row], talks: list[Row], stages: list[Row]) -> Effort | None:
    """The effort of what ended."""
    with opened(folder, {"deals": deals, "conversations": talks, "stage_changes": stages}, meta()) as history:
        rows = facts.read(history)
        return effort(history, rows.filter(rows.outcome != "open"), known_stages(history))


def test_a_conversation_belongs_to_the_stage_it_was_held_in(tmp_path: Path) -> None:
    """Before any, in the first, in one that was entered at the same moment as another; missed calls are none."""
    deals = [deal(0, "won"), deal(1, "lost"), deal(2, "no_decision"), deal(3, "disqualified"), deal(4, "open")]
    stages = [stage(n, "Enquiry", 1) for n in range(5)] + [stage(1, "Need", 5), stage(1, "Proposal", 5)]
    talks = [
        *(talk(0, 0.5), talk(0, 2), talk(0, 3, minutes=None)),
        *(talk(1, 2, minutes=30.0), talk(1, 6, minutes=60.0)),
        *(talk(2, 2), talk(3, 2), talk(4, 2)),
        *(talk(1, 2, missed=True), talk(1, 2, channel="note"), talk(1, 30)),
    ]
    found = spent(tmp_path, deals, talks, stages)
    assert found is not None
    held = {one.label: one.conversations for one in found.stages}
    assert held == {
        "": {"won": 1, "lost": 0, "no_decision": 0, "disqualified": 0},
        "Enquiry": {"won": 2, "lost": 1, "no_decision": 1, "disqualified": 1},
        "Proposal": {"won": 0, "lost": 1, "no_decision": 0, "disqualified": 0},
    }
    assert found.total.conversations == {"won": 3, "lost": 2, "no_decision": 1, "disqualified": 1}
    assert found.total.minutes == {"won": 20, "lost": 90, "no_decision": 10, "disqualified": 10}
    assert (found.timed, found.total.deals, found.total.not_won) == (6, 4, 3)
    # Four deals: nothing is said of a share.
    assert found.total.share.value is None


def test_without_conversations_there_is_nothing(tmp_path: Path) -> None:
    """Not a table of zeros."""
    assert spent(tmp_path, [deal(0, "lost")], [], [stage(0, "Need", 1)]) is None


def test_the_share_goes_by_deal(tmp_path: Path) -> None:
    """A deal with all the conversations of fifty widens the interval; each deal is one draw."""
    rows = [deal(n, "lost" if n % 2 else "won") for n in range(100)]
    even = spent(tmp_path / "even", rows, [talk(n, 2) for n in range(100)], [])
    heavy = spent(tmp_path / "heavy", rows, [talk(n, 2) for n in range(100)] + [talk(1, 3)] * 50, [])
    assert even is not None
    assert heavy is not None
    low, high = wilson(50, 100)
    assert even.total.share.value == 0.5
    assert even.total.share.low == pytest.approx(float(low), abs=0.02)
    assert even.total.share.high == pytest.approx(float(high), abs=0.02)
    assert heavy.total.share.value == pytest.approx(100 / 150)
    assert heavy.total.share.low is not None
    assert heavy.total.share.high is not None
    assert heavy.total.share.high - heavy.total.share.low > 0.25


def test_groups_of_deals_stand_for_deals(tmp_path: Path) -> None:
    """Six thousand deals are redrawn in two thousand groups; the interval is that of deals."""
    rng = np.random.default_rng(5)
    rows = [deal(n, "lost" if rng.random() < 0.4 else "won") for n in range(6_000)]
    found = spent(tmp_path, rows, [talk(n, 2) for n in range(6_000)], [])
    assert found is not None
    lost = sum(row["outcome"] == "lost" for row in rows)
    low, high = wilson(lost, 6_000)
    assert found.total.share.low == pytest.approx(float(low), abs=0.002)
    assert found.total.share.high == pytest.approx(float(high), abs=0.002)


def test_all_of_it_lost_is_not_certain(tmp_path: Path) -> None:
    """Ten lost deals of ten: redrawing them would never show another."""
    found = spent(tmp_path, [deal(n, "lost") for n in range(10)], [talk(n, 2) for n in range(10)], [])
    assert found is not None
    assert found.total.share.value == 1
    assert found.total.share.low == pytest.approx(float(wilson(10, 10)[0]))


def test_the_deals_behind_are_those_not_won(tmp_path: Path) -> None:
    """In a stage, before any, or in all."""
    tables = {
        "deals": [deal(0, "won"), deal(1, "lost"), deal(2, "lost"), deal(3, "lost")],
        "conversations": [talk(0, 2), talk(1, 2), talk(2, 0.5)],
        "stage_changes": [stage(n, "Need", 1) for n in range(4)],
    }
    with opened(tmp_path, tables, meta()) as history:
        rows, stages = facts.read(history), known_stages(history)
        behind = {label: spent_on(history, rows, stages, label).tolist() for label in ("Need", "", None, "Nowhere")}
    assert behind == {"Need": [1], "": [2], None: [1, 2], "Nowhere": []}
