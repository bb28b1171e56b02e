"""Saying what was done, with the way to take it back and the place where the eye should go."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest

if TYPE_CHECKING:
    from notyet.deals.edit_models import Edit

_CARRIED = re.compile(r"\b(undoes|focus|verb)=(\S+)")


@dataclass(frozen=True)
class Told:
    """What a message carries: the key of the edit that it undoes, by what word, and where the eye is led."""

    undoes: int | None = None
    focus: str = ""
    verb: str = "Undo"


def say_done(request: HttpRequest, text: str, edit: "Edit | None" = None, focus: str = "", verb: str = "Undo") -> None:
    """Say on the next page that something was done; with an edit it offers, by the ``verb``, to undo it."""
    parts = [f"undoes={edit.pk}" if edit is not None else "", f"focus={focus}" if focus else ""]
    parts.append(f"verb={verb.replace(' ', '_')}")
    messages.success(request, text, extra_tags=" ".join(part for part in parts if part))


def told_by(message: Message) -> Told:
    """Read what ``say_done`` put into a message."""
    carried = dict(_CARRIED.findall(message.extra_tags or ""))
    verb = carried.get("verb", "Undo").replace("_", " ")
    return Told(int(carried["undoes"]) if "undoes" in carried else None, carried.get("focus", ""), verb)
