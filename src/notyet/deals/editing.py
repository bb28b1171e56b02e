"""One change to the record by a person: the deal held, the rows kept whole for undoing it, the edit noted."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from notyet.core.clock import now
from notyet.deals.closing_models import Closing, Reopening
from notyet.deals.contact_models import Contact, DealContact
from notyet.deals.edit_models import Edit, EditedField, RemovedRow
from notyet.deals.models import Account, Conversation, Deal, FieldChange, NextStep, Promise, StageChange
from notyet.deals.queries import visible_deals
from notyet.deals.touching import touch
from notyet.deals.values import ATTRIBUTE, Value, bit, exact, held
from notyet.deals.when import When
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.audit import note

NOTYET = "notyet"
"""The key of the source of the deals that are made here."""

ROWS: dict[str, type[models.Model]] = {
    "conversations": Conversation,
    "promises": Promise,
    "next_steps": NextStep,
    "stage_changes": StageChange,
}
"""The tables of rows about deals that people edit."""

FIELDS: dict[str, tuple[str, ...]] = {
    "conversations": ("at", "channel", "direction", "missed", "contact", "minutes", "summary"),
    "promises": ("text", "made_at", "due_at", "kept_at"),
    "next_steps": ("text", "due_at", "done_at"),
    "stage_changes": ("stage", "entered_at"),
}
"""What of them is edited."""

MODELS: dict[str, type[models.Model]] = {
    **ROWS,
    "deals": Deal,
    "field_changes": FieldChange,
    "edited_fields": EditedField,
    "removed_rows": RemovedRow,
    "people": Contact,
    "contacts": DealContact,
    "closings": Closing,
    "reopenings": Reopening,
}
"""Every table of which an edit may make or take rows."""
_TABLE_OF = {model: table for table, model in MODELS.items()}
_OF_OTHER_ROOMS: set[str] = set()


def register(table: str, model: type[models.Model]) -> None:
    """Let edits make and take rows of a table that another room keeps about deals.

    Undoing is refused where such a row cannot be brought back: somebody made its like since.
    """
    MODELS[table] = model
    _TABLE_OF[model] = table
    _OF_OTHER_ROOMS.add(table)


def lock_deal(actor: Actor, pk: int) -> Deal:
    """A deal that the actor works on, held until the transaction ends. Raises ``Denied`` or ``Deal.DoesNotExist``.

    Others may add rows about it meanwhile, as an import does that holds rows which this transaction will wait for.
    """
    actor.require(Permission.WORK_DEALS)
    deal: Deal = visible_deals(actor).select_for_update(no_key=True).get(pk=pk)
    return deal


def new_row_id() -> str:
    """An id for a row made here, by which an export that comes back finds it."""
    return f"n-{secrets.token_hex(6)}"


def put(row: Any, field: str, value: Value) -> None:
    """Set a field of a row that is not saved yet; of times also whether they are plain dates."""
    if field.startswith(ATTRIBUTE):
        name = field.removeprefix(ATTRIBUTE)
        rest = {key: said for key, said in row.attributes.items() if key != name}
        row.attributes = {**rest, name: value} if value else rest
    elif field == "account":
        row.account = account_named(row.workspace_id, str(value)) if value else None
    elif isinstance(value, When):
        setattr(row, field, value.at)
        row.plain_dates = row.plain_dates | bit(row, field) if value.plain else row.plain_dates & ~bit(row, field)
    else:
        if field.endswith("_at") or field == "at":
            row.plain_dates &= ~bit(row, field)
        setattr(row, field, value)


def save_fields(row: models.Model, fields: Iterable[str]) -> None:
    """Save the columns that hold these fields, and no others."""
    columns = {"attributes" if field.startswith(ATTRIBUTE) else field for field in fields}
    if not columns:
        return
    if hasattr(row, "plain_dates"):
        columns.add("plain_dates")
    row.save(update_fields=sorted(columns))


def account_named(workspace: int, name: str) -> Account:
    """The buyer of that name, made if there is none."""
    account: Account = Account.objects.get_or_create(workspace_id=workspace, name=name)[0]
    return account


class Work:
    """A change under way: what it makes and takes, until ``keep`` notes it as an edit."""

    def __init__(self, actor: Actor, deal: Deal | None, action: str) -> None:
        self.actor, self.deal, self.action = actor, deal, action
        self.zone, self.at = actor.workspace.time_zone, now()
        self.made: list[dict[str, Any]] = []
        self.gone: list[dict[str, Any]] = []

    def make(self, row: models.Model) -> None:
        """Insert a row."""
        row.save(force_insert=True)
        self.made.append(whole(row))

    def take(self, row: models.Model) -> None:
        """Delete a row; one that this change made itself leaves no trace."""
        columns = whole(row)
        others = [one for one in self.made if (one["_table"], one["id"]) != (columns["_table"], columns["id"])]
        if len(others) == len(self.made):
            self.gone.append(columns)
        self.made = others
        row.delete()

    def texts(self, row: models.Model, fields: Iterable[str]) -> dict[str, str | None]:
        """What a row holds, as an edit keeps it."""
        return {field: exact(held(row, field), self.zone) for field in fields}

    def keep(
        self,
        table: str,
        row: int,
        before: Mapping[str, str | None] | None,
        after: Mapping[str, str | None] | None,
        undoes: Edit | None = None,
    ) -> Edit:
        """Note the edit and the line of the audit trail, and say that the deal has changed."""
        edit: Edit = Edit.objects.create(
            workspace=self.actor.workspace,
            deal=self.deal,
            at=self.at,
            by=self.actor.name,
            user_id=self.actor.user_id,
            action=self.action,
            table=table,
            row=row,
            before=before,
            after=after,
            more={"made": self.made, "gone": self.gone},
            undoes=undoes,
        )
        changed = sorted(after or ()) if before is not None else []
        subject = self.deal.deal_id if self.deal else ""
        note(self.actor, self.action, subject, edit=edit.pk, **({"fields": changed} if changed else {}))
        touch(self.actor.workspace, [self.deal.pk] if self.deal else [])
        return edit

    def mark(self, table: str, row: int, field: str, said: str | None, stands: str | None) -> None:
        """Let a field, or with an empty ``field`` a row, stand when its source says otherwise. ``said``: before."""
        if self.deal is None:
            return
        values = {"deal": self.deal, "at": self.at, "by": self.actor.name, "source_value": said or "", "differs": True}
        mark, new = EditedField.objects.get_or_create(
            workspace=self.actor.workspace, table=table, row=row, field=field, defaults=values
        )
        if new:
            self.made.append(whole(mark))
            return
        mark.at, mark.by = self.at, self.actor.name
        mark.differs = mark.source_value != (stands or "") if field else True
        mark.save(update_fields=["at", "by", "differs"])


def whole(row: models.Model) -> dict[str, Any]:
    """Every column of a row, as JSON holds it, with its table."""
    columns = {field.attname: _plain(getattr(row, field.attname)) for field in row._meta.concrete_fields}
    if isinstance(row, Deal):
        columns["account"] = row.account.name if row.account else None
    return {"_table": _TABLE_OF[type(row)], **columns}


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def restore(columns: Mapping[str, Any]) -> models.Model | None:
    """Insert a row again as ``whole`` kept it, under its own key; ``None`` where a mark stands there already."""
    model = MODELS[columns["_table"]]
    row = model()
    for field in model._meta.concrete_fields:
        if field.attname in columns:  # what was kept before a column was added does not have it
            setattr(row, field.attname, field.to_python(columns[field.attname]))
    if isinstance(row, Deal) and columns["account"]:
        row.account = account_named(row.workspace_id, columns["account"])
    if (
        isinstance(row, EditedField)
        and EditedField.objects.filter(table=row.table, row=row.row, field=row.field).exists()
    ):
        return None
    if columns["_table"] in _OF_OTHER_ROOMS:
        try:
            row.validate_constraints()
        except ValidationError:
            return None
    row.save(force_insert=True)
    return row
