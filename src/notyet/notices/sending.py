"""One message, from claim to settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from notyet.core.clock import now
from notyet.notices import chat, digest, mail, things
from notyet.notices.chat_address import BadAddress
from notyet.notices.errors import MaybeSent, NotSent
from notyet.notices.models import Channel, Delivery, Nag, Push
from notyet.notices.planning import urgent
from notyet.notices.pushes import PUSHES, settle_empty
from notyet.notices.things import Thing

TRIAL = "trial-"
"""How the slots of messages begin that were asked for on the page: they tell of nothing and count for nothing."""


@dataclass(frozen=True)
class Made:
    """A message ready to leave, or nothing to say."""

    message: mail.Letter | chat.Note | None
    subject: str = ""
    things: int = 0


class Taken(Exception):
    """The claim was given to somebody else while the message was made."""


def deliver(pk: int, worker: str) -> None:
    """Claim a due message, send it and settle it; does nothing where another worker was quicker."""
    if not PUSHES.claim(pk, worker):
        return
    push: Push = Push.objects.select_related("membership__user", "membership__team", "membership__workspace").get(pk=pk)
    things.up_to_date(push.membership.workspace)
    try:
        made = _prepare(push, worker)
    except NotSent as error:
        _fail(push, worker, str(error))
        return
    except Taken:
        return
    if made.message is None:
        settle_empty(push, worker)
    else:
        _send(push, worker, made.message)


def _send(push: Push, worker: str, message: mail.Letter | chat.Note) -> None:
    try:
        mail.send(message) if isinstance(message, mail.Letter) else chat.send(message)
    except NotSent as error:
        if error.again:
            PUSHES.put_back(push, worker, str(error))
        else:
            _fail(push, worker, str(error))
    except MaybeSent as error:
        PUSHES.settle_unknown(push, worker, str(error))
    else:
        PUSHES.settle_sent(push, worker)


@transaction.atomic
def _fail(push: Push, worker: str, reason: str) -> None:
    """Not sent for good. A chat that takes nothing is switched off: it would fail again with the next thing."""
    PUSHES.settle_failed(push, worker, reason)
    if push.channel == Channel.CHAT and not push.slot.startswith(TRIAL):
        Delivery.objects.filter(membership=push.membership_id).update(chat=False, chat_refused=reason[:300])


def _prepare(push: Push, worker: str) -> Made:
    """Note what the message tells of, make it as of now, and say that it leaves.

    Not one transaction: making it takes its time, and would keep every other writer of an SQLite database waiting. A
    worker that ends in between leaves a claim that has not begun, and what is noted stays noted for this message.
    """
    at, member = now(), push.membership
    delivery = Delivery.objects.filter(membership=member).first()
    trial = push.slot.startswith(TRIAL)
    if delivery is None or not member.user.is_active or not (trial or _switched_on(delivery, push)):
        return Made(None)
    delivery.membership = member
    due = things.pushable(member, at) if push.channel == Channel.DIGEST else urgent(member, at)
    carried = list(due) if trial else told_of(push, due)
    if not carried and not trial:
        return Made(None)
    made = _message(push, delivery, carried, len(due) - len(carried), at)
    if not PUSHES.begin(push, worker, subject=made.subject, things=made.things):
        raise Taken
    return made


def _switched_on(delivery: Delivery, push: Push) -> bool:
    return bool(delivery.digest if push.channel == Channel.DIGEST else delivery.chat)


def _message(push: Push, delivery: Delivery, carried: Sequence[Thing], told: int, at: datetime) -> Made:
    trial = push.slot.startswith(TRIAL)
    message: mail.Letter | chat.Note
    if push.channel == Channel.DIGEST:
        message = digest.compose(delivery, carried, told, at, mail.message_id(push.pk), trial=trial)
    else:
        try:
            message = chat.compose(delivery, carried, trial=trial)
        except BadAddress as error:
            raise NotSent(str(error), again=False) from error
    return Made(message, message.subject[:200], len(carried))


def told_of(push: Push, due: Sequence[Thing]) -> list[Thing]:
    """Of what is due, what this message is the day's first and only one to tell of; noted as told."""
    # In one order for everybody, so that two messages to a person never wait for each other in a ring.
    keys = sorted({one.key for one in due})
    nags = [
        Nag(workspace_id=push.workspace_id, membership_id=push.membership_id, day=push.day, thing=key, push=push)
        for key in keys
    ]
    Nag.objects.bulk_create(nags, batch_size=2_000, ignore_conflicts=True)
    ours = set(Nag.objects.filter(push=push).values_list("thing", flat=True))
    return [one for one in due if one.key in ours]
