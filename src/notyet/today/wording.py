"""What an item says: who is waiting for what, since when. Pure; worded when it is read, since time passes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from notyet.core.working_time import WorkingTime
from notyet.today.models import Clock, DueItem, Group

_COUNTED_DAYS = 60
_WEEK = 7


@dataclass(frozen=True)
class Wording:
    """A sentence in three parts, the buyer's name in the middle, and a line below it."""

    before: str
    buyer: str
    after: str
    detail: str = ""

    @property
    def text(self) -> str:
        """The whole sentence."""
        return self.before + self.buyer + self.after


@dataclass(frozen=True)
class Seen:
    """From where an item is looked at: the moment, and the workspace's calendar."""

    now: datetime
    working: WorkingTime

    @property
    def today(self) -> date:
        """The present day."""
        return self.working.day_of(self.now)

    def day(self, at: datetime) -> str:
        """A day as a person says it: ``today``, ``yesterday``, ``Thu``, ``12 Nov``, ``12 Nov 2024``."""
        day = self.working.day_of(at)
        away = (day - self.today).days
        near = {0: "today", 1: "tomorrow", -1: "yesterday"}
        if away in near:
            return near[away]
        if 0 < away < _WEEK:
            return f"{day:%a}"
        return f"{day.day} {day:%b}" if day.year == self.today.year else f"{day.day} {day:%b %Y}"

    def days_since(self, at: datetime) -> int:
        """Whole days of 24 hours since a moment."""
        return max((self.now - at) // timedelta(days=1), 0)


def worded(item: DueItem, buyer: str, seen: Seen) -> Wording:
    """The sentence of an item. ``buyer`` is the name that the account counts as, or the deal's own."""
    return _SENTENCES.get(item.group, _step)(item, buyer, seen)


def _promise(item: DueItem, buyer: str, seen: Seen) -> Wording:
    made = f"Promised {_on(seen.day(item.since))}" if item.since else ""
    return Wording("You promised ", buyer, _promised(item.what), made)


def _missed_call(item: DueItem, buyer: str, seen: Seen) -> Wording:
    rang = f" back: {item.who or 'they'} rang{_at(item, seen)} and nobody answered"
    return Wording("Call ", buyer, rang, "Missed call" if item.times == 1 else f"{item.times} missed calls")


def _reply(item: DueItem, buyer: str, seen: Seen) -> Wording:
    wrote = "sent a message" if item.what == "message" else "wrote"
    often = "" if item.times == 1 else f"Wrote {item.times} times since"
    return Wording("Answer ", buyer, f": {item.who or 'they'} {wrote}{_at(item, seen)}", often)


def _question(item: DueItem, buyer: str, seen: Seen) -> Wording:
    return Wording("", buyer, f" asks: {item.what}", _stay(item, seen))


def _step(item: DueItem, buyer: str, seen: Seen) -> Wording:
    return Wording("", buyer, f": {item.what}" if item.what else "", _stay(item, seen))


def _stalled(item: DueItem, buyer: str, seen: Seen) -> Wording:
    return Wording("", buyer, f": {_clock_told(item, seen)}")


def _unpaid(item: DueItem, buyer: str, seen: Seen) -> Wording:
    days = seen.days_since(item.since) if item.since else 0
    return Wording("Ask ", buyer, f" about the payment: ordered {days} days ago, not paid", "Counts once it is paid")


def _next_step(item: DueItem, buyer: str, seen: Seen) -> Wording:
    return Wording("Next step with ", buyer, f": {item.what}" if item.what else "", _stay(item, seen))


def _no_next_step(item: DueItem, buyer: str, seen: Seen) -> Wording:
    return Wording("", buyer, " has no dated next step")


def _debrief(item: DueItem, buyer: str, seen: Seen) -> Wording:
    ended = {"won": "order", "lost": "loss"}.get(item.what, "close")
    closed = f"Closed {_on(seen.day(item.since))}" if item.since else ""
    return Wording("Debrief the ", buyer, f" {ended}", closed)


def _check_up(item: DueItem, buyer: str, seen: Seen) -> Wording:
    lost = f"Lost {_on(seen.day(item.since))}" if item.since else ""
    return Wording("Check-up: ", buyer, "", " · ".join(part for part in (lost, item.what) if part))


def _proposed(item: DueItem, buyer: str, seen: Seen) -> Wording:
    lost = f"Lost {_on(seen.day(item.since))}" if item.since else ""
    return Wording("Ask ", buyer, " again?", " · ".join(part for part in (lost, item.what) if part))


def _action(item: DueItem, buyer: str, seen: Seen) -> Wording:
    return Wording(f"{item.what} (", buyer, ")", "Action from a debrief")


_SENTENCES: Mapping[str, Callable[[DueItem, str, Seen], Wording]] = {
    Group.PROMISE: _promise,
    Group.MISSED_CALL: _missed_call,
    Group.REPLY: _reply,
    Group.QUESTION: _question,
    Group.STEP: _step,
    Group.UNPAID: _unpaid,
    Group.STALLED: _stalled,
    Group.NEXT_STEP: _next_step,
    Group.NO_NEXT_STEP: _no_next_step,
    Group.DEBRIEF: _debrief,
    Group.CHECK_UP: _check_up,
    Group.PROPOSED: _proposed,
    Group.ACTION: _action,
}


def _promised(what: str) -> str:
    """Goes on in the sentence where the promise begins as its middle would, else stands after a colon."""
    if not what:
        return " something, and there is no note of what"
    return f" {what}" if what[:1].islower() else f": {what}"


def _at(item: DueItem, seen: Seen) -> str:
    if item.since is None:
        return ""
    day, clock = seen.day(item.since), f"{item.since.astimezone(seen.working.zone):%H:%M}"
    if item.since_day:
        return f" {_on(day)}"
    return f" at {clock}" if day == "today" else f" {_on(day)} at {clock}"


def _on(day: str) -> str:
    return day if day in ("today", "yesterday", "tomorrow") else f"on {day}"


def _stay(item: DueItem, seen: Seen) -> str:
    if not item.since or not item.stage:
        return item.stage
    days = seen.days_since(item.since)
    return f"In {item.stage} since {seen.day(item.since)}" if days < 2 else f"In {item.stage} for {days} days"


def _clock_told(item: DueItem, seen: Seen) -> str:
    """The clock by name, what it shows, and what it shows for won deals."""
    stands = _lasting((seen.now - item.since) / timedelta(hours=1)) if item.since else "long"
    median = _lasting(item.median_hours or 0.0)
    if item.clock == Clock.OPENING:
        return f"{stands} since the opening; won deals had left this stage after {median} (median)"
    if item.clock == Clock.STAGE:
        return f"in this stage {stands}; won deals leave it in {median} (median)"
    return f"{stands} since the last conversation; won deals were silent for {median} at most (median)"


def _lasting(hours: float) -> str:
    """Hours below two days, else days, as ``19 days``."""
    if hours < 48:
        return f"{hours:.0f} hours"
    return f"{hours / 24:.0f} days"


@dataclass(frozen=True)
class Due:
    """When something is due, in a word or two, and whether that has passed."""

    text: str
    late: bool


def due(item: DueItem, seen: Seen) -> Due:
    """How an item stands: late by working days, due today, or on a day to come."""
    if item.group == Group.STALLED:
        return Due("stalled", late=False)
    if item.due_at is None:
        return Due("no date", late=False)
    day = seen.working.day_of(item.due_at)
    if day > seen.today:
        return Due(seen.day(item.due_at), late=False)
    if day == seen.today:
        late = not item.whole_day and item.due_at < seen.now
        return Due("today" if item.whole_day or item.group in _BY_DAY else f"by {_clock(item.due_at, seen)}", late)
    if (seen.today - day).days > _COUNTED_DAYS:
        return Due(f"since {seen.day(item.due_at)}", late=True)
    days = _working_days(day, seen)
    return Due("late" if days == 0 else f"{days} day{'s' if days > 1 else ''} late", late=True)


_BY_DAY = (Group.PROMISE, Group.NEXT_STEP, Group.UNPAID, Group.NO_NEXT_STEP)


def _clock(at: datetime, seen: Seen) -> str:
    return f"{at.astimezone(seen.working.zone):%H:%M}"


def _working_days(day: date, seen: Seen) -> int:
    """The working days after ``day``, today included."""
    return sum(seen.working.is_working(day + timedelta(days=n)) for n in range(1, (seen.today - day).days + 1))


MANY: Mapping[str, str] = {
    Group.PROMISE: "promises are due",
    Group.MISSED_CALL: "missed calls were not returned",
    Group.REPLY: "mails and messages wait for an answer",
    Group.QUESTION: "buyers' questions are due",
    Group.STEP: "steps are due",
    Group.UNPAID: "orders are not paid yet",
    Group.STALLED: "deals stand still longer than won deals did",
    Group.NEXT_STEP: "next steps are due",
    Group.NO_NEXT_STEP: "deals have no dated next step",
    Group.DEBRIEF: "debriefs are owed",
    Group.CHECK_UP: "check-ups are due",
    Group.PROPOSED: "lost buyers could be asked again",
    Group.ACTION: "actions are due",
}
"""What many of a group are called in one line, after their number."""
