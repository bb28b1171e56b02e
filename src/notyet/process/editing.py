"""A process as the fields of a form: read, changed field by field, and two people's changes brought together. Pure.

A field is named by what it is of: ``stage.discovery.label``, ``step.send-proposal.due``; its value is a text. So a
change is to a field, whatever happened to the lines around it meanwhile.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from django.utils.text import slugify

from notyet.core.texts import NotAText, one_line
from notyet.process.definition import KINDS, NEEDS, Definition, Due, DueUnit, Question, StageRule, Step

LONGEST_LABEL, LONGEST_TEXT = 100, 200
MOST_HOURS, MOST_DAYS = 200, 250
_NEW = "new-"
_DUE = re.compile(r"(?P<amount>[0-9]{1,3}) ?(?P<unit>hours|days)")
_Line = TypeVar("_Line", Question, Step)


class BadField(ValueError):
    """What was typed into a field of a process cannot be kept; the text says why."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(text)
        self.path, self.text = path, text


@dataclass(frozen=True)
class FieldConflict:
    """Somebody else changed the field since it was shown: what he wrote and what the other did."""

    path: str
    mine: str
    theirs: str | None
    """``None`` where the line was removed."""


@dataclass(frozen=True)
class Merged:
    """The definition with everything that could be brought together, and what could not."""

    definition: Definition
    conflicts: tuple[FieldConflict, ...]
    refused: tuple[BadField, ...]


def fields(definition: Definition) -> dict[str, str]:
    """Every field of a process, in order, by its name."""
    made: dict[str, str] = {}
    for stage in definition.stages:
        made[f"stage.{stage.key}.label"] = stage.label
        made[f"stage.{stage.key}.kind"] = stage.kind
        made[f"stage.{stage.key}.needs"] = " ".join(stage.needs)
        for what, lines in (("question", stage.questions), ("step", stage.steps)):
            for line in lines:
                made[f"{what}.{line.key}.text"] = line.text
                made[f"{what}.{line.key}.due"] = f"{line.due.amount} {line.due.unit}" if line.due else ""
    return made


def merge(definition: Definition, seen: Mapping[str, str], mine: Mapping[str, str]) -> Merged:
    """Set the fields that ``mine`` holds otherwise than ``seen`` did, where ``definition`` still holds what was seen.

    A field that somebody else changed meanwhile, to something else, is a conflict and keeps what he made of it; one
    whose line he removed is a conflict if it holds text of one's own. A value that cannot be kept is refused.
    """
    conflicts, refused = [], []
    for path, new in mine.items():
        new = _plain(path, new)  # noqa: PLW2901 - as it is kept
        if new == seen.get(path, ""):
            continue
        now = fields(definition).get(path)
        if now == new:
            continue
        if now is None or now != seen.get(path, ""):
            conflicts.append(FieldConflict(path, new, now))
            continue
        try:
            definition = with_field(definition, path, new)
        except BadField as error:
            refused.append(error)
    return Merged(definition, tuple(conflicts), tuple(refused))


def _plain(path: str, text: str) -> str:
    text = " ".join(text.split())
    if not path.endswith(".needs"):
        return text
    return " ".join(name for name in NEEDS if name in text.split())


def with_field(definition: Definition, path: str, text: str) -> Definition:
    """The definition with a field set. Raises ``BadField``; a field that it does not have changes nothing."""
    what, _, rest = path.partition(".")
    key, _, name = rest.rpartition(".")
    stages = []
    for stage in definition.stages:
        if what == "stage" and stage.key == key:
            stage = _with_stage_field(stage, path, name, text)  # noqa: PLW2901 - the stage as it is to be
        elif what == "question":
            stage = replace(stage, questions=_with_line_field(stage.questions, key, path, name, text))  # noqa: PLW2901
        elif what == "step":
            stage = replace(stage, steps=_with_line_field(stage.steps, key, path, name, text))  # noqa: PLW2901
        stages.append(stage)
    return Definition(tuple(stages))


