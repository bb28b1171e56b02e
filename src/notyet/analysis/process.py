"""How a deal should have gone, as a history carries it: versions of the process, and the working time.

Part of ``history.json``. What stages and steps are called in the record is told apart once, when it is frozen:
``labels`` and ``wordings`` say which recorded text means which stage or step of the version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal, cast, get_args

DueUnit = Literal["hours", "days"]


@dataclass(frozen=True)
class Due:
    """So many working hours or working days after entering the stage; 0 days: by the end of that day."""

    amount: int
    unit: DueUnit


@dataclass(frozen=True)
class Step:
    """What is to be done in a stage; without ``due`` at no certain time."""

    key: str
    text: str
    due: Due | None = None


@dataclass(frozen=True)
class ProcessStage:
    """A stage with its steps."""

    key: str
    label: str
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class ProcessVersion:
    """The process as it was published at a moment; keys stay the same thing from version to version.

    Without ``published_at`` it is what deals are worked by before the first version is published.
    ``labels``: recorded labels and the key of the stage that each means. ``wordings``: the same of recorded steps.
    """

    name: str
    published_at: datetime | None = None
    stages: tuple[ProcessStage, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    wordings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Working:
    """The days of the week (0 is Monday) that are worked from ``starts`` to ``ends``, but for the ``closed`` ones.

    The clocks are those of the history's time zone.
    """

    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    starts: time = time(9)
    ends: time = time(17)
    closed: tuple[date, ...] = ()


def version_of(data: Mapping[str, Any], published_at: datetime | None) -> ProcessVersion:
    """A version of ``history.json``. Raises ``KeyError`` or ``TypeError`` where it is none."""
    return ProcessVersion(
        name=str(data["name"]),
        published_at=published_at,
        stages=tuple(
            ProcessStage(one["key"], one["label"], tuple(_step(step) for step in one.get("steps", ())))
            for one in data.get("stages", ())
        ),
        labels=tuple((text, key) for text, key in data.get("labels", ())),
        wordings=tuple((text, key) for text, key in data.get("wordings", ())),
    )


def working_of(data: Mapping[str, Any]) -> Working:
    """The working time of ``history.json``. Raises ``KeyError`` or ``ValueError`` where it is none."""
    return Working(
        days=tuple(int(day) for day in data["days"]),
        starts=time.fromisoformat(data["starts"]),
        ends=time.fromisoformat(data["ends"]),
        closed=tuple(date.fromisoformat(day) for day in data.get("closed", ())),
    )


def _step(data: Mapping[str, Any]) -> Step:
    due = data.get("due")
    if due is None:
        return Step(data["key"], data["text"])
    if due["unit"] not in get_args(DueUnit):
        raise KeyError(f"unit {due['unit']!r}")
    return Step(data["key"], data["text"], Due(int(due["amount"]), cast(DueUnit, due["unit"])))
