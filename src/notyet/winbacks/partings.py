"""Parting with a buyer: the channel agreed, and when he wishes to be asked again; and closing a deal with all of it.

Each action returns the edit that it kept, which ``deals.undoing.undo`` takes back. Raises ``Denied`` where the role
works on no deals and ``Deal.DoesNotExist`` where the actor sees no such deal.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from notyet.deals.closing import ClosedMany, Ending, NotOpen, close_many, end, keep_ending, refuse_closed
from notyet.deals.duplicates import kept
from notyet.deals.edit_models import Edit
from notyet.deals.editing import Work, lock_deal
from notyet.deals.merge_models import MergeKind
from notyet.deals.models import Deal, Outcome
from notyet.deals.touching import touch
from notyet.deals.values import BadValue
from notyet.debriefs.writing import finish
from notyet.winbacks.check_ups import date_anew, plan
from notyet.winbacks.parting_models import Parting, StayInTouch
from notyet.workspaces.access import Actor
from notyet.workspaces.scope import within
from notyet.workspaces.working import working_time


@dataclass(frozen=True)
class Farewell:
    """What was agreed: a channel of ``StayInTouch`` (empty: none yet), the day the buyer asked for, thanks said."""

    channel: str = ""
    wish_on: date | None = None
    thanked: bool = False


@transaction.atomic
def close_and_part(actor: Actor, deal_pk: int, ending: Ending, farewell: Farewell | None = None) -> Edit:
    """Close an open deal, keep what was agreed, and date the check-up of a loss, all in one.

    Raises ``NotOpen`` where it is closed already, or ``BadValue``.
    """
    with within(actor.workspace):
        deal = lock_deal(actor, deal_pk)
        refuse_closed(deal)
        work = Work(actor, deal, "close deal")
        before = end(work, deal, ending)
        if farewell is not None and farewell != Farewell():
            _agree(work, deal, farewell)
        plan(work, deal)
        return keep_ending(work, deal, before)


@transaction.atomic
def close_many_and_part(actor: Actor, deal_pks: Iterable[int], ending: Ending) -> ClosedMany:
    """Close open deals alike, each with its check-up; those that cannot be closed are named, the others are closed."""
    return close_many(actor, deal_pks, ending, close_and_part)


@transaction.atomic
def part(actor: Actor, deal_pk: int, farewell: Farewell) -> Edit:
    """Keep what was agreed with the buyer of a closed deal; a check-up that has not been asked is dated anew.

    Raises ``NotOpen`` where the deal is still open, or ``BadValue``.
    """
    with within(actor.workspace):
        deal = lock_deal(actor, deal_pk)
        if deal.outcome == Outcome.OPEN:
            raise NotOpen("the deal is open; close it first")
        work = Work(actor, deal, "part")
        known = Parting.objects.filter(deal=deal).first()
        changed = known is None or (known.channel, known.wish_on) != (farewell.channel, farewell.wish_on)
        _agree(work, deal, farewell)
        if changed:
            plan(work, deal)
        return work.keep("deals", deal.pk, {}, {})


def finish_and_date(actor: Actor, deal_pk: int) -> Edit:
    """Finish a debrief (``debriefs.writing.finish``); where it finds another reason, the check-up moves with it."""
    return finish(actor, deal_pk, date_anew)


def _touch_buyer(work: Work, deal: Deal) -> None:
    """What is due about every deal of the buyer has changed, by whatever name a source writes him."""
    if deal.account is None:
        return
    counted = kept(MergeKind.ACCOUNT)
    root = counted.get(deal.account.name, deal.account.name)
    names = [root, *(name for name, counts_as in counted.items() if counts_as == root)]
    touch(work.actor.workspace, Deal.objects.filter(account__name__in=names).values_list("pk", flat=True))


def _agree(work: Work, deal: Deal, farewell: Farewell) -> None:
    if farewell.channel not in StayInTouch.values:
        raise BadValue("channel", "choose one of the list")
    if farewell.wish_on is not None and farewell.wish_on <= working_time(work.actor.workspace).day_of(work.at):
        raise BadValue("wish_on", "name a day that is still to come")
    known = Parting.objects.filter(deal=deal).first()
    thanked = known.thanked_at if known else None
    if StayInTouch.NEVER in (farewell.channel, known.channel if known else ""):
        _touch_buyer(work, deal)
    if known is not None:
        work.take(known)
    work.make(
        Parting(
            workspace=work.actor.workspace,
            deal=deal,
            channel=farewell.channel,
            wish_on=farewell.wish_on,
            thanked_at=thanked or (work.at if farewell.thanked else None),
            noted_at=work.at,
            noted_by=work.actor.name,
        )
    )
