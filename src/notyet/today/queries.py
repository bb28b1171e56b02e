"""What is due, in the order of what is lost by waiting. Every answer is read from an index, however much is due."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from django.db.models import Count, Q, QuerySet

from notyet.core.clock import now
from notyet.today.lines import Fold, Line, key_of, lines
from notyet.today.models import LONGEST_NAME, DueItem, Group, Snooze
from notyet.today.people import Person, Whose, limits, name_of, usual
from notyet.today.wording import MANY as MANY_WORDS
from notyet.today.wording import Seen, Wording
from notyet.workspaces.access import Actor, Permission, actor_of
from notyet.workspaces.models import Membership, Workspace
from notyet.workspaces.scope import within
from notyet.workspaces.working import working_time

PAGE = 50
MANY = 7
"""Up to so many of a group stand in the list one by one; more become one line that opens."""
MOST_COUNTED = 500
SOON = timedelta(days=7)
MOST_SOON = 20
_ORDER = ("-loss", "shows_at", "pk")


@dataclass(frozen=True)
class Page:
    """Up to fifty lines of a group; ``after`` asks for the next ones, and is empty at the end."""

    lines: Sequence[Line]
    after: str


@dataclass(frozen=True)
class Today:
    """The list: items and lines that open, in order; how many items there are (``capped``: at least so many)."""

    lines: Sequence[Line | Fold]
    count: int
    capped: bool


@dataclass(frozen=True)
class Heads:
    """The first items of each group in the order of the list, how many there are of each, how many were left out."""

    lines: Sequence[Line]
    counts: Mapping[str, int]
    without: int


def seen_from(workspace: Workspace, at: datetime | None = None) -> Seen:
    """The present moment (or ``at``) in a workspace's calendar."""
    return Seen(at or now(), working_time(workspace))


def today(actor: Actor, whose: Whose | None = None) -> Today:
    """The list of the actor, folded so that many of a kind are one line. Raises ``Denied`` where she sees no deals."""
    limit = _limit(actor, whose)
    seen = seen_from(actor.workspace)
    groups = {group: list(_active(limit).filter(group=group)[: MANY + 1]) for group in Group.values}
    read = lines(chain.from_iterable(groups.values()), seen)
    found: list[Line | Fold] = []
    count, capped = 0, False
    for group, items in groups.items():
        those = [next(read) for _ in items]
        if len(those) > MANY:
            number = _counted(_active(limit).filter(group=group))
            found.append(Fold(group, min(number, MOST_COUNTED), number > MOST_COUNTED, those[0]))
            count, capped = count + min(number, MOST_COUNTED), capped or number > MOST_COUNTED
        else:
            found += those
            count += len(those)
    return Today(sorted(found, key=lambda one: one.place), count, capped)


def page(actor: Actor, whose: Whose | None, group: str, after: str = "") -> Page:
    """The items of a group, fifty at a time. ``after`` is what the page before said. Raises ``Denied``."""
    found = _active(_limit(actor, whose)).filter(group=group)
    place = _read_place(after)
    if place is not None:
        loss, shows_at, pk = place
        same = Q(loss=loss) & (Q(shows_at__gt=shows_at) | Q(shows_at=shows_at, pk__gt=pk))
        found = found.filter(Q(loss__lt=loss) | same, loss__lte=loss)
    items = list(found[: PAGE + 1])
    shown, more = items[:PAGE], len(items) > PAGE
    return Page(list(lines(shown, seen_from(actor.workspace))), _place(shown[-1]) if more else "")


def due(actor: Actor, person: Person | None = None) -> Iterator[Line]:
    """Everything that is due now, item by item: the person's, or all that the actor may see. Raises ``Denied``."""
    items = DueItem.objects.filter(**_limit(actor, Whose.ALL), active=1)
    if person:
        items = items.filter(owner=person.owner[:LONGEST_NAME])
    in_order = _with_deals(items).order_by("-loss", "due_at", "pk")
    return lines(in_order.iterator(chunk_size=2_000), seen_from(actor.workspace))


def fold_line(those: Sequence[Line]) -> Line:
    """Many lines of one group and person as one, dated as the first of them, about no deal in particular."""
    first = min(those, key=lambda one: one.due_at or one.shows_at)
    words = Wording(f"{len(those)} {MANY_WORDS[first.group]}", "", "")
    return replace(first, key="", deal=0, deal_id="", deal_name="", buyer="", wording=words, amount=None)


def count(actor: Actor) -> str:
    """How many items the actor's own list has, as a badge: ``6``, ``500+``, empty for none."""
    if not actor.may(Permission.SEE_DEALS):
        return ""
    wake(actor.workspace)
    number = _counted(DueItem.objects.filter(**limits(actor, usual(actor)), active=1))
    return f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number or "")


def soon(actor: Actor, whose: Whose | None = None) -> list[Line]:
    """What comes up within the next seven days, soonest first: at most twenty."""
    seen, limit = seen_from(actor.workspace), _limit(actor, whose)
    if not {"owner", "team"} & limit.keys():
        limit["active"] = 0  # says nothing new, and lets the index of what wakes be read
    coming = DueItem.objects.filter(**limit, wakes_at__gt=seen.now, wakes_at__lte=seen.now + SOON)
    return list(lines(_with_deals(coming).order_by("wakes_at", "pk")[:MOST_SOON], seen))


