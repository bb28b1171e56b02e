"""What people edited or removed here stands when an import says otherwise, and the difference is listed."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from notyet.core.clock import now
from notyet.deals import talk_actions as pages
from notyet.deals.actions import create_deal, edit_deal
from notyet.deals.edit_models import ChangedDeal, EditedField, RemovedRow
from notyet.deals.models import Account, Conversation, DataSource, Deal, FieldChange, NextStep, Promise
from notyet.deals.talk import Talk
from notyet.deals.talk_actions import add_conversation, keep_promise, make_promise, plan_next_step
from notyet.deals.values import Change
from notyet.exchange.errors import UndoRefused
from notyet.exchange.export import export_history
from notyet.exchange.files import KEPT_FILE, folder_of
from notyet.exchange.models import Import
from notyet.exchange.undo import undo_import
from notyet.workspaces.access import operator
from notyet.workspaces.models import Workspace
from tests.exchange.conftest import Bring, Write, read_csv

DEALS = """deal_id,account,outcome,amount,opened_at,closed_at,Size
A,Acme,open,10.50,2026-01-01,,9
B,Bolt,lost,20,2026-01-01,2026-02-01,7
"""


def edit(deal_id: str, field: str, **values: Any) -> EditedField:
    """As the page does: the deal's fields are set, and that they were is kept."""
    deal = Deal.objects.get(deal_id=deal_id)
    Deal.objects.filter(pk=deal.pk).update(**values)
    made: EditedField = EditedField.objects.create(
        workspace=deal.workspace, deal=deal, table="deals", row=deal.pk, field=field, at=now(), by="Ada"
    )
    return made


def edit_row(row: Any, table: str, **values: Any) -> EditedField:
    """The same of a row about a deal."""
    type(row).objects.filter(pk=row.pk).update(**values)
    made: EditedField = EditedField.objects.create(
        workspace=row.workspace, deal=row.deal, table=table, row=row.pk, field="", at=now(), by="Ada"
    )
    return made


def remove_row(row: Any, table: str) -> None:
    """A row goes, and that it did is kept."""
    RemovedRow.objects.create(
        workspace=row.workspace, deal=row.deal, table=table, row_id=row.row_id, digest=row.digest, at=now(), by="Ada"
    )
    row.delete()


def last() -> Import:
    """The newest import."""
    found: Import = Import.objects.order_by("-pk")[0]
    return found


def test_an_edited_field_stands(write: Write, bring: Bring) -> None:
    """The rest of the deal is updated; the difference is listed with file, line and both values, and kept."""
    write("deals.csv", DEALS)
    bring()
    edited = edit("A", "amount", amount=99)
    write("deals.csv", DEALS.replace("A,Acme,open,10.50", "A,Acme,lost,12.00"))
    result = bring()
    assert (result.table("deals").updated, result.table("deals").unchanged) == (1, 1)
    deal = Deal.objects.get(deal_id="A")
    assert (deal.outcome, deal.amount) == ("lost", 99)
    [kept] = result.kept
    assert (kept.file, kept.line, kept.deal_id, kept.table, kept.field) == ("deals.csv", 2, "A", "deals", "amount")
    assert (kept.yours, kept.source, result.kept_count) == ("99", "12", 1)
    edited.refresh_from_db()
    assert (edited.source_value, edited.differs) == ("12", True)
    assert last().summary["kept_count"] == 1
    assert last().summary["kept"][0]["source"] == "12"
    assert read_csv(folder_of(last()) / KEPT_FILE)[0]["yours"] == "99"
    assert result.number == last().pk


def test_the_difference_goes_when_the_source_agrees(write: Write, bring: Bring) -> None:
    """Nothing is updated then, and nothing is listed; a file without the column says nothing about it."""
    write("deals.csv", DEALS)
    bring()
    edited = edit("A", "amount", amount=99)
    assert bring().kept_count == 1
    write("deals.csv", "deal_id,outcome\nA,open\n")
    assert bring().kept_count == 0
    edited.refresh_from_db()
    assert edited.differs
    write("deals.csv", DEALS.replace("10.50", "99.0"))
    result = bring()
    assert (result.kept_count, result.table("deals").unchanged) == (0, 2)
    edited.refresh_from_db()
    assert (edited.source_value, edited.differs) == ("99", False)
    assert not (folder_of(last()) / KEPT_FILE).exists()


