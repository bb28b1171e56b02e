"""What was planted in a history, as a tester wants to know it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Evidence = Literal["one_outcome_only", "written_after_close", "too_good", "whole_life"]


@dataclass(frozen=True)
class Driver:
    """A planted cause.

    ``field`` is a column of the facts, ``level`` the value (or comparison) that has the effect against
    all others. ``effect`` is the true average marginal effect on the win rate: the mean over the deals
    that count (won and not unpaid, lost, no decision) of the chance to be won with the level minus
    without it, all else as it was. ``share`` of those deals have it; ``landmark_days`` after the opening
    it is known.
    """

    field: str
    level: str
    name: str
    effect: float
    share: float
    landmark_days: float


@dataclass(frozen=True)
class LookAlike:
    """A field without effect that goes with winning all the same, and why.

    ``difference`` is the expected difference of the win rate between the level and the rest when nothing
    is adjusted for (``None`` where it has no levels).
    """

    field: str
    level: str | None
    because: str
    difference: float | None


@dataclass(frozen=True)
class Leak:
    """A column known only at or after the close. ``field`` is its header; ``evidence`` how it can be told."""

    field: str
    evidence: Evidence


@dataclass(frozen=True)
class Confusion:
    """Sellers file deals lost for ``reason`` under ``filed_as``, with this probability."""

    reason: str
    filed_as: str
    share: float


@dataclass(frozen=True)
class TriedChange:
    """A change to the process. ``effect`` is its true effect on the win rate of the deals it touched (0: none)."""

    change: str
    team: str
    started_at: datetime
    effect: float


@dataclass(frozen=True)
class Truth:
    """Everything planted, and what is known to have no effect (``nulls``: columns of the facts)."""

    drivers: tuple[Driver, ...]
    nulls: tuple[str, ...]
    look_alikes: tuple[LookAlike, ...]
    leaks: tuple[Leak, ...]
    confusions: tuple[Confusion, ...]
    changes: tuple[TriedChange, ...]
    win_rate: float
    """The mean chance to be won of the deals that count."""
