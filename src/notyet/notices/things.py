"""What a message or a calendar may be about, as the room ``today`` says."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from notyet.core.working_time import WorkingTime
from notyet.today import queries
from notyet.today.jobs import bring_up
from notyet.today.lines import Line, lines
from notyet.today.models import DueItem, Group
from notyet.today.people import Whose, limits, name_of
from notyet.workspaces.access import Permission, actor_of
from notyet.workspaces.models import Membership, Workspace
from notyet.workspaces.working import working_time

CALLS = (Group.MISSED_CALL, Group.REPLY)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Thing:
    """Something that is due: ``key`` names it for ever, whatever becomes of its text or its time."""

    key: str
    kind: str
    """Its group: what is worded alike where it is many."""
    deal: int
    text: str
    detail: str = ""
    when: str = ""
    """When it is due as a person says it: ``today``, ``2 days late``."""
    late: bool = False
    due_at: datetime | None = None
    plain: bool = False
    """``due_at`` means its day."""
    came_up: datetime | None = None
    """From when on it asks for something: the call was missed, the promise was broken."""


def up_to_date(workspace: Workspace) -> bool:
    """Have what is due follow the record, for the workspace in scope; false while that takes the worker some time."""
    return bring_up(workspace) is None


def pushable(membership: Membership, at: datetime) -> Sequence[Thing]:
    """What a message to this person may carry now, in the order of her list."""
    return _things(queries.pushable(membership, at), membership)


@dataclass(frozen=True)
class Heads:
    """The first things of each kind in their order, how many there are of each kind, and how many were left out."""

    things: Sequence[Thing]
    counts: Mapping[str, int]
    without: int


def pushable_heads(membership: Membership, each: int, without: Collection[str]) -> Heads:
    """What ``pushable`` says now but for the things of these keys, up to so many of a kind, however much is due."""
    found = queries.pushable_heads(membership, each, without)
    return Heads(_things(found.lines, membership), found.counts, found.without)


def ahead(membership: Membership, until: datetime) -> Sequence[Thing]:
    """What her calendar shows: what is not settled and falls due before ``until``, or has fallen due."""
    return _things(queries.ahead(membership, until), membership)


def calling(membership: Membership, since: datetime, at: datetime) -> Sequence[Thing]:
    """Her missed calls, mails to answer and promises that may have come up since a moment: few, however much is due."""
    actor = actor_of(membership)
    if not actor.may(Permission.WORK_DEALS):
        return ()
    came = Q(group__in=CALLS, since__gt=since - _DAY) | Q(group=Group.PROMISE, due_at__gt=since - 2 * _DAY)
    items = (
        DueItem.objects.filter(came, **limits(actor, Whose.ALL), active=True, wakes_at__lte=at)
        .filter(owner=name_of(actor))
        .select_related("deal__account")
        .order_by("-loss", "shows_at", "pk")
    )
    return _things(lines(items, queries.seen_from(membership.workspace, at)), membership)


def _things(found: Iterable[Line], membership: Membership) -> list[Thing]:
    working = working_time(membership.workspace)
    return [
        Thing(
            key=one.key,
            kind=one.group,
            deal=one.deal,
            text=" ".join(one.text.split()),
            detail=" ".join(one.wording.detail.split()),
            when=one.when.text,
            late=one.when.late,
            due_at=one.due_at,
            plain=one.whole_day,
            came_up=_came_up(one, working),
        )
        for one in found
    ]


def _came_up(line: Line, working: WorkingTime) -> datetime | None:
    """A promise when it is broken: its time has passed, or its whole day has."""
    if line.group != Group.PROMISE or line.due_at is None:
        return line.came_up
    return working.midnight(working.day_of(line.due_at) + _DAY) if line.whole_day else line.due_at