def test_fields_of_every_kind(write: Write, bring: Bring, workspace: Workspace) -> None:
    """A time with its precision, the buyer, an outcome, a field of the source's own; emptied ones too."""
    write("deals.csv", DEALS)
    bring()
    other = Account.objects.create(workspace=workspace, name="Other")
    moment = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    edit("A", "account", account=other)
    edit("A", "opened_at", opened_at=moment, plain_dates=0)
    edit("A", "outcome", outcome="won")
    edit("A", "closed_at", closed_at=moment)
    edit("A", "attr.Size", attributes={"Size": "10"})
    edit("B", "amount", amount=None)
    result = bring()
    assert result.table("deals").unchanged == 2
    deal = Deal.objects.select_related("account").get(deal_id="A")
    assert deal.account == other
    assert (deal.opened_at, deal.plain_dates, deal.outcome, deal.attributes) == (moment, 0, "won", {"Size": "10"})
    assert Deal.objects.get(deal_id="B").amount is None
    assert {(one.deal_id, one.field): (one.yours, one.source) for one in result.kept} == {
        ("A", "account"): ("Other", "Acme"),
        ("A", "opened_at"): ("2026-01-05T09:30:00Z", "2026-01-01"),
        ("A", "outcome"): ("won", "open"),
        ("A", "closed_at"): ("2026-01-05T09:30:00Z", ""),
        ("A", "Size"): ("10", "9"),
        ("B", "amount"): ("", "20"),
    }
    assert result.outcomes == {"won": 1, "lost": 1}


def test_a_trial_run_says_so_and_keeps_nothing(write: Write, bring: Bring) -> None:
    """Before anything is written."""
    write("deals.csv", DEALS)
    bring()
    edited = edit("A", "amount", amount=99)
    assert bring(dry_run=True).kept_count == 1
    edited.refresh_from_db()
    assert not edited.differs


TALKS = "deal_id,at,channel,summary\nA,2026-01-02,call,hello\nA,2026-01-02,call,hello\nB,2026-01-03,email,\n"
STEPS = "id,deal_id,due_at,text\n1,A,2026-02-01,call\n2,A,2026-02-02,write\n"


def test_edited_rows_are_left_alone(write: Write, bring: Bring) -> None:
    """Without an id by what they said once, with one by that; what the source says of the latter is listed."""
    write("deals.csv", DEALS)
    write("conversations.csv", TALKS)
    write("next_steps.csv", STEPS)
    bring()
    talk = Conversation.objects.filter(deal__deal_id="A")[0]
    edit_row(talk, "conversations", summary="mended")
    step = edit_row(NextStep.objects.get(row_id="1"), "next_steps", text="ring")
    result = bring()
    assert [one.added + one.updated for one in result.tables] == [0, 0, 0]
    assert Conversation.objects.filter(summary="mended").count() == 1
    [kept] = result.kept
    assert (kept.file, kept.line, kept.table, kept.field) == ("next_steps.csv", 2, "next_steps", "")
    assert (kept.yours, kept.source) == ("text: ring", "text: call")
    write("next_steps.csv", STEPS.replace("2026-02-01,call", "2026-02-09,ring").replace("write", "mail"))
    result = bring()
    assert result.table("next_steps").updated == 1
    assert [(one.yours, one.source) for one in result.kept] == [("due at: 2026-02-01", "due at: 2026-02-09")]
    step.refresh_from_db()
    assert (step.differs, step.source_value) == (True, "due at: 2026-02-09")
    assert set(NextStep.objects.values_list("text", flat=True)) == {"ring", "mail"}


def test_removed_rows_stay_away(write: Write, bring: Bring) -> None:
    """One of two that are the same, one with an id; what the source says for the first time comes in."""
    write("deals.csv", DEALS)
    write("conversations.csv", TALKS)
    write("next_steps.csv", STEPS)
    bring()
    remove_row(Conversation.objects.filter(deal__deal_id="A")[0], "conversations")
    remove_row(NextStep.objects.get(row_id="1"), "next_steps")
    result = bring()
    assert (Conversation.objects.count(), NextStep.objects.count()) == (2, 1)
    assert [one.added + one.updated for one in result.tables] == [0, 0, 0]
    write("conversations.csv", TALKS + "A,2026-01-02,call,hello\n")
    assert bring().table("conversations").added == 1
    for row in list(Conversation.objects.all()):
        remove_row(row, "conversations")
    assert bring().table("conversations").added == 0


