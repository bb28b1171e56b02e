"""What keeps a process from being published."""

import pytest

from notyet.process.checks import problems
from notyet.process.definition import Definition
from notyet.process.editing import with_field
from notyet.process.structure import add_line, add_stage, move, remove
from notyet.process.templates import TEMPLATES, USUAL

PROCESS = USUAL.definition


@pytest.mark.parametrize("key", TEMPLATES)
def test_the_templates_lack_nothing(key: str) -> None:
    assert problems(TEMPLATES[key].definition) == ()


@pytest.mark.parametrize(
    ("made", "path", "text"),
    [
        (Definition(), "", "Add a stage"),
        (remove(PROCESS, "stage", "order")[0], "", "no deal could be won"),
        (with_field(PROCESS, "stage.need.kind", "order"), "", "Only one stage can be of the kind “order placed”"),
        (with_field(PROCESS, "stage.need.kind", "paid"), "", "Only one stage can be of the kind “paid”"),
        (move(PROCESS, "stage", "paid", -1), "", "has to come after"),
        (Definition(PROCESS.stages[4:]), "", "put a stage before it"),
        (add_stage(PROCESS)[0], "stage.new-1.label", "has no name"),
        (with_field(PROCESS, "stage.paid.label", "enquiry"), "stage.paid.label", "Two stages are called “enquiry”"),
        (add_line(PROCESS, "step", "need")[0], "step.new-1.text", "in “Need agreed” says nothing"),
        (
            with_field(PROCESS, "question.worth-it.text", "Will it work with what we have already?"),
            "question.fits-here.text",
            "twice",
        ),
        (with_field(PROCESS, "step.thanks.text", "send the proposal"), "step.thanks.text", "in two stages"),
    ],
)
def test_what_to_mend(made: Definition, path: str, text: str) -> None:
    found = [one for one in problems(made) if one.path == path]
    assert any(text in one.text for one in found), problems(made)
