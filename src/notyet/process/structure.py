"""What the buttons of the editor do to a process: add, remove, put back, move up and down. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from notyet.process.definition import BadDefinition, Definition, Question, StageRule, Step
from notyet.process.editing import fresh_key

MOST_STAGES, MOST_LINES = 12, 10


Change = Callable[[Definition], Definition]
"""What a button does."""


class CannotChange(ValueError):
    """The button cannot do that; the text says why."""


@dataclass(frozen=True)
class Removed:
    """A stage, question or step that was removed, with where it stood, so that it can be put back."""

    what: str
    stage: str
    """The key of the stage that a question or step was of; empty for a stage."""
    place: int
    kept: dict[str, Any]
    """The whole process of this one stage, with only the line that was removed."""

    @property
    def text(self) -> str:
        """What it was called."""
        stage = self.kept["stages"][0]
        lines = stage[f"{self.what}s"] if self.what != "stage" else [{"text": stage["label"]}]
        return str(lines[0]["text"])


def add_stage(definition: Definition) -> tuple[Definition, str]:
    """A further stage, before the first order or payment; and its key. Raises ``CannotChange``."""
    if len(definition.stages) >= MOST_STAGES:
        raise CannotChange(f"a process has at most {MOST_STAGES} stages")
    key = fresh_key(definition, "stage")
    ends = [number for number, one in enumerate(definition.stages) if one.kind in ("order", "paid")]
    place = ends[0] if ends else len(definition.stages)
    stages = [*definition.stages]
    stages.insert(place, StageRule(key, "", "other"))
    return Definition(tuple(stages)), key


def add_line(definition: Definition, what: str, stage_key: str) -> tuple[Definition, str]:
    """A further ``question`` or ``step`` at the end of a stage; and its key. Raises ``CannotChange``."""
    stage = _stage(definition, stage_key)
    key = fresh_key(definition, what)
    if len(stage.questions if what == "question" else stage.steps) >= MOST_LINES:
        raise CannotChange(f"a stage has at most {MOST_LINES} {what}s: more than that nobody keeps in mind")
    if what == "question":
        return definition.with_stage(replace(stage, questions=(*stage.questions, Question(key, "")))), key
    return definition.with_stage(replace(stage, steps=(*stage.steps, Step(key, "")))), key


def move(definition: Definition, what: str, key: str, by: int) -> Definition:
    """A stage, question or step one place up (-1) or down (1), beyond the last of its stage into the next stage.

    At the very ends nothing changes; so it is for what is not there any more.
    """
    if what == "stage":
        return Definition(_moved(definition.stages, key, by))
    stage = _stage_of(definition, what, key)
    if stage is None:
        return definition
    lines = _lines(stage, what)
    place = next(number for number, one in enumerate(lines) if one.key == key)
    if 0 <= place + by < len(lines):
        return definition.with_stage(_with_lines(stage, what, _moved(lines, key, by)))
    number = definition.position(stage.key) + by
    if not 0 <= number < len(definition.stages):
        return definition
    other = definition.stages[number]
    there = _lines(other, what)
    if len(there) >= MOST_LINES:
        return definition
    joined = (lines[place], *there) if by > 0 else (*there, lines[place])
    left = tuple(one for one in lines if one.key != key)
    return definition.with_stage(_with_lines(stage, what, left)).with_stage(_with_lines(other, what, joined))


def remove(definition: Definition, what: str, key: str) -> tuple[Definition, Removed | None]:
    """The process without a stage, question or step, and what to put back; as it was, if that is gone already."""
    if what == "stage":
        stage = definition.stage(key)
        if stage is None:
            return definition, None
        kept = Removed(what, "", definition.position(key), Definition((stage,)).to_json())
        return Definition(tuple(one for one in definition.stages if one.key != key)), kept
    stage = _stage_of(definition, what, key)
    if stage is None:
        return definition, None
    lines = _lines(stage, what)
    place = next(number for number, one in enumerate(lines) if one.key == key)
    bare = replace(stage, questions=(), steps=())
    kept = Removed(what, stage.key, place, Definition((_with_lines(bare, what, (lines[place],)),)).to_json())
    return definition.with_stage(_with_lines(stage, what, tuple(one for one in lines if one.key != key))), kept


def put_back(definition: Definition, removed: Removed) -> Definition:
    """The process with what was removed in its place again. Raises ``CannotChange`` where that cannot be."""
    try:
        stage = Definition.from_json(removed.kept).stages[0]
    except (BadDefinition, IndexError) as error:
        raise CannotChange("what was removed cannot be read any more") from error
    if removed.what == "stage":
        stages = [*definition.stages]
        stages.insert(removed.place, stage)
        return _sound(Definition(tuple(stages)))
    home = definition.stage(removed.stage)
    if home is None:
        raise CannotChange("its stage is not there any more; put the stage back first")
    lines = [*_lines(home, removed.what)]
    lines[removed.place : removed.place] = _lines(stage, removed.what)
    return _sound(definition.with_stage(_with_lines(home, removed.what, tuple(lines))))


def _sound(definition: Definition) -> Definition:
    try:
        return Definition.from_json(definition.to_json())
    except BadDefinition as error:
        raise CannotChange("it is there already") from error


def _moved(lines: Sequence[Any], key: str, by: int) -> tuple[Any, ...]:
    made = [*lines]
    place = next((number for number, one in enumerate(made) if one.key == key), None)
    if place is not None and 0 <= place + by < len(made):
        made[place], made[place + by] = made[place + by], made[place]
    return tuple(made)


def _stage(definition: Definition, key: str) -> StageRule:
    stage = definition.stage(key)
    if stage is None:
        raise CannotChange("this stage is not there any more; somebody removed it")
    return stage


def _stage_of(definition: Definition, what: str, key: str) -> StageRule | None:
    has: Callable[[StageRule], bool] = lambda stage: key in {one.key for one in _lines(stage, what)}  # noqa: E731
    return next(filter(has, definition.stages), None)


def _lines(stage: StageRule, what: str) -> tuple[Any, ...]:
    return stage.questions if what == "question" else stage.steps


def _with_lines(stage: StageRule, what: str, lines: tuple[Any, ...]) -> StageRule:
    return replace(stage, questions=lines) if what == "question" else replace(stage, steps=lines)
