"""A difference that somebody decided to keep is not listed again until the source says something else."""

from collections.abc import Callable
from typing import Any

import pytest

from notyet.cli.import_text import as_lines
from notyet.deals.actions import edit_deal
from notyet.deals.differences import keep_mine, list_again
from notyet.deals.edit_models import EditedField
from notyet.deals.models import Deal, NextStep
from notyet.deals.talk_actions import edit_row
from notyet.deals.undoing import undo
from notyet.deals.values import Change
from notyet.exchange.files import KEPT_FILE, folder_of
from notyet.exchange.models import Import
from notyet.exchange.undo import undo_import
from notyet.workspaces.access import Actor, Denied, operator
from notyet.workspaces.models import AuditEntry, Role, Visibility, Workspace
from tests.exchange.conftest import Bring, Write, read_csv

DEALS = "deal_id,account,outcome,amount,opened_at\nA,Acme,open,10.50,2026-01-01\n"
STEPS = "id,deal_id,due_at,text\n1,A,2026-02-01,call\n"


def last() -> Import:
    """The newest import."""
    found: Import = Import.objects.order_by("-pk")[0]
    return found


def edited(workspace: Workspace, **fields: tuple[str, str]) -> EditedField:
    """The deal's fields set as a page does it; gives the mark of one of them."""
    changes = {field: Change(*pair) for field, pair in fields.items()}
    edit_deal(operator(workspace), Deal.objects.get().pk, changes)
    found: EditedField = EditedField.objects.get(field=next(iter(fields)))
    return found


def test_it_is_silent_while_the_source_says_the_same(write: Write, bring: Bring, workspace: Workspace) -> None:
    """Whether an import had listed it before or not; it is counted, on the command line too, and the value stands."""
    write("deals.csv", DEALS)
    bring()
    mark = edited(workspace, amount=("10.5", "99"), opened_at=("2026-01-01", "2026-01-05"))
    keep_mine(operator(workspace), mark.pk)
    result = bring()
    assert [(one.field, one.mark) for one in result.kept] == [
        ("opened_at", EditedField.objects.get(field="opened_at").pk)
    ]
    assert (result.kept_count, result.settled_count, last().summary["settled_count"]) == (1, 1, 1)
    assert [[*list(row)[-2:], row["field"]] for row in read_csv(folder_of(last()) / KEPT_FILE)] == [
        ["yours", "source", "opened_at"]
    ]
    assert "1 more that somebody decided to keep are not listed again." in list(as_lines(result, None, dry_run=False))
    keep_mine(operator(workspace), EditedField.objects.get(field="opened_at").pk)
    result = bring()
    assert (result.kept_count, result.settled_count) == (0, 2)
    assert not (folder_of(last()) / KEPT_FILE).exists()
    assert Deal.objects.get().amount == 99


def test_it_is_listed_when_the_source_says_something_else(write: Write, bring: Bring, workspace: Workspace) -> None:
    """In a trial run already; undoing that import makes the decision what it was."""
    write("deals.csv", DEALS)
    bring()
    mark = keep_mine(operator(workspace), edited(workspace, amount=("10.5", "99")).pk)
    write("deals.csv", DEALS.replace("10.50", "12"))
    assert bring(dry_run=True).kept_count == 1
    mark.refresh_from_db()
    assert mark.settled
    assert (bring().kept_count, bring().kept_count) == (1, 1)
    mark.refresh_from_db()
    assert (mark.settled, mark.source_value) == (False, "12")
    undo_import(operator(workspace), last())
    undo_import(operator(workspace), last_done())
    mark.refresh_from_db()
    assert (mark.settled, mark.source_value, mark.differs) == (True, "10.5", True)


def last_done() -> Import:
    """The newest import that stands."""
    found: Import = Import.objects.filter(state="done").order_by("-pk")[0]
    return found


def test_agreeing_ends_it(write: Write, bring: Bring, workspace: Workspace) -> None:
    """What the source says after it had agreed is news."""
    write("deals.csv", DEALS)
    bring()
    mark = keep_mine(operator(workspace), edited(workspace, amount=("10.5", "99")).pk)
    write("deals.csv", DEALS.replace("10.50", "99"))
    bring()
    mark.refresh_from_db()
    assert (mark.settled, mark.differs) == (False, False)
    write("deals.csv", DEALS)
    assert bring().kept_count == 1


def test_it_can_be_listed_again(write: Write, bring: Bring, workspace: Workspace) -> None:
    """Each decision is on the audit trail once."""
    write("deals.csv", DEALS)
    bring()
    mark = edited(workspace, amount=("10.5", "99"))
    for act in (keep_mine, keep_mine, list_again):
        act(operator(workspace), mark.pk)
    assert bring().kept_count == 1
    told = AuditEntry.objects.filter(subject="A", detail__field="amount").order_by("pk")
    assert list(told.values_list("action", flat=True)) == ["keep mine", "list difference again"]


def test_a_row_about_a_deal(write: Write, bring: Bring, workspace: Workspace) -> None:
    """As a whole."""
    write("deals.csv", DEALS)
    write("next_steps.csv", STEPS)
    bring()
    step = NextStep.objects.get()
    edit_row(operator(workspace), "next_steps", step.pk, {"text": Change("call", "ring")})
    keep_mine(operator(workspace), bring().kept[0].mark)
    assert (bring().kept_count, bring().settled_count) == (0, 1)
    write("next_steps.csv", STEPS.replace("02-01", "02-02"))
    assert bring().kept_count == 1


def test_only_who_works_on_the_deal_decides(
    write: Write, bring: Bring, workspace: Workspace, acting: Callable[..., Actor]
) -> None:
    """Not who may not, and not of a deal that she does not see."""
    write("deals.csv", DEALS)
    bring()
    mark = edited(workspace, amount=("10.5", "99"))
    with pytest.raises(Denied):
        keep_mine(acting(Role.LEADERSHIP), mark.pk)
    workspace.visibility = Visibility.OWN
    workspace.save()
    with pytest.raises(Deal.DoesNotExist):
        keep_mine(acting(Role.SELLER, seller_name="Ada"), mark.pk)
    mark.refresh_from_db()
    assert not mark.settled


def test_an_edit_kept_before_there_were_decisions_can_be_undone(
    write: Write, bring: Bring, workspace: Workspace
) -> None:
    """Its mark, kept whole, says nothing of them."""
    write("deals.csv", DEALS)
    bring()
    edited(workspace, amount=("10.5", "99"))
    edit = Deal.objects.get().edits.get()
    back = undo(operator(workspace), edit.pk)
    rows: list[dict[str, Any]] = back.more["gone"]
    assert [row.pop("settled") for row in rows if row["_table"] == "edited_fields"] == [False]
    back.save(update_fields=["more"])
    undo(operator(workspace), back.pk)
    assert EditedField.objects.get().field == "amount"
