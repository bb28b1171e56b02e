"""What a deal's page says of its process: questions and steps where it stands, and where it went off."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from notyet.core.working_time import WorkingTime
from notyet.process.definition import NEEDS, Due, StageRule
from notyet.process.deviations import Deviation
from notyet.process.models import DeviationNote, QuestionAnswer
from notyet.process.queries import Walk
from notyet.web import moments


@dataclass(frozen=True)
class Line:
    """A question or a step at the stage: what was said of it, and by when it is due where it is open."""

    key: str
    text: str
    done: bool
    note: str = ""
    due: str = ""
    late: bool = False


@dataclass(frozen=True)
class StageWork:
    """What is to be known and done at the stage where the deal stands; ``before``: left open in earlier ones."""

    stage: StageRule
    questions: list[Line]
    steps: list[Line]
    before: list[Line]


@dataclass(frozen=True)
class OffProcess:
    """A deviation in words, with the seller's why where there is one."""

    stage: str
    step: str
    kind: str
    text: str
    why: str
    by: str


def stage_work(walk: Walk, answers: Iterable[QuestionAnswer], working: WorkingTime, now: datetime) -> StageWork | None:
    """The lines of the stage where the deal stands; ``None`` for a process without stages."""
    if walk.place is None:
        return None
    stage, entered = walk.place.stage, walk.place.entered_at
    told = {one.question: one for one in answers}

    def due(when: Due | None) -> tuple[str, bool]:
        at = when.after(entered, working) if when and entered else None
        return (due_words(at, now), at < now) if at else ("", False)

    questions = [
        Line(one.key, one.text, one.key in walk.answers, _told(told.get(one.key)), *due(one.due))
        for one in stage.questions
    ]
    steps = [Line(one.key, one.text, one.key in walk.done, _done(walk, one.key), *due(one.due)) for one in stage.steps]
    place = walk.definition.position(stage.key)
    before = [
        Line(one.key, one.text, done=False, note=earlier.label)
        for earlier in walk.definition.stages[:place]
        for one in earlier.questions
        if one.key not in walk.answers
    ]
    return StageWork(stage, questions, steps, before)


def _told(answer: QuestionAnswer | None) -> str:
    if answer is None:
        return ""
    return f"answered {moments.day(answer.answered_at)}" + (f": {answer.text}" if answer.text else "")


def _done(walk: Walk, step: str) -> str:
    when = walk.done.get(step)
    return f"done {moments.day(when.at)}" if when else ""


def due_words(at: datetime, now: datetime, *, plain: bool = False) -> str:
    """By when, as one says it: ``due today 16:30``, ``due tomorrow``, ``was due 3 Mar 2026``; ``plain``: by the day."""
    local, here = timezone.localtime(at), timezone.localtime(now)
    days = (local.date() - here.date()).days
    near = {-1: "yesterday", 0: "today" if plain else f"today {local:%H:%M}", 1: "tomorrow"}
    day = near.get(days) or (f"{local:%A}" if 1 < days < 7 else moments.day(at))
    over = days < 0 if plain else at < now
    return f"was due {day}" if over else f"due {day}"


def off_process(walk: Walk, found: Iterable[Deviation], notes: Iterable[DeviationNote]) -> list[OffProcess]:
    """Where the deal went another way, the latest first; what was noted on entering a stage stands among them."""
    kept = {(one.stage, one.step, one.kind): one for one in notes}
    told: dict[tuple[str, str, str], datetime] = {(one.stage, one.step, one.kind): one.at for one in found}
    told |= {key: note.at for key, note in kept.items() if key not in told}
    in_order = sorted(told, key=lambda key: told[key], reverse=True)
    return [_off(walk, key, told[key], kept.get(key)) for key in in_order]


def _off(walk: Walk, key: tuple[str, str, str], at: datetime, note: DeviationNote | None) -> OffProcess:
    stage_key, step_key, kind = key
    stage = walk.definition.stage(stage_key)
    label = stage.label if stage else stage_key
    step = next((one.text for one in stage.steps if one.key == step_key), step_key) if stage else step_key
    return OffProcess(*key, _words(label, step, kind, at), note.why if note else "", note.by if note else "")


def _words(stage: str, step: str, kind: str, at: datetime) -> str:
    day = moments.day(at)
    if kind == "unmet_need":
        return f"{stage} was entered without {NEEDS.get(step, step)}, {day}"
    if kind == "skipped":
        return f"{stage}: “{step}” was left out" if step else f"{stage} was left out"
    if kind == "late":
        return f"{stage}: “{step}” was due {day}"
    return f"{stage}: “{step}” was done while the deal stood elsewhere, {day}"
