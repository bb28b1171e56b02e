"""From one deal's state to what is due about it. Pure: the same state and settings give the same items.

* *promise*: one not kept, with a date.
* *missed call*, *reply*: the buyer rang or wrote, and nothing went out to her since. Due some working hours after the
  first time that was left unanswered.
* *question*, *step*: what the deal's stage still asks for, where the process says by when.
* *stalled*: one of the three clocks has passed so many times the median of won deals at that stage; the first to do so.
* *next step*: an open one with a date; or that there is none.
* *debrief*: owed since the close. *check-up*: a day to ask again or to follow up; *proposed*: where only rules say so.
* *action*: what somebody is to do by a day, after a debrief.
* *unpaid*: an order whose payment its source would know of and does not, for so many days.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from notyet.analysis.clocks import EVERY_STAGE, StageClock
from notyet.core.working_time import WorkingTime
from notyet.today.models import Clock, Group, Kind

SHARE_LOST: Mapping[str, float] = {
    Group.MISSED_CALL: 0.05,
    Group.REPLY: 0.04,
    Group.PROMISE: 0.03,
    Group.NEXT_STEP: 0.02,
    Group.CHECK_UP: 0.015,
    Group.PROPOSED: 0.006,
    Group.QUESTION: 0.01,
    Group.STEP: 0.01,
    Group.STALLED: 0.008,
    Group.NO_NEXT_STEP: 0.005,
    Group.ACTION: 0.004,
    Group.UNPAID: 0.003,
    Group.DEBRIEF: 0.002,
}
"""The share of a deal's value taken to be lost by a day of waiting: a judgement that only orders the list."""

KIND_OF: Mapping[str, str] = {group: group for group in Group.values if group in Kind.values} | {
    Group.UNPAID: Kind.STEP,
    Group.NO_NEXT_STEP: Kind.NEXT_STEP,
    Group.PROPOSED: Kind.CHECK_UP,
}
NO_NEXT_STEP, UNPAID = "none", "unpaid"
_SOONEST_STALLED = timedelta(days=1)


@dataclass(frozen=True)
class When:
    """A moment, or with ``plain`` the day that begins then."""

    at: datetime
    plain: bool = False


@dataclass(frozen=True)
class Talk:
    """A conversation that is no note."""

    key: int
    when: When
    channel: str
    direction: str
    missed: bool
    contact: str

    @property
    def answers(self) -> bool:
        """It went out to the buyer and reached her."""
        return self.direction == "out" and not self.missed


@dataclass(frozen=True)
class Dated:
    """A promise not kept, or a next step not done."""

    key: int
    text: str
    due: When | None
    made: When | None = None


@dataclass(frozen=True)
class Work:
    """A question or a step that the stage asks for; ``key`` is the stage's and its own."""

    group: str
    key: str
    text: str
    due_at: datetime | None


@dataclass(frozen=True)
class After:
    """What is due about a deal that has ended. ``owner``: whoever does it, where that is not the deal's owner."""

    group: str
    key: str
    due: When
    since: When | None = None
    what: str = ""
    owner: str = ""
    at_once: bool = False


@dataclass(frozen=True)
class DealState:
    """All of a deal that decides what is due about it. An order waits for its payment ``since`` it was placed."""

    key: int
    is_open: bool
    owner: str = ""
    team: str = ""
    value: float | None = None
    opened: When | None = None
    stage: str = ""
    stage_kind: str = EVERY_STAGE
    stage_since: When | None = None
    talks: tuple[Talk, ...] = ()
    promises: tuple[Dated, ...] = ()
    next_steps: tuple[Dated, ...] = ()
    work: tuple[Work, ...] = ()
    unpaid_since: When | None = None
    after: tuple[After, ...] = ()


@dataclass(frozen=True)
class Rulebook:
    """A workspace's settings, as far as they decide what is due when."""

    working: WorkingTime
    reply_hours: float = 4
    stalled_factor: float = 1.5
    unpaid_days: int = 60
    median_value: float = 1.0
    clocks: Mapping[str, StageClock] = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """Something due about a deal, known by ``kind`` and ``ref``; the fields mean what they do in ``DueItem``."""

    group: str
    ref: str
    due_at: datetime | None
    shows_at: datetime
    whole_day: bool = False
    what: str = ""
    who: str = ""
    since: When | None = None
    clock: str = ""
    median_hours: float | None = None
    times: int = 1
    loss: float = 0.0
    stage: str = ""
    owner: str = ""

    @property
    def kind(self) -> str:
        """The kind of the group."""
        return KIND_OF[self.group]


def items(deal: DealState, rules: Rulebook) -> list[Item]:
    """Everything that is or will be due about a deal as it stands."""
    found = [*_of_open(deal, rules)] if deal.is_open else [*_unpaid(deal, rules)]
    found += [_after(one, rules) for one in deal.after]
    value = deal.value if deal.value is not None else rules.median_value
    return [replace(one, loss=max(value, 0.0) * SHARE_LOST[one.group], stage=deal.stage) for one in found]