def put_off(actor: Actor, whose: Whose | None = None) -> int:
    """How many items somebody has put off, counted up to a limit."""
    mine = {f"deal__{field}": value for field, value in _limit(actor, whose).items()}
    return _counted(Snooze.objects.filter(**mine, ended_at=None, until__gt=now()))


def find_item(actor: Actor, deal: int, kind: str, ref: str) -> DueItem:
    """One item that the actor may see. Raises ``DueItem.DoesNotExist``, or ``Denied``."""
    limit = _limit(actor, Whose.ALL)
    if "\0" in kind + ref:  # PostgreSQL refuses to look for it
        raise DueItem.DoesNotExist
    return _with_deals(DueItem.objects.filter(**limit)).get(deal_id=deal, kind=kind, ref=ref)


def pushable(membership: Membership, at: datetime | None = None) -> list[Line]:
    """What a message to this person may carry at a moment: the items of her own deals that are in the list then."""
    with within(membership.workspace):
        moment = at or now()
        items = _own(membership).filter(wakes_at__lte=moment).order_by(*_ORDER)
        return list(lines(items, seen_from(membership.workspace, moment)))


def pushable_heads(membership: Membership, each: int, without: Collection[str] = ()) -> Heads:
    """What ``pushable`` gives now but for items of these keys: the first few of each group, counted in the database.

    ``without`` names few: their deals are looked through one by one.
    """
    with within(membership.workspace):
        wake(membership.workspace)
        items = _own(membership).filter(active=1)
        deals = {int(key.split(":")[1]) for key in without}
        named: Any = items.filter(deal__in=deals).order_by().values_list("pk", "deal", "kind", "ref") if deals else ()
        left_out = [pk for pk, deal, kind, ref in named if key_of(deal, kind, ref) in without]
        left = items.exclude(pk__in=left_out)
        counts = dict(left.order_by().values_list("group").annotate(n=Count("pk")))
        firsts = [one for group in counts for one in left.filter(group=group).order_by(*_ORDER)[:each]]
        in_order = sorted(firsts, key=lambda one: (-one.loss, one.shows_at, one.pk))
        return Heads(list(lines(in_order, seen_from(membership.workspace))), counts, len(left_out))


def ahead(membership: Membership, until: datetime) -> list[Line]:
    """What her calendar shows: her promises, questions, steps and next steps with a date, settled by nobody yet."""
    with within(membership.workspace):
        items = _own(membership).filter(due_at__lte=until, group__in=_DATED).order_by("due_at", "pk")
        return list(lines(items, seen_from(membership.workspace)))


_DATED = (Group.PROMISE, Group.NEXT_STEP, Group.QUESTION, Group.STEP, Group.CHECK_UP, Group.ACTION)


def wake(workspace: Workspace) -> None:
    """Let the list follow the clock: what has come up is in it, and out of it again where the clock was set back."""
    at = now()
    for active, passed, first in ((0, {"wakes_at__lte": at}, "wakes_at"), (1, {"wakes_at__gt": at}, "-wakes_at")):
        those = DueItem.objects.filter(workspace=workspace, active=active)
        # Whether any has passed is asked of the one at the end of the index: asked of all, PostgreSQL expects to meet
        # one soon, since it does not know that hardly any item is on the wrong side, and reads the whole table.
        nearest = those.order_by(first).values_list("wakes_at", flat=True).first()
        if nearest is not None and (nearest > at) == bool(active):
            those.filter(**passed).update(active=1 - active)


def _own(membership: Membership) -> "QuerySet[DueItem]":
    actor = actor_of(membership)
    if not actor.may(Permission.WORK_DEALS):
        return DueItem.objects.none()  # type: ignore[no-any-return]
    hers = DueItem.objects.filter(**limits(actor, Whose.ALL)).filter(owner=name_of(actor)[:LONGEST_NAME])
    return _with_deals(hers)


def _limit(actor: Actor, whose: Whose | None) -> dict[str, Any]:
    actor.require(Permission.SEE_DEALS)
    return {"workspace": actor.workspace, **limits(actor, usual(actor) if whose is None else whose)}


def _active(limit: dict[str, Any]) -> "QuerySet[DueItem]":
    return _with_deals(DueItem.objects.filter(**limit, active=1)).order_by(*_ORDER)


def _with_deals(items: "QuerySet[DueItem]") -> "QuerySet[DueItem]":
    return items.select_related("deal__account")


def _counted(found: "QuerySet[Any]") -> int:
    return len(found.order_by().values_list("pk", flat=True)[: MOST_COUNTED + 1])


def _place(item: DueItem) -> str:
    return f"{item.loss!r}~{item.shows_at.isoformat()}~{item.pk}"


def _read_place(text: str) -> tuple[float, datetime, int] | None:
    """What ``_place`` wrote; anything else begins anew."""
    parts = text.split("~")
    try:
        return float(parts[0]), datetime.fromisoformat(parts[1]), int(parts[2])
    except (ValueError, IndexError):
        return None
