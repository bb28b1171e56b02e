"""Moving open deals to another version of the process on purpose, many at once, and taking that back."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from notyet.core.clock import now
from notyet.deals.edit_models import Edit, EditedField
from notyet.deals.editing import NOTYET, whole
from notyet.deals.models import Deal, Outcome
from notyet.deals.queries import visible_deals
from notyet.deals.touching import touch
from notyet.process.models import ProcessVersion
from notyet.process.publishing import ensure_version
from notyet.process.queries import version, versions, walks_of
from notyet.process.versions import Version, version_among
from notyet.process.visits import Place
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.audit import note
from notyet.workspaces.scope import within

FIRST_SHOWN = 100
"""So many deals of a group are named."""
_AT_ONCE = 1_000
_FIELD = "process_version"
_MOVE, _BACK = "move to version", "undo move to version"


class UnknownVersion(ValueError):
    """There is no such version."""


@dataclass(frozen=True)
class Move:
    """What moving a deal would change: the labels of the stages where it stands by the old and by the new version."""

    deal: Deal
    was: str
    becomes: str


@dataclass(frozen=True)
class MoveGroup:
    """Deals that would go the same way, and the first of them."""

    was: str
    becomes: str
    deals: int
    first: tuple[Deal, ...]


@dataclass(frozen=True)
class Moved:
    """How many deals were moved, and the first and last edit of it."""

    deals: int
    first: int = 0
    last: int = 0


def moves(actor: Actor, source: Version, target: Version) -> Iterator[Move]:
    """The open deals worked by ``source``, and where each would stand by ``target``; inside the workspace's scope."""
    actor.require(Permission.EDIT_PROCESS)
    known, found = versions(), _open(actor).iterator(chunk_size=_AT_ONCE)
    while some := list(islice(found, _AT_ONCE)):
        deals = [
            deal for deal in some if version_among(known, deal.process_version, deal.opened_at).name == source.name
        ]
        old, new = walks_of(deals), walks_of(deals, by=target)
        yield from (Move(deal, _label(old[deal.pk].place), _label(new[deal.pk].place)) for deal in deals)


def move_groups(actor: Actor, source: Version, target: Version) -> list[MoveGroup]:
    """The same, by where they stand now and would stand, most deals first."""
    counts: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], list[Deal]] = {}
    for one in moves(actor, source, target):
        way = one.was, one.becomes
        counts[way] += 1
        if counts[way] <= FIRST_SHOWN:
            first.setdefault(way, []).append(one.deal)
    return [MoveGroup(*way, n, tuple(first[way])) for way, n in counts.most_common()]


def open_deals_by_version(actor: Actor) -> dict[str, int]:
    """How many of the open deals that the actor sees are worked by each version, by its name; in two queries."""
    with within(actor.workspace):
        known = versions()
        names = [one.name for one in known]
        deals = visible_deals(actor).filter(outcome=Outcome.OPEN)
        named = deals.filter(process_version__in=names).order_by().values_list(_FIELD).annotate(n=Count("pk"))
        counts = dict.fromkeys(names, 0) | dict(named)
        opened = {f"v{number}": Count("pk", filter=_in_force(known, number)) for number in range(len(known))}
        rest = deals.exclude(process_version__in=names).aggregate(**opened)
        return {one.name: counts[one.name] + rest[f"v{number}"] for number, one in enumerate(known)}


def _in_force(known: Sequence[Version], number: int) -> Q:
    """Deals that name no version and are worked by the one at this place; the first has those opened before any."""
    since, until = known[number].published_at, known[number + 1].published_at if number + 1 < len(known) else None
    if since is None or number == 0:
        return (Q(opened_at__lt=until) | Q(opened_at=None)) if until else Q(pk__isnull=False)
    return Q(opened_at__gte=since) & (Q(opened_at__lt=until) if until else Q())


def _open(actor: Actor) -> Any:
    return visible_deals(actor).filter(outcome=Outcome.OPEN).select_related("account").order_by("pk")


def _label(place: Place | None) -> str:
    return place.stage.label if place else ""


