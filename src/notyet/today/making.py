"""Writing the items of some deals: only what differs from what is there, and what was put off stays so."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from notyet.core.clock import now
from notyet.today.models import LONGEST_NAME, DueItem, Snooze
from notyet.today.rules import DealState, Item, Rulebook, items
from notyet.today.states import Surroundings, read_states
from notyet.workspaces.models import Workspace

Known = tuple[int, str, str]
"""A deal's key, the kind, and what of it."""
_SET = (
    *("group", "owner", "team", "due_at", "whole_day", "shows_at", "wakes_at", "active", "loss"),
    *("what", "who", "stage", "since", "since_day", "times", "clock", "median_hours"),
)
_BATCH = 500


def make_items(
    workspace: Workspace,
    keys: Sequence[int],
    gone_through: Sequence[int],
    rules: Rulebook,
    around: Surroundings,
) -> None:
    """Make the items of the deals ``keys`` as they stand; the others among the deals ``gone_through`` (keys in order)
    have none any more. To be called in a transaction."""
    at = now()
    off = _put_off(keys)
    wanted: dict[Known, DueItem] = {}
    for deal in read_states(keys, around):
        for item in items(deal, rules):
            known = (deal.key, item.kind, item.ref)
            wanted[known] = _row(workspace, deal, item, max(item.shows_at, off.get(known, item.shows_at)), at)
    if not gone_through:
        return
    here = DueItem.objects.filter(deal_id__gte=gone_through[0], deal_id__lte=gone_through[-1])
    if not isinstance(gone_through, range):
        here = here.filter(deal_id__in=gone_through)
    there = {(row.deal_id, row.kind, row.ref): row for row in here}
    _delete([row.pk for known, row in there.items() if known not in wanted])
    changed = [row for known, row in wanted.items() if known not in there or _differs(row, there[known])]
    DueItem.objects.bulk_create(
        changed, _BATCH, update_conflicts=True, unique_fields=["deal", "kind", "ref"], update_fields=_SET
    )


def _put_off(keys: Sequence[int]) -> dict[Known, datetime]:
    rows = Snooze.objects.filter(deal_id__in=keys, ended_at=None).order_by("pk")
    return {(deal, kind, ref): until for deal, kind, ref, until in rows.values_list("deal_id", "kind", "ref", "until")}


def _row(workspace: Workspace, deal: DealState, item: Item, wakes_at: datetime, at: datetime) -> DueItem:
    return DueItem(
        workspace=workspace,
        deal_id=deal.key,
        kind=item.kind,
        ref=item.ref,
        group=item.group,
        owner=item.owner[:LONGEST_NAME] or deal.owner,
        team=deal.team,
        due_at=item.due_at,
        whole_day=item.whole_day,
        shows_at=item.shows_at,
        wakes_at=wakes_at,
        active=wakes_at <= at,
        loss=item.loss,
        what=item.what,
        who=item.who,
        stage=item.stage,
        since=item.since.at if item.since else None,
        since_day=bool(item.since and item.since.plain),
        times=item.times,
        clock=item.clock,
        median_hours=item.median_hours,
    )


def _differs(row: DueItem, there: DueItem) -> bool:
    return any(_value(row, name) != _value(there, name) for name in _SET)


def _value(row: DueItem, name: str) -> Any:
    return getattr(row, name)


def _delete(keys: Sequence[int]) -> None:
    for begin in range(0, len(keys), 10_000):
        DueItem.objects.filter(pk__in=keys[begin : begin + 10_000]).delete()