def make_here(workspace: Workspace) -> Deal:
    """A deal as the application makes it, with rows that carry ids of their own."""
    source = DataSource.objects.create(
        workspace=workspace, key="notyet", name="NotYet", payments_from=now(), payments_set=True
    )
    account = Account.objects.create(workspace=workspace, name="Falk")
    deal: Deal = Deal.objects.create(
        workspace=workspace, data_source=source, deal_id="N-1001", account=account, outcome="open", opened_at=now()
    )
    about: dict[str, Any] = {"workspace": workspace, "deal": deal}
    Promise.objects.create(**about, row_id="n-00112233aabb", text="quote", due_at=now())
    Conversation.objects.create(**about, row_id="n-00112233aabc", at=now(), channel="call", missed=True, minutes=0.1)
    return deal


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_what_was_made_and_edited_here_comes_out_and_in(
    write: Write, bring: Bring, workspace: Workspace, tmp_path: Path, form: Any
) -> None:
    """An export of it changes nothing in the same workspace, and brings the same to another one."""
    write("deals.csv", DEALS)
    write("conversations.csv", TALKS)
    write("next_steps.csv", STEPS)
    bring()
    made = make_here(workspace)
    edit("A", "amount", amount=99)
    edit("N-1001", "amount", amount=5)
    edit_row(Conversation.objects.filter(deal__deal_id="A")[0], "conversations", summary="mended")
    edit_row(NextStep.objects.get(row_id="1"), "next_steps", text="ring")
    edit_row(Promise.objects.get(), "promises", text="offer")
    remove_row(Conversation.objects.get(deal__deal_id="B"), "conversations")
    about: dict[str, Any] = {"workspace": workspace, "deal": Deal.objects.get(deal_id="A")}
    Promise.objects.create(**about, row_id="n-0123456789ab", text="a row made here", due_at=now())
    held = {
        model: list(model.objects.order_by("pk").values())
        for model in (Deal, Conversation, NextStep, Promise, DataSource)
    }
    export_history(operator(workspace), tmp_path / "out", format=form, answers=True)
    result = bring(tmp_path / "out")
    assert [one.added + one.updated for one in result.tables] == [0] * len(result.tables)
    assert (result.refused, result.kept_count) == (0, 0)
    assert {model: list(model.objects.order_by("pk").values()) for model in held} == held
    made.refresh_from_db()


def test_what_people_do_on_the_pages_comes_out_and_in(
    write: Write, bring: Bring, workspace: Workspace, tmp_path: Path
) -> None:
    """Deals, conversations, promises and steps by their own actions."""
    write("deals.csv", DEALS)
    write("conversations.csv", TALKS)
    write("next_steps.csv", STEPS)
    bring()
    actor, day = operator(workspace), now()
    made = create_deal(
        actor, {"account": "Falk", "amount": "12,50", "next_step": "call", "next_step_due": "2026-03-01"}
    )
    add_conversation(actor, made.pk, Talk(at=day, channel="call", missed=True, minutes=0.1, summary="=1+1"))
    promised = make_promise(actor, made.pk, "a quote", day.date())
    keep_promise(actor, promised.row)
    deal = Deal.objects.get(deal_id="A")
    edit_deal(actor, deal.pk, {"amount": Change("10.5", "11"), "account": Change("Acme", "Cogs")})
    plan_next_step(actor, deal.pk, "ring", day.date())
    talks = list(Conversation.objects.filter(deal__deal_id="A"))
    pages.edit_row(actor, "conversations", talks[0].pk, {"summary": Change("hello", "mended")})
    pages.edit_row(actor, "next_steps", NextStep.objects.get(row_id="1").pk, {"text": Change("call", "ring")})
    pages.remove_row(actor, "conversations", talks[1].pk)
    models = (Deal, Conversation, NextStep, Promise, FieldChange, DataSource)
    held = {model: list(model.objects.order_by("pk").values()) for model in models}
    export_history(actor, tmp_path / "out", answers=True)
    result = bring(tmp_path / "out")
    assert {one.table: one.added + one.updated + one.refused for one in result.tables if one.table} == dict.fromkeys(
        ("deals", "field_changes", "next_steps", "conversations", "promises"), 0
    )
    assert {model: list(model.objects.order_by("pk").values()) for model in models} == held
    again = bring(tmp_path / "history")
    assert sorted((one.field or one.table, one.yours, one.source) for one in again.kept) == [
        ("account", "Cogs", "Acme"),
        ("amount", "11", "10.5"),
        ("next_steps", "text: ring", "text: call"),
    ]
    assert {model: list(model.objects.order_by("pk").values()) for model in models} == held


