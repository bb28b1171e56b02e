"""What the analysis gives back: frozen results, shared by every part of it and by every surface."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal

from notyet.analysis.meta import Control

Unit = Literal["share", "money", "days", "hours", "points", "count", "number"]
WarningKind = Literal["leak", "no_signal", "drift", "small_sample", "answer_bias", "data_quality"]
Withheld = Literal["below_five", "not_recorded", "one_outcome_only", "not_matured"]


@dataclass(frozen=True)
class Figure:
    """One figure: its value, the 95 % interval ``low`` to ``high``, and what it rests on.

    ``n`` counts the deals (or answers, promises, calls) of the denominator and ``count`` those of the
    numerator, where there is one; counts are never withheld. ``by`` names the group (field name to level; empty:
    everybody). ``value``, ``low`` and ``high`` are ``None`` where the figure is withheld or has no value.
    ``pooled`` is the value drawn towards the mean of the groups, for lists that are ordered.
    """

    key: str
    label: str
    unit: Unit
    value: float | None
    low: float | None
    high: float | None
    n: int
    by: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    withheld: Withheld | None = None
    count: int | None = None
    pooled: float | None = None
    pooled_low: float | None = None
    pooled_high: float | None = None
    landmark: str | None = None


@dataclass(frozen=True)
class Warning:  # noqa: A001 - the word of the exchange format, used as results.Warning
    """Something a reader must know. ``field`` is the source's own column name, where one field is meant."""

    kind: WarningKind
    field: str | None
    text: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class DealCounts:
    """How many deals of the selection ended how, and from when on payments are known (``None``: never)."""

    closed: int
    won: int
    lost: int
    no_decision: int
    disqualified: int
    ordered_unpaid: int
    open: int
    payment_known_from: datetime | None = None


@dataclass(frozen=True)
class ReasonSide:
    """What one side said: deals that named the reason, their value, and (buyers) the weighted estimate.

    ``share`` with ``low`` and ``high`` is the estimated share of *all* losses; ``estimate`` the losses and
    ``estimate_value`` the money that this comes to. ``value`` is ``None`` where it would tell single answers.
    """

    deals: int | None
    value: float | None
    withheld: Withheld | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    estimate: float | None = None
    estimate_value: float | None = None


@dataclass(frozen=True)
class ReasonRow:
    """A reason in the source's wording, the label it is mapped to, whose it is, and who named it how often."""

    reason: str
    label: str
    control: Control
    seller: ReasonSide
    buyer: ReasonSide


@dataclass(frozen=True)
class ConfusionCell:
    """Losses that the seller filed under one label and the buyer under another; ``None`` below five."""

    seller: str
    buyer: str
    answers: int | None


@dataclass(frozen=True)
class Hides:
    """What a seller's reason hides: of ``filed`` losses under ``seller`` that buyers answered, ``told`` said
    ``buyer``.
    """

    seller: str
    buyer: str
    filed: int
    told: int


@dataclass(frozen=True)
class Agreement:
    """How often buyers name the seller's reason (Wilson interval), and Cohen's kappa (beyond chance)."""

    share: float | None
    low: float | None
    high: float | None
    kappa: float | None
    n: int
    kappa_low: float | None = None
    kappa_high: float | None = None
    withheld: Withheld | None = None
    matrix: tuple[ConfusionCell, ...] = ()
    hides: tuple[Hides, ...] = ()


@dataclass(frozen=True)
class Driver:
    """A circumstance or behaviour that goes with winning or losing, other things equal.

    ``effect`` is the change of the win rate as a share (0.11: eleven points more) with its 95 % interval, ``q`` the
    false discovery rate at which it stands. ``level`` is the group compared with all others (``None`` for a flag),
    ``direction`` +1 or -1, ``reading`` the plain sentence. ``n`` counts the closed deals that have it (as
    ``deals_with`` does), ``deals_without`` those they are compared with. ``at_stake`` is money per year in the
    workspace's currency with its interval.
    ``landmark`` is the moment up to which what is compared was known.
    """

    name: str
    control: Control
    effect: float
    low: float
    high: float
    q: float
    n: int
    at_stake: float | None
    landmark: str
    field: str
    level: str | None = None
    direction: int = 1
    reading: str = ""
    at_stake_low: float | None = None
    at_stake_high: float | None = None
    deals_with: int = 0
    deals_without: int = 0


@dataclass(frozen=True)
class DriverResult:
    """The drivers that stand, how many candidates were tested, and what must be said about it."""

    drivers: tuple[Driver, ...]
    tested: int
    warnings: tuple[Warning, ...] = ()


@dataclass(frozen=True)
class FunnelStage:
    """A stage: closed deals that entered it, went on, and left from it, and how long they waited (median days)."""

    stage: str
    kind: str
    entered: int
    went_on: int
    left_ours: int
    left_other: int
    median_days: float | None
    days_low: float | None = None
    days_high: float | None = None


@dataclass(frozen=True)
class LeavingCell:
    """Losses that left from ``stage`` in one group: ``lost`` of ``entered``, ``share`` of all the stage's losses."""

    stage: str
    by: Mapping[str, str]
    entered: int
    lost: int
    share: float


@dataclass(frozen=True)
class Funnel:
    """The stages in order, whether that order was inferred, and the groups in which most losses leave."""

    stages: tuple[FunnelStage, ...] = ()
    inferred: bool = False
    worst: tuple[LeavingCell, ...] = ()


@dataclass(frozen=True)
class SelectionShown:
    """The selection as it is printed with a report: its window (inclusive days) and its filters."""

    since: date | None = None
    until: date | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Report:
    """Everything that is said about a selection of a history."""

    as_of: datetime
    workspace: str
    currency: str
    selection: SelectionShown
    deals: DealCounts
    figures: tuple[Figure, ...]
    reasons: tuple[ReasonRow, ...]
    agreement: Agreement
    funnel: Funnel
    drivers: tuple[Driver, ...]
    tested: int
    warnings: tuple[Warning, ...]

    def figure(self, key: str, **by: str) -> Figure | None:
        """The figure of that key and group; ``None`` where the report has none."""
        for figure in self.figures:
            if figure.key == key and dict(figure.by) == by:
                return figure
        return None
