"""Taking edits back and doing them again: the record is as it was, or one is told why it cannot be."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from notyet.deals.actions import create_deal, edit_deal
from notyet.deals.contact_actions import remove_contact, save_contact
from notyet.deals.contact_models import Contact
from notyet.deals.edit_models import Edit, EditedField, RemovedRow
from notyet.deals.models import Account, Conversation, Deal, FieldChange
from notyet.deals.talk import Talk
from notyet.deals.talk_actions import add_conversation, edit_row, plan_next_step, remove_row
from notyet.deals.undoing import CannotUndo, undo
from notyet.deals.values import Change
from notyet.process.models import StepDone
from notyet.workspaces.access import Actor, operator
from notyet.workspaces.models import Workspace
from tests.deals.test_allowed import ON_A_DEAL
from tests.deals.worked import changed, everything, imported_deal, worked_deal

pytestmark = pytest.mark.django_db
Clock = Callable[[str], datetime]
BOOKKEEPING = ("deals_edit", "deals_changeddeal", "deals_account", "workspaces_auditentry", "workspaces_workspace")


def _record() -> dict[str, list[object]]:
    """The record without what tells of changes. Buyers stay: names that no deal bears are shown nowhere."""
    numbers = {"deals_datasource"}
    return {name: rows for name, rows in everything().items() if name not in {*BOOKKEEPING, *numbers}}


@pytest.mark.parametrize("name", ["create deal", *ON_A_DEAL])
def test_every_action_is_taken_back_and_done_again(workspace: Workspace, name: str) -> None:
    """To the last column of every row, as often as one likes; an undo is an action like any other."""
    actor = operator(workspace)
    act = worked_deal(actor, imported_deal(workspace))[name]
    before, made = _record(), act(actor)
    edit = made if isinstance(made, Edit) else Edit.objects.order_by("pk").last()
    after = _record()
    assert after != before
    assert edit is not None
    for _ in range(2):
        edit = undo(actor, edit.pk)
        assert _record() == before
        edit = undo(actor, edit.pk)
        assert _record() == after
    assert Edit.objects.filter(undone_at=None, undoes__isnull=False).exists()


def test_edits_are_taken_back_from_the_last_to_the_first(workspace: Workspace) -> None:
    """Each uncovers the one before it; out of order they are refused, though the field holds the same again."""
    actor, deal = operator(workspace), imported_deal(workspace)
    made = []
    for name in ("a", "b", "a", "b"):
        made.append(edit_deal(actor, deal.pk, changed(Deal.objects.get(), name=name)))
    with pytest.raises(CannotUndo, match="operator changed this since"):
        undo(actor, made[1].pk)  # type: ignore[union-attr]
    for edit, name in zip(reversed(made), ("a", "b", "a", "Line 3"), strict=True):
        assert edit is not None
        undo(actor, edit.pk)
        assert Deal.objects.get().name == name


def test_another_field_does_not_stand_in_the_way(workspace: Workspace) -> None:
    """Only what the edit itself changed must still stand."""
    actor, deal = operator(workspace), imported_deal(workspace)
    first = edit_deal(actor, deal.pk, changed(deal, name="Line 4"))
    edit_deal(actor, deal.pk, changed(deal, region="DACH"))
    assert first is not None
    undo(actor, first.pk)
    deal.refresh_from_db()
    assert (deal.name, deal.region) == ("Line 3", "DACH")


def test_what_an_import_changed_since_is_not_overwritten(workspace: Workspace) -> None:
    """The text says what it was."""
    actor, deal = operator(workspace), imported_deal(workspace)
    edit = edit_deal(actor, deal.pk, changed(deal, name="Line 4"))
    Deal.objects.update(name="Line 5")
    assert edit is not None
    with pytest.raises(CannotUndo, match="an import changed “name” since"):
        undo(actor, edit.pk)
    assert Deal.objects.get().name == "Line 5"


def test_an_edited_row_cannot_be_unmade_by_who_made_it(workspace: Workspace) -> None:
    """Ben's words on Ada's note are not lost with it."""
    ada, ben = operator(workspace), Actor(workspace, "seller", "Ben")
    deal = imported_deal(workspace)
    made = add_conversation(ada, deal.pk, Talk(channel="call", summary="one"))
    edit_row(ben, "conversations", made.row, {"summary": Change("one", "two")})
    with pytest.raises(CannotUndo, match="Ben changed this since"):
        undo(ada, made.pk)


def test_a_made_deal_goes_only_while_nothing_hangs_on_it(workspace: Workspace) -> None:
    """Neither what people added, nor what came otherwise."""
    actor = operator(workspace)
    deal = create_deal(actor, {"account": "New", "stage": "Enquiry"})
    [created] = deal.edits.all()
    step = plan_next_step(actor, deal.pk, "Call", datetime(2026, 3, 5, tzinfo=UTC))
    with pytest.raises(CannotUndo, match="plan next step"):
        undo(actor, created.pk)
    undo(actor, step.pk)
    done = StepDone.objects.create(workspace=workspace, deal=deal, step="call", done_at=step.at)
    with pytest.raises(CannotUndo, match="it cannot be unmade"):
        undo(actor, created.pk)
    done.delete()
    gone = undo(actor, created.pk)
    assert not Deal.objects.exists()
    again = create_deal(actor, {"account": "New"})
    assert again.deal_id == "N-1002", "a number is given once"
    undo(actor, gone.pk)
    assert set(Deal.objects.values_list("deal_id", "account__name")) == {("N-1001", "New"), ("N-1002", "New")}


def test_an_imported_field_is_its_sources_again(workspace: Workspace) -> None:
    """The mark that makes it stand goes with the edit that set it, not with a later one."""
    actor, deal = operator(workspace), imported_deal(workspace)
    first = edit_deal(actor, deal.pk, changed(deal, amount="2000"))
    second = edit_deal(actor, deal.pk, changed(Deal.objects.get(), amount="3000"))
    mark = EditedField.objects.get()
    assert (mark.table, mark.row, mark.field, mark.source_value, mark.differs) == (
        "deals",
        deal.pk,
        "amount",
        "1000",
        True,
    )
    assert first is not None
    assert second is not None
    undo(actor, second.pk)
    assert EditedField.objects.get() == mark
    undone = undo(actor, first.pk)
    assert not EditedField.objects.exists()
    assert not FieldChange.objects.exists()
    undo(actor, undone.pk)
    assert EditedField.objects.get().source_value == "1000"


def test_set_back_by_hand_it_no_longer_differs(workspace: Workspace) -> None:
    """It still stands when the source changes its mind."""
    actor, deal = operator(workspace), imported_deal(workspace)
    edit_deal(actor, deal.pk, changed(deal, name="Line 4"))
    edit_deal(actor, deal.pk, changed(Deal.objects.get(), name="Line 3"))
    assert EditedField.objects.values_list("field", "differs").get() == ("name", False)


def test_a_deal_made_here_needs_no_marks(workspace: Workspace) -> None:
    """There is no other source that could say otherwise."""
    actor = operator(workspace)
    deal = create_deal(actor, {"account": "New"})
    edit_deal(actor, deal.pk, changed(deal, name="x"))
    assert not EditedField.objects.exists()


def test_a_removed_row_comes_back_as_it_came(workspace: Workspace) -> None:
    """With the id and digest by which imports know it, its plain date, and the mark of its own edit."""
    actor, deal = operator(workspace), imported_deal(workspace)
    row = deal.conversations.get()
    edit_row(actor, "conversations", row.pk, {"summary": Change("first", "better")})
    assert EditedField.objects.values_list("table", "row", "field").get() == ("conversations", row.pk, "")
    removed = remove_row(actor, "conversations", row.pk)
    assert RemovedRow.objects.values_list("table", "row_id", "digest").get() == ("conversations", "c1", 4711)
    assert not EditedField.objects.exists()
    undo(actor, removed.pk)
    back = Conversation.objects.get()
    assert (back.pk, back.summary, back.digest, back.row_id, back.plain_dates) == (row.pk, "better", 4711, "c1", 1)
    assert EditedField.objects.exists()
    assert not RemovedRow.objects.exists()


def test_a_contact_whom_another_deal_knows_stays(workspace: Workspace) -> None:
    """A person at the buyer's is one person for all its deals."""
    actor = operator(workspace)
    first, second = imported_deal(workspace), imported_deal(workspace, "d2")
    added = save_contact(actor, first.pk, {"name": "Tom", "email": "tom@corwin.example"})
    save_contact(actor, second.pk, {"name": "tom", "role": "signs"})
    assert Contact.objects.count() == 1
    assert added is not None
    gone = undo(actor, added.pk)
    assert Contact.objects.get().deals.get().deal == second
    undo(actor, gone.pk)
    assert Contact.objects.get().deals.count() == 2
    remove_contact(actor, second.deal_contacts.get().pk)
    last = remove_contact(actor, first.deal_contacts.get().pk)
    assert not Contact.objects.exists()
    undo(actor, last.pk)
    assert Contact.objects.get().email == "tom@corwin.example"


def test_the_buyer_is_restored_by_name(workspace: Workspace) -> None:
    """Whatever became of its row."""
    actor, deal = operator(workspace), imported_deal(workspace)
    edit = edit_deal(actor, deal.pk, changed(deal, account="Halden"))
    Account.objects.filter(name="Corwin and Sons").delete()
    assert edit is not None
    undo(actor, edit.pk)
    assert str(Deal.objects.get().account) == "Corwin and Sons"


def test_who_undid_it_is_told(workspace: Workspace, clock: Clock) -> None:
    """In the edit itself."""
    now = clock("2026-03-02T08:00:00+00:00")
    actor, deal = operator(workspace), imported_deal(workspace)
    edit = edit_deal(actor, deal.pk, changed(deal, name="Line 4"))
    assert edit is not None
    back = undo(actor, edit.pk)
    edit.refresh_from_db()
    assert (edit.undone_at, edit.undone_by, back.undoes, back.action) == (now, "operator", edit, "undo edit deal")
    assert (back.before, back.after) == ({"name": "Line 4"}, {"name": "Line 3"})
    with pytest.raises(CannotUndo, match="operator undid this already"):
        undo(actor, edit.pk)
