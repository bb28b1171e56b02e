"""Where closed deals leave the process, how long they wait in each stage, and in which groups most leave."""

from collections import Counter
from dataclasses import dataclass
from math import inf

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from notyet.analysis import intervals
from notyet.analysis.facts_record import STAGE_PREFIX
from notyet.analysis.figures import first_row, median_of, order_statistics
from notyet.analysis.meta import Stage
from notyet.analysis.moments import DAY, epoch_us
from notyet.analysis.results import Funnel, FunnelStage, LeavingCell
from notyet.analysis.selection import level

SMALLEST_CELL = 20
MOST_WORST = 5
RANKED = 20_000


def funnel(rows: ir.Table, stages: tuple[Stage, ...], dimensions: dict[str, str], smallest: int) -> Funnel:
    """The funnel of the closed deals among ``rows`` (facts ``with_readings``).

    A deal *entered* a stage where its record says so, *went on* where it entered a later one or was won, and *left*
    from it otherwise. ``stages`` are in order; where one of them has no position the order is that of the median rank
    at which deals entered them. ``dimensions``: the (up to two) fields that the groups in which deals leave are made
    of, name to column.
    """
    steps, inferred = _steps(rows, stages)
    if not steps.stages:
        return Funnel()
    cells = steps.cells(dimensions)
    shown = _stages(steps, cells, smallest)
    return Funnel(shown, inferred and bool(shown), _worst(steps, cells, dimensions))


def left_from(rows: ir.Table, stages: tuple[Stage, ...], label: str) -> ir.Table:
    """The closed deals among ``rows`` that left from the stage called ``label``; none where no stage is."""
    steps, _ = _steps(rows, stages)
    for number, stage in enumerate(steps.stages):
        if stage.label == label:
            return steps.rows.filter(steps.left(number))
    return steps.rows.limit(0)


def _steps(rows: ir.Table, stages: tuple[Stage, ...]) -> tuple["_Steps", bool]:
    """The closed deals with the stages on record in their order, and whether that order was inferred."""
    recorded = [stage for stage in stages if stage.kind != "lost" and STAGE_PREFIX + stage.label in rows.columns]
    closed = rows.filter(rows.is_closed)
    inferred = any(stage.position is None for stage in recorded)
    if inferred:
        recorded = _by_median_rank(closed, recorded)
    else:
        recorded = sorted(recorded, key=lambda stage: stage.position or 0)
    return _Steps(closed, tuple(recorded)), inferred


@dataclass(frozen=True)
class _Steps:
    """The closed deals and the conditions that a funnel counts."""

    rows: ir.Table
    stages: tuple[Stage, ...]

    def entered(self, number: int) -> ir.BooleanValue:
        return self.rows[STAGE_PREFIX + self.stages[number].label].notnull()

    def later(self, number: int) -> ir.Value:
        """The first entry of a later stage, as a moment; missing where there is none."""
        times = [self.rows[STAGE_PREFIX + stage.label] for stage in self.stages[number + 1 :]]
        if not times:
            return ibis.null(self.rows.closed_at.type())
        return times[0] if len(times) == 1 else ibis.least(*times)

    def went_on(self, number: int) -> ir.BooleanValue:
        return self.later(number).notnull() | self.rows.is_won

    def left(self, number: int) -> ir.BooleanValue:
        return self.entered(number) & ~self.went_on(number)

    def waited(self, number: int) -> ir.Value:
        """Days from the entry to what came next: a later stage, else the close. Missing where that is before it."""
        begun = epoch_us(self.rows[STAGE_PREFIX + self.stages[number].label])
        ended = epoch_us(ibis.coalesce(self.later(number), self.rows.closed_at))
        days = (ended - begun) / float(DAY)
        return ibis.cases((days >= 0, days), else_=ibis.null("float64"))

    def waiting(self) -> dict[str, ir.Value]:
        """The deals' days in each stage, by the names ``w0`` and on."""
        return {f"w{number}": self.waited(number) for number in range(len(self.stages))}

    def cells(self, dimensions: dict[str, str]) -> "_Cells":
        """The deals counted by which stages they entered, how they ended, and their groups."""
        waiting = self.waiting()
        ended = {"won": self.rows.is_won, "ours": self.rows.ours}
        flags = [self.entered(number) for number in range(len(self.stages))]
        met = sum(
            (flag.cast("int64") * (1 << number) for number, flag in enumerate(flags)), start=ibis.literal(0, "int64")
        )
        groups = {f"g{number}": level(self.rows[column]) for number, column in enumerate(dimensions.values())}
        rows = self.rows.mutate(met=met, **ended, **groups, **waiting)
        known = {name: rows[name].count() for name in waiting}
        counted = rows.group_by("met", *ended, *groups).aggregate(deals=rows.count(), **known).to_pyarrow()
        columns = {name: counted[name].to_numpy() for name in ("met", "won", "ours", "deals")}
        names = [tuple(row[name] for name in groups) for row in counted.select(list(groups)).to_pylist()]
        waits = {name: int(pc.sum(counted[name]).as_py() or 0) for name in waiting}
        return _Cells(**columns, waits=waits, groups=names or [()] * counted.num_rows)


