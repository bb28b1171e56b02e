"""Did following the process help? Step by step: done in time, late, skipped, out of order, against the outcome.

What is compared was known at a landmark that all deals compared had reached while open. It goes with the outcome; that
it causes it, no record tells, though with other things equal is the nearest to it.
"""

from dataclasses import dataclass

from notyet.analysis import intervals
from notyet.analysis.conformance_adjusted import DEVIATIONS, Chosen, Standing, effects
from notyet.analysis.conformance_plans import followed, landmark, plans
from notyet.analysis.conformance_record import Plan
from notyet.analysis.conformance_results import Conformance, Deviated, Status, StepFollowed, Way, WayWon
from notyet.analysis.conformance_rules import DAYS, IN_TIME, LATE, OUT_OF_ORDER, SKIPPED, STATUSES
from notyet.analysis.conformance_sample import NOBODY, Part, Sample, Tally, gather
from notyet.analysis.figures import first_row
from notyet.analysis.history import History
from notyet.analysis.intervals import NOTHING
from notyet.analysis.population import Ints
from notyet.analysis.process import ProcessStage, Step
from notyet.analysis.settings import Settings

COMPARED: tuple[tuple[int, Way], ...] = (
    (int(IN_TIME), "in_time"),
    (int(LATE), "late"),
    (int(SKIPPED), "skipped"),
    (int(OUT_OF_ORDER), "out_of_order"),
)


def conformance(history: History, settings: Settings | None = None, *, equal: bool = True) -> Conformance:
    """What became of the steps of the process, and what went with it.

    Steps on record that no version of the process knows are told after those that one knows. A step that was never
    done is left out: the record cannot tell it from one that is not written down. Without ``equal`` nothing is
    compared with other things equal, which takes most of the time.
    """
    settings = settings or Settings()
    part = Part.of(_deals(history)) if equal else NOBODY
    looked = [_Looked.at(history, plan, part, settings.smallest_group) for plan in plans(history)]
    samples = [(one.sample, one.chosen) for one in looked]
    found = effects(history, settings, part, samples) if equal and any(one.chosen for one in looked) else {}
    steps: list[StepFollowed] = []
    for place, one in enumerate(looked):
        for chosen in one.chosen:
            standing = {way: found.get((place, chosen.number, way)) for way in DEVIATIONS}
            steps.append(_followed(one, chosen, standing, settings.smallest_group))
    return Conformance(tuple(steps), len(found))


def _deals(history: History) -> int:
    return int(first_row(history.table("deals").aggregate(n=history.table("deals").count()))["n"])


@dataclass(frozen=True)
class _Looked:
    """A plan, what was counted by it, and the landmark that each step is compared at."""

    plan: Plan
    tallies: tuple[Tally, ...]
    sample: Sample
    chosen: tuple[Chosen, ...]

    @classmethod
    def at(cls, history: History, plan: Plan, part: Part, smallest: int) -> "_Looked":
        every, judge = followed(history, plan)
        tallies, sample = gather(every, judge, part)
        chosen = [Chosen(number, landmark(one, smallest)) for number, one in enumerate(tallies) if _told(one)]
        return cls(plan, tallies, sample, tuple(chosen))

    def rule(self, tally: Tally) -> tuple[ProcessStage, Step | None]:
        """The stage and step as the latest version that has them says."""
        for version in reversed(self.plan.versions):
            for stage in version.stages:
                if stage.key == tally.stage:
                    step = next((one for one in stage.steps if one.key == tally.step), None)
                    if step is not None or not tally.step:
                        return stage, step
        raise KeyError(tally.step)


def _told(tally: Tally) -> bool:
    """Whether there is anything to say: a step that deals came to, a stage that some of them jumped."""
    return bool(tally.statuses[SKIPPED]) if not tally.step else bool(tally.statuses.sum())


def _followed(looked: _Looked, chosen: Chosen, standing: dict[int, Standing | None], smallest: int) -> StepFollowed:
    tally = looked.tallies[chosen.number]
    stage, step = looked.rule(tally)
    counts: dict[Status, int] = {name: int(n) for name, n in zip(STATUSES, tally.statuses, strict=True)}  # type: ignore[misc]
    cells = tally.at_landmarks[chosen.landmark]
    ways = tuple(_won(way, cells[code], smallest) for code, way in COMPARED if cells[code].sum())
    deviations = tuple(
        _deviated(way, cells[code], cells[IN_TIME], standing.get(code), smallest)
        for code, way in COMPARED
        if code != IN_TIME and cells[code].sum() and cells[IN_TIME].sum()
    )
    return StepFollowed(
        stage_key=tally.stage,
        stage=stage.label,
        key=tally.step,
        text=step.text if step else stage.label,
        due=step.due if step else None,
        landmark=_landmark_label(tally, step, chosen),
        counts=counts,
        ways=ways,
        deviations=deviations,
        recorded=not looked.plan.ordered,
    )


def _landmark_label(tally: Tally, step: Step | None, chosen: Chosen) -> str:
    if not tally.step:
        return "on entering a later stage"
    if step is not None and step.due is not None:
        return "twice the time allowed"
    return f"day {DAYS[chosen.landmark]} in the stage"


def _won(way: Way, cell: Ints, smallest: int) -> WayWon:
    deals, won = int(cell.sum()), int(cell[1])
    if deals < smallest:
        return WayWon(way, deals, won, NOTHING, "below_five")
    return WayWon(way, deals, won, intervals.share(won, deals))


def _deviated(way: Way, cell: Ints, in_time: Ints, standing: Standing | None, smallest: int) -> Deviated:
    if min(cell.sum(), in_time.sum()) < smallest:
        return Deviated(way, NOTHING, "below_five")
    plain = intervals.difference(int(cell[1]), int(cell.sum()), int(in_time[1]), int(in_time.sum()))
    if standing is None:
        return Deviated(way, plain)
    effect = standing.effect
    equal = intervals.Estimate(effect.value, max(-1.0, effect.low), min(1.0, effect.high))
    return Deviated(way, plain, None, equal, standing.q, standing.stands)
