"""When a message is due and what of it is said: pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from notyet.core.working_time import NeverWorked, WorkingTime
from notyet.notices.things import Thing

MANY = 5
"""Of more than so many of a kind only the first are named."""
NAMED_OF_MANY = 3

NOUNS = {
    "promise": ("promise", "promises"),
    "missed_call": ("missed call", "missed calls"),
    "reply": ("mail to answer", "mails to answer"),
    "question": ("buyer’s question", "buyers’ questions"),
    "step": ("step", "steps"),
    "unpaid": ("unpaid order", "unpaid orders"),
    "stalled": ("deal that stands still", "deals that stand still"),
    "next_step": ("next step", "next steps"),
    "no_next_step": ("deal without a next step", "deals without a next step"),
    "debrief": ("debrief", "debriefs"),
    "check_up": ("check-up call", "check-up calls"),
    "proposed": ("check-up that could be made", "check-ups that could be made"),
    "action": ("action", "actions"),
}
KINDS = {
    "promise": "Promise",
    "missed_call": "Missed call",
    "reply": "Mail to answer",
    "question": "Buyer’s question",
    "step": "Step",
    "unpaid": "Not paid yet",
    "stalled": "Stands still",
    "next_step": "Next step",
    "no_next_step": "No next step",
    "debrief": "Debrief",
    "check_up": "Check-up call",
    "proposed": "Check-up",
    "action": "Action",
}
"""What one of a group is."""

URGENT = frozenset({"promise", "missed_call", "reply"})
"""What chat carries as soon as it comes up."""


@dataclass(frozen=True)
class Line:
    """A line of a message: a thing, or how many more of a kind there are."""

    thing: Thing | None
    kind: str
    text: str


def counted(number: int, kind: str, further: str = "") -> str:
    """A number of things of a kind: ``1 promise``, ``1,204 steps``, with ``further`` ``1,204 more steps``."""
    one, many = NOUNS.get(kind, ("thing", "things"))
    return f"{number:,} {further}{one if number == 1 else many}"


def lines(things: Sequence[Thing], counts: Mapping[str, int] | None = None) -> tuple[Line, ...]:
    """The things in their order; many of a kind become the first few and one line for the rest.

    ``counts``: how many there are of each kind, where ``things`` are only the first ``MANY`` of each.
    """
    counts = counts or Counter(one.kind for one in things)
    named: Counter[str] = Counter()
    found: list[Line] = []
    for one in things:
        many = counts[one.kind] > MANY
        if many and named[one.kind] == NAMED_OF_MANY:
            continue
        named[one.kind] += 1
        found.append(Line(one, one.kind, one.text))
        if many and named[one.kind] == NAMED_OF_MANY:
            found.append(Line(None, one.kind, f"and {counted(counts[one.kind] - NAMED_OF_MANY, one.kind, 'more ')}"))
    return tuple(found)


def digest_subject(number: int) -> str:
    """What the day's mail is called. It names no buyer: subjects are read on locked screens."""
    return "1 thing keeps your word today" if number == 1 else f"{number:,} things keep your word today"


def chat_subject(things: Sequence[Thing]) -> str:
    """``2 missed calls, 1 promise``."""
    return ", ".join(counted(number, kind) for kind, number in Counter(one.kind for one in things).items())


def digest_is_due(working: WorkingTime, hour: int, at: datetime) -> bool:
    """Whether the day's mail is to go out by now: from its hour on, on working days, while the day is worth it.

    A worker that was not there at the hour sends it later, but not when work is over, nor more than an hour past an
    hour in the evening.
    """
    day = working.day_of(at)
    if not working.is_working(day):
        return False
    clock = at.astimezone(working.zone)
    last = max(working.ends.hour + (working.ends.minute > 0), hour + 1)
    return hour <= clock.hour < last


def chat_is_open(working: WorkingTime, at: datetime) -> bool:
    """Whether it is working time."""
    day = working.day_of(at)
    return working.is_working(day) and working.day_starts(day) <= at < working.day_ends(day)


def fresh(things: Iterable[Thing], since: datetime, at: datetime) -> list[Thing]:
    """Of the things the urgent ones that came up since a moment: what chat carries."""
    return [one for one in things if one.kind in URGENT and one.came_up is not None and since < one.came_up <= at]


def last_close(working: WorkingTime, at: datetime) -> datetime:
    """When the last working day before this one ended: what came up since is new to whoever works now."""
    try:
        return working.day_ends(working.on_or_before(working.day_of(at) - timedelta(days=1)))
    except NeverWorked:
        return at - timedelta(days=1)


def retry_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts that sent nothing: 1, 2, 4 … minutes, an hour at most."""
    return timedelta(minutes=min(2 ** max(attempts - 1, 0), 60))


def local_day(zone: str, at: datetime) -> str:
    """The day as a message names it: ``Monday, 2 March``."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%A}, {there.day} {there:%B}"
