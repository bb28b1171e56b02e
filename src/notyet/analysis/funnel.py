"""Where closed deals leave the process, how long they wait in each stage, and in which groups most leave."""

from dataclasses import dataclass
from math import inf

import ibis
import ibis.expr.types as ir

from notyet.analysis import intervals
from notyet.analysis.facts_record import STAGE_PREFIX
from notyet.analysis.figures import Row, first_row, median_of, order_statistics
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
    row = first_row(steps.rows.aggregate(**steps.counts()))
    if not any(row[f"entered_{number}"] for number in range(len(steps.stages))):
        return Funnel()
    shown = _stages(steps, row, smallest)
    return Funnel(shown, inferred, _worst(steps, row, dimensions))


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
        """Days from the entry to what came next: a later stage, else the close. Missing where that is before the
        entry.
        """
        begun = epoch_us(self.rows[STAGE_PREFIX + self.stages[number].label])
        ended = epoch_us(ibis.coalesce(self.later(number), self.rows.closed_at))
        days = (ended - begun) / float(DAY)
        return ibis.cases((days >= 0, days), else_=ibis.null("float64"))

    def counts(self) -> dict[str, ir.Value]:
        found: dict[str, ir.Value] = {}
        for number in range(len(self.stages)):
            entered, left = self.entered(number), self.left(number)
            found[f"entered_{number}"] = self.rows.count(where=entered)
            found[f"ours_{number}"] = self.rows.count(where=left & self.rows.ours)
            found[f"left_{number}"] = self.rows.count(where=left)
            found[f"waits_{number}"] = self.rows.count(where=self.waited(number).notnull())
        return found

    def waits(self, row: Row) -> dict[str, ir.Value]:
        asked = [(number, row[f"waits_{number}"]) for number in range(len(self.stages))]
        return {
            str(number): order_statistics(self.waited(number), self.waited(number).notnull(), n)
            for number, n in asked
            if n
        }


def _stages(steps: _Steps, row: Row, smallest: int) -> tuple[FunnelStage, ...]:
    asked = steps.waits(row)
    waits = first_row(steps.rows.aggregate(**asked)) if asked else {}
    shown: list[FunnelStage] = []
    for number, stage in enumerate(steps.stages):
        entered, left, ours = (row[f"{name}_{number}"] for name in ("entered", "left", "ours"))
        if not entered:
            continue
        told = row[f"waits_{number}"] >= smallest
        wait = median_of(waits[str(number)]) if told else intervals.NOTHING
        counts = (entered, entered - left, ours, left - ours)
        shown.append(FunnelStage(stage.label, stage.kind, *counts, wait.value, wait.low, wait.high))
    return tuple(shown)


def _worst(steps: _Steps, row: Row, dimensions: dict[str, str]) -> tuple[LeavingCell, ...]:
    """The groups that surely leave a stage more often than its deals do, most losses beyond that first."""
    if not dimensions:
        return ()
    keys = {f"g{number}": level(steps.rows[column]) for number, column in enumerate(dimensions.values())}
    sums = {name: value for name, value in steps.counts().items() if name.startswith(("entered_", "left_"))}
    cells = steps.rows.group_by(**keys).aggregate(**sums).to_pyarrow().to_pylist()
    found: list[tuple[float, LeavingCell]] = []
    for number, stage in enumerate(steps.stages):
        entered, left = row[f"entered_{number}"], row[f"left_{number}"]
        for cell in cells:
            inside, lost = cell[f"entered_{number}"], cell[f"left_{number}"]
            if inside < SMALLEST_CELL or lost < SMALLEST_CELL / 4 or inside == entered:
                continue
            low, _ = intervals.wilson(lost, inside)
            if float(low) > left / entered:
                by = dict(zip(dimensions, (cell[key] for key in keys), strict=True))
                beyond = lost - inside * left / entered
                found.append((beyond, LeavingCell(stage.label, by, inside, lost, lost / left)))
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
