"""A deal's way through the stages: its entries, what they make of visits, and where it stands. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from notyet.process.definition import Definition, StageRule


@dataclass(frozen=True)
class Span:
    """When something happened: a moment, or somewhen from ``at`` to ``until`` where only the day is known."""

    at: datetime
    until: datetime

    def meets(self, begin: datetime, end: datetime | None) -> bool:
        """Whether it may have happened from ``begin`` to ``end`` (``None``: for ever), both included."""
        return self.until >= begin and (end is None or self.at <= end)


def moment(at: datetime, *, plain: bool = False) -> Span:
    """A moment; with ``plain`` the whole day that begins then."""
    return Span(at, at + timedelta(days=1) if plain else at)


@dataclass(frozen=True)
class Entry:
    """A deal enters the stage with this key."""

    stage: str
    when: Span


@dataclass(frozen=True)
class Visit:
    """A stay in a stage; ``left`` is missing for the stage where the deal stands."""

    stage: str
    entered: Span
    left: Span | None


@dataclass(frozen=True)
class Place:
    """Where a deal stands, since when; ``entered`` is missing where nothing tells."""

    stage: StageRule
    entered: Span | None

    @property
    def entered_at(self) -> datetime | None:
        """The moment of the entry, the day's first where only the day is known."""
        return self.entered.at if self.entered else None


def with_opening(definition: Definition, entries: Iterable[Entry], opened: Span | None) -> tuple[Entry, ...]:
    """The entries in their order, begun by the opening, which enters the first stage where no entry says so."""
    in_order = tuple(sorted(entries, key=lambda one: one.when.at))
    if opened is None or not definition.stages:
        return in_order
    first = definition.stages[0].key
    if in_order and (in_order[0].stage == first or in_order[0].when.at <= opened.at):
        return in_order
    return (Entry(first, opened), *in_order)


def visits(entries: Iterable[Entry]) -> tuple[Visit, ...]:
    """The stays that entries (in order) make: a stage entered again while the deal is in it has not been left."""
    runs = [next(run) for _, run in groupby(entries, key=lambda one: one.stage)]
    leaving = [one.when for one in runs[1:]]
    return tuple(Visit(one.stage, one.when, left) for one, left in zip(runs, [*leaving, None], strict=False))


def place(definition: Definition, entries: Iterable[Entry]) -> Place | None:
    """Where a deal with these entries (in order) stands: its last visit, else the first stage; no stages, no place."""
    made = visits(entries)
    stage = definition.stage(made[-1].stage) if made else None
    if stage is not None:
        return Place(stage, made[-1].entered)
    return Place(definition.stages[0], None) if definition.stages else None