@dataclass(frozen=True)
class _Cells:
    """Closed deals by the stages they entered (bit *i* of ``met``: the *i*-th), how they ended, and their groups;
    ``waits`` are the deals whose days in a stage are known."""

    met: npt.NDArray[np.int64]
    won: npt.NDArray[np.bool_]
    ours: npt.NDArray[np.bool_]
    deals: npt.NDArray[np.int64]
    waits: dict[str, int]
    groups: list[tuple[str, ...]]

    def entered(self, number: int) -> npt.NDArray[np.bool_]:
        """Which cells entered the stage."""
        return np.asarray((self.met >> number) & 1 == 1)

    def left(self, number: int) -> npt.NDArray[np.bool_]:
        """Which cells left from it: they entered no later stage, and were not won."""
        return np.asarray(self.entered(number) & (self.met >> (number + 1) == 0) & ~self.won)

    def count(self, which: npt.NDArray[np.bool_]) -> int:
        """The deals of some cells."""
        return int(self.deals[which].sum())

    def by_group(self, which: npt.NDArray[np.bool_]) -> Counter[tuple[str, ...]]:
        """The deals of some cells by their group."""
        found: Counter[tuple[str, ...]] = Counter()
        for place in np.flatnonzero(which):
            found[self.groups[place]] += int(self.deals[place])
        return found


def _stages(steps: _Steps, cells: _Cells, smallest: int) -> tuple[FunnelStage, ...]:
    waiting = steps.rows.select(**steps.waiting())
    told = {name: n for name, n in cells.waits.items() if n >= smallest}
    asked = {name: order_statistics(waiting[name], waiting[name].notnull(), n) for name, n in told.items()}
    waits = first_row(waiting.aggregate(**asked)) if asked else {}
    shown: list[FunnelStage] = []
    for number, stage in enumerate(steps.stages):
        entered, left = cells.count(cells.entered(number)), cells.left(number)
        ours, gone = cells.count(left & cells.ours), cells.count(left)
        if entered:
            wait = median_of(waits[f"w{number}"]) if f"w{number}" in waits else intervals.NOTHING
            counts = (entered, entered - gone, ours, gone - ours)
            shown.append(FunnelStage(stage.label, stage.kind, *counts, wait.value, wait.low, wait.high))
    return tuple(shown)


def _worst(steps: _Steps, cells: _Cells, dimensions: dict[str, str]) -> tuple[LeavingCell, ...]:
    """The groups that surely leave a stage more often than its deals do, most losses beyond that first."""
    found: list[tuple[float, LeavingCell]] = []
    for number, stage in enumerate(steps.stages):
        entered, left = cells.by_group(cells.entered(number)), cells.by_group(cells.left(number))
        rate = left.total() / entered.total() if entered else 0.0
        for group, inside in entered.items():
            lost = left[group]
            if not dimensions or inside < SMALLEST_CELL or lost < SMALLEST_CELL / 4 or inside == entered.total():
                continue
            low, _ = intervals.wilson(lost, inside)
            if float(low) > rate:
                by = dict(zip(dimensions, group, strict=True))
                found.append((lost - inside * rate, LeavingCell(stage.label, by, inside, lost, lost / left.total())))
    found.sort(key=lambda one: (-one[0], one[1].stage, *one[1].by.values()))
    return tuple(cell for _, cell in found[:MOST_WORST])


def _by_median_rank(closed: ir.Table, stages: list[Stage]) -> list[Stage]:
    """The stages by the median rank of their first entry among their deal's stages (over at most some thousands of
    deals).
    """
    sample = closed.limit(RANKED)
    times = [sample[STAGE_PREFIX + stage.label] for stage in stages]
    asked: dict[str, ir.Value] = {}
    for number, time in enumerate(times):
        before = [(other < time).fill_null(False).cast("int64") for other in times if other is not time]
        rank = sum(before, start=ibis.literal(0))
        asked[f"median_{number}"] = rank.median(where=time.notnull())
        asked[f"mean_{number}"] = rank.mean(where=time.notnull())
    row = first_row(sample.aggregate(**asked))

    def place(number: int) -> tuple[float, float, int]:
        middle, average = row[f"median_{number}"], row[f"mean_{number}"]
        return (inf if middle is None else middle, inf if average is None else average, number)

    return [stages[number] for number in sorted(range(len(stages)), key=place)]
