"""What a debrief says, as it is typed and as it is kept. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

LONGEST = 4_000
LONGEST_LABEL = 200
MOST_CONTRIBUTING = 10
TEXTS = ("made_up_for", "same_again", "lesson")
"""What could have made up for what was out of our hands; what to do the same way again; what was learned."""
LABELS = ("deciding", "turned", "competitor")
PREPARED = "prepared."
"""``prepared.planned-first-call`` is the tick of that name: ``yes``, ``no`` or empty."""


class BadContent(ValueError):
    """What was typed into ``field`` cannot be kept; the text says why."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.field, self.text = name, text


@dataclass(frozen=True)
class Content:
    """A debrief. ``deciding`` and ``contributing`` are labels of loss reasons (*Unknown* is one); of a won deal what
    decided it for us. ``turned``: the label of the stage in which it turned. ``prepared``: ticks by their keys."""

    deciding: str = ""
    contributing: tuple[str, ...] = ()
    competitor: str = ""
    turned: str = ""
    made_up_for: str = ""
    same_again: str = ""
    lesson: str = ""
    prepared: Mapping[str, bool] = field(default_factory=dict)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Content":
        """Read what ``to_json`` wrote; what an older version did not keep is empty."""
        known = {one.name for one in fields(cls)}
        values = {name: value for name, value in kept.items() if name in known}
        values["contributing"] = tuple(values.get("contributing", ()))
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**plain, "contributing": list(self.contributing), "prepared": dict(self.prepared)}

    def get(self, name: str) -> str:
        """A field as its input shows it: ``contributing`` separated by ``;``, a tick as ``yes``, ``no`` or empty."""
        if name.startswith(PREPARED):
            said = self.prepared.get(name.removeprefix(PREPARED))
            return "" if said is None else "yes" if said else "no"
        if name == "contributing":
            return ";".join(self.contributing)
        if name not in (*TEXTS, *LABELS):
            raise BadContent(name, "a debrief has no such field")
        return str(getattr(self, name))

    def put(self, name: str, text: str, ticks: Sequence[str]) -> "Content":
        """The content with a field as typed. ``ticks``: the keys that are asked. Raises ``BadContent``."""
        values = {**self.to_json(), **_typed(self, name, text, ticks)}
        return Content.from_json(values)

    def preparation(self, ticks: Sequence[str]) -> float | None:
        """The share of the ticks answered with yes among those answered; ``None`` where none was."""
        said = [self.prepared[key] for key in ticks if key in self.prepared]
        return sum(said) / len(said) if said else None


def _typed(content: Content, name: str, text: str, ticks: Sequence[str]) -> dict[str, Any]:
    if name.startswith(PREPARED):
        key = name.removeprefix(PREPARED)
        if key not in ticks or text not in ("yes", "no", ""):
            raise BadContent(name, "answer with yes, no or not at all")
        kept = {one: said for one, said in content.prepared.items() if one != key}
        return {"prepared": {**kept, key: text == "yes"} if text else kept}
    if name == "contributing":
        labels = list(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))
        if len(labels) > MOST_CONTRIBUTING:
            raise BadContent(name, f"name at most {MOST_CONTRIBUTING} reasons that helped")
        return {name: [_bounded(name, label, LONGEST_LABEL) for label in labels]}
    if name in LABELS:
        return {name: _bounded(name, text.strip(), LONGEST_LABEL)}
    if name in TEXTS:
        return {name: _bounded(name, text.replace("\r\n", "\n"), LONGEST)}
    raise BadContent(name, "a debrief has no such field")


def _bounded(name: str, text: str, longest: int) -> str:
    if len(text) > longest:
        raise BadContent(name, f"at most {longest} characters are kept; this has {len(text)}")
    if any(ord(one) < 32 and one not in "\n\t" for one in text):
        raise BadContent(name, "there is a character in this that cannot be kept")
    return text
