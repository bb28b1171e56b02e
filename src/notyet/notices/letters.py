"""Letters to buyers, each sent once: claimed by one worker, sent, settled, like the messages to people here.

A letter is written and looked at in the room ``winbacks``. Whether its buyer may be written to is asked again here, and
last in the transaction that says that it leaves.
"""

from datetime import timedelta
from email.headerregistry import Address

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet

from notyet.core.clock import now
from notyet.deals.models import Channel, Deal, Direction, Outcome
from notyet.deals.queries import visible_deals
from notyet.deals.talk import Talk
from notyet.deals.talk_actions import add_conversation
from notyet.notices import mail
from notyet.notices.errors import MaybeSent, NotSent
from notyet.notices.ledger import Ledger
from notyet.winbacks.parting_models import Letter, LetterState, Parting
from notyet.winbacks.silence import silence
from notyet.workspaces.access import Actor, Permission, actor_of, operator
from notyet.workspaces.models import Membership

KEPT_WAITING = timedelta(days=7)
"""A letter that could not be sent for so long is not sent any more: what it says is of another day."""
LISTED = timedelta(days=90)

ASKED_NEVER = "the buyer asked never to be approached"
OPEN_AGAIN = "the deal was opened again"
TOO_OLD = "it waited for a week and could not be sent"
NO_ADDRESS = "whom it is to is not one e-mail address"
_GONE_OUT = (LetterState.DUE, LetterState.CLAIMED, LetterState.SENT, LetterState.UNKNOWN, LetterState.COPIED)


def _not_thanked(letter: Letter) -> None:
    """Take back that the buyer was thanked if the letter was to thank him and no other does."""
    if not Letter.objects.filter(deal=letter.deal_id, state__in=_GONE_OUT).exists():
        Parting.objects.filter(deal=letter.deal_id, thanked_at__gte=letter.written_at).update(thanked_at=None)


LETTERS = Ledger(Letter, _not_thanked)


def waiting() -> list[int]:
    """The letters of the workspace in scope that are to be sent now, the oldest first; none without a mail server.

    Settles first what workers that are gone have left, and what has waited too long.
    """
    LETTERS.give_up_lost()
    LETTERS.give_up(Letter.objects.filter(state=LetterState.DUE, due_at__lt=now() - KEPT_WAITING), TOO_OLD)
    return LETTERS.waiting() if settings.NOTYET_SENDS_MAIL else []


def deliver(pk: int, worker: str) -> None:
    """Claim a due letter, send it and settle it; does nothing where another worker was quicker or it was stopped."""
    if not LETTERS.claim(pk, worker):
        return
    letter: Letter | None = Letter.objects.select_related("deal__account", "workspace").filter(pk=pk).first()
    if letter is None:
        return
    refusal = _refusal(letter.deal)
    if refusal:
        LETTERS.settle_failed(letter, worker, refusal)
        return
    try:
        made = compose(letter, _answered_to(letter))
        if begin(letter, worker):
            mail.send(made)
            settle_sent(letter, worker)
    except NotSent as error:
        over = LETTERS.put_back if error.again else LETTERS.settle_failed
        over(letter, worker, str(error))
    except MaybeSent as error:
        LETTERS.settle_unknown(letter, worker, str(error))


@transaction.atomic
def begin(letter: Letter, worker: str) -> bool:
    """Say that the letter leaves now; false where its buyer is to be left alone by now, or the claim was taken away.

    The deal is held, so that nobody notes a never about it meanwhile.
    """
    deal = Deal.objects.select_for_update(no_key=True).filter(pk=letter.deal_id).first()
    if deal is None:
        return False
    refusal = _refusal(deal)
    if refusal:
        LETTERS.settle_failed(letter, worker, refusal)
        return False
    return LETTERS.begin(letter, worker)


@transaction.atomic
def settle_sent(letter: Letter, worker: str) -> None:
    """It was accepted: the deal's record shows it from now on, once, also where the claim was given up for lost."""
    # The deal is held first, as everybody does who writes about it.
    deal = Deal.objects.select_for_update(no_key=True).filter(pk=letter.deal_id).first()
    if deal is None or not LETTERS.settle_sent(letter, worker):
        return
    talk = Talk(
        channel=Channel.EMAIL,
        direction=Direction.OUT,
        contact=_named(letter) or letter.to,
        summary=f"{letter.subject}\n\n{letter.body}",
    )
    add_conversation(_writer(letter), deal.pk, talk)


def compose(letter: Letter, reply_to: Address | None) -> mail.Letter:
    """The mail, in plain text. Raises ``NotSent``."""
    try:
        validate_email(letter.to)
    except ValidationError as error:
        raise NotSent(NO_ADDRESS, again=False) from error
    return mail.Letter(
        to=letter.to,
        subject=letter.subject,
        text=letter.body,
        message_id=mail.buyers_message_id(letter.pk),
        reply_to=reply_to,
    )


def own_address(name: str, email: str) -> Address | None:
    """A person's address as answers go to it; ``None`` where it is none."""
    try:
        validate_email(email)
        return Address(display_name=name, addr_spec=email)
    except (ValidationError, ValueError):
        return None


def doubtful(actor: Actor) -> "QuerySet[Letter]":
    """The letters of the last 90 days that were not sent or may not have been, the newest first. Raises ``Denied``."""
    actor.require(Permission.SET_UP)
    found: QuerySet[Letter] = Letter.objects.filter(
        state__in=(LetterState.UNKNOWN, LetterState.FAILED), settled_at__gte=now() - LISTED
    )
    return found.select_related("deal__account").defer("to", "subject", "body").order_by("-settled_at", "-pk")


def _refusal(deal: Deal) -> str:
    """Why nothing may be written to the buyer any more; empty where it may."""
    if silence().covers(deal):
        return ASKED_NEVER
    return OPEN_AGAIN if deal.outcome == Outcome.OPEN else ""


def _member(letter: Letter) -> Membership | None:
    """Who wrote it, while she is here."""
    wrote = {"user__username": letter.written_by, "user__is_active": True}
    found: Membership | None = Membership.objects.filter(**wrote).select_related("user", "team", "workspace").first()
    return found


def _answered_to(letter: Letter) -> Address | None:
    member = _member(letter)
    return own_address(member.seller_name, member.user.email) if member else None


def _writer(letter: Letter) -> Actor:
    """As whom the letter is noted: who wrote it, or the operator where she works on the deal no more."""
    member = _member(letter)
    actor = actor_of(member) if member else None
    if actor and actor.may(Permission.WORK_DEALS) and visible_deals(actor).filter(pk=letter.deal_id).exists():
        return actor
    return operator(letter.workspace)


def _named(letter: Letter) -> str:
    """The contact's name, where the address is that of a contact of the deal."""
    known = letter.deal.deal_contacts.filter(contact__email__iexact=letter.to)
    return known.order_by("pk").values_list("contact__name", flat=True).first() or ""
