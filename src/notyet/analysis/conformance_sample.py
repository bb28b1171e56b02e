"""What was judged of all deals: counted, and kept row by row for some of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import ibis.expr.types as ir
import numpy as np

from notyet.analysis.conformance_record import Ways
from notyet.analysis.conformance_rules import STATUSES, Judge, Judged
from notyet.analysis.population import Flags, Ints
from notyet.analysis.working import NEVER

MOST = 100_000
"""So many deals tell an effect as well as all do: of more a part is compared with other things equal."""
WAYS = 4
_PRIME, _FACTOR, _PARTS = 1_000_003, 611_953, 10_000


@dataclass
class Tally:
    """A step's deals: by status, and at each landmark by what was known (rows) and whether they were won (columns)."""

    stage: str
    step: str
    statuses: Ints = field(default_factory=lambda: np.zeros(len(STATUSES), dtype=np.int64))
    at_landmarks: list[Ints] = field(default_factory=list)
    kept: list[Judged] = field(default_factory=list)

    def add(self, judged: Judged, won: Flags, kept: Flags) -> None:
        """Count a range's deals, and keep some of them."""
        # Those that are not judged, whose code is one below the others, are counted too and left out.
        self.statuses += np.bincount(judged.status + np.int8(1), minlength=1 + len(STATUSES))[1:]
        for number, group in enumerate(judged.groups):
            if number == len(self.at_landmarks):
                self.at_landmarks.append(np.zeros((WAYS, 2), dtype=np.int64))
            cells = (group + np.int8(1)) * np.int8(2) + won
            self.at_landmarks[number] += np.bincount(cells, minlength=2 + 2 * WAYS)[2:].reshape(WAYS, 2)
        self.kept.append(judged.rows(kept))


@dataclass(frozen=True)
class Sample:
    """Some of the deals, in the order of ``deal``, with when they were opened and each step as it was judged."""

    deal: Ints
    opened: Ints
    judged: tuple[Judged, ...]


@dataclass(frozen=True)
class Part:
    """Which deals are kept row by row: so many in ten thousand, whatever they are like."""

    share: int

    @classmethod
    def of(cls, deals: int) -> "Part":
        """The part of so many deals that is about ``MOST`` of them."""
        return cls(min(_PARTS, max(1, _PARTS * MOST // max(1, deals))))

    def rows(self, deal: Ints) -> Flags:
        """Which of the deals belong to it."""
        return np.asarray(deal % _PRIME * _FACTOR % _PARTS < self.share)

    def filtered(self, rows: ir.Table) -> ir.Table:
        """The rows of deals that belong to it."""
        if self.share == _PARTS:
            return rows
        return rows.filter((rows.deal % _PRIME) * _FACTOR % _PARTS < self.share)


NOBODY = Part(0)


def gather(every: Sequence[Ways], judge: Judge, part: Part) -> tuple[tuple[Tally, ...], Sample]:
    """Judge all the deals of a history, one range after the other."""
    tallies: dict[tuple[str, str], Tally] = {}
    deals: list[Ints] = []
    opened: list[Ints] = []
    for ways in every:
        kept = part.rows(ways.deal)
        deals.append(ways.deal[kept])
        opened.append(ways.opened[kept])
        for judged in judge.judged(ways):
            tally = tallies.setdefault((judged.stage, judged.step), Tally(judged.stage, judged.step))
            tally.add(judged, ways.won, kept)
    order = tuple(tallies[key] for key in _in_order(judge, tallies))
    return order, Sample(_joined(deals), _joined(opened), tuple(_whole(one.kept) for one in order))


def _in_order(judge: Judge, found: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The keys of stages and steps as the latest version has them; those of earlier versions follow."""
    known = [
        (stage.key, key)
        for version in reversed(judge.plan.versions)
        for stage in version.stages
        for key in ("", *(step.key for step in stage.steps))
    ]
    there = set(found)
    return (key for key in dict.fromkeys(known) if key in there)


def _whole(parts: list[Judged]) -> Judged:
    first = parts[0]
    return Judged(
        first.stage,
        first.step,
        _joined([one.status for one in parts]),
        tuple(_joined([one.groups[number] for one in parts]) for number in range(len(first.groups))),
        _joined([one.entered for one in parts]),
        _joined([one.done for one in parts]),
        _joined([one.due for one in parts]),
        tuple(_joined([one.landmarks[number] for one in parts]) for number in range(len(first.landmarks))),
    )


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


NOT_DUE, DONE, UNDONE = range(3)


def due_before(sample: Sample, number: int) -> Iterator[Ints]:
    """For every other step of a sample: whether it was due no later than this one, and then done in time or not.

    It is what was known of how the deal was worked when this step had to be done.
    """
    mine = sample.judged[number].due
    for place, other in enumerate(sample.judged):
        if place != number and other.step:
            due = (other.status >= 0) & (other.due <= mine) & (mine < NEVER)
            yield np.where(due, np.where(other.done <= other.due, DONE, UNDONE), NOT_DUE)
