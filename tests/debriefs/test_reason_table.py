"""Changing the table of reasons and what wordings mean."""

from collections.abc import Callable

import pytest

from notyet.debriefs.actions import BadReason, ReasonEdit, map_wordings, save_reasons
from notyet.debriefs.models import LossReason, ReasonWording
from notyet.debriefs.queries import read_reasons
from notyet.workspaces.access import Actor, Denied
from notyet.workspaces.models import AuditEntry, Role, Workspace

Acting = Callable[..., Actor]


@pytest.fixture
def owner(acting: Acting) -> Actor:
    """Who may change the table."""
    return acting(Role.OWNER)


def table() -> list[tuple[str, str, bool]]:
    """The table as it stands."""
    return list(LossReason.objects.values_list("label", "control", "retired"))


def test_the_table_is_written_in_the_order_given(owner: Actor) -> None:
    assert save_reasons(owner, [ReasonEdit(None, "Price ", "shared"), ReasonEdit(None, "Timing", "theirs")]) == 2
    assert table() == [("Price", "shared", False), ("Timing", "theirs", False)]
    first, second = LossReason.objects.all()
    edits = [ReasonEdit(second.pk, "Timing", "theirs"), ReasonEdit(first.pk, "Price", "ours", retired=True)]
    assert save_reasons(owner, edits) == 2
    assert table() == [("Timing", "theirs", False), ("Price", "ours", True)]
    assert AuditEntry.objects.filter(action="save reasons").count() == 2


def test_saving_the_same_again_changes_and_notes_nothing(owner: Actor) -> None:
    save_reasons(owner, [ReasonEdit(None, "Price", "shared")])
    pk = LossReason.objects.get().pk
    assert save_reasons(owner, [ReasonEdit(pk, "Price", "shared")]) == 0
    assert AuditEntry.objects.filter(action="save reasons").count() == 1


@pytest.mark.parametrize(
    "edits",
    [
        [ReasonEdit(None, " ", "ours")],
        [ReasonEdit(None, "Price", "ours"), ReasonEdit(None, "price", "ours")],
        [ReasonEdit(None, "Price", "nobody")],
        [ReasonEdit(99_999, "Price", "ours")],
        [ReasonEdit(None, "TIMING", "ours")],
    ],
)
def test_a_table_that_cannot_be_is_refused_whole(owner: Actor, edits: list[ReasonEdit]) -> None:
    save_reasons(owner, [ReasonEdit(None, "Timing", "theirs")])
    with pytest.raises(BadReason):
        save_reasons(owner, edits)
    assert table() == [("Timing", "theirs", False)]


def test_a_wording_means_what_it_was_mapped_to_until_that_is_taken_back(owner: Actor) -> None:
    save_reasons(owner, [ReasonEdit(None, "Fit", "ours")])
    assert map_wordings(owner, {"Too pricey": "Fit"}) == 1
    assert [(one.label, one.control) for one in read_reasons(["Too pricey"])] == [("Fit", "ours")]
    assert map_wordings(owner, {"Too pricey": "Fit"}) == 0
    assert map_wordings(owner, {"Too pricey": ""}) == 1
    assert [one.label for one in read_reasons(["Too pricey"])] == ["Price above value"]


def test_a_default_label_is_taken_into_the_table_when_it_is_used(owner: Actor) -> None:
    map_wordings(owner, {"gone quiet": "Slow follow-up"})
    assert table() == [("Slow follow-up", "ours", False)]


def test_an_unknown_label_changes_nothing(owner: Actor) -> None:
    with pytest.raises(BadReason):
        map_wordings(owner, {"a": "Slow follow-up", "b": "No such reason"})
    assert not ReasonWording.objects.exists()
    assert table() == []


@pytest.mark.parametrize("role", [Role.SELLER, Role.MANAGER, Role.LEADERSHIP])
def test_who_may_not_is_denied(acting: Acting, workspace: Workspace, role: Role) -> None:
    with pytest.raises(Denied):
        save_reasons(acting(role), [ReasonEdit(None, "Price", "ours")])
    with pytest.raises(Denied):
        map_wordings(acting(role), {"a": ""})
