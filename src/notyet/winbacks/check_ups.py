"""Check-ups: when a lost buyer is asked again, that he was, and what he said.

Each action returns the edit that it kept, which ``deals.undoing.undo`` takes back. Raises ``Denied`` where the role
works on no deals, ``WinBack.DoesNotExist`` or ``Deal.DoesNotExist`` where the actor sees no such loss.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from notyet.core.texts import NotAText, one_line
from notyet.deals.edit_models import Edit
from notyet.deals.editing import Work, lock_deal, new_row_id, put
from notyet.deals.models import Deal, Outcome
from notyet.deals.values import BadValue, Value
from notyet.deals.when import When, start_of_day
from notyet.winbacks.knowledge import loss_of, propose
from notyet.winbacks.models import WinBack, WinBackResult
from notyet.winbacks.parting_models import CheckUp, CheckUpOrigin
from notyet.winbacks.silence import refuse_silenced
from notyet.workspaces.access import Actor
from notyet.workspaces.scope import within
from notyet.workspaces.working import working_time

FOLLOW_UP_DAYS = 14
"""Calendar days after asking on which the one follow-up falls due, if the buyer has not answered."""
MOST_FOLLOW_UPS = 1
MOST_ASKS = 3
"""A loss is asked about at most so often, unless the buyer names a day himself."""
LONGEST_WORD = 300


class Settled(ValueError):
    """The check-up does not stand as the action needs it to; the text says how it stands."""


@dataclass(frozen=True)
class Dated:
    """A day to ask again, and where it comes from."""

    on: date
    origin: str
    why: str


def plan(work: Work, deal: Deal) -> WinBack | None:
    """Date the check-up of a loss by the rules, as part of a change under way; ``None`` where nobody is to be asked.

    One that stood and was not asked yet gives way.
    """
    _take_back(work, deal)
    if deal.outcome not in (Outcome.LOST, Outcome.NO_DECISION):
        return None
    proposal = propose(loss_of(deal), work.actor.workspace)
    if proposal is None:
        return None
    on = proposal.on
    if proposal.origin != CheckUpOrigin.WISH:
        on = working_time(work.actor.workspace).on_or_after(on)
    return add_check_up(work, deal, Dated(on, proposal.origin, proposal.why))


def date_anew(work: Work, deal: Deal) -> WinBack | None:
    """Move a check-up that the rules dated, where the record now gives the day another origin; else leave it.

    What was set by hand, woken or asked already stays. ``None`` where nothing was moved.
    """
    standing = waiting(deal)
    told = CheckUp.objects.filter(win_back=standing).first() if standing else None
    if standing is None or standing.asked_at is not None or told is None:
        return None
    proposal = propose(loss_of(deal), work.actor.workspace)
    by_rule = told.origin in (CheckUpOrigin.TERM, CheckUpOrigin.REASON)
    return plan(work, deal) if by_rule and proposal and proposal.origin != told.origin else None


def _take_back(work: Work, deal: Deal) -> None:
    """What came with an import is settled, what was made here goes."""
    standing = waiting(deal)
    if standing is None or standing.asked_at is not None:
        return
    if not standing.row_id.startswith("n-"):
        _settle(work, _reason_of(work, standing))
        return
    known = CheckUp.objects.filter(win_back=standing).first()
    if known is not None:
        work.take(known)
    work.take(standing)


def add_check_up(work: Work, deal: Deal, dated: Dated) -> WinBack:
    """Make a check-up, as part of a change under way."""
    made = WinBack(workspace=work.actor.workspace, deal=deal, row_id=new_row_id(), result=WinBackResult.WAITING)
    put(made, "due_at", _day(dated.on, work))
    work.make(made)
    work.make(_reason(work, made, dated))
    return made


def waiting(deal: Deal) -> WinBack | None:
    """The check-up of a deal that is still to come or unanswered."""
    open_ones = WinBack.objects.filter(deal=deal, result__in=("", WinBackResult.WAITING), check_up__settled_at=None)
    found: WinBack | None = open_ones.order_by("due_at", "pk").first()
    return found


@transaction.atomic
def date_loss(actor: Actor, deal_pk: int, on: date | None = None, why: str = "") -> Edit:
    """Give a loss that has no check-up a day: the one that the rules propose, or ``on``.

    Raises ``Settled`` where it has one or is no loss, ``BadValue``, ``LeftAlone``, ``Denied`` or ``Deal.DoesNotExist``.
    """
    with within(actor.workspace):
        deal = lock_deal(actor, deal_pk)
        if deal.outcome not in (Outcome.LOST, Outcome.NO_DECISION):
            raise Settled("only a loss is asked about again")
        if waiting(deal) is not None:
            raise Settled("it has a day already")
        refuse_silenced(deal)
        work = Work(actor, deal, "date check-up")
        if on is None:
            made = plan(work, deal)
        else:
            if on < working_time(actor.workspace).day_of(work.at):
                raise BadValue("on", "this day has gone by")
            made = add_check_up(work, deal, Dated(on, CheckUpOrigin.PERSON, _word(why) or "Set by hand"))
        if made is None:
            raise Settled("nothing proposes a day for it")
        return work.keep("win_backs", made.pk, None, work.texts(made, ("due_at",)))


@transaction.atomic
def set_date(actor: Actor, win_back: int, on: date, why: str = "") -> Edit:
    """Move a check-up that has not been asked yet. Raises ``Settled``, ``BadValue`` or ``LeftAlone``."""
    with within(actor.workspace):
        work, row = _held(actor, win_back, "move check-up")
        if row.asked_at is not None:
            raise Settled("the buyer was asked already")
        if on < working_time(actor.workspace).day_of(work.at):
            raise BadValue("on", "this day has gone by")
        said = _word(why) or "Set by hand"
        _replace_reason(work, row, Dated(on, CheckUpOrigin.PERSON, said))
        return _set(work, row, {"due_at": _day(on, work)})


@transaction.atomic
def ask(actor: Actor, win_back: int, offer: str = "") -> Edit:
    """Say that the buyer was asked again, and what was brought. Raises ``Settled``, ``BadValue`` or ``LeftAlone``."""
    with within(actor.workspace):
        work, row = _held(actor, win_back, "ask again")
        if row.asked_at is not None:
            raise Settled("the buyer was asked already; follow up once, then leave it")
        check_up = _reason_of(work, row)
        today = working_time(actor.workspace)
        follow_up = today.on_or_after(today.day_of(work.at) + timedelta(days=FOLLOW_UP_DAYS))
        _change_reason(work, check_up, {"follow_up_on": follow_up})
        return _set(work, row, {"asked_at": When(work.at), "offer": _word(offer)})


@transaction.atomic
def follow_up(actor: Actor, win_back: int) -> Edit:
    """Say that an unanswered question was followed up: once, and then it is left. Raises ``Settled``, ``LeftAlone``."""
    with within(actor.workspace):
        work, row = _held(actor, win_back, "follow up")
        check_up = _reason_of(work, row)
        if row.asked_at is None:
            raise Settled("the buyer was not asked yet")
        if check_up.follow_ups >= MOST_FOLLOW_UPS:
            raise Settled("the buyer was followed up once; now it is his turn")
        _change_reason(work, check_up, {"follow_ups": check_up.follow_ups + 1, "follow_up_on": None})
        return work.keep("win_backs", row.pk, {}, {})


@transaction.atomic
def said_no(actor: Actor, win_back: int, again_on: date | None = None) -> Edit:
    """Say that the buyer said no, and where he named one, the day to ask again. Raises ``Settled``, ``BadValue``."""
    with within(actor.workspace):
        work, row = _held(actor, win_back, "said no", silenced_too=True)
        _settle(work, _reason_of(work, row))
        if again_on is not None:
            if again_on <= working_time(actor.workspace).day_of(work.at):
                raise BadValue("again_on", "name a day that is still to come")
            refuse_silenced(row.deal)
            add_check_up(work, row.deal, Dated(again_on, CheckUpOrigin.WISH, "The buyer asked to be asked then"))
        return _set(work, row, {"result": WinBackResult.NO.value, **_asked_by_now(work, row)})


@transaction.atomic
def leave(actor: Actor, win_back: int, why: str = "") -> Edit:
    """Leave a check-up be without asking, or without an answer. Raises ``Settled`` or ``BadValue``."""
    with within(actor.workspace):
        work, row = _held(actor, win_back, "leave be", silenced_too=True)
        check_up = _reason_of(work, row)
        said = _word(why)
        _settle(work, check_up, {"why": f"{check_up.why}; left: {said}"[:500]} if said else {})
        return work.keep("win_backs", row.pk, {}, {})


def times_asked(deal: Deal) -> int:
    """How often the buyer of a loss was asked again."""
    return int(WinBack.objects.filter(deal=deal, asked_at__isnull=False).count())


def settle(work: Work, row: WinBack) -> None:
    """Settle a check-up as part of a change under way."""
    _settle(work, _reason_of(work, row))


def hold(actor: Actor, win_back: int, action: str) -> tuple[Work, WinBack]:
    """An open check-up of a deal that is held. Raises ``Settled`` or ``LeftAlone``."""
    return _held(actor, win_back, action)


def set_fields(work: Work, row: WinBack, values: Mapping[str, Value]) -> Edit:
    """Set fields of a win-back, and keep the edit."""
    return _set(work, row, values)


def _held(actor: Actor, win_back: int, action: str, *, silenced_too: bool = False) -> tuple[Work, WinBack]:
    deal = lock_deal(actor, WinBack.objects.values_list("deal", flat=True).get(pk=win_back))
    row: WinBack = WinBack.objects.select_related("deal", "deal__account").get(pk=win_back)
    if row.result not in ("", WinBackResult.WAITING):
        raise Settled(f"the buyer answered already ({row.get_result_display().lower()})")
    if CheckUp.objects.filter(win_back=row, settled_at__isnull=False).exists():
        raise Settled("this was left be")
    if not silenced_too:
        refuse_silenced(deal)
    return Work(actor, deal, action), row


def _reason(work: Work, row: WinBack, dated: Dated) -> CheckUp:
    return CheckUp(workspace=work.actor.workspace, win_back=row, origin=dated.origin, why=dated.why[:500])


def _reason_of(work: Work, row: WinBack) -> CheckUp:
    """The reason of a check-up; one that came with an import gets its first here."""
    found: CheckUp | None = CheckUp.objects.filter(win_back=row).first()
    if found is None:
        found = _reason(work, row, Dated(date.min, CheckUpOrigin.PERSON, "The day came with the record"))
        work.make(found)
    return found


def _replace_reason(work: Work, row: WinBack, dated: Dated) -> None:
    known = CheckUp.objects.filter(win_back=row).first()
    if known is not None:
        work.take(known)
    work.make(_reason(work, row, dated))


def _change_reason(work: Work, check_up: CheckUp, values: Mapping[str, object]) -> None:
    fields = {field.attname: getattr(check_up, field.attname) for field in CheckUp._meta.concrete_fields}
    work.take(check_up)
    del fields["id"]
    work.make(CheckUp(**{**fields, **values}))


def _settle(work: Work, check_up: CheckUp, more: Mapping[str, object] | None = None) -> None:
    settled = {"settled_at": work.at, "settled_by": work.actor.name, "follow_up_on": None}
    _change_reason(work, check_up, {**settled, **(more or {})})


def _asked_by_now(work: Work, row: WinBack) -> dict[str, Value]:
    return {} if row.asked_at else {"asked_at": When(work.at)}


def _set(work: Work, row: WinBack, values: Mapping[str, Value]) -> Edit:
    before = work.texts(row, values)
    for field, value in values.items():
        put(row, field, value)
    row.save(update_fields=[*values, "plain_dates"])
    return work.keep("win_backs", row.pk, before, work.texts(row, values))


def _day(on: date, work: Work) -> When:
    return When(start_of_day(on, work.zone), plain=True)


def _word(text: str) -> str:
    try:
        return one_line(text, LONGEST_WORD)
    except NotAText as error:
        raise BadValue("why", str(error)) from error
