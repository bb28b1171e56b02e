"""What people decide about the messages that reach them."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from notyet.core.clock import now
from notyet.core.clock import today as day_in
from notyet.notices import chat_address
from notyet.notices.models import Channel, Delivery, Push, PushState
from notyet.notices.pushes import PUSHES
from notyet.notices.sending import TRIAL
from notyet.workspaces.access import Actor, Denied, Permission
from notyet.workspaces.audit import note
from notyet.workspaces.models import Membership
from notyet.workspaces.scope import within

TRIALS_A_DAY = 10


class BadChoice(Exception):
    """A choice that cannot be taken; the text says why."""


@dataclass(frozen=True)
class Choices:
    """How a person wants to be reached. ``chat_address`` is empty to keep the one there is."""

    digest: bool
    digest_hour: int
    chat: bool
    chat_address: str = ""
    forget_address: bool = False


def delivery_of(actor: Actor) -> Delivery:
    """The actor's switches, made with everything off where there are none. Raises ``Denied`` without a membership."""
    actor.require(Permission.SEE_DEALS)
    with within(actor.workspace):
        member = Membership.objects.filter(user_id=actor.user_id).first() if actor.user_id else None
        if member is None:
            raise Denied(f"{actor.name} is no person of this workspace: nothing can reach her")
        made: Delivery = Delivery.objects.select_related("membership__user", "membership__team").get_or_create(
            membership=member, defaults={"workspace": actor.workspace}
        )[0]
    return made


@transaction.atomic
def choose(actor: Actor, choices: Choices) -> Delivery:
    """Set the actor's own switches. Raises ``BadChoice`` and changes nothing where one cannot be taken."""
    delivery = delivery_of(actor)
    if not 0 <= choices.digest_hour <= 23:
        raise BadChoice("the hour is one from 0 to 23")
    kept = "" if choices.forget_address else delivery.chat_address
    if choices.chat_address and not choices.forget_address:
        try:
            chat_address.check(choices.chat_address)
        except chat_address.BadAddress as error:
            raise BadChoice(str(error)) from error
        kept = chat_address.seal(choices.chat_address.strip())
    if choices.chat and not kept:
        raise BadChoice("chat needs an address to send to")
    delivery.digest, delivery.digest_hour, delivery.chat = choices.digest, choices.digest_hour, choices.chat
    delivery.chat_address, delivery.chat_refused = kept, ""
    delivery.save(update_fields=["digest", "digest_hour", "chat", "chat_address", "chat_refused"])
    with within(actor.workspace):
        note(actor, "choose notices", digest=choices.digest, chat=choices.chat)
    return delivery


@transaction.atomic
def open_calendar(actor: Actor) -> Delivery:
    """Give the actor's calendar a new address, valid for a year; an earlier one ends."""
    delivery = delivery_of(actor)
    if delivery.calendar_issued_at is not None:
        delivery.calendar_generation += 1
    delivery.calendar, delivery.calendar_issued_at = True, now()
    delivery.save(update_fields=["calendar", "calendar_generation", "calendar_issued_at"])
    with within(actor.workspace):
        note(actor, "open calendar", generation=delivery.calendar_generation)
    return delivery


@transaction.atomic
def close_calendar(actor: Actor) -> Delivery:
    """End the actor's calendar: its address leads nowhere from now on, also when there is a new one."""
    delivery = delivery_of(actor)
    delivery.calendar = False
    delivery.save(update_fields=["calendar"])
    with within(actor.workspace):
        note(actor, "close calendar")
    return delivery


@transaction.atomic
def digest_off(delivery: Delivery, actor: Actor) -> None:
    """End the daily mail, as its link does without signing in: ``actor`` is whom the mail is for."""
    Delivery.objects.filter(pk=delivery.pk).update(digest=False)
    note(actor, "digest off by its link")


@transaction.atomic
def try_out(actor: Actor, channel: Channel) -> Push:
    """Have the worker send one message now, as it would be. Raises ``BadChoice``."""
    delivery = delivery_of(actor)
    day = day_in(actor.workspace.time_zone)
    with within(actor.workspace):
        earlier = Push.objects.filter(
            membership=delivery.membership, channel=channel, day=day, slot__startswith=TRIAL
        ).values_list("state", flat=True)
        if any(state in (PushState.DUE, PushState.CLAIMED) for state in earlier):
            raise BadChoice("one is on its way already")
        if len(earlier) >= TRIALS_A_DAY:
            raise BadChoice(f"{TRIALS_A_DAY} trials a day are enough")
        if channel == Channel.CHAT and not delivery.chat_address:
            raise BadChoice("chat needs an address to send to: save one first")
        try:
            with transaction.atomic():
                made: Push = Push.objects.create(
                    workspace=actor.workspace,
                    membership=delivery.membership,
                    channel=channel,
                    day=day,
                    slot=f"{TRIAL}{len(earlier) + 1}",
                    planned_at=now(),
                )
        except IntegrityError as error:
            raise BadChoice("one is on its way already") from error
        note(actor, "try notice", str(channel))
    return made


@transaction.atomic
def send_again(actor: Actor, pk: int) -> bool:
    """Send a message again whose fate is not known, or that failed; its own person or an administrator may.

    False where it cannot be: it is on its way, was sent, or is of another day. Raises ``Push.DoesNotExist``.
    """
    actor.require(Permission.SEE_DEALS)
    with within(actor.workspace):
        push: Push = Push.objects.select_related("membership").get(pk=pk)
        if push.membership.user_id != actor.user_id and not actor.may(Permission.SET_UP):
            raise Push.DoesNotExist
        if push.day != day_in(actor.workspace.time_zone) or not PUSHES.send_again(pk):
            return False
        note(actor, "send notice again", str(push))
    return True