@transaction.atomic
def move_deals(actor: Actor, deal_pks: Iterable[int], name: str) -> Moved:
    """Have open deals worked by the version ``name`` from now on; those that are already, or are not open, are left.

    Raises ``Denied`` or ``UnknownVersion``.
    """
    actor.require(Permission.EDIT_PROCESS)
    with within(actor.workspace):
        ensure_version(actor.workspace)
        target = ProcessVersion.objects.filter(name=name).first()
        if target is None:
            raise UnknownVersion(f"there is no version “{name}” of the process")
        made: list[Edit] = []
        for some in _in_turn(deal_pks):
            deals = visible_deals(actor).filter(pk__in=some, outcome=Outcome.OPEN).select_related("data_source")
            held = deals.select_for_update(of=("self",), no_key=True)
            moving = [one for one in held if one.process_version != name]
            made += _move(actor, moving, name)
        if made:
            note(actor, _MOVE, version(target).name, deals=len(made))
            touch(actor.workspace, [one.deal_id for one in made if one.deal_id])
    return Moved(len(made), made[0].pk, made[-1].pk) if made else Moved(0)


@transaction.atomic
def undo_move(actor: Actor, first: int, last: int) -> int:
    """Take a move back, deal by deal, where nobody moved the deal since; returns how many. Raises ``Denied``."""
    actor.require(Permission.EDIT_PROCESS)
    with within(actor.workspace):
        edits = Edit.objects.filter(
            pk__gte=first, pk__lte=last, action=_MOVE, by=actor.name, user_id=actor.user_id, undone_at=None
        )
        count = 0
        for some in _in_turn(edits.values_list("pk", flat=True)):
            count += _take_back(actor, list(Edit.objects.select_for_update().filter(pk__in=some)))
        if count:
            note(actor, _BACK, deals=count)
    return count


def _move(actor: Actor, deals: Sequence[Deal], name: str) -> list[Edit]:
    marks = _mark(actor, [one for one in deals if one.data_source.key != NOTYET])
    edits = [
        _edit(actor, deal, _MOVE, {_FIELD: deal.process_version}, {_FIELD: name}, made=marks.get(deal.pk, []))
        for deal in deals
    ]
    Deal.objects.filter(pk__in=[one.pk for one in deals]).update(process_version=name)
    return list(Edit.objects.bulk_create(edits))


def _mark(actor: Actor, deals: Sequence[Deal]) -> dict[int, list[dict[str, Any]]]:
    """Let the version stand when the deals' sources say otherwise; by deal, the marks that are new."""
    keys = [one.pk for one in deals]
    known = set(EditedField.objects.filter(table="deals", row__in=keys, field=_FIELD).values_list("row", flat=True))
    new = [
        EditedField(
            workspace=actor.workspace, deal=deal, table="deals", row=deal.pk, field=_FIELD, at=now(), by=actor.name,
            source_value=deal.process_version, differs=True,
        )
        for deal in deals
        if deal.pk not in known
    ]  # fmt: skip
    return {mark.row: [whole(mark)] for mark in EditedField.objects.bulk_create(new)}


def _take_back(actor: Actor, edits: Sequence[Edit]) -> int:
    standing = dict(Deal.objects.filter(pk__in=[one.row for one in edits]).values_list("pk", _FIELD))
    back = [one for one in edits if one.after and standing.get(one.row) == one.after[_FIELD]]
    made: list[Edit] = []
    for edit in back:
        marks = edit.more.get("made", [])
        EditedField.objects.filter(pk__in=[mark["id"] for mark in marks]).delete()
        Deal.objects.filter(pk=edit.row).update(process_version=(edit.before or {})[_FIELD])
        made.append(_edit(actor, edit.deal, _BACK, edit.after, edit.before, gone=marks, undoes=edit))
    Edit.objects.bulk_create(made)
    Edit.objects.filter(pk__in=[one.pk for one in back]).update(undone_at=now(), undone_by=actor.name)
    if back:
        touch(actor.workspace, [one.row for one in back])
    return len(back)


def _edit(
    actor: Actor,
    deal: Deal | None,
    action: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    *,
    made: Sequence[Mapping[str, Any]] = (),
    gone: Sequence[Mapping[str, Any]] = (),
    undoes: Edit | None = None,
) -> Edit:
    return Edit(
        workspace=actor.workspace, deal=deal, at=now(), by=actor.name, user_id=actor.user_id, action=action,
        table="deals", row=deal.pk if deal else 0, before=before, after=after,
        more={"made": list(made), "gone": list(gone)}, undoes=undoes,
    )  # fmt: skip


def _in_turn(keys: Iterable[int]) -> Iterator[list[int]]:
    remaining = iter(list(keys))
    while some := list(islice(remaining, _AT_ONCE)):
        yield some
