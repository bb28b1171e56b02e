"""What is said about following the process: frozen results, step by step."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from notyet.analysis.intervals import Estimate
from notyet.analysis.process import Due
from notyet.analysis.results import Withheld

Status = Literal["in_time", "late", "skipped", "out_of_order", "not_yet_due", "ended_before"]
Way = Literal["in_time", "late", "skipped", "out_of_order"]


@dataclass(frozen=True)
class WayWon:
    """The closed deals that had gone one way at the landmark: how many, how many of them were won, and the share.

    The share has Wilson's interval; it is empty where it is withheld.
    """

    way: Way
    deals: int
    won: int
    share: Estimate
    withheld: Withheld | None = None


@dataclass(frozen=True)
class Deviated:
    """A deviation against doing the step as the process says: the win rate's difference as a share (-0.1: ten points
    less), with its 95 % interval.

    ``plain`` compares the two groups as they are (Newcombe's interval). ``equal`` is the average marginal effect with
    other things equal, ``q`` the false discovery rate at which it stands, among all deviations that were looked at;
    both are missing where there are too few deals. ``stands``: the two surely differ.
    """

    way: Way
    plain: Estimate
    withheld: Withheld | None = None
    equal: Estimate | None = None
    q: float | None = None
    stands: bool = False


@dataclass(frozen=True)
class StepFollowed:
    """A step of the process: what became of it, and how the deals ended.

    ``stage`` is the stage's label, ``text`` the step's; without ``key`` it is the stage itself, which can be jumped.
    ``counts``: all deals by what became of the step as it stands. ``ways`` are the closed deals at the ``landmark``.
    ``recorded``: no process knows the step; done or not is all that can be told.
    """

    stage_key: str
    stage: str
    key: str
    text: str
    due: Due | None
    landmark: str
    counts: Mapping[Status, int]
    ways: tuple[WayWon, ...]
    deviations: tuple[Deviated, ...]
    recorded: bool = False

    def way(self, way: Way) -> WayWon | None:
        """The deals that went one way; ``None`` where none did."""
        return next((one for one in self.ways if one.way == way), None)

    def deviation(self, way: Way) -> Deviated | None:
        """What went with a deviation; ``None`` where there was none to compare."""
        return next((one for one in self.deviations if one.way == way), None)

    @property
    def judged(self) -> int:
        """How many deals came to the stage since the step is on record."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Conformance:
    """The steps in the order of the process, then those that are only on record; ``tested`` deviations were compared
    with other things equal.
    """

    steps: tuple[StepFollowed, ...] = ()
    tested: int = 0
