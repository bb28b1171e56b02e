"""Fields of the record in a form: as they were seen, as they are to be, and what somebody else made of them meanwhile.

A form carries what each field held when it was drawn. What nobody touched is not written, and what two people touched
is shown beside each other until one of them chooses.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from notyet.deals.conflicts import Conflict, EditConflict
from notyet.deals.models import Channel, Direction
from notyet.deals.values import ATTRIBUTE, TIMES, Change, shown
from notyet.web.deal_filters import label
from notyet.web.moments import Moment

_MOMENTS = frozenset(name for names in TIMES.values() for name in names)
_WORDS = {
    "name": "What it is about",
    "competitor": "Against",
    "contract_term_months": "Contract (months)",
    "source": "Where they came from",
    "at": "When",
    "channel": "How",
    "direction": "Who began it",
    "missed": "Missed",
    "contact": "With whom",
    "minutes": "Minutes",
    "summary": "What was said",
    "text": "What",
    "made_at": "Promised",
    "due_at": "Due",
    "kept_at": "Kept",
    "done_at": "Done",
    "stage": "Stage",
    "entered_at": "Entered",
}
CHOICES: Mapping[str, Sequence[tuple[str, str]]] = {
    "channel": [("", ""), *Channel.choices],
    "direction": [("", ""), *Direction.choices],
    "missed": [("", "not said"), ("true", "yes"), ("false", "no")],
}
LONG = ("summary",)
ROW_FIELDS: Mapping[str, tuple[str, ...]] = {
    "conversations": ("summary", "at", "channel", "direction", "missed", "contact", "minutes"),
    "promises": ("text", "due_at", "made_at", "kept_at"),
    "next_steps": ("text", "due_at", "done_at"),
    "stage_changes": ("stage", "entered_at"),
}
"""What can be changed of each kind of row."""


@dataclass(frozen=True)
class FieldLine:
    """A field as it was ``seen`` and as ``typed``; ``theirs`` and ``by`` where somebody else changed it meanwhile."""

    name: str
    seen: str
    typed: str
    error: str = ""
    theirs: str | None = None
    by: str = ""

    @property
    def label(self) -> str:
        """Its name for people."""
        return field_word(self.name)

    @property
    def kind(self) -> str:
        """How it is typed: choice, long, time, number or line."""
        if self.name in CHOICES:
            return "choice"
        if self.name in _MOMENTS:
            return "time"
        return "long" if self.name in LONG or self.name.startswith(ATTRIBUTE) else "line"

    @property
    def choices(self) -> Sequence[tuple[str, str]]:
        """What can be chosen."""
        return CHOICES.get(self.name, ())


@dataclass(frozen=True)
class FieldsForm:
    """Fields of one row; ``error`` says what concerns none of them alone."""

    lines: tuple[FieldLine, ...]
    error: str = ""

    @classmethod
    def of(cls, row: Any, names: Iterable[str]) -> "FieldsForm":
        """The form as it is first drawn: what the record holds."""
        texts = {name: shown(row, name) for name in names}
        return cls(tuple(FieldLine(name, text, text) for name, text in texts.items()))

    @classmethod
    def read(cls, sent: Mapping[str, str], names: Iterable[str]) -> "FieldsForm":
        """What came back. A field that was not in the form is left alone, and so is one left to somebody else."""
        lines = []
        for name in names:
            seen, typed = sent.get(f"seen.{name}"), sent.get(name)
            if seen is None or typed is None:
                continue
            seen, typed = _lines(seen), _lines(typed)
            lines.append(FieldLine(name, seen, seen if sent.get(f"choice.{name}") == "theirs" else typed))
        return cls(tuple(lines))

    def changes(self) -> dict[str, Change]:
        """What was typed over."""
        return {one.name: Change(one.seen, one.typed) for one in self.lines if one.typed != one.seen}

    def refused(self, field: str, text: str) -> "FieldsForm":
        """The same with the reason why a field cannot be kept."""
        if all(one.name != field for one in self.lines):
            return replace(self, error=text)
        return replace(self, lines=tuple(replace(one, error=text) if one.name == field else one for one in self.lines))

    def against(self, theirs: Mapping[str, tuple[str, str]]) -> "FieldsForm":
        """The same beside what others wrote: a field -> their text, and who and when.

        What others wrote is what is seen from now on, so that a second try says that it is known.
        """
        return replace(self, lines=tuple(_beside(one, theirs.get(one.name)) for one in self.lines))

    @property
    def contested(self) -> bool:
        """Whether there is something to choose between."""
        return any(one.theirs is not None for one in self.lines)

    @property
    def first(self) -> str:
        """Where whoever opens the form begins: at what is wrong, else at the first field."""
        wrong = next((one.name for one in self.lines if one.error or one.theirs is not None), None)
        return wrong or (self.lines[0].name if self.lines else "")


def met(form: FieldsForm, conflict: EditConflict) -> FieldsForm:
    """The form beside what somebody else wrote meanwhile."""
    return form.against({one.field: (one.theirs, _by(one)) for one in conflict.conflicts})


def _by(one: Conflict) -> str:
    return f"{one.by}, {Moment(one.at)}" if one.at else one.by


def field_word(field: str) -> str:
    """What a field of a deal or of a row about it is called."""
    return _WORDS.get(field) or label(field)


def _beside(line: FieldLine, theirs: tuple[str, str] | None) -> FieldLine:
    return line if theirs is None else replace(line, seen=theirs[0], theirs=theirs[0], by=theirs[1])


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")
