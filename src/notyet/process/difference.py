"""What one version of a process says otherwise than another, in words. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from notyet.process.definition import NEEDS, Definition, Due, Question, StageRule, Step

KIND_WORDS = {
    "enquiry": "enquiry",
    "discovery": "discovery",
    "need": "need agreed",
    "proposal": "proposal",
    "order": "order placed",
    "paid": "paid",
    "other": "other",
}


@dataclass(frozen=True)
class StageDifference:
    """What is otherwise in one stage, or with the order of all of them (``label`` is empty)."""

    label: str
    lines: tuple[str, ...]


def difference(old: Definition, new: Definition) -> tuple[StageDifference, ...]:
    """Everything that ``new`` says otherwise than ``old``: none of it where they are equal, something where not.

    Stages, questions and steps are the same where their keys are.
    """
    found = [StageDifference("", tuple(_order_of_stages(old, new)))]
    for stage in new.stages:
        lines = _Told(old, new, old.stage(stage.key), stage).lines()
        found.append(StageDifference(stage.label or "Without a name", tuple(lines)))
    gone = [one for one in old.stages if new.stage(one.key) is None]
    found += [StageDifference(one.label, ("the stage is removed",)) for one in gone]
    return tuple(one for one in found if one.lines)


def _order_of_stages(old: Definition, new: Definition) -> Iterator[str]:
    both = [one.key for one in old.stages if new.stage(one.key)]
    now = [one for one in new.stages if old.stage(one.key)]
    if both != [one.key for one in now]:
        yield f"the stages come in another order: {', '.join(f'“{one.label}”' for one in new.stages)}"


@dataclass(frozen=True)
class _Told:
    """A stage of the new version beside what it was in the old one; ``was`` is missing where it is new."""

    old: Definition
    new: Definition
    was: StageRule | None
    stage: StageRule

    def lines(self) -> Iterator[str]:
        was, stage = self.was, self.stage
        if was is None:
            before = self.new.before(stage.key)
            where = f"after “{before.label}”" if before else "at the beginning"
            yield f"new stage {where}, of the kind {KIND_WORDS[stage.kind]}"
            was = StageRule(stage.key, stage.label, stage.kind)
        if was.label != stage.label:
            yield f"was called “{was.label}”"
        if was.kind != stage.kind:
            yield f"is of the kind {KIND_WORDS[stage.kind]} instead of {KIND_WORDS[was.kind]}"
        yield from _needs(was, stage)
        yield from self._of("question", was.questions, stage.questions)
        yield from self._of("step", was.steps, stage.steps)

    def _of(self, what: str, was: Sequence[Question | Step], now: Sequence[Question | Step]) -> Iterator[str]:
        before, elsewhere = {one.key: one for one in was}, dict(_everywhere(self.old, what))
        for line in now:
            earlier = before.get(line.key)
            if earlier is None and line.key in elsewhere:
                stage, earlier = elsewhere[line.key]
                yield f"{what} “{earlier.text}” comes here from “{stage.label}”"
            if earlier is None:
                yield f"new {what} “{line.text}”{f', due {line.due}' if line.due else ''}"
            else:
                yield from _reworded(what, earlier, line)
        still = dict(_everywhere(self.new, what))
        yield from (f"{what} “{one.text}” is removed" for one in was if one.key not in still)
        kept = {one.key for one in now}
        if [one.key for one in now if one.key in before] != [one.key for one in was if one.key in kept]:
            yield f"the {what}s come in another order"


def _needs(was: StageRule, stage: StageRule) -> Iterator[str]:
    more = [NEEDS[name] for name in stage.needs if name not in was.needs]
    less = [NEEDS[name] for name in was.needs if name not in stage.needs]
    if more:
        yield f"asks for {_listed(more)} on entering"
    if less:
        yield f"no longer asks for {_listed(less)} on entering"


def _reworded(what: str, was: Question | Step, now: Question | Step) -> Iterator[str]:
    if was.text != now.text:
        yield f"{what} “{now.text}” instead of “{was.text}”"
    if was.due != now.due:
        yield f"{what} “{now.text}” {_due(was.due, now.due)}"


def _due(was: Due | None, now: Due | None) -> str:
    if now is None:
        return f"has no due time any more (it was {was})"
    return f"is due {now}" + (f" instead of {was}" if was else ", which it was not before")


def _everywhere(definition: Definition, what: str) -> Iterator[tuple[str, tuple[StageRule, Question | Step]]]:
    for stage in definition.stages:
        for line in stage.questions if what == "question" else stage.steps:
            yield line.key, (stage, line)


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
