"""Behaviours at landmarks: what had happened by a moment that all deals compared had reached while still open."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from notyet.analysis.factors import NOT_THE_CASE, Factor, from_number
from notyet.analysis.meta import Control
from notyet.analysis.population import HOUR, Flags, Floats, Population

DAY_HOURS = 24.0


@dataclass(frozen=True)
class Landmark:
    """So many hours after the opening, or (``enquiry``) after the buyer's enquiry; 0: the opening itself."""

    hours: float = 0.0
    enquiry: bool = False

    @property
    def label(self) -> str:
        """As it is printed: ``opening``, ``24 hours after the enquiry``, ``day 7``."""
        if self.enquiry:
            return f"{self.hours:g} hours after the enquiry"
        return f"day {self.hours / DAY_HOURS:g}" if self.hours else "opening"

    def open(self, population: Population) -> Flags:
        """Which deals were still open at the landmark (those without the times it takes: no)."""
        if not self.hours:
            return np.ones(population.n, dtype=bool)
        start = population.numbers("enquiry_at") if self.enquiry else population.opened
        return np.asarray(population.closed > start + self.hours * HOUR)


OPENING = Landmark()


@dataclass(frozen=True)
class Behaviour:
    """Something done or left undone. ``column`` holds the hours after which it had first happened (missing: never).

    ``name`` contains ``{by}``, which becomes the landmark. ``days``: the landmarks to look at, of which the first with
    enough deals on both sides is taken. ``given``: hours to what must come up first (a promise, before it is broken).
    """

    name: str
    column: str
    control: Control
    days: tuple[float, ...]
    enquiry: bool = False
    given: str | None = None


def behaviours(first_days: float) -> tuple[Behaviour, ...]:
    """The behaviours looked at. ``first_days``: the workspace's landmark in days."""
    days = (first_days, 2 * first_days, 30.0)
    return (
        Behaviour("First reply within 24 hours", "first_reply_hours", "ours", (1,), enquiry=True),
        Behaviour("A second contact on the buyer's side by {by}", "second_contact_hours", "shared", days),
        Behaviour("A meeting by {by}", "first_meeting_hours", "ours", days),
        Behaviour(
            "A missed call left unreturned by {by}", "first_unreturned_hours", "ours", days, given="first_missed_hours"
        ),
        Behaviour("A next step dated by {by}", "next_step_hours", "ours", days),
        Behaviour("A promise broken by {by}", "first_broken_hours", "ours", days[1:], given="first_promise_due_hours"),
    )


COUNTED = "conversations_7d"
BEHAVIOUR_COLUMNS = (
    "enquiry_at",
    COUNTED,
    *(b.column for b in behaviours(7)),
    *(b.given for b in behaviours(7) if b.given),
)
"""The columns of the facts that behaviours are read from."""


@dataclass(frozen=True)
class Observed:
    """A behaviour's factor (over all deals; meaningful for those open at the landmark) and its landmark."""

    factor: Factor
    landmark: Landmark


@dataclass(frozen=True)
class Skipped:
    """A behaviour that could not be looked at, and why (only where too many deals had closed by then)."""

    name: str
    lost_share: float


MOST_LOST = 0.4
ENOUGH_LEFT = 300


def observe(
    population: Population, controls: Mapping[str, Control], first_days: float, smallest: int
) -> tuple[tuple[Observed, ...], tuple[Skipped, ...]]:
    """Every behaviour that the record can tell, each at its earliest landmark with enough deals on both sides."""
    found: list[Observed] = []
    skipped: list[Skipped] = []
    for behaviour in behaviours(first_days):
        if not population.has(behaviour.column):
            continue
        result = _timed(population, behaviour, controls, smallest)
        if isinstance(result, Observed):
            found.append(result)
        elif result is not None:
            skipped.append(result)
    pace = _pace(population, smallest)
    return (*found, *([pace] if pace and found else [])), tuple(skipped)


def _timed(
    population: Population, behaviour: Behaviour, controls: Mapping[str, Control], smallest: int
) -> Observed | Skipped | None:
    hours = population.numbers(behaviour.column)
    given = population.numbers(behaviour.given) if behaviour.given and population.has(behaviour.given) else None
    choices: list[Observed] = []
    skipped: Skipped | None = None
    for days in behaviour.days:
        landmark = Landmark(days * DAY_HOURS, behaviour.enquiry)
        still = landmark.open(population)
        lost = 1 - still.sum() / max(1, population.n)
        if lost > MOST_LOST and still.sum() < ENOUGH_LEFT:
            skipped = skipped or Skipped(behaviour.name.format(by=landmark.label), float(lost))
            continue
        name = behaviour.name.format(by=landmark.label)
        among = np.ones(population.n, dtype=bool) if given is None else _by(given, landmark)
        factor = _done(name, behaviour, controls, _by(hours, landmark), still, among, smallest)
        if factor is not None:
            choices.append(Observed(factor, landmark))
            if _share(factor, still & among) >= 0.05:
                return choices[-1]
    return choices[0] if choices else skipped


def _by(hours: Floats, landmark: Landmark) -> Flags:
    return np.nan_to_num(hours, nan=np.inf) <= landmark.hours


def _done(
    name: str,
    behaviour: Behaviour,
    controls: Mapping[str, Control],
    done: Flags,
    still: Flags,
    among: Flags,
    smallest: int,
) -> Factor | None:
    compared = still & among
    if min(int((done & compared).sum()), int((~done & compared).sum())) < smallest:
        return None
    control = controls.get(name, controls.get(behaviour.name, behaviour.control))
    if among.all():
        codes = np.where(done, 0, 1)
        return Factor(name, behaviour.column, control, codes, (name, "otherwise"), (0,), single=True)
    codes = np.where(~among, 2, np.where(done, 0, 1))
    return Factor(
        name, behaviour.column, control, codes, (name, "otherwise", NOT_THE_CASE), (0,), single=True, among=among
    )


def _share(factor: Factor, compared: Flags) -> float:
    done = float(np.mean(factor.codes[compared] == 0))
    return min(done, 1 - done)


def _pace(population: Population, smallest: int) -> Observed | None:
    """How much was talked in the first week: adjusted for, and never named.

    It is made of the other behaviours and of the deal's pace. Where talks are spread over a life, deals that live
    shortly have more of them in their first week, whatever talking does.
    """
    landmark = Landmark(7 * DAY_HOURS)
    still = landmark.open(population)
    if not population.has(COUNTED) or (still.mean() < 1 - MOST_LOST and still.sum() < ENOUGH_LEFT):
        return None
    counts = np.where(still, population.numbers(COUNTED), np.nan)
    factor = from_number("Conversations in the first 7 days", COUNTED, "unknown", counts, smallest)
    return None if factor is None else Observed(replace(factor, tested=(), single=False), landmark)
