"""The editor's form: what was typed into its fields, what its buttons ask for."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from notyet.process.definition import NEEDS, BadDefinition, Definition
from notyet.process.editing import fields
from notyet.process.structure import (
    CannotChange,
    Change,
    Removed,
    add_line,
    add_stage,
    move,
    put_back,
    remove,
)

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class BadForm(ValueError):
    """What came in is not the editor's form."""


@dataclass(frozen=True)
class Posted:
    """The form: the process as it was shown, the fields as they are now, the draft's revision, the button pressed."""

    seen: Definition
    mine: dict[str, str]
    revision: int
    button: str
    removed: Removed | None


def read_form(posted: QueryDict) -> Posted:
    """Read the editor's form. Raises ``BadForm``."""
    try:
        seen = Definition.from_json(_kept(posted.get("seen", "")))
        revision = int(posted.get("revision", ""))
    except (ValueError, BadDefinition) as error:
        raise BadForm(str(error)) from error
    mine = {path: _typed(posted, path, was) for path, was in fields(seen).items()}
    return Posted(seen, mine, revision, posted.get("op", ""), _removed(posted.get("removed", "")))


def _kept(text: str) -> Any:
    """What a field of the form carries as JSON. Raises ``ValueError``, also for letters that no database keeps."""
    if _NUL.search(text):
        raise ValueError("it holds a character that cannot be kept")
    try:
        value = json.loads(text)
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return value


def _typed(posted: QueryDict, path: str, was: str) -> str:
    if path.endswith(".needs"):
        return " ".join(name for name in NEEDS if name in posted.getlist(path)) if f"{path}.shown" in posted else was
    if path.endswith(".due"):
        amount = posted.get(f"{path}.amount")
        return was if amount is None else f"{amount.strip()} {posted.get(f'{path}.unit', '')}" if amount.strip() else ""
    return posted.get(path, was)


def _removed(text: str) -> Removed | None:
    if not text:
        return None
    try:
        kept = _kept(text)
        return Removed(str(kept["what"]), str(kept["stage"]), int(kept["place"]), dict(kept["kept"]))
    except (ValueError, TypeError, KeyError) as error:
        raise BadForm("what was removed cannot be read") from error


def removed_text(removed: Removed) -> str:
    """What was removed, as the form carries it."""
    kept = {"what": removed.what, "stage": removed.stage, "place": removed.place, "kept": removed.kept}
    return json.dumps(kept, ensure_ascii=False)


@dataclass
class Pressed:
    """What a button of the editor did: the element to go on at, what was removed, what to say."""

    focus: str = ""
    removed: Removed | None = None


def change_of(button: str, back: Removed | None, pressed: Pressed) -> Change:
    """What a button changes in the process; ``pressed`` learns what it did. Raises ``BadForm``.

    Buttons are ``add:stage``, ``add:step:<stage>``, ``up:step:<key>``, ``down:…``, ``remove:…``, ``back``.
    """
    verb, _, rest = button.partition(":")
    what, _, key = rest.partition(":")
    known: Mapping[str, Any] = {"add": _add, "up": _move, "down": _move, "remove": _remove, "back": _back}
    if verb not in known or (verb != "back" and what not in ("stage", "question", "step")):
        raise BadForm(f"there is no button “{button}”")

    def change(definition: Definition) -> Definition:
        made: Definition = known[verb](definition, verb, what, key, back, pressed)
        return made

    return change


def _add(definition: Definition, verb: str, what: str, key: str, back: Removed | None, pressed: Pressed) -> Definition:
    made, new = add_stage(definition) if what == "stage" else add_line(definition, what, key)
    pressed.focus = f"{what}.{new}.{'label' if what == 'stage' else 'text'}"
    return made


def _move(definition: Definition, verb: str, what: str, key: str, back: Removed | None, pressed: Pressed) -> Definition:
    pressed.focus = f"{verb}.{what}.{key}"
    return move(definition, what, key, -1 if verb == "up" else 1)


def _remove(
    definition: Definition, verb: str, what: str, key: str, back: Removed | None, pressed: Pressed
) -> Definition:
    made, pressed.removed = remove(definition, what, key)
    pressed.focus = "back"
    return made


def _back(definition: Definition, verb: str, what: str, key: str, back: Removed | None, pressed: Pressed) -> Definition:
    if back is None:
        raise CannotChange("there is nothing to put back")
    pressed.focus = f"{back.what}.{_key(back)}.{'label' if back.what == 'stage' else 'text'}"
    return put_back(definition, back)


def _key(removed: Removed) -> str:
    stage = removed.kept["stages"][0]
    return str(stage["key"] if removed.what == "stage" else stage[f"{removed.what}s"][0]["key"])
