"""What became of a step of a deal: done in time, done late, skipped, done out of its stage, or not yet due.

It is told twice. *As it stands*: for every deal, at the moment of the history or at the deal's end. *At a landmark*:
for comparing outcomes, by what was known at one moment in the deal's life, among deals that were still open then, so
that a deal that lives longer has no more time to do a step than another.

The landmark of a step with a due time is twice that time: at it a deal was in time, late, or has not done the step. Of
a step without one, and of steps that no process knows, it is so many days after the stage was entered; of a stage that
can be jumped it is the entry of a later one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from notyet.analysis.conformance_record import Plan, Ways
from notyet.analysis.moments import DAY
from notyet.analysis.population import Flags, Ints
from notyet.analysis.process import ProcessStage, Step
from notyet.analysis.working import NEVER, Calendar

IN_TIME, LATE, SKIPPED, OUT_OF_ORDER, NOT_YET, ENDED, APART = (np.int8(code) for code in (0, 1, 2, 3, 4, 5, -1))
"""``APART``: not judged; the deal did not come to the stage, or came before the step was written down."""
STATUSES = ("in_time", "late", "skipped", "out_of_order", "not_yet_due", "ended_before")
DAYS = (7, 14, 30)
"""The landmarks looked at where there is no due time, of which the first with enough deals on both sides is taken."""


@dataclass(frozen=True)
class Judged:
    """One step (or, with an empty ``step``, a stage that can be jumped) of the deals of a range.

    ``status`` as it stands. ``groups``: one array for each landmark looked at: what was known at it of the closed deals
    that were still open, ``APART`` for all others. ``due`` is when it had to be done, ``landmarks`` when it is looked
    at.
    """

    stage: str
    step: str
    status: Ints
    groups: tuple[Ints, ...]
    entered: Ints
    done: Ints
    due: Ints
    landmarks: tuple[Ints, ...]

    def rows(self, keep: Flags) -> "Judged":
        """The same of some of the deals."""
        groups, landmarks = (tuple(one[keep] for one in many) for many in (self.groups, self.landmarks))
        status, entered, done, due = (one[keep] for one in (self.status, self.entered, self.done, self.due))
        return Judged(self.stage, self.step, status, groups, entered, done, due, landmarks)


@dataclass(frozen=True)
class Judge:
    """What deals are judged by. ``now`` is the moment up to which the record is known.

    ``stages_from`` and ``steps_from`` (versions × places) say from when on a stage's entries and a step are on record:
    a stage since it was first entered, a step since the stage was entered by a deal for which it was then done. Of
    deals that came there before, nothing can be told.
    """

    plan: Plan
    calendar: Calendar
    now: int
    stages_from: Ints
    steps_from: Ints

    @classmethod
    def of(cls, plan: Plan, calendar: Calendar, now: int, every: Sequence[Ways]) -> "Judge":
        """The judge of all the ways of a history."""
        stages_from = np.full((len(plan.versions), len(plan.stages)), NEVER)
        steps_from = np.full((len(plan.versions), len(plan.steps)), NEVER)
        for ways in every:
            for number, version in enumerate(plan.versions):
                _, own = ways.of_version(number)
                stages_from[number] = np.minimum(stages_from[number], own.entered.min(axis=1, initial=NEVER))
                for stage in version.stages:
                    entered = own.entered[plan.stages.index(stage.key)]
                    for step in stage.steps:
                        column = plan.steps.index(step.key)
                        first = entered.min(initial=NEVER, where=own.done[column] < NEVER)
                        steps_from[number, column] = min(steps_from[number, column], first)
        return cls(plan, calendar, now, stages_from, steps_from)

    def judged(self, ways: Ways) -> Iterator[Judged]:
        """Every step and every stage, over all deals whatever version they are worked by."""
        parts: dict[tuple[str, str], list[tuple[Ints, Judged]]] = {}
        for number in range(len(self.plan.versions)):
            rows, own = ways.of_version(number)
            for one in self._of_version(number, own):
                parts.setdefault((one.stage, one.step), []).append((rows, one))
        for found in parts.values():
            yield _together(found, len(ways.deal))

    def _of_version(self, number: int, ways: Ways) -> Iterator[Judged]:
        stages = self.plan.versions[number].stages
        places = [self.plan.stages.index(stage.key) for stage in stages]
        for turn, stage in enumerate(stages):
            later = ways.entered_until[places[turn + 1 :]].min(axis=0, initial=NEVER)
            if self.plan.ordered and 0 < turn < len(stages) - 1:
                yield self._jumped(number, ways, stage, places[turn], later)
            for step in stage.steps:
                yield self._step(number, ways, stage, step, later)

    def _jumped(self, number: int, ways: Ways, stage: ProcessStage, place: int, later: Ints) -> Judged:
        """Whether deals that came to a later stage had been in this one by then."""
        group = np.where(ways.entered[place] <= later, IN_TIME, SKIPPED)
        judged = (later <= self.now) & (later >= self.stages_from[number, place])
        at_landmark = np.where(judged & ways.closed & (ways.ended > later), group, APART)
        status = np.where(judged, group, APART)
        return Judged(stage.key, "", status, (at_landmark,), later, ways.entered[place], later, (later,))

    def _step(self, number: int, ways: Ways, stage: ProcessStage, step: Step, later: Ints) -> Judged:
        place, column = self.plan.stages.index(stage.key), self.plan.steps.index(step.key)
        entered, until, done = ways.entered[place], ways.entered_until[place], ways.done[column]
        judged = (entered <= self.now) & (entered >= self.steps_from[number, column])
        # A deal that had been in a later stage before has no moment at which it left this one for good.
        gone = np.where(later >= entered, later, NEVER) if self.plan.ordered else np.full(len(entered), NEVER)
        out = (ways.done_until[column] < entered) | (done > np.maximum(gone, until))
        times = _Times(entered, until, done, gone, out & self.plan.ordered)
        due, landmarks = self._landmarks(times, step, judged)
        compared = judged & ways.closed
        groups = tuple(
            np.where(compared & (ways.ended > at) & (at < NEVER), times.known(at if due is None else due, at), APART)
            for at in landmarks
        )
        status = np.where(judged, self._status(times, due, ways.ended), APART)
        return Judged(
            stage.key, step.key, status, groups, entered, done, landmarks[0] if due is None else due, landmarks
        )

    def _landmarks(self, times: "_Times", step: Step, judged: Flags) -> tuple[Ints | None, tuple[Ints, ...]]:
        if step.due is None:
            entered = np.where(judged, times.entered, 0)
            return None, tuple(np.where(judged, entered + days * DAY, NEVER) for days in DAYS)
        since = times.until if step.due.unit == "hours" else times.entered
        return self.calendar.after(since, step.due), (self.calendar.after(since, step.due, 2),)

    def _status(self, times: "_Times", due: Ints | None, ended: Ints) -> Ints:
        """As it stands at the end. Where nothing tells that a deal has left the stage, its end does."""
        end = np.minimum(ended, self.now)
        over = ended <= self.now
        passed = times.gone <= end
        if due is not None:
            passed |= due < end
        elif not self.plan.ordered:
            passed |= over
        found = times.known(end if due is None else due, end)
        undone = times.done > end
        found[undone] = np.where(passed, SKIPPED, np.where(over, ENDED, NOT_YET))[undone]
        return found


@dataclass(frozen=True)
class _Times:
    """When the deals entered a stage, went on to a later one and did a step; ``out``: while they were elsewhere."""

    entered: Ints
    until: Ints
    done: Ints
    gone: Ints
    out: Flags

    def known(self, due: Ints, at: Ints) -> Ints:
        """What was known at a moment of the deals: in time, out of the stage, late, or not done."""
        undone = np.where(self.done <= at, LATE, SKIPPED)
        return np.where(self.done <= due, np.where(self.out, OUT_OF_ORDER, IN_TIME), undone)


def _together(found: list[tuple[Ints, Judged]], deals: int) -> Judged:
    """What was judged of each version's deals, for all deals of the range; of other versions' deals nothing."""
    first = found[0][1]
    if len(found) == 1 and len(found[0][0]) == deals:
        return first
    landmarks = max(len(one.groups) for _, one in found)

    def joined(name: str, empty: int, number: int | None = None) -> Ints:
        column: Ints = np.full(deals, empty, dtype=np.int64 if empty == NEVER else np.int8)
        for rows, one in found:
            value = getattr(one, name)
            if number is None:
                column[rows] = value
            elif len(value) == landmarks:
                column[rows] = value[number]
        return column

    apart = int(APART)
    return Judged(
        first.stage,
        first.step,
        joined("status", apart),
        tuple(joined("groups", apart, number) for number in range(landmarks)),
        joined("entered", NEVER),
        joined("done", NEVER),
        joined("due", NEVER),
        tuple(joined("landmarks", NEVER, number) for number in range(landmarks)),
    )
