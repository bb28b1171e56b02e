"""Lost deals given away and got away: each cause on a record made by hand, and the counting."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from notyet.analysis import facts
from notyet.analysis.given_away import Judged, given_away, judge
from notyet.analysis.intervals import share
from tests.analysis.written import Row, day, deal, meta, opened

NAN = float("nan")


def talk(number: int, at: float, direction: str = "in", **more: Any) -> Row:
    """A conversation of a deal, so many days after its opening on day ``number``."""
    return {"deal": number, "at": day(number + at), "channel": "call", "direction": direction, "missed": False, **more}


def judged(folder: Path, conversations: list[Row], deals: list[Row] | None = None, **tables: list[Row]) -> Judged:
    """Judge the losses among five deals that were lost after twenty days."""
    rows = deals or [deal(number, "lost") for number in range(5)]
    with opened(folder, {"deals": rows, "conversations": conversations, **tables}, meta()) as history:
        everything = facts.read(history)
        lost = everything.filter(everything.outcome.isin(("lost", "no_decision")))
        found = judge(history, everything, lost, {"Support let us down"})
    order = np.argsort(found.deal)
    causes = {name: flags[order] for name, flags in found.causes.items()}
    return Judged(found.deal[order], found.value[order], causes, found.known[order])


def test_a_missed_call_that_nobody_returned(tmp_path: Path) -> None:
    """Returned late is returned; a call missed on the last day is not judged; only the last one counts."""
    answered = [talk(number, 1, "out") for number in range(5)]
    calls = [
        talk(0, 5, missed=True),  # never returned
        *(talk(1, 5, missed=True), talk(1, 9, "out", channel="email")),  # returned after four days
        talk(2, 19.5, missed=True),  # on the last day
        *(talk(3, 5, missed=True), talk(3, 9, "out", missed=True)),  # called back, and did not reach them
        talk(4, 5),  # not missed
    ]
    found = judged(tmp_path, [*answered, *calls])
    assert found.causes["unanswered"].tolist() == [True, False, False, True, False]
    assert found.known.all()


def test_an_enquiry_that_nobody_answered(tmp_path: Path) -> None:
    """A note is no answer."""
    rows = [
        talk(0, 0, channel="email"),
        *(talk(1, 0, channel="email"), talk(1, 1, "out", channel="note")),
        *(talk(2, 0, channel="email"), talk(2, 1, "out")),
        talk(3, 19.5, channel="email"),
        talk(4, 2, "out"),
    ]
    assert judged(tmp_path, rows).causes["unanswered"].tolist() == [True, True, False, False, False]


def test_where_a_source_records_no_replies_nobody_is_blamed(tmp_path: Path) -> None:
    """Conversations without a direction of ours would all look unanswered."""
    rows = [talk(number, 0, channel="email") for number in range(5)]
    assert not judged(tmp_path, rows).causes["unanswered"].any()


def test_a_promise_broken(tmp_path: Path) -> None:
    """Kept late is broken; not due before the end is not."""
    promises = [
        {"deal": 0, "made_at": day(1), "due_at": day(5), "kept_at": day(5)},
        {"deal": 1, "made_at": day(2), "due_at": day(6), "kept_at": day(9)},
        {"deal": 2, "made_at": day(3), "due_at": day(7), "kept_at": None},
        {"deal": 3, "made_at": day(4), "due_at": day(40), "kept_at": None},
    ]
    found = judged(tmp_path, [], promises=promises)
    assert found.causes["promise"].tolist() == [False, True, True, False, False]
    assert found.known.all()


def test_no_record(tmp_path: Path) -> None:
    """Not one conversation, a note included, in a source that has them; what another source lacks is not judged."""
    rows = [deal(number, "lost") for number in range(4)] + [deal(4, "lost", data_source="list")]
    found = judged(tmp_path, [talk(0, 1, "out"), talk(1, 1, channel="note")], rows)
    assert found.causes["no_record"].tolist() == [False, False, True, True, False]
    assert found.known.tolist() == [True, True, True, True, False]


def test_let_down_by_support(tmp_path: Path) -> None:
    """By the seller's reason, also where nothing else is recorded."""
    rows = [deal(0, "lost", loss_reason="Support let us down"), deal(1, "lost", loss_reason="Too pricey")]
    found = judged(tmp_path, [], rows)
    assert found.causes["support"].tolist() == [True, False]
    assert found.known.tolist() == [True, False]


def some(**causes: list[bool]) -> Judged:
    """Ten judged losses of 10 each."""
    none = [False] * 10
    flags = {name: np.array(causes.get(name, none)) for name in ("unanswered", "promise", "support", "no_record")}
    return Judged(np.arange(10), np.full(10, 10.0), flags, np.ones(10, dtype=bool))


def test_a_deal_with_two_causes_counts_once() -> None:
    """In each cause, and once in the whole; what is not given away got away."""
    found = given_away(some(unanswered=[True] * 3 + [False] * 7, promise=[True] * 2 + [False] * 8))
    parts = dict(found.causes)
    assert (found.given.count, parts["unanswered"].count, parts["promise"].count, found.got.count) == (3, 3, 2, 7)
    assert found.given.share == share(3, 10)
    assert found.given.value == 30
    assert found.given.value_share.value == pytest.approx(0.3)
    assert found.got.value == 70


def test_below_five_shares_are_withheld_and_counts_are_not() -> None:
    """And deals that cannot be judged are counted apart."""
    ten = some(promise=[True] * 10)
    found = given_away(Judged(ten.deal, np.full(10, NAN), ten.causes, np.arange(10) < 4))
    assert (found.n, found.unjudged, found.given.count) == (4, 6, 4)
    assert found.given.share.value is None
    assert found.given.value_share.value is None
