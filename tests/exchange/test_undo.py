"""Undoing an import leaves the record exactly as it was, or refuses with a sentence."""

from typing import Any

import pytest
from django.apps import apps
from django.db import models

from notyet.deals.models import Conversation, DataSource, Deal
from notyet.debriefs.models import LossReason, ReasonWording
from notyet.exchange.errors import UndoRefused
from notyet.exchange.files import folder_of
from notyet.exchange.models import Import, ImportState
from notyet.exchange.undo import undo_import, why_not
from notyet.process.models import Stage
from notyet.workspaces.access import Denied, operator
from notyet.workspaces.models import AuditEntry, Role, Workspace
from notyet.workspaces.scope import Scoped
from tests.exchange.conftest import Bring, Write

DEALS = """deal_id,account,outcome,amount,currency,opened_at,closed_at,paid_at,Size
A,Acme,won,10.50,EUR,2026-01-01,2026-01-09T10:00:00.123456Z,2026-02-01,9
B,Acme,open,,,,,,
C,Bolt,lost,123456789012345.1234,USD,2026-01-01,2026-02-01,,"ä ""x"", =1+1"
"""
LATER = """deal_id,account,outcome,amount,opened_at,closed_at,paid_at,Size
A,Cogs,lost,7,,2026-01-10,,
C,,no_decision,,,,,
D,Dole,open,1,2026-03-01,,,x
"""
HEADER = "id,deal_id,at,channel,missed,minutes,summary\n"
CONVERSATIONS = HEADER + "1,A,2026-01-02,call,true,0.1,hello\n2,B,2026-01-02,,,,\n"
MOVED = (
    "id,deal_id,at,channel,missed,minutes,summary\n1,C,2026-01-03T10:00:00Z,email,false,,\n3,D,2026-03-02,note,,7,\n"
)
CHANGES = "change,started_at\nnew price list,2026-01-01\n"
NOT_THE_RECORD = {"exchange_import", "workspaces_auditentry", "deals_changeddeal"}


def record() -> dict[str, list[dict[str, Any]]]:
    """Every row of every room, but the trail of what was done."""
    scoped: list[type[models.Model]] = [m for m in apps.get_models() if issubclass(m, Scoped)]
    return {
        model._meta.db_table: list(model.objects.order_by("pk").values())  # type: ignore[attr-defined]
        for model in scoped
        if model._meta.db_table not in NOT_THE_RECORD
    }


def last() -> Import:
    found: Import = Import.objects.order_by("-pk")[0]
    return found


def test_the_first_import_is_undone_to_nothing(write: Write, bring: Bring, workspace: Workspace) -> None:
    """Not even the source and the accounts stay; the history is to be frozen again."""
    before = record()
    write("deals.csv", DEALS)
    write("conversations.csv", CONVERSATIONS)
    write("changes.csv", CHANGES)
    bring()
    assert record() != before
    undo_import(operator(workspace), last())
    assert record() == before
    workspace.refresh_from_db()
    assert workspace.record_revision == 2
    assert last().state == ImportState.UNDONE
    assert last().undone_by == "operator"
    assert AuditEntry.objects.filter(action="undo import", subject=str(last().pk)).exists()


def test_an_update_is_undone_to_what_it_was(write: Write, bring: Bring, workspace: Workspace) -> None:
    """Values of every kind come back to the last bit, empty ones as empty; rows that moved move back."""
    write("deals.csv", DEALS)
    write("conversations.csv", CONVERSATIONS)
    bring()
    before = record()
    write("deals.csv", LATER)
    write("conversations.csv", MOVED)
    write("changes.csv", CHANGES)
    result = bring()
    assert (result.table("deals").updated, result.table("deals").added) == (2, 1)
    assert (result.table("conversations").updated, result.table("conversations").added) == (1, 1)
    undo_import(operator(workspace), last())
    assert record() == before


def test_undone_and_imported_again(write: Write, bring: Bring, workspace: Workspace) -> None:
    """It is as if it had come for the first time."""
    write("deals.csv", DEALS)
    bring()
    undo_import(operator(workspace), last())
    assert bring().table("deals").added == 3


def test_several_sources_are_one_import(write: Write, bring: Bring, workspace: Workspace) -> None:
    """And are undone as one."""
    before = record()
    write("east/deals.csv", DEALS)
    write("west/deals.csv", DEALS)
    bring()
    assert DataSource.objects.count() == 2
    undo_import(operator(workspace), last())
    assert record() == before


MAPPED = """[deals]
[deals.columns]
deal_id = "No"
loss_reason = "Why"
[deals.outcome]
column = "End"
values = { "W" = "won", "L" = "lost" }
[reasons."Too dear"]
label = "Dear"
control = "ours"
[reasons."Old"]
label = "Dear"
control = "ours"
[stages."Talks"]
kind = "discovery"
position = 3
"""


def test_names_become_what_they_were(write: Write, bring: Bring, workspace: Workspace) -> None:
    """Reasons, wordings and stages that the mapping brought."""
    kept = LossReason.objects.create(workspace=workspace, label="Kept", control="theirs")
    ReasonWording.objects.create(workspace=workspace, text="Old", reason=kept)
    Stage.objects.create(workspace=workspace, label="Talks", kind="other")
    before = record()
    mapping = write("map.toml", MAPPED)
    bring(write("crm.csv", "No,End,Why\n1,W,\n2,L,Too dear\n"), mapping=mapping)
    assert ReasonWording.objects.get(text="Old").reason.label == "Dear"
    undo_import(operator(workspace), last())
    assert record() == before


