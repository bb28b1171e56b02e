"""Making a deal and working it: what is kept, in what order, and what can be taken back."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from notyet.deals.actions import create_deal, edit_deal
from notyet.deals.contact_actions import remove_contact, save_contact
from notyet.deals.edit_models import ChangedDeal, Edit
from notyet.deals.edit_queries import contact_names, edits, last_edit, own_addresses, similar_accounts
from notyet.deals.merging import merge
from notyet.deals.models import Account, Conversation, DataSource, Deal, NextStep, Promise
from notyet.deals.talk import Talk
from notyet.deals.talk_actions import (
    add_conversation,
    edit_row,
    finish_next_step,
    keep_promise,
    make_promise,
    plan_next_step,
    remove_row,
)
from notyet.deals.undoing import undo
from notyet.deals.values import BadValue, Change, shown
from notyet.workspaces.access import Actor, operator
from notyet.workspaces.actions import add_person, create_workspace
from notyet.workspaces.models import AuditEntry, Role, Visibility, Workspace

pytestmark = pytest.mark.django_db
Acting = Callable[..., Actor]
Clock = Callable[[str], datetime]


def test_a_deal_is_made_and_worked(workspace: Workspace, acting: Acting, clock: Clock) -> None:
    """From the first call to a kept promise, each action with its edit."""
    clock("2026-03-02T08:00:00+00:00")
    ada = acting(Role.SELLER, seller_name="Ada", team="North")
    deal = create_deal(
        ada,
        {
            "account": "Corwin and Sons",
            "amount": "12,000.50",
            "currency": "EUR",
            "stage": "Enquiry",
            "next_step": "Call Tom",
            "next_step_due": "2026-03-04",
        },
        process_version="1",
    )
    deal = Deal.objects.get(pk=deal.pk)
    assert (deal.deal_id, deal.owner, deal.team, deal.outcome) == ("N-1001", "Ada", "North", "open")
    assert deal.data_source.key == "notyet"
    assert shown(deal, "amount") == "12000.50"
    add_conversation(ada, deal.pk, Talk(channel="call", direction="in", contact="Tom Corwin", summary="price?"))
    made = make_promise(ada, deal.pk, "Send the offer", date(2026, 3, 5))
    promise = Promise.objects.get()
    assert (promise.due_at, promise.plain_dates) == (datetime(2026, 3, 5, tzinfo=UTC), 2)
    kept = keep_promise(ada, promise.pk)
    assert keep_promise(ada, promise.pk) == kept
    finish_next_step(ada, NextStep.objects.get().pk)
    plan_next_step(ada, deal.pk, "Meet", datetime(2026, 3, 9, 9, tzinfo=UTC))
    edit_deal(ada, deal.pk, {"persona": Change("", "Founder")})
    assert [edit.action for edit in edits(deal)] == [
        "edit deal",
        "plan next step",
        "finish next step",
        "keep promise",
        "make promise",
        "add conversation",
        "create deal",
    ]
    assert ChangedDeal.objects.filter(deal=deal).count() == 7
    assert contact_names(deal) == ["Tom Corwin"]
    assert made.after == {
        "text": "Send the offer",
        "made_at": "2026-03-02T08:00:00Z",
        "due_at": "2026-03-05",
        "kept_at": None,
    }
    said = " ".join(str(entry.detail) for entry in AuditEntry.objects.all())
    assert "offer" not in said


def test_everything_is_undone_and_done_again(workspace: Workspace) -> None:
    """Each action, there and back."""
    actor = operator(workspace)
    deal = create_deal(actor, {"account": "Corwin", "stage": "Enquiry"})
    talked = add_conversation(actor, deal.pk, Talk(channel="call", summary="hello"))
    row = Conversation.objects.get()
    changed = edit_row(actor, "conversations", row.pk, {"summary": Change("hello", "good day")})
    assert changed is not None
    removed = remove_row(actor, "conversations", row.pk)
    back = undo(actor, removed.pk)
    assert Conversation.objects.get() == row
    again = undo(actor, back.pk)
    assert not Conversation.objects.exists()
    undo(actor, again.pk)
    undo(actor, changed.pk)
    assert Conversation.objects.get().summary == "hello"
    undo(actor, talked.pk)
    created = Edit.objects.get(action="create deal")
    gone = undo(actor, created.pk)
    assert not Deal.objects.exists()
    undo(actor, gone.pk)
    assert Deal.objects.get().deal_id == "N-1001"
    assert Deal.objects.get().stage_changes.get().stage == "Enquiry"
    assert last_edit(Deal.objects.get()) is not None


def test_contacts(workspace: Workspace) -> None:
    """Added, changed, removed, back."""
    actor = operator(workspace)
    deal = create_deal(actor, {"account": "Corwin"})
    save_contact(actor, deal.pk, {"name": "Tom Corwin", "role": "signs"})
    part = deal.deal_contacts.get()
    save_contact(actor, deal.pk, {"email": "tom@corwin.example"}, contact_pk=part.contact_id)
    removed = remove_contact(actor, part.pk)
    assert not deal.deal_contacts.exists()
    undo(actor, removed.pk)
    assert deal.deal_contacts.get().contact.email == "tom@corwin.example"


def test_similar(workspace: Workspace) -> None:
    """A second Corwin and Sons is warned of."""
    actor = operator(workspace)
    create_deal(actor, {"account": "Corwin and Sons"})
    create_deal(actor, {"account": "Halden AG"})
    assert [(one.name, one.deals) for one in similar_accounts(actor, "Corwin & Sons Ltd")] == [("Corwin and Sons", 1)]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "account"),
        ({"account": " "}, "account"),
        ({"account": "x", "amount": "1.200"}, "amount"),
        ({"account": "x", "currency": "EURO"}, "currency"),
        ({"account": "x", "next_step": "Call"}, "next_step_due"),
        ({"account": "x", "next_step_due": "2026-03-04"}, "next_step"),
        ({"account": "x", "next_step": "Call", "next_step_due": "soon"}, "next_step_due"),
        ({"account": "x", "opened_at": "2199-01-01"}, "opened_at"),
        ({"account": "x", "outcome": "won"}, "outcome"),
        ({"account": "x" * 501}, "account"),
    ],
)
def test_a_deal_that_cannot_be_made(workspace: Workspace, values: dict[str, str], field: str) -> None:
    """The field says why; no number is used up, and no buyer made."""
    with pytest.raises(BadValue) as refused:
        create_deal(operator(workspace), values)
    assert refused.value.field == field
    assert not Account.objects.exists()
    assert not DataSource.objects.exists()


def test_what_a_new_deal_holds_by_itself(workspace: Workspace, clock: Clock) -> None:
    """Its maker's, opened now, in the workspace's currency, called after the buyer; its source knows payments."""
    now = clock("2026-03-02T08:00:00+00:00")
    deal = create_deal(operator(workspace), {"account": "Corwin", "attr.Lead": "warm", "amount": 1200})
    deal.refresh_from_db()
    assert (deal.name, deal.owner, deal.team, deal.currency) == ("Corwin", "operator", "", workspace.currency)
    assert (deal.opened_at, deal.plain_dates, deal.attributes, deal.amount) == (now, 0, {"Lead": "warm"}, 1200)
    source = deal.data_source
    assert (source.key, source.payments_from, source.payments_set) == ("notyet", now, True)
    again = create_deal(operator(workspace), {"name": "Only a name", "opened_at": date(2026, 2, 1)})
    assert (again.account, again.deal_id, again.plain_dates) == (None, "N-1002", 1)


def test_a_number_that_came_with_an_import_is_left_out(workspace: Workspace) -> None:
    """An export of this workspace, or of another, may have brought it."""
    first = create_deal(operator(workspace), {"account": "Corwin"})
    Deal.objects.create(workspace=workspace, data_source=first.data_source, deal_id="N-1002", outcome="open")
    assert create_deal(operator(workspace), {"account": "Corwin"}).deal_id == "N-1003"


def test_a_merged_buyer_is_meant_by_its_other_name(workspace: Workspace) -> None:
    """In a new deal and in an edit."""
    actor = operator(workspace)
    for name in ("Corwin and Sons", "Corwin & Sons Ltd"):
        create_deal(actor, {"account": name})
    merge(actor, "account", "Corwin and Sons", ["Corwin & Sons Ltd"])
    deal = create_deal(actor, {"account": "Corwin & Sons Ltd", "name": "New line"})
    assert str(deal.account) == "Corwin and Sons"
    assert similar_accounts(actor, "Corwin & Sons Ltd") == []
    edit_deal(actor, deal.pk, {"account": Change("Corwin and Sons", "Corwin & Sons Ltd")})
    deal.refresh_from_db()
    assert str(deal.account) == "Corwin and Sons"


def test_the_buyers_one_sees_are_warned_of(workspace: Workspace, acting: Acting) -> None:
    """No name of a deal out of sight is told."""
    actor = operator(workspace)
    create_deal(actor, {"account": "Corwin and Sons", "owner": "Ada"})
    create_deal(actor, {"account": "Corwin & Sons", "owner": "Ben"})
    workspace.visibility = Visibility.OWN
    workspace.save()
    ada = acting(Role.SELLER, seller_name="Ada")
    assert [one.name for one in similar_accounts(ada, "Corwin + Sons")] == ["Corwin and Sons"]
    assert similar_accounts(ada, "Corwin and Sons") == []
    assert similar_accounts(ada, "Halden") == []
    assert [one.why for one in similar_accounts(actor, "Corwin")] == ["some of the same words"] * 2


@pytest.mark.parametrize(
    ("talk", "field"),
    [
        (Talk(), "summary"),
        (Talk(channel="email", missed=True), "missed"),
        (Talk(channel="call", at=datetime(2026, 3, 4, tzinfo=UTC)), "at"),
        (Talk(channel="call", minutes=1_441), "minutes"),
        (Talk(channel="call", minutes=-1), "minutes"),
        (Talk(channel="fax"), "channel"),
        (Talk(channel="call", summary="x" * 20_001), "summary"),
        (Talk(channel="call", contact="a\x00"), "contact"),
    ],
)
def test_a_conversation_that_cannot_be(workspace: Workspace, clock: Clock, talk: Talk, field: str) -> None:
    """Neither yet to come, nor longer than a day, nor a missed e-mail."""
    clock("2026-03-02T08:00:00+00:00")
    deal = create_deal(operator(workspace), {"account": "Corwin"})
    with pytest.raises(BadValue) as refused:
        add_conversation(operator(workspace), deal.pk, talk)
    assert refused.value.field == field


def test_rows_keep_what_they_need(workspace: Workspace) -> None:
    """A conversation its time, a promise its words; a conversation's edit is checked like a new one."""
    actor = operator(workspace)
    deal = create_deal(actor, {"account": "Corwin", "stage": "Enquiry"})
    talk = add_conversation(actor, deal.pk, Talk(channel="call", missed=True, at=date(2026, 3, 2)))
    row = Conversation.objects.get()
    assert (shown(row, "at", "UTC"), row.plain_dates) == ("2026-03-02", 1)
    promise = make_promise(actor, deal.pk, "Send", date(2026, 3, 2))
    stage = deal.stage_changes.get()
    for table, key, field, seen in (
        ("conversations", talk.row, "at", "2026-03-02"),
        ("promises", promise.row, "text", "Send"),
        ("stage_changes", stage.pk, "stage", "Enquiry"),
    ):
        with pytest.raises(BadValue, match="cannot be left empty"):
            edit_row(actor, table, key, {field: Change(seen, " ")})
    with pytest.raises(BadValue, match="only a call can be missed"):
        edit_row(actor, "conversations", talk.row, {"channel": Change("call", "email")})
    with pytest.raises(BadValue, match="cannot be set here"):
        edit_row(actor, "promises", promise.row, {"digest": Change("0", "1")})
    for text, due, field in ((" ", date(2026, 3, 2), "text"), ("Send", date(1899, 3, 2), "due_at")):
        with pytest.raises(BadValue) as refused:
            make_promise(actor, deal.pk, text, due)
        assert refused.value.field == field


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": "tom@corwin.example"}, "name"),
        ({"name": "Tom", "email": "tom"}, "email"),
        ({"name": "Tom", "role": "boss"}, "role"),
        ({"name": "Tom", "phone": "1" * 61}, "phone"),
        ({"name": "Tom", "account": "x"}, "account"),
        ({"name": "Ines"}, "name"),
    ],
)
def test_a_contact_that_cannot_be(workspace: Workspace, values: dict[str, str], field: str) -> None:
    """The field says why."""
    actor = operator(workspace)
    deal = create_deal(actor, {"account": "Corwin"})
    save_contact(actor, deal.pk, {"name": "Ines"})
    with pytest.raises(BadValue) as refused:
        save_contact(actor, deal.pk, values)
    assert refused.value.field == field
    assert save_contact(actor, deal.pk, {"name": "Ines"}, deal.deal_contacts.get().contact_id) is None


def test_our_own_addresses(workspace: Workspace) -> None:
    """What the workspace's people send goes out."""
    add_person(operator(workspace), "Ada@acme.example", Role.SELLER)
    assert own_addresses(operator(workspace)) == {"ada@acme.example"}
    assert own_addresses(operator(create_workspace("Other"))) == frozenset()
