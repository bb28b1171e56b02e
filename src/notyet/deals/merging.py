"""Saying that names are one, taking it back, and saying that they are not. Nothing here happens unasked."""

from collections.abc import Sequence

from django.db import transaction

from notyet.core.clock import now
from notyet.deals.duplicates import kept
from notyet.deals.merge_models import LONGEST_NAME, Alias, Apart, Merge, MergeKind
from notyet.deals.models import Account, Conversation, Deal
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.actions import touch_record
from notyet.workspaces.audit import note
from notyet.workspaces.models import Workspace
from notyet.workspaces.scope import within


class BadMerge(ValueError):
    """Names cannot be merged or split as asked; the text says why."""


@transaction.atomic
def merge(actor: Actor, kind: str, keep: str, others: Sequence[str]) -> Merge:
    """Let the names ``others`` count as ``keep`` from now on, wherever a source says them, then and later.

    A name that was merged before stands for the name it counts as. What the sources said stays in the record.
    Raises ``Denied``, or ``BadMerge`` for an unknown kind or name, or where the names count as one already.
    """
    actor.require(Permission.MERGE)
    _check(kind, (keep, *others))
    with within(actor.workspace):
        _alone(actor.workspace)
        _check_used(kind, (keep, *others))
        known = kept(kind)
        target = known.get(keep, keep)
        joined = [name for name in dict.fromkeys(known.get(name, name) for name in others) if name != target]
        if not joined:
            raise BadMerge(f"“{keep}” and “{', '.join(others)}” count as one already")
        made: Merge = Merge.objects.create(
            workspace=actor.workspace, kind=kind, keep=target, others=joined, merged_at=now(), merged_by=actor.name
        )
        Alias.objects.bulk_create(
            Alias(workspace=actor.workspace, merge=made, kind=kind, name=name, kept=target) for name in joined
        )
        note(actor, "merge", target, kind=kind, others=joined)
    touch_record(actor.workspace)
    return made


@transaction.atomic
def split(actor: Actor, merge_id: int) -> Merge:
    """Take a merge back: each of its names counts for itself again, also in what was imported since.

    Merges made before and after it stand. Raises ``Denied``, ``Merge.DoesNotExist``, or ``BadMerge`` where it was
    split already.
    """
    actor.require(Permission.MERGE)
    with within(actor.workspace):
        _alone(actor.workspace)
        made: Merge = Merge.objects.get(pk=merge_id)
        if made.split_at is not None:
            raise BadMerge(f"this merge was split by {made.split_by} already")
        made.aliases.all().delete()
        made.split_at, made.split_by = now(), actor.name
        made.save(update_fields=["split_at", "split_by"])
        note(actor, "split", made.keep, kind=made.kind, others=made.others)
    touch_record(actor.workspace)
    return made


@transaction.atomic
def not_the_same(actor: Actor, kind: str, first: str, second: str) -> Apart:
    """Say that two names are not one, so that they are not proposed again. Raises ``Denied`` or ``BadMerge``."""
    actor.require(Permission.MERGE)
    _check(kind, (first, second))
    low, high = sorted((first, second))
    if low == high:
        raise BadMerge("these are one and the same name")
    with within(actor.workspace):
        said: Apart
        said, made = Apart.objects.get_or_create(
            workspace=actor.workspace,
            kind=kind,
            first=low,
            second=high,
            defaults={"said_at": now(), "said_by": actor.name},
        )
        if made:
            note(actor, "not the same", low, kind=kind, other=high)
    return said


@transaction.atomic
def ask_again(actor: Actor, apart_id: int) -> Apart:
    """Take *not the same* back: the two names may be proposed again. Raises ``Denied`` or ``Apart.DoesNotExist``."""
    actor.require(Permission.MERGE)
    with within(actor.workspace):
        said: Apart = Apart.objects.get(pk=apart_id)
        said.delete()
        note(actor, "ask again whether the same", said.first, kind=said.kind, other=said.second)
    return said


def _alone(workspace: Workspace) -> None:
    """Let no two people merge at once: A into B beside B into A would be a circle."""
    Workspace.objects.select_for_update().get(pk=workspace.pk)


def _check(kind: str, names: Sequence[str]) -> None:
    if kind not in MergeKind.values:
        raise BadMerge(f"{kind!r} is none of {', '.join(MergeKind.values)}")
    if len(names) < 2:
        raise BadMerge("it takes two names")
    wrong = next((name for name in names if not name or len(name) > LONGEST_NAME), None)
    if wrong is not None:
        raise BadMerge(f"a name has between 1 and {LONGEST_NAME} characters")


def _check_used(kind: str, names: Sequence[str]) -> None:
    for name in names:
        if not _is_used(kind, name):
            raise BadMerge(f"no {MergeKind(kind).label.lower().removesuffix('s')} is called “{name}”")


def _is_used(kind: str, name: str) -> bool:
    if kind == MergeKind.ACCOUNT:
        return bool(Account.objects.filter(name=name).exists())
    if kind == MergeKind.PRODUCT:
        return bool(Deal.objects.filter(product=name).exists())
    return bool(Conversation.objects.filter(contact=name).exists())
