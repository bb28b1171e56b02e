"""The table of reasons and how other systems' wordings are read."""

from typing import TYPE_CHECKING

import pytest

from notyet.debriefs.models import LossReason, ReasonWording
from notyet.debriefs.queries import read_reasons
from notyet.debriefs.reasons import DEFAULT_REASONS, usual_reason

if TYPE_CHECKING:
    from notyet.workspaces.models import Workspace


def test_the_default_table_has_each_control_and_no_wording_twice() -> None:
    assert {reason.control for reason in DEFAULT_REASONS} == {"ours", "shared", "theirs", "unknown"}
    wordings = [word.casefold() for reason in DEFAULT_REASONS for word in (reason.label, *reason.wordings)]
    assert len(wordings) == len(set(wordings))


@pytest.mark.parametrize(
    ("wording", "label"),
    [
        ("Too expensive", "Price above value"),
        ("PRICE", "Price above value"),
        ("lost to competitor", "Competitor offer"),
        ("no-budget!", "Budget frozen"),
        ("They said it was too expensive for them", None),
        ("", None),
    ],
)
def test_usual_wordings(wording: str, label: str | None) -> None:
    assert usual_reason(wording) == label


def test_a_mapped_wording_comes_before_the_usual_meaning(workspace: "Workspace") -> None:
    own = LossReason.objects.create(workspace=workspace, label="Sticker shock", control="ours")
    ReasonWording.objects.create(workspace=workspace, text="Price", reason=own)

    read = {one.text: (one.label, one.control) for one in read_reasons(["Price", "Costs", "Aliens", "Sticker shock"])}

    assert read == {
        "Price": ("Sticker shock", "ours"),
        "Costs": ("Price above value", "shared"),
        "Aliens": ("Aliens", "unknown"),
        "Sticker shock": ("Sticker shock", "ours"),
    }
