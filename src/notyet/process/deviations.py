"""Where a deal went another way than its own version of the process. Pure.

A deal is judged by where it stands now: what it went back for and made good is no deviation any more.

* *skipped*: the deal stands in a later stage, and the step is not done; or it stands in a later stage without having
  been in this one, which is told once for the stage (the step is empty).
* *late*: the step was done after it was due, or is still open after it was due while the deal stands in its stage. A
  due time is counted from the latest entry of the stage before the step was done; a stage entered again begins anew.
* *out of order*: the step was done while the deal stood in another stage, before it reached this one or after it left.
* *unmet need*: the stage was entered, the last time, while a question of the stage before it was unanswered although
  the stage asks for answers. Other needs are noted when the stage is entered, since they may be met afterwards.

A time without an hour of the day counts in the deal's favour.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from notyet.process.definition import Definition, Due, StageRule, Step
from notyet.process.visits import Entry, Span, Visit, visits

if TYPE_CHECKING:
    from notyet.core.working_time import WorkingTime

DeviationKind = Literal["skipped", "late", "out_of_order", "unmet_need"]


@dataclass(frozen=True)
class Deviation:
    """A step, or a need on entering, that went another way; ``at`` is when it did.

    ``stage`` and ``step`` are keys; ``step`` is empty for a whole stage and the need's name for an unmet need.
    """

    stage: str
    step: str
    kind: DeviationKind
    at: datetime


def deviations(
    definition: Definition,
    entries: Sequence[Entry],
    done: Mapping[str, Span],
    answers: Mapping[str, datetime],
    working: "WorkingTime",
    now: datetime,
) -> tuple[Deviation, ...]:
    """Every deviation of a deal at a moment, in the order in which they came about.

    ``entries`` are in order and name stages of the definition; ``done`` says when each step was first done, ``answers``
    when each question was answered. What lies after ``now`` is not known yet. For a deal that has ended, ``now`` is its
    end.
    """
    known = [one for one in entries if one.when.at <= now and definition.stage(one.stage)]
    walked = _Walked(
        definition,
        visits(known),
        {key: when for key, when in done.items() if when.at <= now},
        {key: at for key, at in answers.items() if at <= now},
        working,
        now,
    )
    found = [one for stage in definition.stages for one in (*walked.of_stage(stage), *walked.of_steps(stage))]
    return tuple(sorted(found, key=lambda one: one.at))


@dataclass(frozen=True)
class _Walked:
    definition: Definition
    visits: tuple[Visit, ...]
    done: Mapping[str, Span]
    answers: Mapping[str, datetime]
    working: "WorkingTime"
    now: datetime

    def of_stage(self, stage: StageRule) -> Iterator[Deviation]:
        """The stage that was jumped, or entered without the answers it asks for."""
        stays = self._stays(stage)
        passed = self._passed(stage)
        if passed and not stays:
            yield Deviation(stage.key, "", "skipped", passed)
        before = self.definition.before(stage.key)
        if stays and before and "questions" in stage.needs:
            entered = stays[-1].entered
            answered = [self.answers.get(one.key) for one in before.questions]
            if any(at is None or at > entered.until for at in answered):
                yield Deviation(stage.key, "questions", "unmet_need", entered.at)

    def of_steps(self, stage: StageRule) -> Iterator[Deviation]:
        """What is to be said of each step of a stage."""
        for step in stage.steps:
            when = self.done.get(step.key)
            yield from self._undone(stage, step) if when is None else self._done(stage, step, when)

    def _undone(self, stage: StageRule, step: Step) -> Iterator[Deviation]:
        stays, passed = self._stays(stage), self._passed(stage)
        if passed and stays:
            yield Deviation(stage.key, step.key, "skipped", passed)
        elif stays and stays[-1].left is None and step.due:
            due = self._due(step.due, stays[-1])
            if self.now > due:
                yield Deviation(stage.key, step.key, "late", due)

    def _done(self, stage: StageRule, step: Step, when: Span) -> Iterator[Deviation]:
        stays = self._stays(stage)
        if not any(when.meets(one.entered.at, one.left.until if one.left else None) for one in stays):
            yield Deviation(stage.key, step.key, "out_of_order", when.at)
        begun = [one for one in stays if one.entered.at <= when.until]
        if begun and step.due:
            due = self._due(step.due, begun[-1])
            if when.at > due:
                yield Deviation(stage.key, step.key, "late", due)

    def _stays(self, stage: StageRule) -> list[Visit]:
        return [one for one in self.visits if one.stage == stage.key]

    def _passed(self, stage: StageRule) -> datetime | None:
        """When the deal, which stands in a later stage, came past this one for the last time."""
        place, passed = self.definition.position(stage.key), None
        for visit in reversed(self.visits):
            if self.definition.position(visit.stage) <= place:
                break
            passed = visit.entered.at
        return passed

    def _due(self, due: Due, visit: Visit) -> datetime:
        # Hours of a day that came without a time are counted from its end, days from the day itself.
        return due.after(visit.entered.until if due.unit == "hours" else visit.entered.at, self.working)
