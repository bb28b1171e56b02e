"""Making a deal and changing its fields."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from django.db import transaction

from notyet.core.clock import now
from notyet.deals.conflicts import wanted
from notyet.deals.deal_rules import CREATED_WITH, DEAL_FIELDS, check_amount, check_deal, is_attribute
from notyet.deals.duplicates import kept
from notyet.deals.edit_models import Edit
from notyet.deals.editing import NOTYET, Work, lock_deal, new_row_id, put, save_fields
from notyet.deals.field_history import note_field
from notyet.deals.merge_models import MergeKind
from notyet.deals.models import DataSource, Deal, NextStep, Outcome, StageChange
from notyet.deals.queries import visible_deals
from notyet.deals.values import BadValue, Change, Value, as_text, parse
from notyet.deals.when import When
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.scope import within


@transaction.atomic
def create_deal(
    actor: Actor, values: Mapping[str, Any], *, process_version: str = "", reopens: Deal | None = None
) -> Deal:
    """Make an open deal; undo it by its ``last_edit``.

    ``values``: fields of a deal (the buyer by name as ``account``), ``stage`` (a label), ``next_step`` with
    ``next_step_due``. A deal that ``reopens`` another is linked to it and belongs to its source.
    Without an owner it is the actor's own, without ``opened_at`` it is opened now.
    Raises ``Denied`` or ``BadValue``.
    """
    actor.require(Permission.WORK_DEALS)
    with within(actor.workspace):
        work = Work(actor, None, "create deal")
        fields = _read(values, work.zone)
        fields = _with_defaults(fields, actor, work)
        source = _own_source(actor) if reopens is None else _held_source(reopens.data_source_id)
        deal = Deal(workspace=actor.workspace, data_source=source, outcome=Outcome.OPEN)
        deal.process_version = process_version
        for field in (*DEAL_FIELDS, *filter(is_attribute, fields)):
            if field in fields:
                put(deal, field, fields[field])
        if reopens is not None:
            deal.reopened_from = reopens.deal_id
        _check_reopened(actor, deal)
        check_amount(fields)
        check_deal(deal, work.at)
        deal.deal_id = _next_id(source)
        work.make(deal)
        work.deal = deal
        _make_rows(work, deal, fields)
        work.keep("deals", deal.pk, None, {k: v for k, v in work.texts(deal, DEAL_FIELDS).items() if v})
    return deal


@transaction.atomic
def edit_deal(actor: Actor, deal_pk: int, changes: Mapping[str, Change]) -> Edit | None:
    """Change fields of a deal; ``None`` where nothing changes.

    Raises ``EditConflict`` where somebody else changed one of these fields since the form was opened (nothing is
    written then), ``BadValue``, ``Denied`` or ``Deal.DoesNotExist``.
    """
    with within(actor.workspace):
        deal = lock_deal(actor, deal_pk)
        work = Work(actor, deal, "edit deal")
        for field in changes:
            _check_known(field)
        values = wanted(deal, "deals", changes, work.zone)
        if not values:
            return None
        before = work.texts(deal, values)
        for field, value in values.items():
            put(deal, field, _as_kept(field, value))
        _check_reopened(actor, deal)
        check_amount(values)
        check_deal(deal, work.at)
        save_fields(deal, values)
        after = work.texts(deal, values)
        elsewhere = deal.data_source.key != NOTYET
        for field in values:
            note_field(work, deal, field, before[field], after[field])
            if elsewhere:
                work.mark("deals", deal.pk, field, before[field], after[field])
        return work.keep("deals", deal.pk, before, after)


def _read(values: Mapping[str, Any], zone: str) -> dict[str, Value]:
    for field in values:
        if field not in CREATED_WITH:
            _check_known(field)
    named = {"next_step": "text", "next_step_due": "due_at"}
    read: dict[str, Value] = {}
    for field, value in values.items():
        try:
            read[field] = _as_kept(field, parse(named.get(field, field), as_text(value), zone))
        except BadValue as error:
            raise BadValue(field, error.text) from error
    return {field: value for field, value in read.items() if value not in (None, "")}


def _with_defaults(fields: dict[str, Value], actor: Actor, work: Work) -> dict[str, Value]:
    if "account" not in fields and "name" not in fields:
        raise BadValue("account", "say who the buyer is")
    if ("next_step" in fields) != ("next_step_due" in fields):
        missing = "next_step_due" if "next_step" in fields else "next_step"
        raise BadValue(missing, "a next step needs a text and a day")
    own: dict[str, Value] = {
        "name": fields.get("account"),
        "owner": actor.seller_name or actor.name,
        "team": actor.team or "",
        "currency": actor.workspace.currency,
        "opened_at": When(work.at.astimezone(UTC)),
    }
    return {**own, **fields}


def _make_rows(work: Work, deal: Deal, fields: Mapping[str, Value]) -> None:
    common = {"workspace": work.actor.workspace, "deal": deal}
    if "stage" in fields:
        entered = StageChange(**common, row_id=new_row_id(), stage=str(fields["stage"]))
        put(entered, "entered_at", fields["opened_at"])
        work.make(entered)
    if "next_step" in fields:
        step = NextStep(**common, row_id=new_row_id(), text=str(fields["next_step"]))
        put(step, "due_at", fields["next_step_due"])
        work.make(step)


def _own_source(actor: Actor) -> DataSource:
    """The source of the deals made here, held so that no two of them get one number."""
    defaults = {"name": "NotYet", "payments_from": now(), "payments_set": True}
    DataSource.objects.get_or_create(workspace=actor.workspace, key=NOTYET, defaults=defaults)
    return _held_source(DataSource.objects.get(key=NOTYET).pk)


def _held_source(pk: int) -> DataSource:
    source: DataSource = DataSource.objects.select_for_update().get(pk=pk)
    return source


def _next_id(source: DataSource) -> str:
    number = source.last_number + 1
    while source.deals.filter(deal_id=f"N-{number}").exists():
        number += 1
    DataSource.objects.filter(pk=source.pk).update(last_number=number)
    return f"N-{number}"


def _as_kept(field: str, value: Value) -> Value:
    """A buyer whose name was merged with another's is meant by the name that it counts as."""
    if field == "account" and isinstance(value, str):
        return kept(MergeKind.ACCOUNT).get(value, value)
    return value


def _check_known(field: str) -> None:
    if field not in DEAL_FIELDS and not is_attribute(field):
        raise BadValue(field, f"“{field}” cannot be set here")


def _check_reopened(actor: Actor, deal: Deal) -> None:
    earlier = deal.reopened_from
    if earlier and not visible_deals(actor).filter(data_source=deal.data_source_id, deal_id=earlier).exclude(
        pk=deal.pk
    ):
        raise BadValue("reopened_from", f"there is no other deal {earlier} in {deal.data_source}")
