"""How a deal should go, as data: stages with the buyer's questions, our steps, and what to know on entering. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

if TYPE_CHECKING:
    from notyet.core.working_time import WorkingTime

DueUnit = Literal["hours", "days"]
UNITS: tuple[str, ...] = get_args(DueUnit)
MOST_DUE = 10_000
"""So many working hours or days from something, at most; beyond, the calendar itself would end."""
KINDS = ("enquiry", "discovery", "need", "proposal", "order", "paid", "other")
"""What a stage can be. Lost is how a deal ends, not a stage on its way."""

NEEDS: Mapping[str, str] = {
    "amount": "an amount",
    "contact": "a contact at the buyer's",
    "signer": "who signs",
    "persona": "the buyer's persona",
    "source": "where the buyer came from",
    "competitor": "who else is in the room",
    "term": "the term of the contract",
    "next_step": "a dated next step",
    "questions": "answers to the buyer's questions of the stage before",
}
"""What a stage can ask for on entering, and how it is worded."""


class BadDefinition(ValueError):
    """This is no definition of a process; the text says where it is broken."""


@dataclass(frozen=True)
class Due:
    """So many working hours or working days after entering the stage; 0 days: by the end of that day."""

    amount: int
    unit: DueUnit

    def after(self, entered_at: datetime, working: "WorkingTime") -> datetime:
        """The moment by which it is due for a stage entered then."""
        if self.unit == "hours":
            return working.add_hours(entered_at, self.amount)
        return working.add_days(entered_at, self.amount)

    def __str__(self) -> str:
        if not self.amount and self.unit == "days":
            return "the same day"
        return f"within {self.amount} working {self.unit[:-1] if self.amount == 1 else self.unit}"


@dataclass(frozen=True)
class Question:
    """What a buyer needs answered to go on."""

    key: str
    text: str
    due: Due | None = None


@dataclass(frozen=True)
class Step:
    """What we do in a stage."""

    key: str
    text: str
    due: Due | None = None


@dataclass(frozen=True)
class StageRule:
    """A stage of the buyer's decision. The key stays when the label changes."""

    key: str
    label: str
    kind: str
    questions: tuple[Question, ...] = ()
    steps: tuple[Step, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Definition:
    """The stages in the order in which a deal goes through them. Keys of stages, steps and questions are unique."""

    stages: tuple[StageRule, ...] = field(default=())

    def stage(self, key: str) -> StageRule | None:
        """The stage with the key."""
        return next((one for one in self.stages if one.key == key), None)

    def position(self, key: str) -> int:
        """The stage's place from 0. Raises ``KeyError``."""
        for number, one in enumerate(self.stages):
            if one.key == key:
                return number
        raise KeyError(key)

    def before(self, key: str) -> StageRule | None:
        """The stage before the one with the key; ``None`` for the first."""
        place = self.position(key)
        return self.stages[place - 1] if place else None

    def steps(self) -> Iterator[tuple[StageRule, Step]]:
        """Every step with its stage, in order."""
        return ((stage, step) for stage in self.stages for step in stage.steps)

    def questions(self) -> Iterator[tuple[StageRule, Question]]:
        """Every question with its stage, in order."""
        return ((stage, question) for stage in self.stages for question in stage.questions)

    def with_stage(self, changed: StageRule) -> "Definition":
        """The same with the stage of this key as given."""
        return Definition(tuple(changed if one.key == changed.key else one for one in self.stages))

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {"stages": [_stage_to_json(one) for one in self.stages]}

    @classmethod
    def from_json(cls, kept: Any) -> "Definition":
        """Read what ``to_json`` gave. Raises ``BadDefinition`` for anything of another form or with a key twice."""
        made = cls(tuple(_stage(one) for one in _list(kept, "stages")))
        keys = [one.key for one in made.stages]
        for what, found in (
            ("stage", keys),
            ("question", [one.key for _, one in made.questions()]),
            ("step", [one.key for _, one in made.steps()]),
        ):
            twice = next((key for key in found if found.count(key) > 1), None)
            if twice is not None:
                raise BadDefinition(f"two of its {what}s have the key “{twice}”")
        return made


def _stage_to_json(stage: StageRule) -> dict[str, Any]:
    return {
        "key": stage.key,
        "label": stage.label,
        "kind": stage.kind,
        "questions": [_line_to_json(one) for one in stage.questions],
        "steps": [_line_to_json(one) for one in stage.steps],
        "needs": list(stage.needs),
    }


def _line_to_json(line: Question | Step) -> dict[str, Any]:
    kept: dict[str, Any] = {"key": line.key, "text": line.text}
    return kept | ({"due": {"amount": line.due.amount, "unit": line.due.unit}} if line.due else {})


def _stage(kept: Any) -> StageRule:
    kind, needs = _text(kept, "kind"), tuple(_list(kept, "needs"))
    if kind not in KINDS:
        raise BadDefinition(f"a stage is of the kind “{kind}”, which is none of {', '.join(KINDS)}")
    unknown = next((one for one in needs if one not in NEEDS), None)
    if unknown is not None:
        raise BadDefinition(f"a stage needs “{unknown}”, which is none of {', '.join(NEEDS)}")
    return StageRule(
        key=_key(kept),
        label=_text(kept, "label"),
        kind=kind,
        questions=tuple(Question(_key(one), _text(one, "text"), _due(one)) for one in _list(kept, "questions")),
        steps=tuple(Step(_key(one), _text(one, "text"), _due(one)) for one in _list(kept, "steps")),
        needs=tuple(name for name in NEEDS if name in needs),
    )


def _due(kept: Mapping[str, Any]) -> Due | None:
    due = kept.get("due")
    if due is None:
        return None
    amount, unit = (due.get("amount"), due.get("unit")) if isinstance(due, dict) else (None, None)
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 <= amount <= MOST_DUE or unit not in UNITS:
        raise BadDefinition(f"“{due}” is no due time: an amount from 0 to {MOST_DUE:,} and a unit, hours or days")
    return Due(amount, cast(DueUnit, unit))


def _key(kept: Any) -> str:
    key = _text(kept, "key")
    if not key or len(key) > 100:
        raise BadDefinition("a key is empty or longer than 100 characters")
    return key


def _text(kept: Any, name: str) -> str:
    value = kept.get(name) if isinstance(kept, dict) else None
    if not isinstance(value, str):
        raise BadDefinition(f"“{name}” is missing or no text")
    return value


def _list(kept: Any, name: str) -> list[Any]:
    value = kept.get(name, []) if isinstance(kept, dict) else None
    if not isinstance(value, list):
        raise BadDefinition(f"“{name}” is no list")
    return value
