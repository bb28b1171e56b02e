"""Settling a line of Today in place: which action of which room a button means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from notyet.deals.closing import NotOpen, record_payment
from notyet.deals.edit_models import Edit
from notyet.deals.talk import Talk
from notyet.deals.talk_actions import add_conversation, finish_next_step, keep_promise, plan_next_step
from notyet.deals.values import BadValue
from notyet.debriefs.follow_up import settle_action
from notyet.process.actions import NotInProcess, answer_question, do_step
from notyet.today.actions import snooze
from notyet.today.models import Group
from notyet.today.queries import find_item, seen_from
from notyet.workspaces.access import Actor, Permission

_ASKED_AGAIN_IN = timedelta(days=7)


class CannotSettle(ValueError):
    """It was not settled; the text says why, ``part`` names the form."""


@dataclass(frozen=True)
class Wish:
    """What a person asks to be done about an item: its name, what she typed, the day she chose."""

    deal: int
    kind: str
    ref: str
    text: str = ""
    day: str = ""
    other_day: str = ""
    do: str = ""


@dataclass(frozen=True)
class Settled:
    """What was done, in a few words, and the edit that can be undone."""

    said: str
    edit: Edit | None


def settle(actor: Actor, wish: Wish) -> Settled:
    """Do what settles the item.

    Raises ``Denied``, ``DueItem.DoesNotExist`` for what the actor does not see or what is settled already, and
    ``CannotSettle``.
    """
    actor.require(Permission.WORK_DEALS)
    item = find_item(actor, wish.deal, wish.kind, wish.ref)
    try:
        way = _WAYS.get(item.group)
        if way is None:
            raise CannotSettle("this takes more than a line; open its page")
        return way(actor, wish)
    except (BadValue, NotInProcess, NotOpen) as error:
        raise CannotSettle(str(error)) from error


def chosen_day(actor: Actor, wish: Wish) -> date:
    """The day chosen, by chip or written. Raises ``CannotSettle``."""
    text = wish.other_day.strip() or wish.day
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise CannotSettle("choose a day") from error
    if day < seen_from(actor.workspace).today:
        raise CannotSettle("choose a day to come")
    return day


def begins(actor: Actor, day: date) -> datetime:
    """The first moment of a day in the workspace's zone."""
    return seen_from(actor.workspace).working.midnight(day)


def _kept(actor: Actor, wish: Wish) -> Settled:
    return Settled("Kept.", keep_promise(actor, int(wish.ref)))


def _called(actor: Actor, wish: Wish) -> Settled:
    talk = Talk(channel="call", direction="out", missed=False, summary=wish.text.strip() or "Called back")
    return Settled("Call noted.", add_conversation(actor, wish.deal, talk))


def _answered(actor: Actor, wish: Wish) -> Settled:
    channel = find_item(actor, wish.deal, wish.kind, wish.ref).what or "email"
    talk = Talk(channel=channel, direction="out", summary=wish.text.strip() or "Answered")
    return Settled("Answer noted.", add_conversation(actor, wish.deal, talk))


def _question(actor: Actor, wish: Wish) -> Settled:
    edit = answer_question(actor, wish.deal, wish.ref.partition(":")[2], wish.text)
    return Settled("Question answered.", edit)


def _step(actor: Actor, wish: Wish) -> Settled:
    return Settled("Step done.", do_step(actor, wish.deal, wish.ref.partition(":")[2]))


def _next_step(actor: Actor, wish: Wish) -> Settled:
    return Settled("Next step done.", finish_next_step(actor, int(wish.ref)))


def _plan(actor: Actor, wish: Wish) -> Settled:
    day = chosen_day(actor, wish)
    return Settled("Next step planned.", plan_next_step(actor, wish.deal, wish.text, day))


def _plan_stalled(actor: Actor, wish: Wish) -> Settled:
    """The clock runs on, so the item is put off to the day of the next step that was planned because of it."""
    settled = _plan(actor, wish)
    day = chosen_day(actor, wish)
    if day > seen_from(actor.workspace).today:
        snooze(actor, wish.deal, wish.kind, wish.ref, begins(actor, day), "A next step is planned")
    return settled


def _unpaid(actor: Actor, wish: Wish) -> Settled:
    today = seen_from(actor.workspace).today
    if wish.do == "paid":
        return Settled("Paid.", record_payment(actor, wish.deal))
    talk = Talk(channel="email", direction="out", summary=wish.text.strip() or "Asked about the payment")
    edit = add_conversation(actor, wish.deal, talk)
    snooze(actor, wish.deal, wish.kind, wish.ref, begins(actor, today + _ASKED_AGAIN_IN), "Asked about the payment")
    return Settled("Noted; it comes back in a week.", edit)


def _action(actor: Actor, wish: Wish) -> Settled:
    dropped = wish.do == "drop"
    edit = settle_action(actor, int(wish.ref), wish.text, dropped=dropped)
    return Settled("Dropped." if dropped else "Done.", edit)


_WAYS: Mapping[str, Callable[[Actor, Wish], Settled]] = {
    Group.PROMISE: _kept,
    Group.MISSED_CALL: _called,
    Group.REPLY: _answered,
    Group.QUESTION: _question,
    Group.STEP: _step,
    Group.UNPAID: _unpaid,
    Group.STALLED: _plan_stalled,
    Group.NEXT_STEP: _next_step,
    Group.NO_NEXT_STEP: _plan,
    Group.ACTION: _action,
}
