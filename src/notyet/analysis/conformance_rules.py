"""What became of a step of a deal: done in time, done late, skipped, done out of its stage, or not yet due.

It is told twice. *As it stands*: for every deal, at the moment of the history or at the deal's end. *At a landmark*:
for comparing outcomes, by what was known at one moment in the deal's life, among deals that were still open then, so
that a deal that lives longer has no more time to do a step than another.

The landmark of a step with a due time is twice that time: at it a deal was in time, late, or has not done the step. Of
a step without one, and of steps that no process knows, it is so many days after the stage was entered; of a stage that
can be jumped it is the entry of a later one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from notyet.analysis.conformance_record import Plan, Ways
from notyet.analysis.moments import DAY
from notyet.analysis.population import Flags, Ints
from notyet.analysis.process import ProcessStage, Step
from notyet.analysis.working import NEVER, Calendar

IN_TIME, LATE, SKIPPED, OUT_OF_ORDER, NOT_YET, ENDED = range(6)
STATUSES = ("in_time", "late", "skipped", "out_of_order", "not_yet_due", "ended_before")
APART = -1
"""Not judged: the deal did not come to the stage, or came before steps were written down."""
DAYS = (7, 14, 30)
"""The landmarks looked at where there is no due time, of which the first with enough deals on both sides is taken."""


@dataclass(frozen=True)
class Judged:
    """One step (or, with an empty ``step``, a stage that can be jumped) of the deals of a range.

    ``status`` as it stands. ``groups``: one array for each landmark looked at: what was known at it of the closed deals
    that were still open, ``APART`` for all others. ``due`` is when it had to be done, ``landmark`` the first of them.
    """

    stage: str
    step: str
    status: Ints
    groups: tuple[Ints, ...]
    entered: Ints
    done: Ints
    due: Ints
    landmark: tuple[Ints, ...]


@dataclass(frozen=True)
class Judge:
    """What deals are judged by. ``now`` is the moment up to which the record is known.

    ``stages_from`` and ``steps_from`` (versions × places): from when on a stage's entries and a step are on record.
    """

    plan: Plan
    calendar: Calendar
    now: int
    stages_from: Ints
    steps_from: Ints

    def judged(self, ways: Ways) -> Iterator[Judged]:
        """Every step and every stage, over all deals whatever version they are worked by."""
        parts: dict[tuple[str, str], list[tuple[Ints, Judged]]] = {}
        for number in range(len(self.plan.versions)):
            rows = np.flatnonzero(ways.version == number)
            for one in self._of_version(number, _some(ways, rows)):
                parts.setdefault((one.stage, one.step), []).append((rows, one))
        for found in parts.values():
            yield _together(found, len(ways.deal))

    def _of_version(self, number: int, ways: Ways) -> Iterator[Judged]:
        stages = self.plan.versions[number].stages
        places = [self.plan.stages.index(stage.key) for stage in stages]
        for turn, stage in enumerate(stages):
            later = ways.entered_until[:, places[turn + 1 :]].min(axis=1, initial=NEVER)
            if self.plan.ordered and 0 < turn < len(stages) - 1:
                yield self._jumped(number, ways, stage, places[turn], later)
            for step in stage.steps:
                yield self._step(number, ways, stage, step, later)

    def _jumped(self, number: int, ways: Ways, stage: ProcessStage, place: int, later: Ints) -> Judged:
        """Whether deals that came to a later stage had been in this one by then."""
        been = ways.entered[:, place] <= later
        judged = (later <= self.now) & (later >= self.stages_from[number, place])
        group = np.where(been, IN_TIME, SKIPPED)
        status = np.where(judged, group, APART)
        at_landmark = np.where(judged & ways.closed & (ways.ended > later), group, APART)
        return Judged(stage.key, "", status, (at_landmark,), later, ways.entered[:, place], later, (later,))

    def _step(self, number: int, ways: Ways, stage: ProcessStage, step: Step, later: Ints) -> Judged:
        place, column = self.plan.stages.index(stage.key), self.plan.steps.index(step.key)
        entered, done = ways.entered[:, place], ways.done[:, column]
        judged = (entered <= self.now) & (entered >= self.steps_from[number, column])
        # A deal that had been in a later stage before has no moment at which it left this one for good.
        gone = np.where(later >= entered, later, NEVER) if self.plan.ordered else np.full(len(entered), NEVER)
        out = (ways.done_until[:, column] < entered) | (done > np.maximum(gone, ways.entered_until[:, place]))
        out &= self.plan.ordered
        if step.due is None:
            return self._undated(ways, (stage, step), judged, (entered, done, gone), out)
        from_ = ways.entered_until[:, place] if step.due.unit == "hours" else entered
        due = self.calendar.after(from_, step.due)
        landmark = self.calendar.after(from_, step.due, 2)
        end = np.minimum(ways.ended, self.now)
        status = _status(done <= due, out, done <= end, (gone <= end, due < end, ways.ended <= self.now))
        known = np.where(done <= due, np.where(out, OUT_OF_ORDER, IN_TIME), np.where(done <= landmark, LATE, SKIPPED))
        compared = judged & ways.closed & (ways.ended > landmark) & (landmark < NEVER)
        groups = (np.where(compared, known, APART),)
        status = np.where(judged, status, APART)
        return Judged(stage.key, step.key, status, groups, entered, done, due, (landmark,))

    def _undated(
        self, ways: Ways, what: tuple[ProcessStage, Step], judged: Flags, times: tuple[Ints, Ints, Ints], out: Flags
    ) -> Judged:
        entered, done, gone = times
        end = np.minimum(ways.ended, self.now)
        ended = ways.ended <= self.now
        # Where nothing tells that a deal has left the stage, its end does.
        passed = np.full(len(done), not self.plan.ordered) & ended
        status = _status(done <= end, out, done <= end, (gone <= end, passed, ended))
        landmarks = tuple(np.where(judged, np.where(judged, entered, 0) + days * DAY, NEVER) for days in DAYS)
        groups = []
        for landmark in landmarks:
            known = np.where(done <= landmark, np.where(out, OUT_OF_ORDER, IN_TIME), SKIPPED)
            groups.append(np.where(judged & ways.closed & (ways.ended > landmark), known, APART))
        status = np.where(judged, status, APART)
        return Judged(what[0].key, what[1].key, status, tuple(groups), entered, done, landmarks[0], landmarks)


def _status(in_time: Flags, out: Flags, done: Flags, ways_on: tuple[Flags, Flags, Flags]) -> Ints:
    """As it stands at the end: ``ways_on`` tells whether the deal went on, the time passed, the deal ended."""
    gone, passed, ended = ways_on
    undone = np.where(gone | passed, SKIPPED, np.where(ended, ENDED, NOT_YET))
    return np.where(done, np.where(in_time, np.where(out, OUT_OF_ORDER, IN_TIME), LATE), undone)


def _some(ways: Ways, rows: Ints) -> Ways:
    return Ways(**{name: getattr(ways, name)[rows] for name in Ways.__dataclass_fields__})


def _together(found: list[tuple[Ints, Judged]], deals: int) -> Judged:
    """What was judged of each version's deals, for all deals of the range; of other versions' deals nothing."""
    first = found[0][1]
    landmarks = max(len(one.groups) for _, one in found)

    def joined(name: str, empty: int, number: int | None = None) -> Ints:
        column = np.full(deals, empty, dtype=np.int64)
        for rows, one in found:
            value = getattr(one, name)
            if number is None:
                column[rows] = value
            elif len(value) == landmarks:
                column[rows] = value[number]
        return column

    return Judged(
        first.stage,
        first.step,
        joined("status", APART),
        tuple(joined("groups", APART, number) for number in range(landmarks)),
        joined("entered", NEVER),
        joined("done", NEVER),
        joined("due", NEVER),
        tuple(joined("landmark", NEVER, number) for number in range(landmarks)),
    )
