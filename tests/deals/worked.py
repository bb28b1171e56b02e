"""A worked deal, every action on it by name, and the whole record to compare with."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from django.apps import apps
from django.db import connection

from notyet.deals.actions import create_deal, edit_deal
from notyet.deals.contact_actions import remove_contact, save_contact
from notyet.deals.edit_models import Edit
from notyet.deals.edit_queries import edits
from notyet.deals.models import Account, Conversation, DataSource, Deal
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
from notyet.workspaces.access import Actor
from notyet.workspaces.models import Workspace
from notyet.workspaces.scope import Scoped

AT = datetime(2026, 2, 2, 9, tzinfo=UTC)
Action = Callable[[Actor], object]


def imported_deal(workspace: Workspace, deal_id: str = "d1", **more: Any) -> Deal:
    """A deal as a CRM's export brought it, with a conversation."""
    source = DataSource.objects.get_or_create(workspace=workspace, key="crm", defaults={"name": "crm"})[0]
    account = Account.objects.get_or_create(workspace=workspace, name="Corwin and Sons")[0]
    fields = {"name": "Line 3", "owner": "Ada", "team": "North", "outcome": "open", "opened_at": AT, "amount": 1_000}
    made: Deal = Deal.objects.create(
        **{"workspace": workspace, "data_source": source, "deal_id": deal_id, "account": account, **fields, **more}
    )
    Conversation.objects.create(
        workspace=workspace, deal=made, at=AT, plain_dates=1, channel="call", summary="first", digest=4711, row_id="c1"
    )
    made.refresh_from_db()
    return made


def changed(deal: Deal, **new: str) -> dict[str, Change]:
    """What a form posts that was opened just now."""
    return {field: Change(shown(deal, field, "UTC"), text) for field, text in new.items()}


def worked_deal(actor: Actor, deal: Deal) -> dict[str, Action]:
    """Work the deal, and give every further action on it by its name; each can be done by whoever may."""
    talk = deal.conversations.get()
    promised = make_promise(actor, deal.pk, "Send the offer", date(2026, 3, 5))
    planned = plan_next_step(actor, deal.pk, "Meet", date(2026, 3, 9))
    save_contact(actor, deal.pk, {"name": "Tom Corwin", "role": "signs"})
    edit_deal(actor, deal.pk, changed(deal, persona="Founder"))
    undone = edit_deal(actor, deal.pk, changed(Deal.objects.get(pk=deal.pk), region="DACH", amount="2000"))
    assert undone is not None
    back = undo(actor, undone.pk)
    last = edits(deal).filter(table="deals", undone_at=None).exclude(pk=back.pk).first()
    made = edits(deal).get(table="contacts")
    removed = remove_row(actor, "promises", make_promise(actor, deal.pk, "Call", date(2026, 3, 5)).row)
    part = deal.deal_contacts.get()
    assert isinstance(last, Edit)
    return {
        "create deal": lambda by: create_deal(
            by, {"account": "New", "stage": "Enquiry", "owner": "Ada", "team": "North"}
        ),
        "edit deal": lambda by: edit_deal(by, deal.pk, changed(deal, name="Line 4", region="DACH")),
        "add conversation": lambda by: add_conversation(by, deal.pk, Talk(channel="call", summary="price")),
        "make promise": lambda by: make_promise(by, deal.pk, "Write", date(2026, 3, 6)),
        "keep promise": lambda by: keep_promise(by, promised.row),
        "plan next step": lambda by: plan_next_step(by, deal.pk, "Ask", date(2026, 3, 6)),
        "finish next step": lambda by: finish_next_step(by, planned.row),
        "edit row": lambda by: edit_row(by, "conversations", talk.pk, {"summary": Change("first", "second")}),
        "remove row": lambda by: remove_row(by, "conversations", talk.pk),
        "add contact": lambda by: save_contact(by, deal.pk, {"name": "Ines", "email": "ines@corwin.example"}),
        "edit contact": lambda by: save_contact(by, deal.pk, {"role": "champion"}, part.contact_id),
        "remove contact": lambda by: remove_contact(by, part.pk),
        "undo an edit": lambda by: undo(by, last.pk),
        "undo an addition": lambda by: undo(by, made.pk),
        "undo a removal": lambda by: undo(by, removed.pk),
        "redo": lambda by: undo(by, back.pk),
    }


def everything() -> dict[str, list[Any]]:
    """Every row of every workspace, by table."""
    found: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        for model in [one for one in apps.get_models() if issubclass(one, Scoped) or one is Workspace]:
            table = model._meta.db_table
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY id')
            found[table] = cursor.fetchall()
    return found
