"""Making a deal and working it: what is kept, in what order, and what can be taken back."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from notyet.deals.actions import create_deal, edit_deal
from notyet.deals.contact_actions import remove_contact, save_contact
from notyet.deals.edit_models import ChangedDeal, Edit
from notyet.deals.edit_queries import contact_names, edits, last_edit, similar_accounts
from notyet.deals.models import Conversation, Deal, NextStep, Promise
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
from notyet.deals.values import Change, shown
from notyet.workspaces.access import Actor, operator
from notyet.workspaces.models import AuditEntry, Role, Workspace

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
