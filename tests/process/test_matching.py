"""Stages and steps as records word them."""

import pytest

from notyet.process.definition import Definition
from notyet.process.editing import with_field
from notyet.process.matching import Wording
from notyet.process.structure import remove
from notyet.process.templates import SHORT, USUAL

LATER = with_field(
    with_field(USUAL.definition, "stage.discovery.label", "Diagnosis"), "step.call-back.text", "Ring at once"
)
KINDS = {"Engaging": "discovery", "Second look": "need", "Parked": "other", "Gone": "lost"}


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Diagnosis", "discovery"),
        ("discovery", "discovery"),
        (" DISCOVERY ", "discovery"),
        ("Engaging", "discovery"),
        ("second  look", "need"),
        ("Closed Won", "order"),
        ("Negotiation", "proposal"),
        ("Parked", None),
        ("Gone", None),
        ("Something", None),
    ],
)
def test_what_a_label_means(label: str, key: str | None) -> None:
    """Its own name, an earlier name, its kind as mapped, its kind as guessed; else nothing."""
    stage = Wording(LATER, [USUAL.definition, LATER], KINDS).stage(label)
    assert (stage.key if stage else None) == key


def test_without_a_stage_of_the_kind_it_is_the_last_before_it() -> None:
    said = Wording(SHORT.definition, [SHORT.definition], KINDS)
    stage = said.stage("Second look")
    assert stage is not None
    assert stage.key == "enquiry"
    assert Wording(remove(SHORT.definition, "stage", "enquiry")[0], [], KINDS).stage("Second look") is None
    assert Wording(Definition(), [], KINDS).stage("Second look") is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("call-back", "call-back"),
        ("Call back", "call-back"),
        ("ring AT once", "call-back"),
        ("Answer the enquiry; call where a number was left", "call-back"),
        ("Need in writing", "need-in-writing"),
        ("dance", None),
    ],
)
def test_what_a_step_means(text: str, key: str | None) -> None:
    """Its key, however it is written, its words, the words of an earlier version."""
    assert Wording(LATER, [USUAL.definition, LATER], {}).step(text) == key


def test_an_earlier_name_of_a_stage_that_is_gone_means_its_kind() -> None:
    said = Wording(SHORT.definition, [USUAL.definition, SHORT.definition], {})
    stage = said.stage("Proposal")
    assert stage is not None
    assert stage.key == "offer"
