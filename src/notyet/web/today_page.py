"""What the page Today shows: a greeting, the list with one action a line, what comes next."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from notyet.core.money import readable
from notyet.today.jobs import Behind, bring_up
from notyet.today.lines import Fold, Line
from notyet.today.models import Group
from notyet.today.people import Whose, choices, chosen
from notyet.today.queries import Page, seen_from, soon, today
from notyet.today.wording import Seen
from notyet.workspaces.access import Actor, Permission

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_UNSAFE = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Does:
    """The action of a line: its button, and the form that it opens (empty: the button settles it).

    ``page``: the name of the deal's page on which it is done, where that takes more than a line.
    """

    label: str
    form: str = ""
    page: str = ""


DOES: Mapping[str, Does] = {
    Group.PROMISE: Does("Mark as kept"),
    Group.MISSED_CALL: Does("Log the call", "talk"),
    Group.REPLY: Does("Log the answer", "talk"),
    Group.QUESTION: Does("Answer", "answer"),
    Group.STEP: Does("Done"),
    Group.UNPAID: Does("Ask or note it", "paid"),
    Group.STALLED: Does("Plan what is next", "plan"),
    Group.NEXT_STEP: Does("Done"),
    Group.NO_NEXT_STEP: Does("Plan next step", "plan"),
    Group.DEBRIEF: Does("Start debrief", page="debrief"),
    Group.CHECK_UP: Does("Open win-back", page="win_back"),
    Group.PROPOSED: Does("Open win-back", page="win_back"),
    Group.ACTION: Does("Done", "action"),
}
"""What settles a line in place."""
HINTS: Mapping[str, str] = {
    Group.MISSED_CALL: "What was said, in a line",
    Group.REPLY: "What you answered, in a line",
    Group.QUESTION: "The answer, in a line",
    Group.STALLED: "What you will do next",
    Group.NO_NEXT_STEP: "What you will do next",
    Group.ACTION: "What came of it",
}


@dataclass(frozen=True)
class Refused:
    """What was sent and not taken: the item's key, the form that it came from, why, and what was typed."""

    key: str
    part: str
    why: str
    typed: Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """A line of the list: ``name`` is its element's id, ``opened`` the form to be shown open, with what was typed."""

    line: Line
    name: str
    detail: str
    does: Does | None
    hint: str
    opened: str = ""
    why: str = ""
    typed: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Choice:
    """A day to choose: its chip, its date, whether it is chosen."""

    label: str
    day: str
    checked: bool = False


@dataclass(frozen=True)
class TodayPage:
    """Everything that the page shows."""

    greeting: str
    lede: str
    rows: Sequence[Row | Fold]
    coming: Sequence[Row]
    whose: Whose
    choices: Sequence[tuple[Whose, str]]
    days: Sequence[Choice]
    steps: Sequence[Choice]
    may_work: bool
    may_see_pipeline: bool
    behind: Behind | None


WHOSE_LABELS = {Whose.MINE: "Mine", Whose.TEAM: "My team's", Whose.ALL: "Everybody's"}


def today_page(actor: Actor, asked: str, refused: Refused | None = None) -> TodayPage:
    """Bring the list up to date and gather the page. Raises ``Denied`` where the actor sees no deals."""
    actor.require(Permission.SEE_DEALS)
    behind = bring_up(actor.workspace)
    whose, seen = chosen(actor, asked), seen_from(actor.workspace)
    found = today(actor, whose)
    rows = [one if isinstance(one, Fold) else row(actor, one, whose, refused) for one in found.lines]
    coming = [row(actor, one, whose) for one in soon(actor, whose)]
    return TodayPage(
        greeting=f"{_daytime(seen)}, {_first_name(actor)}",
        lede=_lede(found.count, capped=found.capped, whose=whose),
        rows=rows,
        coming=coming,
        whose=whose,
        choices=[(one, WHOSE_LABELS[one]) for one in choices(actor)],
        days=snooze_days(seen),
        steps=step_days(seen),
        may_work=actor.may(Permission.WORK_DEALS),
        may_see_pipeline=actor.may(Permission.SEE_PIPELINE),
        behind=behind,
    )


def rows_of(actor: Actor, found: Page, whose: Whose) -> list[Row]:
    """The lines of a group that was opened."""
    return [row(actor, one, whose) for one in found.lines]


def row(actor: Actor, line: Line, whose: Whose, refused: Refused | None = None) -> Row:
    """A line with what settles it, for who may work on deals."""
    mine = refused if refused and refused.key == line.key else None
    return Row(
        line=line,
        name=element(line.key),
        detail=" · ".join(_details(actor, line, whose)),
        does=DOES.get(line.group) if actor.may(Permission.WORK_DEALS) else None,
        hint=HINTS.get(line.group, ""),
        opened=mine.part if mine else "",
        why=mine.why if mine else "",
        typed=mine.typed if mine else {},
    )


def element(key: str) -> str:
    """An id for the element of an item."""
    return "due-" + _UNSAFE.sub("-", key.lower())


def _details(actor: Actor, line: Line, whose: Whose) -> list[str]:
    said_already = line.group in (Group.QUESTION, Group.STEP, Group.NEXT_STEP)
    amount = (
        "" if line.amount is None else readable(line.amount, line.currency or actor.workspace.currency, compact=False)
    )
    parts = [
        line.wording.detail,
        "" if said_already or not line.stage else f"deal in {line.stage}",
        line.deal_name,
        amount,
        "" if whose == Whose.MINE else line.owner,
    ]
    told = [part for part in parts if part]
    return [told[0][0].upper() + told[0][1:], *told[1:]] if told else []


def _daytime(seen: Seen) -> str:
    hour = seen.now.astimezone(seen.working.zone).hour
    return "Good morning" if 4 <= hour < 12 else "Good afternoon" if 12 <= hour < 18 else "Good evening"


def _first_name(actor: Actor) -> str:
    """Of the name that her deals carry, else of what stands before the @ of her address."""
    name = actor.seller_name or re.split(r"[@._+-]", actor.name)[0].capitalize()
    return name.split()[0] if name.split() else name


def _lede(count: int, *, capped: bool, whose: Whose) -> str:
    word = "your" if whose == Whose.MINE else "our"
    if capped:
        return f"More than {count} things wait."
    if count == 0:
        return "Nothing is waiting."
    number = NUMBERS[count].capitalize() if count < len(NUMBERS) else str(count)
    return f"{number} thing{'' if count == 1 else 's'} keep{'s' if count == 1 else ''} {word} word today."


def snooze_days(seen: Seen) -> list[Choice]:
    """Until when something can be put off with one press: the next working day, the next Monday that is worked."""
    next_day = seen.working.on_or_after(seen.today + timedelta(days=1))
    monday = seen.working.on_or_after(seen.today + timedelta(days=7 - seen.today.weekday()))
    days = [next_day] if monday == next_day else [next_day, monday]
    return [Choice(_chip(day, seen), day.isoformat(), checked=day == next_day) for day in days]


def step_days(seen: Seen) -> list[Choice]:
    """Days for a next step: the next working day, in a week, in two, each worked; a week is proposed."""
    ahead = {n: seen.working.on_or_after(seen.today + timedelta(days=n)) for n in (1, 7, 14)}
    found: dict[date, Choice] = {}
    for n, day in ahead.items():
        found.setdefault(day, Choice(_chip(day, seen), day.isoformat(), checked=n == 7))
    return list(found.values())


def _chip(day: date, seen: Seen) -> str:
    away = (day - seen.today).days
    return "tomorrow" if away == 1 else f"{day:%A}" if away < 7 else f"{day:%a} {day.day} {day:%b}"
