"""What a process lacks before it can be published. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from notyet.process.definition import Definition, StageRule


@dataclass(frozen=True)
class Problem:
    """Something to mend before publishing: the field it is about (empty: the whole) and what to do."""

    path: str
    text: str


def problems(definition: Definition) -> tuple[Problem, ...]:
    """Everything that keeps a process from being published, in the order of its fields."""
    return (*_of_the_whole(definition), *_of_names(definition), *_of_lines(definition))


def _of_the_whole(definition: Definition) -> Iterator[Problem]:
    kinds = [one.kind for one in definition.stages]
    if not definition.stages:
        yield Problem("", "Add a stage: a process without stages says nothing.")
        return
    if "order" not in kinds:
        yield Problem("", "One stage has to be of the kind “order placed”: without it no deal could be won.")
    if kinds.count("order") > 1:
        yield Problem("", "Only one stage can be of the kind “order placed”: a deal is ordered once.")
    if kinds.count("paid") > 1:
        yield Problem("", "Only one stage can be of the kind “paid”: a deal is won once.")
    ends = [kind for kind in kinds if kind in ("order", "paid")]
    if ends == ["paid", "order"]:
        yield Problem("", "The stage of the kind “paid” has to come after the one of the kind “order placed”.")
    if ends and kinds[0] in ("order", "paid"):
        yield Problem("", "A deal begins before the order: put a stage before it.")


def _of_names(definition: Definition) -> Iterator[Problem]:
    seen: dict[str, StageRule] = {}
    for stage in definition.stages:
        path, name = f"stage.{stage.key}.label", stage.label.strip().casefold()
        if not name:
            yield Problem(path, "A stage has no name: give it one.")
        elif name in seen:
            yield Problem(path, f"Two stages are called “{stage.label}”: give one of them another name.")
        seen[name] = stage


def _of_lines(definition: Definition) -> Iterator[Problem]:
    for stage in definition.stages:
        for what, lines in (("question", stage.questions), ("step", stage.steps)):
            texts: list[str] = []
            for line in lines:
                path, text = f"{what}.{line.key}.text", line.text.strip().casefold()
                where = f"in “{stage.label}”" if stage.label else "in a stage"
                if not text:
                    yield Problem(path, f"A {what} {where} says nothing: write it, or remove it.")
                elif text in texts:
                    yield Problem(path, f"The {what} “{line.text}” stands {where} twice: remove one.")
                texts.append(text)
    texts = [one.text.strip().casefold() for _, one in definition.steps()]
    for stage, step in definition.steps():
        same = [one for one in stage.steps if one.text.strip().casefold() == step.text.strip().casefold()]
        if texts.count(step.text.strip().casefold()) > len(same) and step.text.strip():
            path = f"step.{step.key}.text"
            yield Problem(path, f"The step “{step.text}” is in two stages: word one of them otherwise.")
