"""Taking an edit back, and taking that back again: what it changed is as it was, if nobody changed it since."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from notyet.deals.conflicts import last_set_by
from notyet.deals.contact_models import CONTACT_FIELDS, DealContact
from notyet.deals.edit_models import ChangedDeal, Edit, EditedField
from notyet.deals.editing import MODELS, Work, lock_deal, put, restore, save_fields, whole
from notyet.deals.models import Deal
from notyet.deals.values import exact, from_exact, held
from notyet.workspaces.access import Actor, Permission, visible_owner_filter
from notyet.workspaces.scope import within

_BOOKKEEPING = {"field_changes", "edited_fields", "removed_rows"}
"""Tables that tell imports and the history about an edit; what they hold may change without anybody's word."""
_FOLLOW_THE_RECORD = {"today", "notices", "pipeline"}
"""Rooms whose rows about a deal are worked out from it."""


class CannotUndo(Exception):
    """An edit cannot be taken back as things are; the text says why."""


@transaction.atomic
def undo(actor: Actor, edit_pk: int) -> Edit:
    """Take an edit back; undoing what this gives back does the edit again.

    Raises ``CannotUndo`` where something changed it since, ``Denied``, ``Deal.DoesNotExist`` or ``Edit.DoesNotExist``.
    """
    actor.require(Permission.WORK_DEALS)
    with within(actor.workspace):
        edit: Edit = Edit.objects.get(pk=edit_pk)
        deal = _lock(actor, edit)
        edit.refresh_from_db()
        if edit.undone_at is not None:
            raise CannotUndo(f"{edit.undone_by} undid this already")
        _refuse_if_edited(edit, deal)
        work = Work(actor, deal, _reverse(edit.action))
        _refuse_unless_as_made(edit)
        if edit.before is None and edit.table == "deals" and deal is not None:
            _refuse_if_depended_on(deal, edit)
        if edit.before is not None and edit.after is not None:
            _set_back(work, edit)
        _take_and_bring(work, edit)
        _review_marks(edit)
        edit.undone_at, edit.undone_by = work.at, actor.name
        edit.save(update_fields=["undone_at", "undone_by"])
        return work.keep(edit.table, edit.row, edit.after, edit.before, undoes=edit)


def _lock(actor: Actor, edit: Edit) -> Deal | None:
    """The edit's deal, held; ``None`` where it would come back. Who gave a deal out of her sight may take it back."""
    if edit.deal_id is None:
        held_edit = Edit.objects.select_for_update().get(pk=edit.pk)
        gone = [one for one in held_edit.more.get("gone", ()) if one["_table"] == "deals"]
        if held_edit.table != "deals" or not gone or not _sees(actor, gone[0]):
            raise Edit.DoesNotExist
        return None
    try:
        return lock_deal(actor, edit.deal_id)
    except Deal.DoesNotExist:
        own = edit.user_id is not None and edit.user_id == actor.user_id
        if not own or edit.table != "deals" or not _sees(actor, edit.before or {}):
            raise
        deal: Deal = Deal.objects.select_for_update(no_key=True).get(pk=edit.deal_id)
        return deal


def _sees(actor: Actor, columns: dict[str, Any]) -> bool:
    limit = visible_owner_filter(actor) or {}
    return all(columns.get(field) == value for field, value in limit.items())


def _reverse(action: str) -> str:
    if action.startswith("undo "):
        return "redo " + action.removeprefix("undo ")
    return "undo " + action.removeprefix("redo ")


def _refuse_if_edited(edit: Edit, deal: Deal | None) -> None:
    # What takes an edit back cancels out with it; neither stands in the way.
    later = Edit.objects.filter(pk__gt=edit.pk, undone_at=None).order_by("-pk")
    later = later.exclude(action__startswith="undo ", undoes__isnull=False)
    if edit.table == "deals" and edit.before is None:
        later = later.filter(deal=deal)
    else:
        later = later.filter(table=edit.table, row=edit.row)
    for one in later:
        if not edit.before or not edit.after or not one.before or not one.after or edit.after.keys() & one.after.keys():
            raise CannotUndo(_changed_since(one))


