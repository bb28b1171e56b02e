"""What is still to be done and answered at the stage where a deal stands. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from notyet.process.definition import Definition, Question, Step

if TYPE_CHECKING:
    from notyet.core.working_time import WorkingTime


@dataclass(frozen=True)
class OpenQuestion:
    """A buyer's question that nobody has answered yet."""

    key: str
    text: str
    due_at: datetime | None


@dataclass(frozen=True)
class OpenStep:
    """A step of ours that is not done yet."""

    key: str
    text: str
    due_at: datetime | None


def open_work(
    definition: Definition,
    place: str,
    entered_at: datetime | None,
    done: Collection[str],
    answers: Collection[str],
    working: "WorkingTime",
) -> tuple[OpenQuestion | OpenStep, ...]:
    """The open questions, then the open steps of the stage with the key ``place``, entered at ``entered_at``.

    ``done`` and ``answers`` hold the keys of steps and questions that are settled. Nothing is due where its definition
    gives no time, or where it is not known when the stage was entered. An unknown stage has no open work.
    """
    stage = definition.stage(place)
    if stage is None:
        return ()

    def due(line: Question | Step) -> datetime | None:
        return line.due.after(entered_at, working) if line.due and entered_at else None

    questions = [OpenQuestion(one.key, one.text, due(one)) for one in stage.questions if one.key not in answers]
    steps = [OpenStep(one.key, one.text, due(one)) for one in stage.steps if one.key not in done]
    return (*questions, *steps)
