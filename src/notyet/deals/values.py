"""Fields of the record as texts that people type and read, and back. Pure.

``parse`` reads what was typed into a form, ``shown`` writes it as that form shows it, ``exact`` so that nothing of it
is lost.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from notyet.core.money import is_currency
from notyet.core.texts import NotAText, one_line, several_lines
from notyet.deals.amounts import NotAnAmount, plain_amount, read_amount, shown_amount
from notyet.deals.when import NotATime, When, exact_time, read_exact, read_time, shown_time

ATTRIBUTE = "attr."
"""``attr.Lead Quality`` is the source's own column ``Lead Quality``."""
LONGEST_ATTRIBUTE, LONGEST_VALUE = 200, 2_000
MOST_MONTHS, MOST_MINUTES = 600, 1_440
CHANNELS = ("call", "email", "meeting", "message", "note")
DIRECTIONS = ("in", "out")

TIMES: dict[str, tuple[str, ...]] = {
    "deals": ("opened_at", "closed_at", "ordered_at", "paid_at"),
    "field_changes": ("at",),
    "next_steps": ("due_at", "done_at"),
    "stage_changes": ("entered_at",),
    "conversations": ("at",),
    "promises": ("made_at", "due_at", "kept_at"),
    "debriefs": ("at",),
    "win_backs": ("due_at", "asked_at"),
}
"""The columns of each table that hold a time: bit *i* of ``plain_dates`` stands for the *i*-th of them."""

TABLES: dict[str, str] = {
    "Deal": "deals",
    "FieldChange": "field_changes",
    "NextStep": "next_steps",
    "StageChange": "stage_changes",
    "Conversation": "conversations",
    "Promise": "promises",
    "Debrief": "debriefs",
    "WinBack": "win_backs",
}
"""The table that a model's rows are."""

_LINES: dict[str, int] = {
    **dict.fromkeys(("account", "name", "reopened_from", "contact", "competitor"), 500),
    **dict.fromkeys(("owner", "team", "source", "campaign", "message", "persona", "segment", "region"), 300),
    **dict.fromkeys(("product", "stage", "process_version"), 300),
    **{"phone": 60, "title": 200, "email": 254},
}
_TEXTS = {"text": 2_000, "summary": 20_000}
_MOMENTS = frozenset(name for names in TIMES.values() for name in names)
_FLAGS = {
    "": None,
    **dict.fromkeys(("true", "yes", "1", "on"), True),
    **dict.fromkeys(("false", "no", "0", "off"), False),
}

_READERS: dict[str, Callable[[str], Any]] = {
    "amount": Decimal,
    "contract_term_months": int,
    "minutes": float,
    "missed": lambda text: text == "true",
}

Value = str | int | float | bool | Decimal | When | None


