"""Conversations out of a line that people type. Pure."""

import re

from notyet.deals.talk import Talk

_KINDS = {
    "call": ("call", "called", "phone", "phoned", "rang", "anruf", "telefonat", "angerufen"),
    "email": ("mail", "email", "e-mail", "mailed", "emailed"),
    "meeting": ("meeting", "met", "meet", "visit", "demo", "treffen", "termin", "besprechung", "besuch"),
    "message": ("message", "sms", "whatsapp", "chat", "text", "nachricht", "slack", "teams"),
    "note": ("note", "notiz"),
}
_CHANNEL_OF = {word: channel for channel, words in _KINDS.items() for word in words}
_OURS = ("called", "phoned", "mailed", "emailed")
"""Said of what one did oneself."""
_ARROWS = {"←": "in", "<-": "in", "→": "out", "->": "out"}
_WORDS = {"in": "in", "incoming": "in", "out": "out", "outgoing": "out"}
_TOWARDS = {"from": "in", "von": "in", "to": "out", "an": "out", "with": "", "mit": ""}
_LENGTH = re.compile(
    r"\b(?:(\d{1,2})\s?h(?:ours?|rs?)?\s?(\d{1,2})?(?:\s?m(?:in)?)?|(\d{1,4})\s?(?:m|min|mins|minutes?|minuten|'))(?![\w])"
)
_MISSED = re.compile(r"\b(missed|verpasst|no answer|not reached|nicht erreicht)\b", re.IGNORECASE)
_UNREACHED = ("no answer", "not reached", "nicht erreicht")
_NAME = re.compile(
    r"(?:[^\W\d_a-zß-öø-ÿ][\w.'’-]*)(?:\s+(?:(?:von|van|de|der|den|di|da|la|le)\s+)*[^\W\d_a-zß-öø-ÿ][\w.'’-]*){0,3}"
)


def read_short(text: str) -> Talk | None:
    """A line that says in short what it was; none where any word of it could be what was said.

    ``call Tom Corwin 12m missed``, ``met Ines: the plan``, ``← mail: wants a reference``; but not ``call back on
    Tuesday``, ``Met the whole team`` or ``Visit Berlin``.
    """
    talk, in_short = _read(text.strip())
    return talk if in_short else None


def read_line(text: str) -> Talk:
    """A line that begins with what it was, and what was said after a colon; the lines below it belong to that.

    ``call Tom Corwin 12m missed: asked about price``, ``← mail: wants a reference``, ``meeting 50 min with Ines: the
    plan``. Everything else is a note. The text must not be empty.
    """
    return _read(text)[0]


def _read(text: str) -> tuple[Talk, bool]:
    """The conversation, and whether everything before what was said is understood and told apart from it."""
    first, _, rest = text.partition("\n")
    direction, first = _arrow(first)
    word, _, after = first.partition(" ")
    channel = _CHANNEL_OF.get(word.lower().rstrip(":,"), "")
    if not channel:
        kept = f"{first}\n{rest}".strip()
        return Talk(channel="message" if direction else "note", direction=direction, summary=kept), False
    head, said = ("", after) if word.endswith(":") else _split(after)
    contact, minutes, missed, towards, left = _head(head)
    apart = word.endswith(":") or head != after or bool(direction or missed) or minutes is not None
    in_short = apart and not left and bool(after or word.endswith(":"))
    if missed and channel != "call":
        missed, left = "", f"{missed} {left}".strip()
    if not direction:
        reached_out = missed in _UNREACHED or (word.lower().rstrip(":,") in _OURS and not missed)
        direction = towards or ("out" if reached_out else "in" if missed else "")
    summary = "\n".join(part for part in (" ".join(filter(None, (left, said.strip()))), rest.strip()) if part)
    talk = Talk(
        channel=channel,
        direction="" if channel == "note" else direction,
        missed=bool(missed) if channel == "call" else None,
        contact=contact,
        minutes=minutes,
        summary=summary,
    )
    return talk, in_short


def _arrow(line: str) -> tuple[str, str]:
    """The direction that the line begins with, and the rest; ``in`` and ``out`` only before what it was."""
    word, _, rest = line.partition(" ")
    said = _WORDS.get(word.lower(), "") if rest.partition(" ")[0].lower().rstrip(":,") in _CHANNEL_OF else ""
    if said:
        return said, rest.strip()
    found = re.match(r"(←|<-|→|->)\s*(?=\S)", line)
    return (_ARROWS[found[1]], line[found.end() :]) if found else ("", line)


def _split(text: str) -> tuple[str, str]:
    """What stands before a colon and after it; a colon inside a time of day is none."""
    parts = re.split(r":(?!\d\d)", text, maxsplit=1)
    return (parts[0], parts[1]) if len(parts) == 2 else (text, "")


def _head(text: str) -> tuple[str, float | None, str, str, str]:
    """Who, how long, the words that say it was missed, the direction, and what is left."""
    minutes: float | None = None
    if length := _LENGTH.search(text):
        hours, more, alone = length.groups()
        minutes = float(alone) if alone else 60.0 * int(hours) + int(more or 0)
        text = _without(text, length)
    missed = ""
    if found := _MISSED.search(text):
        missed, text = found[1].lower(), _without(text, found)
    direction = ""
    words = text.split(None, 1)
    while words and words[0].lower() in _TOWARDS:
        direction = _TOWARDS[words[0].lower()] or direction
        text = words[1] if len(words) > 1 else ""
        words = text.split(None, 1)
    name = _NAME.match(text)
    contact = name[0].strip() if name else ""
    left = text[name.end() :].strip(" ,;") if name else text.strip(" ,;")
    return contact, minutes, missed, direction, left


def _without(text: str, found: re.Match[str]) -> str:
    return " ".join((text[: found.start()] + " " + text[found.end() :]).split())
