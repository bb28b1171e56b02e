"""Working a deal: conversations, promises, next steps, and editing or removing what is noted about it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from notyet.deals.conflicts import wanted
from notyet.deals.edit_models import Edit, RemovedRow
from notyet.deals.editing import FIELDS, ROWS, Work, lock_deal, new_row_id, put, save_fields
from notyet.deals.models import Deal
from notyet.deals.talk import Talk, check_talk, checked
from notyet.deals.values import BadValue, Change, Value, held, moment, parse
from notyet.deals.when import When
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.scope import within

_REQUIRED = {"at", "entered_at", "stage", "text"}


class RowGone(BadValue):
    """The row was removed in the meantime; the text says by whom."""


@transaction.atomic
def add_conversation(actor: Actor, deal_pk: int, talk: Talk) -> Edit:
    """Note a conversation. Raises ``Denied``, ``Deal.DoesNotExist`` or ``BadValue``."""
    with within(actor.workspace):
        work = Work(actor, lock_deal(actor, deal_pk), "add conversation")
        return _add(work, "conversations", checked(talk, work.at, work.zone))


@transaction.atomic
def make_promise(
    actor: Actor, deal_pk: int, text: str, due: date | datetime | When, made_at: datetime | When | None = None
) -> Edit:
    """Note what was promised to a buyer, and by when. Raises ``Denied``, ``Deal.DoesNotExist`` or ``BadValue``."""
    with within(actor.workspace):
        work = Work(actor, lock_deal(actor, deal_pk), "make promise")
        made = moment("made_at", made_at or work.at, work.zone)
        values = {"text": _text(text, work.zone), "made_at": made, "due_at": moment("due_at", due, work.zone)}
        return _add(work, "promises", values)


@transaction.atomic
def plan_next_step(actor: Actor, deal_pk: int, text: str, due: date | datetime | When) -> Edit:
    """Plan the next step, dated. Raises ``Denied``, ``Deal.DoesNotExist`` or ``BadValue``."""
    with within(actor.workspace):
        work = Work(actor, lock_deal(actor, deal_pk), "plan next step")
        return _add(work, "next_steps", {"text": _text(text, work.zone), "due_at": moment("due_at", due, work.zone)})


@transaction.atomic
def keep_promise(actor: Actor, promise_pk: int, at: date | datetime | When | None = None) -> Edit:
    """Say that a promise was kept, now or at another time. Kept already, the edit that said so is given back.

    Raises ``Denied``, ``Promise.DoesNotExist``, ``Deal.DoesNotExist`` or ``BadValue``.
    """
    return _settle(actor, "promises", promise_pk, "kept_at", "keep promise", at)


@transaction.atomic
def finish_next_step(actor: Actor, step_pk: int, at: date | datetime | When | None = None) -> Edit:
    """Say that a next step was done. Done already, the edit that said so is given back.

    Raises ``Denied``, ``NextStep.DoesNotExist``, ``Deal.DoesNotExist`` or ``BadValue``.
    """
    return _settle(actor, "next_steps", step_pk, "done_at", "finish next step", at)


@transaction.atomic
def edit_row(actor: Actor, table: str, row_pk: int, changes: Mapping[str, Change]) -> Edit | None:
    """Change fields of a conversation, promise, next step or stage change; ``None`` where nothing changes.

    Raises ``EditConflict`` where somebody else changed one of these fields since, ``RowGone`` where somebody removed
    it, ``BadValue``, ``Denied``, ``Deal.DoesNotExist``, or the row's own ``DoesNotExist``.
    """
    with within(actor.workspace):
        deal, row = _held(actor, table, row_pk)
        unknown = next((field for field in changes if field not in FIELDS[table]), None)
        if unknown is not None:
            raise BadValue(unknown, f"“{unknown}” cannot be set here")
        work = Work(actor, deal, f"edit {_word(table)}")
        values = wanted(row, table, changes, work.zone)
        return _set(work, table, row, values) if values else None


@transaction.atomic
def remove_row(actor: Actor, table: str, row_pk: int) -> Edit:
    """Remove a row about a deal; no import brings it back, undoing does.

    Raises ``RowGone``, ``Denied``, ``Deal.DoesNotExist``, or the row's own ``DoesNotExist``.
    """
    with within(actor.workspace):
        deal, row = _held(actor, table, row_pk)
        work = Work(actor, deal, f"remove {_word(table)}")
        before = work.texts(row, FIELDS[table])
        removed = RemovedRow(workspace=actor.workspace, deal=deal, table=table, row_id=row.row_id, digest=row.digest)
        removed.at, removed.by = work.at, actor.name
        for mark in deal.edited_fields.filter(table=table, row=row_pk):
            work.take(mark)
        work.take(row)
        work.make(removed)
        return work.keep(table, row_pk, before, None)


def _add(work: Work, table: str, values: Mapping[str, Value]) -> Edit:
    row: Any = ROWS[table](workspace=work.actor.workspace, deal=work.deal, row_id=new_row_id())
    for field, value in values.items():
        put(row, field, value)
    work.make(row)
    return work.keep(table, row.pk, None, work.texts(row, FIELDS[table]))


def _settle(actor: Actor, table: str, pk: int, field: str, action: str, at: Any) -> Edit:
    with within(actor.workspace):
        deal, row = _held(actor, table, pk)
        work = Work(actor, deal, action)
        if getattr(row, field) is None:
            return _set(work, table, row, {field: moment(field, at or work.at, work.zone)})
        for edit in Edit.objects.filter(table=table, row=pk).order_by("-pk"):
            if edit.after and edit.after.get(field):
                settled: Edit = edit
                return settled
        raise BadValue(field, "this is settled already")


def _set(work: Work, table: str, row: Any, values: Mapping[str, Value]) -> Edit:
    """Set fields of a row and note it."""
    before = work.texts(row, values)
    for field, value in values.items():
        if field in _REQUIRED and not value:
            raise BadValue(field, "this cannot be left empty")
        put(row, field, value)
    _check(table, row, work)
    save_fields(row, values)
    after = work.texts(row, values)
    if row.digest:
        said = "; ".join(f"{field.replace('_', ' ')}: {before[field] or 'nothing'}" for field in values)
        work.mark(table, row.pk, "", said, None)
    return work.keep(table, row.pk, before, after)


def _check(table: str, row: Any, work: Work) -> None:
    if table == "conversations":
        check_talk({field: held(row, field) for field in FIELDS[table]}, work.at)


def _held(actor: Actor, table: str, pk: int) -> tuple[Deal, Any]:
    """A row and its deal, which is held. Raises ``Denied``, ``RowGone``, or ``DoesNotExist`` of either."""
    actor.require(Permission.WORK_DEALS)
    model: Any = ROWS[table]
    removals = Edit.objects.filter(table=table, row=pk, after__isnull=True, deal__isnull=False).order_by("-pk")
    deal_pk = model.objects.filter(pk=pk).values_list("deal", flat=True).first()
    deal_pk = deal_pk or removals.values_list("deal", flat=True).first()
    if deal_pk is None:
        raise model.DoesNotExist
    deal = lock_deal(actor, deal_pk)
    row = model.objects.filter(pk=pk).first()
    removal = removals.first()
    if row is None and removal is not None:
        raise RowGone("", f"{removal.by} removed this in the meantime")
    if row is None:
        raise model.DoesNotExist
    return deal, row


def _text(text: str, zone: str) -> Value:
    value = parse("text", text, zone)
    if not value:
        raise BadValue("text", "say what")
    return value


def _word(table: str) -> str:
    return table.removesuffix("s").replace("_", " ")