def _refuse_unless_as_made(edit: Edit) -> None:
    """What the edit made, whichever table it is of, goes only while it says what it said then."""
    for columns in edit.more.get("made", ()):
        table, key = columns["_table"], columns["id"]
        if table in _BOOKKEEPING:
            continue
        model: Any = MODELS[table]
        row = model.objects.filter(pk=key).first()
        if row is None or whole(row) != columns:
            later = Edit.objects.filter(pk__gt=edit.pk, table=table, row=key, undone_at=None).order_by("-pk").first()
            what = "this" if (table, key) == (edit.table, edit.row) else f"the {model._meta.verbose_name} that it made"
            raise CannotUndo(_changed_since(later) if later else f"{what} was changed since")


def _changed_since(later: Edit) -> str:
    return f"{later.by} changed this since ({later.action}, {later.at:%Y-%m-%d})"


def _refuse_if_depended_on(deal: Deal, edit: Edit) -> None:
    made = {(one["_table"], one["id"]) for one in edit.more.get("made", ())}
    own = {model: {key for table, key in made if MODELS[table] is model} for model in MODELS.values()}
    for relation in deal._meta.related_objects:
        model: Any = relation.related_model
        if model in (Edit, ChangedDeal, EditedField) or model._meta.app_label in _FOLLOW_THE_RECORD:
            continue
        if model.objects.filter(**{relation.field.name: deal}).exclude(pk__in=own.get(model, ())).exists():
            raise CannotUndo(f"the deal has {model._meta.verbose_name_plural} by now; it cannot be unmade")


def _set_back(work: Work, edit: Edit) -> None:
    model: Any = MODELS[edit.table]
    row = model.objects.filter(pk=edit.row).first()
    before, after = edit.before or {}, edit.after or {}
    if row is None:
        raise CannotUndo("it was removed since")
    for place, fields in _places(row, before):
        for field in fields:
            if exact(held(place, field), work.zone) != after[field]:
                by, at = last_set_by(place, edit.table, edit.row, field, work.zone)
                raise CannotUndo(f"{by} changed “{field}” since" + (f" ({at:%Y-%m-%d})" if at else ""))
            put(place, field, from_exact(field, before[field], work.zone))
        save_fields(place, fields)


def _places(row: Any, fields: Iterable[str]) -> list[tuple[Any, list[str]]]:
    """Which rows hold the fields: what is edited of a contact is partly the person's, whatever the deal."""
    if not isinstance(row, DealContact):
        return [(row, list(fields))]
    own = [field for field in fields if field in CONTACT_FIELDS]
    return [(row.contact, own), (row, [field for field in fields if field not in own])]


def _take_and_bring(work: Work, edit: Edit) -> None:
    """Delete the rows that the edit made and insert those that it took; what was made last goes first."""
    for columns in reversed(edit.more.get("made", [])):
        model: Any = MODELS[columns["_table"]]
        row = model.objects.filter(pk=columns["id"]).first()
        if row is not None and not (columns["_table"] == "people" and row.deals.exists()):
            work.take(row)
    for columns in reversed(edit.more.get("gone", [])):
        row = restore(columns)
        if row is None and columns["_table"] not in _BOOKKEEPING:
            raise CannotUndo("its like was made since")
        if row is not None:
            work.made.append(whole(row))
        if isinstance(row, Deal):
            work.deal = row
            Edit.objects.filter(table="deals", row=row.pk, deal=None).update(deal=row)
    if edit.table == "deals" and edit.before is None:
        work.deal = None


def _review_marks(edit: Edit) -> None:
    """Say of the fields that stand against their source whether they still do."""
    stands = edit.before or {}
    for mark in EditedField.objects.filter(table=edit.table, row=edit.row, field__in=stands):
        mark.differs = mark.source_value != (stands[mark.field] or "")
        mark.save(update_fields=["differs"])