def _of_open(deal: DealState, rules: Rulebook) -> Iterator[Item]:
    for promise in deal.promises:
        if promise.due:
            yield _dated(Group.PROMISE, promise, promise.due, rules)
    calls = [one for one in deal.talks if one.channel == "call" and one.missed]
    yield from _unanswered(Group.MISSED_CALL, calls, deal, rules)
    wrote = [one for one in deal.talks if one.channel in ("email", "message") and not one.missed]
    yield from _unanswered(Group.REPLY, wrote, deal, rules)
    for work in deal.work:
        if work.due_at:
            shows = _shows(work.due_at, rules)
            yield Item(work.group, work.key, work.due_at, shows, what=work.text, since=deal.stage_since)
    yield from _stalled(deal, rules)
    dated = [(step, step.due) for step in deal.next_steps if step.due]
    for step, due in dated:
        yield _dated(Group.NEXT_STEP, step, due, rules)
    if not dated:
        yield Item(Group.NO_NEXT_STEP, NO_NEXT_STEP, None, deal.opened.at if deal.opened else _ALWAYS)


_ALWAYS = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def _dated(group: str, row: Dated, due: When, rules: Rulebook) -> Item:
    shows = _shows(due.at, rules)
    return Item(group, str(row.key), due.at, shows, due.plain, what=row.text, since=row.made)


def _shows(due_at: datetime, rules: Rulebook) -> datetime:
    """The first moment of its day, or of the last working day before it."""
    return rules.working.midnight(rules.working.on_or_before(rules.working.day_of(due_at)))


def _unanswered(group: str, came: list[Talk], deal: DealState, rules: Rulebook) -> Iterator[Item]:
    """One item for all of them: from the first on which nothing went out since; a new one makes it another thing."""
    came = [one for one in came if one.direction == "in"]
    answers = [one.when for one in deal.talks if one.answers]
    left = [one for one in came if not any(_follows(answer, one.when, rules) for answer in answers)]
    if left:
        first, last = left[0], left[-1]
        due = rules.working.add_hours(first.when.at, rules.reply_hours)
        yield Item(
            group,
            str(last.key),
            due,
            first.when.at,
            what=first.channel,
            who=first.contact,
            since=first.when,
            times=len(left),
        )


def _follows(answer: When, came: When, rules: Rulebook) -> bool:
    """Of two on one day, one of which came as a date, the answer is taken to be the later."""
    if answer.plain or came.plain:
        return rules.working.day_of(answer.at) >= rules.working.day_of(came.at)
    return answer.at > came.at


def _stalled(deal: DealState, rules: Rulebook) -> Iterator[Item]:
    passing = [
        (max(when.at + rules.stalled_factor * timedelta(hours=median), when.at + _SOONEST_STALLED), clock, when, median)
        for clock, when, median in _clocks(deal, rules)
    ]
    if passing:
        passes, clock, when, median = min(passing, key=lambda one: one[0])
        ref = f"{clock}:{when.at:%Y-%m-%dT%H:%M:%S}"
        shows = _on_a_working_day(passes, rules)
        yield Item(Group.STALLED, ref, passes, shows, since=when, clock=clock, median_hours=median)


def _clocks(deal: DealState, rules: Rulebook) -> Iterator[tuple[str, When, float]]:
    """The clocks that run for a deal and for which won deals give a measure: name, start, median hours.

    Of two that pass at one moment the first here is named.
    """
    talked = [one.when for one in deal.talks if not one.missed]
    last = max(talked, key=lambda when: when.at) if talked else deal.opened
    runs = ((Clock.STAGE, deal.stage_since), (Clock.QUIET, last), (Clock.OPENING, deal.opened))
    for clock, when in runs:
        median = _median(clock, deal.stage_kind, rules)
        if when and median:
            yield str(clock), when, median


def _median(clock: str, kind: str, rules: Rulebook) -> float | None:
    for told in (rules.clocks.get(kind), rules.clocks.get(EVERY_STAGE)):
        hours: float | None = getattr(told, f"{clock}_hours", None)
        if hours is not None:
            return hours
    return None


def _on_a_working_day(at: datetime, rules: Rulebook) -> datetime:
    day = rules.working.day_of(at)
    return at if rules.working.is_working(day) else rules.working.midnight(rules.working.on_or_after(day))


def _after(one: After, rules: Rulebook) -> Item:
    shows = one.since.at if one.at_once and one.since else _shows(one.due.at, rules)
    return Item(one.group, one.key, one.due.at, shows, one.due.plain, one.what, since=one.since, owner=one.owner)


def _unpaid(deal: DealState, rules: Rulebook) -> Iterator[Item]:
    if deal.unpaid_since:
        due = deal.unpaid_since.at + timedelta(days=rules.unpaid_days)
        yield Item(Group.UNPAID, UNPAID, due, _on_a_working_day(due, rules), since=deal.unpaid_since)