def test_only_the_newest_of_a_source_is_undone(write: Write, bring: Bring, workspace: Workspace) -> None:
    """In order it works; out of order it names the one that is in the way."""
    write("deals.csv", DEALS)
    bring()
    first = last()
    write("deals.csv", LATER)
    bring()
    second = last()
    bring()  # says the same again: nothing builds on it
    held = record()
    with pytest.raises(UndoRefused, match=f"import {second.pk} .* came later"):
        undo_import(operator(workspace), first)
    assert record() == held
    assert "came later" in why_not(first)
    undo_import(operator(workspace), second)
    assert why_not(first) == ""
    undo_import(operator(workspace), first)
    assert not Deal.objects.exists()


def test_the_currency_that_an_import_set(write: Write, bring: Bring, workspace: Workspace) -> None:
    """Goes with it, unless somebody has chosen another one since."""
    for chosen in ("", "CHF"):
        write("deals.csv", "deal_id,outcome,amount,currency\nA,won,1,USD\n")
        bring()
        workspace.refresh_from_db()
        assert workspace.currency == "USD"
        if chosen:
            Workspace.objects.update(currency=chosen)
        undo_import(operator(workspace), last())
        workspace.refresh_from_db()
        assert workspace.currency == (chosen or "EUR")


def test_another_source_does_not_stand_in_the_way(write: Write, bring: Bring, workspace: Workspace) -> None:
    """Accounts that the other one uses too stay."""
    path = write("deals.csv", DEALS)
    bring(path, source="one")
    first = last()
    bring(path, source="two")
    undo_import(operator(workspace), first)
    assert set(Deal.objects.values_list("data_source__key", flat=True)) == {"two"}
    assert {deal.account.name for deal in Deal.objects.select_related("account")} == {"Acme", "Bolt"}


def test_what_people_added_since_is_not_thrown_away(write: Write, bring: Bring, workspace: Workspace) -> None:
    """A note on a deal that would go."""
    write("deals.csv", DEALS)
    bring()
    deal = Deal.objects.get(deal_id="A")
    Conversation.objects.create(workspace=workspace, deal=deal, at=deal.opened_at, channel="note")
    held = record()
    with pytest.raises(UndoRefused, match="1 conversations were added"):
        undo_import(operator(workspace), last())
    assert record() == held


def test_what_people_changed_since_is_not_overwritten(write: Write, bring: Bring, workspace: Workspace) -> None:
    """A deal that the import changed and somebody changed again."""
    write("deals.csv", DEALS)
    bring()
    write("deals.csv", LATER)
    bring()
    Deal.objects.filter(deal_id="A").update(owner="Ada")
    held = record()
    with pytest.raises(UndoRefused, match="changed again since"):
        undo_import(operator(workspace), last())
    assert record() == held


def test_undone_once(write: Write, bring: Bring, workspace: Workspace) -> None:
    """A second time there is nothing to take back."""
    write("deals.csv", DEALS)
    bring()
    undo_import(operator(workspace), last())
    with pytest.raises(UndoRefused, match="not in the record"):
        undo_import(operator(workspace), last())


def test_without_its_journal_an_update_stands(write: Write, bring: Bring, workspace: Workspace) -> None:
    """Somebody cleared the folder."""
    write("deals.csv", DEALS)
    bring()
    write("deals.csv", LATER)
    bring()
    for path in (folder_of(last()) / "journal").iterdir():
        path.unlink()
    with pytest.raises(UndoRefused, match="no longer there"):
        undo_import(operator(workspace), last())


def test_what_undoing_takes_is_kept_for_a_while(
    write: Write, bring: Bring, workspace: Workspace, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For ninety days, and longer for the last imports; what only added can be taken back for ever."""
    monkeypatch.setattr("notyet.exchange.files.KEEP_JOURNALS", 1)
    clock("2026-01-01T00:00:00+00:00")
    write("deals.csv", DEALS)
    bring()
    write("deals.csv", LATER)
    bring()
    changed = last()
    clock("2026-06-01T00:00:00+00:00")
    bring(dry_run=True)
    assert why_not(changed) == ""
    bring()  # changes nothing, and is the last one now
    bring()
    assert "kept for 90 days and for the last 20 imports" in why_not(changed)
    with pytest.raises(UndoRefused, match="no longer there"):
        undo_import(operator(workspace), changed)


def test_a_seller_undoes_nothing(write: Write, bring: Bring, acting: Any) -> None:
    """As she imports nothing."""
    write("deals.csv", DEALS)
    bring()
    with pytest.raises(Denied):
        undo_import(acting(Role.SELLER), last())


def test_a_failed_import_leaves_no_trace(write: Write, bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither on record nor on the disk."""
    write("deals.csv", DEALS)

    def fail(*_: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr("notyet.exchange.actions.settle_source", fail)
    from notyet.exchange.files import imports_folder

    with pytest.raises(RuntimeError):
        bring()
    assert not Import.objects.exists()
    assert {path.name for path in imports_folder().iterdir()} <= {"incoming", "staging"}
