"""A process as the fields of a form: every field kept, two people's changes brought together, none lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notyet.process.definition import Definition, Due, Question, StageRule, Step
from notyet.process.editing import BadField, fields, fresh_key, merge, readable_key, settled, with_field
from notyet.process.templates import USUAL
from tests.process.made import definitions

PROCESS = USUAL.definition


@given(definitions(), definitions())
def test_fields_hold_all_that_is_not_structure(one: Definition, other: Definition) -> None:
    """Setting every field of a process to what another of the same lines holds makes them equal."""
    there = fields(other)
    for path in fields(one):
        if path in there:
            one = with_field(one, path, there[path])
    assert all(value == there[path] for path, value in fields(one).items() if path in there)
    assert Definition.from_json(one.to_json()) == one


def test_a_change_of_one_and_a_change_of_another_both_stand() -> None:
    """Ada and Bo look at the same draft; each changes another field."""
    seen = fields(PROCESS)
    after_ada = merge(PROCESS, seen, seen | {"stage.need.label": "Need written down"}).definition
    both = merge(after_ada, seen, seen | {"step.call-back.due": "2 hours", "stage.paid.needs": "signer amount"})
    assert (both.conflicts, both.refused) == ((), ())
    made = fields(both.definition)
    assert made["stage.need.label"] == "Need written down"
    assert made["step.call-back.due"] == "2 hours"
    assert made["stage.paid.needs"] == "amount signer"


def test_a_change_to_the_same_field_is_told_and_not_written() -> None:
    seen = fields(PROCESS)
    after_ada = merge(PROCESS, seen, {"stage.need.label": "Ada's"}).definition
    told = merge(after_ada, seen, {"stage.need.label": "Bo's", "stage.order.label": "Ordered"})
    assert [(one.path, one.mine, one.theirs) for one in told.conflicts] == [("stage.need.label", "Bo's", "Ada's")]
    assert fields(told.definition)["stage.need.label"] == "Ada's"
    assert fields(told.definition)["stage.order.label"] == "Ordered"


def test_the_same_change_by_two_is_none() -> None:
    seen = fields(PROCESS)
    after_ada = merge(PROCESS, seen, {"stage.need.label": "Same"}).definition
    assert merge(after_ada, seen, {"stage.need.label": " Same "}).conflicts == ()


def test_what_one_writes_into_a_line_that_the_other_removed_is_told() -> None:
    seen = fields(PROCESS)
    without = Definition(PROCESS.stages[1:])
    told = merge(without, seen, seen | {"step.call-back.text": "Ring at once"})
    assert [(one.path, one.mine, one.theirs) for one in told.conflicts] == [
        ("step.call-back.text", "Ring at once", None)
    ]
    assert told.definition == without


@given(definitions(), definitions(), st.data())
def test_nothing_that_somebody_wrote_is_lost(mine: Definition, theirs: Definition, data: st.DataObject) -> None:
    """Each field I changed is in the draft, or I am told; each that they changed and I did not is as they left it."""
    seen = fields(mine)
    paths = [path for path in seen if path.endswith(("label", "text"))]
    typed = {path: data.draw(st.sampled_from(["x", "y", seen[path]])) for path in paths}
    made = merge(theirs, seen, typed)
    told = {one.path for one in made.conflicts}
    now, there = fields(made.definition), fields(theirs)
    for path, text in typed.items():
        if text != seen[path]:
            assert path in told or now[path] == text
        elif path in there:
            assert now[path] == there[path]
    assert {path: value for path, value in now.items() if path not in typed} == {
        path: value for path, value in there.items() if path not in typed
    }


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("step.call-back.due", "soon days", "“soon” is no number"),
        ("step.call-back.due", "-1 days", "no number"),
        ("step.call-back.due", "999 hours", "up to 200"),
        ("step.call-back.due", "0 hours", "at least 1 hour"),
        ("stage.need.kind", "lost", "no kind of stage"),
        ("stage.need.label", "x" * 101, "100 can be kept"),
        ("question.worth-it.text", "x" * 201, "200 can be kept"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_the_rest_is_kept(path: str, text: str, why: str) -> None:
    made = merge(PROCESS, fields(PROCESS), {path: text, "stage.paid.label": "Money in"})
    assert [one.path for one in made.refused] == [path]
    assert why in made.refused[0].text
    assert fields(made.definition)[path] == fields(PROCESS)[path]
    assert fields(made.definition)["stage.paid.label"] == "Money in"
    with pytest.raises(BadField):
        with_field(PROCESS, path, text)


def test_no_number_is_no_due_time() -> None:
    for text in ("", "days", "hours"):
        made = with_field(PROCESS, "step.call-back.due", text)
        assert made.stages[0].steps[0].due is None
    assert with_field(PROCESS, "step.call-back.due", "0 days").stages[0].steps[0].due == Due(0, "days")


def test_new_lines_get_readable_keys_that_nobody_has() -> None:
    made = Definition(
        (
            StageRule("a", "A", "enquiry", (), (Step("send", "Send"), Step("new-1", "Send!"), Step("new-2", "Ask"))),
            StageRule("new-1", "Über uns", "need", (Question("new-1", "？"),)),
        )
    )
    assert fresh_key(made, "step") == "new-3"
    done = settled(made)
    assert [one.key for one in done.stages] == ["a", "uber-uns"]
    assert [one.key for _, one in done.steps()] == ["send", "send-2", "ask"]
    assert [one.key for _, one in done.questions()] == ["line"]
    assert settled(PROCESS) == PROCESS
    assert readable_key("x" * 300, []) == "x" * 60
