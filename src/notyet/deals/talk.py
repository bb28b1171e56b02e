"""A conversation as it is noted, before it is kept. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from notyet.deals.values import BadValue, Value, as_text, moment, parse
from notyet.deals.when import When

LONGEST_SUMMARY = 20_000


@dataclass(frozen=True)
class Talk:
    """A call, e-mail, meeting, message or note with a buyer.

    ``at``: when; without it now. ``direction``: ``in`` from the buyer, ``out`` from us, or empty. ``missed``: nobody
    answered. ``minutes``: how long it took.
    """

    at: datetime | date | When | None = None
    channel: str = ""
    direction: str = ""
    missed: bool | None = None
    contact: str = ""
    minutes: float | None = None
    summary: str = ""


def checked(talk: Talk, now: datetime, zone: str) -> dict[str, Value]:
    """The fields of a conversation to keep. Raises ``BadValue``."""
    values: dict[str, Value] = {"at": moment("at", talk.at, zone) if talk.at else When(now.astimezone(UTC))}
    texts: dict[str, Any] = {
        "channel": talk.channel,
        "direction": talk.direction,
        "missed": "" if talk.missed is None else str(bool(talk.missed)),
        "contact": talk.contact,
        "minutes": talk.minutes,
        "summary": talk.summary,
    }
    values |= {field: parse(field, as_text(text), zone) for field, text in texts.items()}
    check_talk(values, now)
    return values


def check_talk(values: dict[str, Value], now: datetime) -> None:
    """Raise ``BadValue`` where the fields of a conversation contradict each other or the calendar."""
    at = values["at"]
    if not isinstance(at, When):
        raise BadValue("at", "say when it was")
    if at.at > now + timedelta(days=1):
        raise BadValue("at", "this is yet to come; plan it as the next step instead")
    if values["missed"] and values["channel"] not in ("", "call"):
        raise BadValue("missed", "only a call can be missed")
    if not any(values[field] for field in ("channel", "contact", "summary")):
        raise BadValue("summary", "say what it was: a call, an e-mail, who, or what about")
