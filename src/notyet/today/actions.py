"""Putting items off with a reason, and taking that back."""

from datetime import datetime, timedelta

from django.db import transaction

from notyet.core.clock import now
from notyet.core.texts import NotAText, one_line
from notyet.today.models import DueItem, Snooze
from notyet.today.queries import find_item
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.audit import note
from notyet.workspaces.scope import within

LONGEST_REASON = 300
LONGEST_SNOOZE = timedelta(days=366)


class BadSnooze(ValueError):
    """It cannot be put off like this; the text says why."""


@transaction.atomic
def snooze(actor: Actor, deal_pk: int, kind: str, ref: str, until: datetime, reason: str) -> Snooze:
    """Put an item off until a moment, for a reason; an earlier putting off ends with it.

    Raises ``Denied``, ``DueItem.DoesNotExist`` for what the actor does not see, ``BadSnooze`` without a reason, for a
    moment that has passed or is more than a year away.
    """
    actor.require(Permission.WORK_DEALS)
    why = " ".join(reason.split())
    if not why:
        raise BadSnooze("say why it can wait: a few words are enough")
    if len(why) > LONGEST_REASON:
        raise BadSnooze(f"the reason has more than {LONGEST_REASON} characters")
    try:
        why = one_line(why, LONGEST_REASON)
    except NotAText as error:
        raise BadSnooze(f"the reason cannot be kept: {error}") from error
    if not now() < until <= now() + LONGEST_SNOOZE:
        raise BadSnooze("choose a day to come, within a year")
    with within(actor.workspace):
        item = find_item(actor, deal_pk, kind, ref)
        _end(actor, item)
        made: Snooze = Snooze.objects.create(
            workspace=actor.workspace,
            deal_id=item.deal_id,
            kind=item.kind,
            ref=item.ref,
            until=until,
            reason=why,
            at=now(),
            by=actor.name,
            user_id=actor.user_id,
        )
        _wake_at(item, max(item.shows_at, until))
        note(actor, "snooze", str(item.deal), kind=item.kind, until=until.isoformat())
    return made


@transaction.atomic
def unsnooze(actor: Actor, snooze_pk: int) -> None:
    """Take a putting off back: the item is in the list again. One that has ended is left as it is.

    Raises ``Denied``, ``Snooze.DoesNotExist``, or ``DueItem.DoesNotExist`` for an item that has been settled since.
    """
    actor.require(Permission.WORK_DEALS)
    with within(actor.workspace):
        taken = Snooze.objects.get(pk=snooze_pk)
        item = find_item(actor, taken.deal_id, taken.kind, taken.ref)
        if taken.ended_at is not None:
            return
        _end(actor, item)
        _wake_at(item, item.shows_at)
        note(actor, "take back snooze", str(item.deal), kind=item.kind)


def _end(actor: Actor, item: DueItem) -> None:
    mine = Snooze.objects.filter(deal_id=item.deal_id, kind=item.kind, ref=item.ref, ended_at=None)
    mine.update(ended_at=now(), ended_by=actor.name)


def _wake_at(item: DueItem, at: datetime) -> None:
    DueItem.objects.filter(pk=item.pk).update(wakes_at=at, active=int(at <= now()))
