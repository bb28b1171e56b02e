"""Two people change one row: what each of them saw decides whether one must be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import models

from notyet.deals.edit_models import Edit
from notyet.deals.values import Change, Value, exact, held, parse, same, shown

SOMEBODY_ELSE = "an import"


@dataclass(frozen=True)
class Conflict:
    """A field that held ``seen`` when the form was opened, holds ``theirs`` now, and would hold ``mine``.

    ``by`` and ``at`` say who set it and when; an import has no ``at`` here.
    """

    field: str
    seen: str
    mine: str
    theirs: str
    by: str
    at: datetime | None


class EditConflict(Exception):
    """Somebody else changed these fields since the form was opened; nothing was written."""

    def __init__(self, conflicts: tuple[Conflict, ...]) -> None:
        names = ", ".join(one.field for one in conflicts)
        super().__init__(f"changed by {conflicts[0].by} in the meantime: {names}")
        self.conflicts = conflicts


def wanted(row: models.Model, table: str, changes: Mapping[str, Change], zone: str) -> dict[str, Value]:
    """The fields that the changes set to something else than they hold. Raises ``EditConflict`` or ``BadValue``.

    Only a field that is changed can conflict, and only where it holds neither what was seen nor what it is to be.
    """
    values: dict[str, Value] = {}
    conflicts = []
    for field, change in changes.items():
        now = shown(row, field, zone)
        if same(field, change.seen, change.new, zone) or same(field, change.new, now, zone):
            continue
        if not same(field, change.seen, now, zone):
            by, at = last_set_by(row, table, row.pk, field, zone)
            conflicts.append(Conflict(field, change.seen, change.new, now, by, at))
            continue
        value = parse(field, change.new, zone)
        if value != held(row, field):
            values[field] = value
    if conflicts:
        raise EditConflict(tuple(conflicts))
    return values


def last_set_by(row: models.Model, table: str, key: int, field: str, zone: str) -> tuple[str, datetime | None]:
    """Who set a field of a row to what it holds, and when; an import, where no edit of ``key`` says so."""
    now = exact(held(row, field), zone)
    for edit in Edit.objects.filter(table=table, row=key).order_by("-pk"):
        if edit.after and field in edit.after:
            return (edit.by, edit.at) if edit.after[field] == now else (SOMEBODY_ELSE, None)
    return SOMEBODY_ELSE, None
