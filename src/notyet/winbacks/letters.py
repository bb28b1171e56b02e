"""Letters to buyers: drafted from the deal, edited, sent once by the worker or copied by hand."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from notyet.core.clock import now
from notyet.core.texts import NotAText, one_line, several_lines
from notyet.deals.contact_models import Contact
from notyet.deals.editing import lock_deal
from notyet.deals.models import Deal, Outcome
from notyet.deals.queries import find_deal
from notyet.deals.touching import touch
from notyet.deals.values import BadValue
from notyet.winbacks.check_ups import waiting
from notyet.winbacks.letter_wordings import LANGUAGES, USUAL, Facts, Wording, fill, month_name
from notyet.winbacks.parting_models import Letter, LetterState, LetterTemplate, Parting, StayInTouch
from notyet.winbacks.silence import refuse_silenced
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.audit import note
from notyet.workspaces.scope import within

LONGEST_SUBJECT, LONGEST_BODY = 300, 8_000
_ON_ITS_WAY = (LetterState.DUE, LetterState.CLAIMED, LetterState.UNKNOWN)


class NotToBeSent(ValueError):
    """The letter does not stand as the action needs it to; the text says how it stands."""


@dataclass(frozen=True)
class Text:
    """A letter as somebody edited it."""

    to: str
    subject: str
    body: str
    language: str = "en"


def draft(actor: Actor, deal_pk: int, language: str = "en") -> Text:
    """A letter on parting, written from a closed deal by the workspace's wording or the usual one; nothing is kept.

    Raises ``NotToBeSent`` for an open deal, ``LeftAlone`` where the buyer said never, ``Deal.DoesNotExist``.
    """
    with within(actor.workspace):
        deal = find_deal(actor, deal_pk)
        if deal.outcome == Outcome.OPEN:
            raise NotToBeSent("the deal is open; a letter on parting is written when it is closed")
        refuse_silenced(deal)
        language = language if language in LANGUAGES else "en"
        contact = _contact(deal)
        filled = fill(wording(deal.outcome, language), _facts(actor, deal, contact, language))
        return Text(contact.email if contact else "", filled.subject, filled.body, language)


def wording(outcome: str, language: str) -> Wording:
    """The workspace's own wording for an outcome and language, else the usual one."""
    own = LetterTemplate.objects.filter(outcome=outcome, language=language).first()
    return Wording(own.subject, own.body) if own else USUAL[outcome, language]


@transaction.atomic
def save_wording(actor: Actor, outcome: str, language: str, text: Wording | None) -> None:
    """Keep the workspace's own wording; ``None`` goes back to the usual one. Raises ``Denied`` or ``BadValue``."""
    actor.require(Permission.EDIT_REASONS)
    if (outcome, language) not in USUAL:
        raise BadValue("language", "there is no such letter")
    with within(actor.workspace):
        LetterTemplate.objects.filter(outcome=outcome, language=language).delete()
        if text is not None:
            subject, body = _checked(text.subject, text.body)
            LetterTemplate.objects.create(
                workspace=actor.workspace, outcome=outcome, language=language, subject=subject, body=body
            )
        note(actor, "save letter wording", f"{outcome} ({language})", usual=text is None)


@transaction.atomic
def send(actor: Actor, deal_pk: int, text: Text) -> Letter:
    """Have the worker send a letter, once. While one is on its way, or may have arrived, no second goes out.

    Raises ``BadValue``, ``NotToBeSent``, ``LeftAlone``, ``Denied`` or ``Deal.DoesNotExist``.
    """
    with within(actor.workspace):
        deal = _held(actor, deal_pk)
        if Letter.objects.filter(deal=deal, state__in=_ON_ITS_WAY).exists():
            raise NotToBeSent(
                "a letter about this deal is on its way, or may have gone out; see what became of it first"
            )
        try:
            validate_email(text.to.strip())
            Letter._meta.get_field("to").run_validators(text.to.strip())
        except ValidationError:
            raise BadValue("to", "write one e-mail address, like ana@example.org") from None
        return _keep(actor, deal, text, LetterState.DUE)


@transaction.atomic
def copied(actor: Actor, deal_pk: int, text: Text) -> Letter:
    """Note that a letter was copied and is sent by hand. Raises as ``send`` does; an address is not needed."""
    with within(actor.workspace):
        return _keep(actor, _held(actor, deal_pk), text, LetterState.COPIED)


@transaction.atomic
def take_back(actor: Actor, letter_pk: int) -> Letter:
    """Stop a letter that has not left yet. Raises ``NotToBeSent`` where it is too late."""
    with within(actor.workspace):
        letter: Letter = Letter.objects.get(pk=letter_pk)
        lock_deal(actor, letter.deal_id)
        taken = Letter.objects.filter(pk=letter_pk, state=LetterState.DUE).update(state=LetterState.DRAFT, due_at=None)
        if not taken:
            raise NotToBeSent("it has left already")
        _thanked(letter.deal, taken_back=True)
        note(actor, "take letter back", letter.deal.deal_id)
        letter.refresh_from_db()
        return letter


