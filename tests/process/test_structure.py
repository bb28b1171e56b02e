"""The buttons of the editor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notyet.process.definition import Definition
from notyet.process.structure import (
    MOST_LINES,
    MOST_STAGES,
    CannotChange,
    Removed,
    add_line,
    add_stage,
    move,
    put_back,
    remove,
)
from notyet.process.templates import USUAL
from tests.process.made import definitions

PROCESS = USUAL.definition


def _order(definition: Definition) -> list[str]:
    return [one.key for one in definition.stages]


def _keys(definition: Definition, what: str) -> list[str]:
    lines = definition.questions() if what == "question" else definition.steps()
    return _order(definition) if what == "stage" else [one.key for _, one in lines]


def test_a_stage_is_added_before_the_order() -> None:
    made, key = add_stage(PROCESS)
    assert _order(made) == ["enquiry", "discovery", "need", "proposal", key, "order", "paid"]
    assert made.stages[4].label == ""
    again, other = add_stage(made)
    assert other != key
    assert len(again.stages) == 8


def test_there_is_an_end_to_what_one_keeps_in_mind() -> None:
    made = PROCESS
    for _ in range(MOST_STAGES - 6):
        made, _ = add_stage(made)
    with pytest.raises(CannotChange, match=str(MOST_STAGES)):
        add_stage(made)
    made = PROCESS
    for _ in range(MOST_LINES - 3):
        made, _ = add_line(made, "step", "enquiry")
    with pytest.raises(CannotChange, match="at most"):
        add_line(made, "step", "enquiry")
    with pytest.raises(CannotChange, match="not there any more"):
        add_line(made, "step", "gone")


def test_lines_move_up_and_down_and_into_the_stage_beside() -> None:
    made = move(PROCESS, "step", "why-now", -1)
    assert [one.key for one in made.stages[0].steps] == ["why-now", "call-back", "first-talk"]
    made = move(PROCESS, "step", "first-talk", 1)
    assert [one.key for one in made.stages[0].steps] == ["call-back", "why-now"]
    assert made.stages[1].steps[0].key == "first-talk"
    assert move(made, "step", "first-talk", -1) == PROCESS
    assert move(PROCESS, "step", "call-back", -1) == PROCESS
    assert move(PROCESS, "stage", "paid", 1) == PROCESS
    assert move(PROCESS, "step", "gone", 1) == PROCESS
    assert _order(move(PROCESS, "stage", "need", -1)) == ["enquiry", "need", "discovery", "proposal", "order", "paid"]


@given(definitions(), st.sampled_from(["stage", "question", "step"]), st.sampled_from([-1, 1]), st.data())
def test_moving_and_removing_lose_nothing(made: Definition, what: str, by: int, data: st.DataObject) -> None:
    """A move back undoes a move; what is removed can be put back exactly."""
    keys = _keys(made, what)
    if not keys:
        return
    key = data.draw(st.sampled_from(keys))
    moved = move(made, what, key, by)
    assert sorted(_keys(moved, what)) == sorted(keys)
    assert moved == made or move(moved, what, key, -by) == made
    without, gone = remove(made, what, key)
    assert gone is not None
    assert key not in _keys(without, what)
    assert put_back(without, gone) == made
    with pytest.raises(CannotChange, match="there already"):
        put_back(made, gone)


def test_what_is_gone_already_is_not_removed_twice() -> None:
    assert remove(PROCESS, "stage", "gone") == (PROCESS, None)
    assert remove(PROCESS, "question", "gone") == (PROCESS, None)


def test_a_line_is_not_put_back_into_a_stage_that_is_gone() -> None:
    without, gone = remove(PROCESS, "step", "call-back")
    assert gone is not None
    assert gone.text == "Answer the enquiry; call where a number was left"
    with pytest.raises(CannotChange, match="put the stage back"):
        put_back(Definition(without.stages[1:]), gone)
    with pytest.raises(CannotChange, match="cannot be read"):
        put_back(PROCESS, Removed("step", "enquiry", 0, {"stages": "?"}))
