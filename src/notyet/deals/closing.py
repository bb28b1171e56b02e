"""How a deal ends: lost, no decision, disqualified, ordered; paid; and open again.

Each returns the edit that it kept, which ``undoing.undo`` takes back. Raises ``Denied`` where the role works on no
deals and ``Deal.DoesNotExist`` where the actor sees no such deal.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from notyet.core.texts import NotAText, one_line, several_lines
from notyet.deals.closing_models import Closing, Reopening
from notyet.deals.deal_rules import check_deal
from notyet.deals.edit_models import Edit
from notyet.deals.editing import NOTYET, Work, lock_deal, put, save_fields
from notyet.deals.models import Deal, Outcome
from notyet.deals.values import BadValue, Value, moment
from notyet.deals.when import When
from notyet.workspaces.access import Actor
from notyet.workspaces.scope import within

ORDERED = "ordered"
ENDINGS = (Outcome.LOST, Outcome.NO_DECISION, Outcome.DISQUALIFIED, ORDERED)
LONGEST_NAME, LONGEST_WHY = 500, 1_000


class NotOpen(ValueError):
    """The deal does not stand as the action needs it to; the text says how it stands."""


@dataclass(frozen=True)
class Ending:
    """How a deal ended: an outcome of ``ENDINGS``, the day (``None``: now), to whom it was lost, what decided it."""

    outcome: str
    on: date | None = None
    lost_to: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Refused:
    """A deal that was not closed with the others, and why."""

    deal: int
    why: str


@dataclass(frozen=True)
class ClosedMany:
    """The edits of the deals that were closed, and those that were not."""

    edits: tuple[Edit, ...]
    refused: tuple[Refused, ...]


@transaction.atomic
def close_deal(actor: Actor, deal_pk: int, ending: Ending) -> Edit:
    """Close an open deal. Raises ``NotOpen`` where it is closed already, or ``BadValue``."""
    with within(actor.workspace):
        deal = lock_deal(actor, deal_pk)
        refuse_closed(deal)
        work = Work(actor, deal, "close deal")
        return keep_ending(work, deal, end(work, deal, ending))


def refuse_closed(deal: Deal) -> None:
    """Raise ``NotOpen`` where the deal is closed."""
    if deal.outcome != Outcome.OPEN:
        raise NotOpen(f"the deal is closed already ({deal.get_outcome_display().lower()})")


def end(work: Work, deal: Deal, ending: Ending) -> dict[str, str | None]:
    """Close a held open deal as part of a change under way; returns what the fields held, for ``keep_ending``.

    Raises ``BadValue``.
    """
    values = _values(ending, work)
    before = work.texts(deal, values)
    for field, value in values.items():
        put(deal, field, value)
    _check(deal, work)
    save_fields(deal, values)
    note_closing(work, deal)
    return before


@transaction.atomic
def close_many(
    actor: Actor,
    deal_pks: Iterable[int],
    ending: Ending,
    close: Callable[[Actor, int, Ending], Edit] = close_deal,
) -> ClosedMany:
    """Close open deals alike; those that cannot be closed are named, and the others are closed all the same.

    ``close`` closes one: a room above closes it with what belongs to it there.
    """
    edits, refused = [], []
    for pk in dict.fromkeys(deal_pks):
        try:
            edits.append(close(actor, pk, ending))
        except Deal.DoesNotExist:
            refused.append(Refused(pk, "there is no such deal"))
        except (NotOpen, BadValue) as error:
            refused.append(Refused(pk, str(error)))
    return ClosedMany(tuple(edits), tuple(refused))


@transaction.atomic
def reopen(actor: Actor, deal_pk: int, why: str = "") -> Edit:
    """Open a closed deal again; how it had ended, and its debrief, stay. Raises ``NotOpen`` where it is open."""
    with within(actor.workspace):
        deal = lock_deal(actor, deal_pk)
        if deal.outcome == Outcome.OPEN:
            raise NotOpen("the deal is open")
        if deal.paid_at is not None:
            raise NotOpen("the deal is paid; take the payment back first")
        work = Work(actor, deal, "reopen deal")
        try:
            said = several_lines(why, LONGEST_WHY)
        except NotAText as error:
            raise BadValue("why", str(error)) from error
        values: dict[str, Value] = {"outcome": Outcome.OPEN.value, "closed_at": None, "ordered_at": None}
        values |= {"lost_to": "", "loss_reason": ""}
        before = work.texts(deal, values)
        for field, value in values.items():
            put(deal, field, value)
        save_fields(deal, values)
        closing = standing_closing(deal)
        work.make(Reopening(workspace=actor.workspace, deal=deal, closing=closing, why=said, at=work.at, by=actor.name))
        return keep_ending(work, deal, before)


@transaction.atomic
def record_payment(actor: Actor, deal_pk: int, on: date | None = None) -> Edit:
    """Say that an ordered deal is paid. Raises ``NotOpen`` where it is not ordered or is paid, or ``BadValue``."""
    with within(actor.workspace):
        deal = lock_deal(actor, deal_pk)
        if deal.outcome != Outcome.WON:
            raise NotOpen("only an ordered deal is paid; close it as ordered first")
        if deal.paid_at is not None:
            raise NotOpen("the deal is paid already")
        work = Work(actor, deal, "record payment")
        before = work.texts(deal, ("paid_at",))
        put(deal, "paid_at", _moment("paid_at", on, work))
        _check(deal, work)
        save_fields(deal, ("paid_at",))
        return keep_ending(work, deal, before)


def note_closing(work: Work, deal: Deal) -> Closing:
    """Note that a deal was closed here as it stands now, as part of a change under way."""
    made = Closing(
        workspace=work.actor.workspace,
        deal=deal,
        outcome=deal.outcome,
        closed_at=deal.closed_at or work.at,
        lost_to=deal.lost_to,
        reason=deal.loss_reason,
        made_at=work.at,
        made_by=work.actor.name,
        user_id=work.actor.user_id,
    )
    work.make(made)
    return made


def standing_closing(deal: Deal) -> Closing | None:
    """The closing that holds: made here and not followed by a reopening."""
    found: Closing | None = Closing.objects.filter(deal=deal, reopening=None).order_by("-made_at", "-pk").first()
    return found


def _values(ending: Ending, work: Work) -> dict[str, Value]:
    if ending.outcome not in ENDINGS:
        raise BadValue("outcome", f"choose one of {', '.join(str(one) for one in ENDINGS)}")
    at = _moment("closed_at", ending.on, work)
    try:
        values: dict[str, Value] = {
            "lost_to": one_line(ending.lost_to, LONGEST_NAME),
            "loss_reason": one_line(ending.reason, LONGEST_NAME),
        }
    except NotAText as error:
        raise BadValue("reason", str(error)) from error
    if ending.outcome == ORDERED:
        return {"outcome": Outcome.WON.value, "closed_at": at, "ordered_at": at}
    if ending.outcome != Outcome.LOST:
        values["lost_to"] = ""
    return {"outcome": str(ending.outcome), "closed_at": at, **values}


def _moment(field: str, on: date | None, work: Work) -> When:
    return When(work.at) if on is None else moment(field, on, work.zone)


def _check(deal: Deal, work: Work) -> None:
    check_deal(deal, work.at)
    if deal.closed_at is not None and deal.closed_at > work.at:
        raise BadValue("closed_at", "this is yet to come")


def keep_ending(work: Work, deal: Deal, before: dict[str, str | None]) -> Edit:
    """Keep the edit that closes, pays or reopens a deal; ``before``: what its fields held."""
    after = work.texts(deal, before)
    changed = [field for field in before if before[field] != after[field]]
    if deal.data_source.key != NOTYET:
        for field in changed:
            work.mark("deals", deal.pk, field, before[field], after[field])
    return work.keep("deals", deal.pk, {one: before[one] for one in changed}, {one: after[one] for one in changed})
