"""What a stage asks for on entering, and what of it a deal does not have yet. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from notyet.process.definition import NEEDS, Definition, StageRule


@dataclass(frozen=True)
class Need:
    """Something that a stage asks for on entering: its name, and how it is worded."""

    name: str
    text: str


def missing(
    definition: Definition, stage: StageRule, held: Collection[str], answers: Collection[str]
) -> tuple[Need, ...]:
    """What the stage asks for and the deal lacks.

    ``held`` names the needs that the deal's record meets, ``answers`` the keys of the questions that are answered.
    """
    before = definition.before(stage.key)
    open_before = [one for one in before.questions if one.key not in answers] if before else []

    def met(name: str) -> bool:
        return not open_before if name == "questions" else name in held

    return tuple(Need(name, _worded(name, len(open_before))) for name in stage.needs if not met(name))


def _worded(name: str, open_questions: int) -> str:
    if name != "questions":
        return NEEDS[name]
    return f"{NEEDS[name]} ({open_questions} still open)"
