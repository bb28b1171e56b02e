"""Setting, changing and removing targets."""

from django.db import transaction

from notyet.core.clock import now
from notyet.deals.models import Deal
from notyet.pipeline.models import Target
from notyet.pipeline.rules import BadTarget, Wish, checked
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.audit import note
from notyet.workspaces.models import Membership, Team
from notyet.workspaces.scope import within


@transaction.atomic
def set_target(actor: Actor, wish: Wish, pk: int | None = None) -> Target:
    """Set a target, or with ``pk`` change that one.

    Raises ``Denied``, ``BadTarget`` (also where the same period has one already), or ``Target.DoesNotExist``.
    """
    actor.require(Permission.SET_TARGETS)
    wanted = checked(wish)
    with within(actor.workspace):
        _refuse_unknown(wanted)
        target = Target.objects.select_for_update().get(pk=pk) if pk is not None else Target(workspace=actor.workspace)
        _refuse_twice(wanted, pk)
        before = _plain(target) if pk is not None else ""
        target.scope, target.name = wanted.scope, wanted.name
        target.since, target.until, target.amount = wanted.since, wanted.until, wanted.amount
        target.set_by, target.set_at = actor.name, now()
        target.save()
        action = "set target" if pk is None else "change target"
        note(actor, action, str(target), amount=_plain(target), **({"before": before} if before else {}))
    made: Target = target
    return made


@transaction.atomic
def remove_target(actor: Actor, pk: int) -> Target:
    """Remove a target. Raises ``Denied`` or ``Target.DoesNotExist``."""
    actor.require(Permission.SET_TARGETS)
    with within(actor.workspace):
        target: Target = Target.objects.get(pk=pk)
        note(actor, "remove target", str(target), amount=_plain(target))
        Target.objects.filter(pk=pk).delete()
    return target


def _plain(target: Target) -> str:
    return format(target.amount.normalize(), "f")


def _refuse_unknown(wish: Wish) -> None:
    """A team or person that no deal belongs to would be a target that nothing counts towards."""
    if wish.scope == "team":
        known = Team.objects.filter(name=wish.name).exists() or Deal.objects.filter(team=wish.name).exists()
        if not known:
            raise BadTarget("name", f"No deal belongs to a team called “{wish.name}”. Write it as the deals have it.")
    if wish.scope == "person":
        known = Membership.objects.filter(seller_name=wish.name).exists()
        if not known and not Deal.objects.filter(owner=wish.name).exists():
            raise BadTarget("name", f"No deal belongs to “{wish.name}”. Write the owner's name as the deals have it.")


def _refuse_twice(wish: Wish, pk: int | None) -> None:
    same = Target.objects.filter(scope=wish.scope, name=wish.name, since=wish.since, until=wish.until)
    if same.exclude(pk=pk).exists():
        raise BadTarget("since", "There is a target for this period already. Change that one.")