@transaction.atomic
def say_what_became(actor: Actor, letter_pk: int, *, arrived: bool) -> Letter:
    """Settle a letter of which it is not known whether it went out: the seller found out.

    Raises ``NotToBeSent`` where that is known, ``Denied``, ``Letter.DoesNotExist`` or ``Deal.DoesNotExist``.
    """
    with within(actor.workspace):
        letter: Letter = Letter.objects.get(pk=letter_pk)
        lock_deal(actor, letter.deal_id)
        state = LetterState.SENT if arrived else LetterState.FAILED
        known = Letter.objects.filter(pk=letter_pk, state=LetterState.UNKNOWN).update(state=state, settled_at=now())
        if not known:
            raise NotToBeSent("what became of it is known already")
        if not arrived:
            _thanked(letter.deal, taken_back=True)
        note(actor, "say what became of a letter", letter.deal.deal_id, arrived=arrived)
        letter.refresh_from_db()
        return letter


def letters(deal: Deal) -> list[Letter]:
    """The letters about a deal, the newest first."""
    return list(Letter.objects.filter(deal=deal).order_by("-pk"))


def _held(actor: Actor, deal_pk: int) -> Deal:
    deal = lock_deal(actor, deal_pk)
    if deal.outcome == Outcome.OPEN:
        raise NotToBeSent("the deal is open; a letter on parting is written when it is closed")
    refuse_silenced(deal)
    return deal


def _keep(actor: Actor, deal: Deal, text: Text, state: LetterState) -> Letter:
    subject, body = _checked(text.subject, text.body)
    if text.language not in LANGUAGES:
        raise BadValue("language", "choose one of the list")
    letter: Letter = Letter.objects.create(
        workspace=actor.workspace,
        deal=deal,
        to=text.to.strip() if state == LetterState.DUE else "",
        subject=subject,
        body=body,
        language=text.language,
        state=state,
        written_at=now(),
        written_by=actor.name,
        due_at=now() if state == LetterState.DUE else None,
        settled_at=now() if state == LetterState.COPIED else None,
    )
    _thanked(deal)
    note(actor, "send letter" if state == LetterState.DUE else "copy letter", deal.deal_id)
    touch(actor.workspace, [deal.pk])
    return letter


def _thanked(deal: Deal, *, taken_back: bool = False) -> None:
    if taken_back:
        Parting.objects.filter(deal=deal).update(thanked_at=None)
        return
    values = {"workspace": deal.workspace, "channel": StayInTouch.OPEN, "noted_at": now(), "noted_by": "a letter"}
    Parting.objects.get_or_create(deal=deal, defaults=values)
    Parting.objects.filter(deal=deal, thanked_at=None).update(thanked_at=now())


def _checked(subject: str, body: str) -> tuple[str, str]:
    try:
        made = one_line(subject, LONGEST_SUBJECT), several_lines(body, LONGEST_BODY)
    except NotAText as error:
        raise BadValue("body", str(error)) from error
    if not all(made):
        raise BadValue("body", "a letter needs a subject and a text")
    return made


def _contact(deal: Deal) -> Contact | None:
    """Who is written to: a contact of the deal with an address, those who sign first."""
    known = deal.deal_contacts.select_related("contact").exclude(contact__email="")
    ranked = sorted(known, key=lambda one: (one.role != "signs", one.pk))
    return ranked[0].contact if ranked else None


def _facts(actor: Actor, deal: Deal, contact: Contact | None, language: str) -> Facts:
    check_up = waiting(deal)
    month = ""
    if check_up is not None and check_up.due_at is not None:
        due = check_up.due_at.astimezone(ZoneInfo(actor.workspace.time_zone))
        month = month_name(due.month, due.year, language)
    return Facts(
        contact=contact.name if contact else _named(deal),
        buyer=deal.account.name if deal.account else "",
        subject=deal.name or deal.product or "",
        sender=actor.seller_name or _of_address(actor.name),
        workspace=actor.workspace.name,
        month=month,
    )


def _named(deal: Deal) -> str:
    """Whom to greet where nobody has an address: the only one named on the deal, else who was spoken to last."""
    people = list(deal.deal_contacts.values_list("contact__name", flat=True)[:2])
    if len(people) == 1:
        return str(people[0])
    return deal.conversations.exclude(contact="").values_list("contact", flat=True).last() or ""


def _of_address(name: str) -> str:
    """A person's name as her address has it: ``Anna Weber`` of ``anna.weber@example.org``."""
    own, _, host = name.partition("@")
    return own.replace(".", " ").replace("_", " ").title() if host else name
