"""Which messages are due now: each becomes one row, whoever plans it and however often."""

from datetime import date, datetime, timedelta

from notyet.notices import pushes, rules, things
from notyet.notices.models import Channel, Delivery, Nag, Push, PushState
from notyet.notices.things import Thing
from notyet.workspaces.access import Permission, actor_of
from notyet.workspaces.models import Membership, Workspace
from notyet.workspaces.working import working_time

KEPT_DAYS = 90
"""How long it is kept what was sent."""
TOLD_DAYS = 7


def plan(workspace: Workspace, at: datetime, *, mails: bool) -> int:
    """Make the rows of what is due in a workspace whose scope is open; says how many were new."""
    working = working_time(workspace)
    day = working.day_of(at)
    people = Delivery.objects.filter(membership__user__is_active=True).select_related(
        "membership__user", "membership__team", "membership__workspace"
    )
    new: list[Push] = []
    if mails and working.is_working(day):
        told = _planned(Channel.DIGEST, day)
        new += [
            _push(one, Channel.DIGEST, day, "", at)
            for one in people.filter(digest=True)
            if one.membership_id not in told and rules.digest_is_due(working, one.digest_hour, at) and _may(one)
        ]
    if rules.chat_is_open(working, at):
        new += [push for one in people.filter(chat=True) if _may(one) and (push := _chat(one, day, at))]
    Push.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def clear_away(today: date) -> None:
    """Let go of what nobody asks for any more, in the workspace in scope."""
    pushes.give_up_old(today)
    Nag.objects.filter(day__lt=today - timedelta(days=TOLD_DAYS)).delete()
    Push.objects.filter(day__lt=today - timedelta(days=KEPT_DAYS)).delete()


def _may(delivery: Delivery) -> bool:
    return actor_of(delivery.membership).may(Permission.SEE_DEALS)


def _planned(channel: Channel, day: date) -> set[int]:
    return set(Push.objects.filter(channel=channel, day=day, slot="").values_list("membership_id", flat=True))


def _chat(delivery: Delivery, day: date, at: datetime) -> Push | None:
    """A message in chat if something urgent came up that the person was not told of, and none is on its way."""
    member = delivery.membership
    # Read in this order: whatever others plan meanwhile has a number that is taken, or finds everything told.
    todays = list(Push.objects.filter(membership=member, channel=Channel.CHAT, day=day).values_list("slot", "state"))
    if any(state in (PushState.DUE, PushState.CLAIMED) and slot.isdigit() for slot, state in todays):
        return None
    fresh = urgent(member, at)
    if not fresh:
        return None
    told = set(Nag.objects.filter(membership=member, day=day).values_list("thing", flat=True))
    if all(one.key in told for one in fresh):
        return None
    return _push(delivery, Channel.CHAT, day, str(1 + sum(slot.isdigit() for slot, _ in todays)), at)


def urgent(member: Membership, at: datetime) -> list[Thing]:
    """What chat may carry now: what came up since the last working day ended."""
    since = rules.last_close(working_time(member.workspace), at)
    return rules.fresh(things.calling(member, since, at), since, at)


def _push(delivery: Delivery, channel: Channel, day: date, slot: str, at: datetime) -> Push:
    return Push(
        workspace_id=delivery.workspace_id,
        membership_id=delivery.membership_id,
        channel=channel,
        day=day,
        slot=slot,
        planned_at=at,
    )
