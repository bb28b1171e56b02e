"""What a version says otherwise: everything, and in words."""

from dataclasses import replace

from hypothesis import given, settings

from notyet.process.definition import Definition, Due, Question, StageRule
from notyet.process.difference import difference
from notyet.process.editing import with_field
from notyet.process.structure import move, remove
from notyet.process.templates import SHORT, USUAL
from tests.process.made import definitions

PROCESS = USUAL.definition


def _words(new: Definition, old: Definition = PROCESS) -> dict[str, tuple[str, ...]]:
    return {one.label: one.lines for one in difference(old, new)}


@settings(max_examples=300)
@given(definitions(), definitions())
def test_every_change_is_told_and_nothing_else(old: Definition, new: Definition) -> None:
    assert difference(old, old) == ()
    assert bool(difference(old, new)) == (old != new)


def test_a_due_time_and_a_text() -> None:
    made = with_field(PROCESS, "step.send-proposal.due", "3 days")
    told = ("step “Send the proposal” is due within 3 working days instead of within 2 working days",)
    assert _words(made) == {"Proposal": told}
    made = with_field(PROCESS, "step.send-proposal.due", "")
    told = ("step “Send the proposal” has no due time any more (it was within 2 working days)",)
    assert _words(made) == {"Proposal": told}
    made = with_field(PROCESS, "step.send-proposal.text", "Send it")
    assert _words(made) == {"Proposal": ("step “Send it” instead of “Send the proposal”",)}


def test_a_new_question() -> None:
    enquiry = PROCESS.stages[0]
    made = PROCESS.with_stage(
        replace(enquiry, questions=(*enquiry.questions, Question("who", "Who are you?", Due(0, "days"))))
    )
    assert _words(made) == {"Enquiry": ("new question “Who are you?”, due the same day",)}


def test_names_kinds_and_needs() -> None:
    made = with_field(with_field(PROCESS, "stage.need.label", "Need"), "stage.need.kind", "other")
    made = with_field(made, "stage.need.needs", "contact signer amount")
    assert _words(made)["Need"] == (
        "was called “Need agreed”",
        "is of the kind other instead of need agreed",
        "asks for an amount and who signs on entering",
        "no longer asks for the buyer's persona and answers to the buyer's questions of the stage before on entering",
    )


def test_a_line_that_went_to_another_stage_and_one_that_is_gone() -> None:
    made = move(PROCESS, "step", "first-talk", 1)
    assert _words(made) == {"Discovery": ("step “Agree a day for the first talk” comes here from “Enquiry”",)}
    made, _ = remove(PROCESS, "step", "first-talk")
    assert _words(made) == {"Enquiry": ("step “Agree a day for the first talk” is removed",)}
    assert _words(move(PROCESS, "step", "why-now", 1)) == {"Enquiry": ("the steps come in another order",)}


def test_stages_that_come_and_go() -> None:
    made = Definition((*PROCESS.stages[:4], StageRule("trial", "Trial", "other"), *PROCESS.stages[4:]))
    assert _words(made) == {"Trial": ("new stage after “Proposal”, of the kind other",)}
    assert _words(PROCESS, made) == {"Trial": ("the stage is removed",)}
    told = _words(SHORT.definition)
    assert told["Discovery"] == ("the stage is removed",)
    assert "step “Ask once what is still open” comes here from “Proposal”" in told["Offer"]
    assert _words(move(PROCESS, "stage", "need", -1))[""] == (
        "the stages come in another order: “Enquiry”, “Need agreed”, “Discovery”, “Proposal”, “Order placed”, “Paid”",
    )
