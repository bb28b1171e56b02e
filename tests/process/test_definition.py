"""A process as data: kept and read back alike, refused where it is broken."""

import json
from typing import Any

import pytest

from notyet.process.definition import BadDefinition, Definition, Due
from notyet.process.rules import stage_kind
from notyet.process.templates import TEMPLATES, USUAL

STAGE = {"key": "a", "label": "A", "kind": "need", "questions": [], "steps": [], "needs": []}
LINE = {"key": "one", "text": "One"}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=list(TEMPLATES))
def test_a_template_is_kept_and_read_back_alike(template: Any) -> None:
    kept = json.loads(json.dumps(template.definition.to_json()))
    assert Definition.from_json(kept) == template.definition


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=list(TEMPLATES))
def test_a_template_is_useful_unchanged(template: Any) -> None:
    """Every stage has a question, a step with a due time, and a label that tells its kind."""
    stages = template.definition.stages
    assert (stages[0].kind, stages[-2].kind, stages[-1].kind) == ("enquiry", "order", "paid")
    for stage in stages:
        assert stage.questions
        assert all(one.due for one in (*stage.questions, *stage.steps))
        assert stage.steps
        assert stage_kind(stage.label) in (stage.kind, "other")


def test_the_usual_template_has_six_stages_and_answers_within_four_hours() -> None:
    assert [one.kind for one in USUAL.definition.stages] == [
        "enquiry", "discovery", "need", "proposal", "order", "paid",
    ]  # fmt: skip
    assert str(USUAL.definition.stages[0].steps[0].due) == "within 4 working hours"


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (Due(0, "days"), "the same day"),
        (Due(1, "days"), "within 1 working day"),
        (Due(3, "days"), "within 3 working days"),
        (Due(1, "hours"), "within 1 working hour"),
    ],
)
def test_a_due_time_in_words(due: Due, words: str) -> None:
    assert str(due) == words


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (None, "no list"),
        ({"stages": {}}, "no list"),
        ({"stages": ["a"]}, "missing or no text"),
        ({"stages": [STAGE | {"kind": "lost"}]}, "none of enquiry"),
        ({"stages": [STAGE | {"needs": ["luck"]}]}, "luck"),
        ({"stages": [STAGE, STAGE]}, "two of its stages"),
        ({"stages": [STAGE | {"steps": [LINE, LINE]}]}, "two of its steps"),
        (
            {"stages": [STAGE | {"questions": [LINE]}, STAGE | {"key": "b", "questions": [LINE]}]},
            "two of its questions",
        ),
        ({"stages": [STAGE | {"steps": [LINE | {"due": {"amount": -1, "unit": "days"}}]}]}, "no due time"),
        ({"stages": [STAGE | {"steps": [LINE | {"due": {"amount": True, "unit": "days"}}]}]}, "no due time"),
        ({"stages": [STAGE | {"steps": [LINE | {"due": {"amount": 1, "unit": "weeks"}}]}]}, "no due time"),
        ({"stages": [STAGE | {"steps": [{"key": "", "text": "x"}]}]}, "key is empty"),
    ],
)
def test_what_is_no_definition_is_refused(broken: Any, why: str) -> None:
    with pytest.raises(BadDefinition, match=why):
        Definition.from_json(broken)