class BadValue(ValueError):
    """What was typed into ``field`` cannot be kept; the text says what would be."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field, self.text = field, text


@dataclass(frozen=True)
class Change:
    """A field as the form showed it, and as it is to be; texts as ``shown``."""

    seen: str
    new: str


def parse(field: str, text: str, zone: str) -> Value:
    """What a field holds when ``text`` was typed into it; times without an offset are those of ``zone``.

    Empty is ``None``, but for texts, which are empty. Raises ``BadValue``.
    """
    try:
        return _parse(field, text, zone)
    except (NotAnAmount, NotATime, NotAText) as error:
        raise BadValue(field, str(error)) from error


def _parse(field: str, text: str, zone: str) -> Value:
    if field.startswith(ATTRIBUTE) or field in _TEXTS:
        return several_lines(text, _TEXTS.get(field, LONGEST_VALUE))
    line = one_line(text, _LINES.get(field, 100))
    if field in _LINES:
        return line
    if field in _MOMENTS:
        return read_time(line, zone) if line else None
    if field not in _TYPED:
        raise BadValue(field, f"“{field}” cannot be set here")
    return _TYPED[field](line)


def same(field: str, first: str, second: str, zone: str) -> bool:
    """Whether two texts mean the same value of a field."""
    first, second = (text.replace("\r\n", "\n") for text in (first, second))
    if first == second:
        return True
    try:
        return parse(field, first, zone) == parse(field, second, zone)
    except BadValue:
        return False


def shown(row: Any, field: str, zone: str | None = None) -> str:
    """A field of a deal, or of a row about one, as a form shows it; empty where it holds nothing.

    Times are those of ``zone``, else of the row's workspace, to the minute.
    """
    value = held(row, field)
    if isinstance(value, When):
        return shown_time(value, zone or row.workspace.time_zone)
    return shown_amount(value) if isinstance(value, Decimal) else exact(value, "UTC") or ""


def held(row: Any, field: str) -> Value:
    """What a row holds in a field; times with whether they are plain dates."""
    if field.startswith(ATTRIBUTE):
        return _attribute(row.attributes, field.removeprefix(ATTRIBUTE))
    if field == "account":
        return row.account.name if row.account else ""
    value: Value | datetime = getattr(row, field)
    if isinstance(value, datetime):
        return When(value.astimezone(UTC), bool(row.plain_dates & bit(row, field)))
    return value


def bit(row: Any, field: str) -> int:
    """The bit of ``plain_dates`` that stands for a time column of a row."""
    return 1 << TIMES[TABLES[type(row).__name__]].index(field)


def exact(value: Value, zone: str) -> str | None:
    """A value as a text of which nothing is lost, as the exchange format writes it; ``None`` for none."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, When):
        return exact_time(value, zone)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain_amount(value)
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    return str(value)


def from_exact(field: str, text: str | None, zone: str) -> Value:
    """Read ``exact`` back."""
    if text is None or (field not in _MOMENTS and field not in _READERS):
        return text
    return read_exact(text, zone) if field in _MOMENTS else _READERS[field](text)


def as_text(value: Any) -> str:
    """A value that a caller has as such, as one would type it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)


def moment(field: str, value: date | datetime | When, zone: str) -> When:
    """A time or a day of ``zone`` as the record keeps it. Raises ``BadValue``."""
    if isinstance(value, When):
        return value
    parsed = parse(field, value.isoformat(), zone)
    if not isinstance(parsed, When):
        raise BadValue(field, "say when")
    return parsed


def _attribute(attributes: Mapping[str, Any], name: str) -> str:
    value = attributes.get(name)
    return "" if value is None else str(value)


def _amount(text: str) -> Decimal | None:
    return read_amount(text) if text else None


def _choice(field: str, choices: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text and text.lower() not in choices:
            raise BadValue(field, f"“{text}” is none of {', '.join(choices)}")
        return text.lower()

    return read


def _currency(text: str) -> str:
    if text and not is_currency(text.upper()):
        raise BadValue("currency", f"“{text}” is no currency: write its three letters, like EUR")
    return text.upper()


def _months(text: str) -> int | None:
    if text and (not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > MOST_MONTHS):
        raise BadValue("contract_term_months", f"a term is a whole number of months, 0 to {MOST_MONTHS}")
    return int(text) if text else None


def _minutes(text: str) -> float | None:
    number = text.replace(",", ".")
    if text and (not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,6})?", number) or float(number) > MOST_MINUTES):
        raise BadValue("minutes", f"a length is a number of minutes, 0 to {MOST_MINUTES}")
    return float(number) if text else None


def _flag(text: str) -> bool | None:
    if text.lower() not in _FLAGS:
        raise BadValue("missed", "say yes or no")
    return _FLAGS[text.lower()]


_TYPED: dict[str, Callable[[str], Value]] = {
    "amount": _amount,
    "currency": _currency,
    "contract_term_months": _months,
    "channel": _choice("channel", CHANNELS),
    "direction": _choice("direction", DIRECTIONS),
    "minutes": _minutes,
    "missed": _flag,
}
