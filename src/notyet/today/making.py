"""Writing the items of some deals: only what differs from what is there, and what was put off stays so."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from notyet.core.clock import now
from notyet.today.models import DueItem, Snooze
from notyet.today.rules import DealState, Item, Rulebook, items
from notyet.today.states import Surroundings, read_states
from notyet.workspaces.models import Workspace

Known = tuple[int, str, str]
"""A deal's key, the kind, and what of it."""
Row = tuple[Any, ...]
"""The values of an item in the order of ``_COLUMNS``, which begin with ``Known``."""
_KNOWN = ("deal_id", "kind", "ref")
_COLUMNS = (
    *_KNOWN,
    *("group", "owner", "team", "due_at", "whole_day", "shows_at", "wakes_at", "active", "loss"),
    *("what", "who", "stage", "since", "since_day", "times", "clock", "median_hours"),
)


def make_items(
    workspace: Workspace,
    keys: Sequence[int],
    gone_through: Sequence[int],
    rules: Rulebook,
    around: Surroundings,
) -> None:
    """Make the items of the deals ``keys`` as they stand; the others among the deals ``gone_through`` (keys in order)
    have none any more. To be called in a transaction."""
    if not gone_through:
        return
    at = now()
    off = _put_off(keys)
    wanted: dict[Known, Row] = {}
    for deal in read_states(keys, around):
        for item in items(deal, rules):
            known = (deal.key, item.kind, item.ref)
            wanted[known] = _row(deal, item, max(item.shows_at, off.get(known, item.shows_at)), at)
    here = DueItem.objects.filter(deal_id__gte=gone_through[0], deal_id__lte=gone_through[-1])
    if not isinstance(gone_through, range):
        here = here.filter(deal_id__in=gone_through)
    there = {row[1:4]: row for row in here.values_list("pk", *_COLUMNS).iterator(chunk_size=5_000)}
    _delete([row[0] for known, row in there.items() if known not in wanted])
    _write(workspace, (row for known, row in wanted.items() if known not in there or there[known][1:] != row))


def _put_off(keys: Sequence[int]) -> dict[Known, datetime]:
    rows = Snooze.objects.filter(deal_id__in=keys, ended_at=None).order_by("pk")
    return {(deal, kind, ref): until for deal, kind, ref, until in rows.values_list(*_KNOWN, "until")}


def _row(deal: DealState, item: Item, wakes_at: datetime, at: datetime) -> Row:
    since, plain = (item.since.at, item.since.plain) if item.since else (None, False)
    return (
        *(deal.key, str(item.kind), item.ref),
        *(str(item.group), deal.owner, deal.team),
        *(item.due_at, item.whole_day, item.shows_at, wakes_at, int(wakes_at <= at), item.loss),
        *(item.what, item.who, item.stage),
        *(since, plain, item.times, str(item.clock), item.median_hours),
    )


def _write(workspace: Workspace, rows: Iterable[Row]) -> None:
    """Insert rows, or update those that are there by another content: one statement for all of them.

    Written by hand: a hundred thousand items take Django minutes.
    """
    quoted = [connection.ops.quote_name(name) for name in ("workspace_id", *_COLUMNS)]
    kept = [connection.ops.quote_name(name) for name in _KNOWN]
    settings = ", ".join(f"{name} = EXCLUDED.{name}" for name in quoted if name not in kept)
    statement = (
        f"INSERT INTO {DueItem._meta.db_table} ({', '.join(quoted)}) VALUES ({', '.join(['%s'] * len(quoted))}) "
        f"ON CONFLICT ({', '.join(kept)}) DO UPDATE SET {settings}"
    )
    values = [(workspace.pk, *map(_stored, row)) for row in rows]
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(statement, values)


def _stored(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def _delete(keys: Sequence[int]) -> None:
    for begin in range(0, len(keys), 10_000):
        DueItem.objects.filter(pk__in=keys[begin : begin + 10_000]).delete()