def _with_stage_field(stage: StageRule, path: str, name: str, text: str) -> StageRule:
    if name == "label":
        return replace(stage, label=_short(path, text, LONGEST_LABEL))
    if name == "kind":
        if text not in KINDS:
            raise BadField(path, f"“{text}” is no kind of stage")
        return replace(stage, kind=text)
    return replace(stage, needs=tuple(need for need in NEEDS if need in text.split()))


def _with_line_field(lines: tuple[_Line, ...], key: str, path: str, name: str, text: str) -> tuple[_Line, ...]:
    if key not in {line.key for line in lines}:
        return lines
    if name == "text":
        text = _short(path, text, LONGEST_TEXT)
        return tuple(replace(one, text=text) if one.key == key else one for one in lines)
    due = read_due(path, text)
    return tuple(replace(one, due=due) if one.key == key else one for one in lines)


def read_due(path: str, text: str) -> Due | None:
    """``4 hours`` or ``2 days``; empty, or without a number, for no due time. Raises ``BadField``."""
    if not text or text in ("hours", "days"):
        return None
    found = _DUE.fullmatch(text)
    most = {"hours": MOST_HOURS, "days": MOST_DAYS}
    if found is None or int(found["amount"]) > most[found["unit"]]:
        number = text.rsplit(" ", 1)[0]
        raise BadField(
            path, f"“{number}” is no number of working hours (up to {MOST_HOURS}) or days (up to {MOST_DAYS})"
        )
    amount, unit = int(found["amount"]), cast(DueUnit, found["unit"])
    if unit == "hours" and not amount:
        raise BadField(path, "0 hours is no time to do it in: give at least 1 hour, or 0 days for the same day")
    return Due(amount, unit)


def _short(path: str, text: str, longest: int) -> str:
    if len(text) > longest:
        raise BadField(path, f"“{text[:30]}…” is {len(text)} characters long; {longest} can be kept")
    try:
        return one_line(text, longest)
    except NotAText as error:
        raise BadField(path, str(error)) from error


def fresh_key(definition: Definition, what: str) -> str:
    """A key for a stage, question or step that has no text yet; ``settled`` gives it one that can be read."""
    taken, number = _keys(definition, what), 1
    while f"{_NEW}{number}" in taken:
        number += 1
    return f"{_NEW}{number}"


def readable_key(text: str, taken: Iterable[str]) -> str:
    """A key that tells what it is of, and that none of ``taken`` is: ``need-in-writing``, ``need-in-writing-2``."""
    base = slugify(text)[:60].strip("-") or "line"
    number, key, taken = 1, base, set(taken)
    while key in taken:
        number += 1
        key = f"{base}-{number}"
    return key


def settled(definition: Definition) -> Definition:
    """The definition with readable keys in place of those that ``fresh_key`` gave."""
    for what in ("stage", "question", "step"):
        for key in [one for one in _keys(definition, what) if re.fullmatch(rf"{_NEW}[0-9]+", one)]:
            taken = [one for one in _keys(definition, what) if one != key]
            definition = _with_key(definition, what, key, taken)
    return definition


def _with_key(definition: Definition, what: str, key: str, taken: Iterable[str]) -> Definition:
    def line(one: _Line) -> _Line:
        return replace(one, key=readable_key(one.text, taken)) if one.key == key else one

    stages = []
    for stage in definition.stages:
        if what == "stage" and stage.key == key:
            stage = replace(stage, key=readable_key(stage.label, taken))  # noqa: PLW2901 - as it is to be
        elif what == "question":
            stage = replace(stage, questions=tuple(map(line, stage.questions)))  # noqa: PLW2901
        elif what == "step":
            stage = replace(stage, steps=tuple(map(line, stage.steps)))  # noqa: PLW2901
        stages.append(stage)
    return Definition(tuple(stages))


def _keys(definition: Definition, what: str) -> list[str]:
    if what == "stage":
        return [one.key for one in definition.stages]
    lines: Iterable[tuple[StageRule, Question | Step]]
    lines = definition.questions() if what == "question" else definition.steps()
    return [line.key for _, line in lines]