def test_only_deals_of_our_own_come_out_and_in(bring: Bring, workspace: Workspace, tmp_path: Path) -> None:
    """Also where the application's are the only ones: they are known by their source."""
    make_here(workspace)
    export_history(operator(workspace), tmp_path / "out.zip", answers=True)
    result = bring(tmp_path / "out.zip")
    assert (result.table("deals").unchanged, Deal.objects.count(), DataSource.objects.count()) == (1, 1, 1)


def test_undoing_leaves_edits_alone(write: Write, bring: Bring, workspace: Workspace) -> None:
    """What was edited after the import stays, what it changed beside goes back."""
    write("deals.csv", DEALS)
    write("next_steps.csv", STEPS)
    bring()
    before = edit("A", "amount", amount=99)
    write("deals.csv", DEALS.replace("A,Acme,open,10.50", "A,Cogs,lost,12.00"))
    write("next_steps.csv", STEPS.replace("write", "mail").replace("call", "ring"))
    bring()
    edit("A", "outcome", outcome="won")
    edit_row(NextStep.objects.get(row_id="2"), "next_steps", text="visit")
    undo_import(operator(workspace), last())
    deal = Deal.objects.select_related("account").get(deal_id="A")
    assert (deal.account and deal.account.name, deal.outcome, deal.amount) == ("Acme", "won", 99)
    assert dict(NextStep.objects.values_list("row_id", "text")) == {"1": "call", "2": "visit"}
    before.refresh_from_db()
    assert (before.source_value, before.differs) == ("", False)


def test_edited_rows_are_not_taken_back(write: Write, bring: Bring, workspace: Workspace) -> None:
    """An import whose rows somebody worked on stands."""
    write("deals.csv", DEALS)
    bring()
    write("next_steps.csv", STEPS)
    bring()
    edit_row(NextStep.objects.get(row_id="2"), "next_steps", text="visit")
    with pytest.raises(UndoRefused, match="1 of the next steps that it added were edited since"):
        undo_import(operator(workspace), last())


def test_the_day_list_is_told_what_changed(write: Write, bring: Bring, workspace: Workspace) -> None:
    """The deals that an import touched, also by their rows; of many, that any may have changed."""
    write("deals.csv", DEALS)
    bring()
    keys = dict(Deal.objects.values_list("deal_id", "pk"))
    assert set(ChangedDeal.objects.values_list("deal", flat=True)) == set(keys.values())
    ChangedDeal.objects.all().delete()
    write("next_steps.csv", STEPS)
    bring()
    assert set(ChangedDeal.objects.values_list("deal", flat=True)) == {keys["A"]}
    undo_import(operator(workspace), last())
    assert ChangedDeal.objects.filter(deal=None).count() == 1


def test_many_changes_are_told_as_one(write: Write, bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    """One row, not a million."""
    monkeypatch.setattr("notyet.exchange.commit.MOST_TOUCHED", 1)
    write("deals.csv", DEALS)
    bring()
    assert list(ChangedDeal.objects.values_list("deal", flat=True)) == [None]


def test_what_says_that_deals_changed_goes_with_them(write: Write, bring: Bring, workspace: Workspace) -> None:
    """Undoing does not stumble over it."""
    write("deals.csv", DEALS)
    bring()
    assert ChangedDeal.objects.exclude(deal=None).exists()
    undo_import(operator(workspace), last())
    assert not Deal.objects.exists()
