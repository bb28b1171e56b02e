"""What a target must be, and which one is in force. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, Protocol, TypeVar

LONGEST_DAYS = 3 * 366
GREATEST = Decimal(10) ** 12
_GROUPED = re.compile(r"\d{1,3}([ ,.'’\u00a0\u202f])\d{3}(\1\d{3})*(?!\d)")

Whose = Literal["everybody", "team", "person"]


class BadTarget(ValueError):
    """A target cannot be set like this: ``field`` is what is wrong with it, the text says why and what would do."""

    def __init__(self, field: str, text: str) -> None:
        """``field``: ``scope``, ``name``, ``since``, ``until`` or ``amount``."""
        super().__init__(text)
        self.field = field


@dataclass(frozen=True)
class Wish:
    """A target as somebody wants it."""

    scope: Whose
    name: str
    since: date
    until: date
    amount: Decimal


class Spanned(Protocol):
    """Something from a day to a day."""

    @property
    def since(self) -> date:
        """The first day."""

    @property
    def until(self) -> date:
        """The last day."""


Span = TypeVar("Span", bound=Spanned)


def quarter_of(day: date) -> tuple[date, date]:
    """The first and the last day of the quarter that a day lies in."""
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    following = date(first.year + 1, 1, 1) if first.month == 10 else date(first.year, first.month + 3, 1)
    return first, following - timedelta(days=1)


def quarter_name(since: date, until: date) -> str:
    """``2026-Q4`` where the days are a whole quarter, else empty."""
    return f"{since.year}-Q{(since.month - 1) // 3 + 1}" if quarter_of(since) == (since, until) else ""


def quarter_named(name: str) -> tuple[date, date]:
    """The days of the quarter called ``2026-Q4``. Raises ``BadTarget``."""
    found = re.fullmatch(r"(\d{4})-Q([1-4])", name)
    if found is None or int(found[1]) < 1900:
        raise BadTarget("quarter", "Choose a quarter, or give the first and the last day.")
    return quarter_of(date(int(found[1]), int(found[2]) * 3, 1))


def read_amount(text: str) -> Decimal:
    """An amount as a person writes it: ``250000``, ``250,000``, ``250 000.50``. Raises ``BadTarget``."""
    plain = text.strip()
    grouped = _GROUPED.match(plain)
    if grouped and not plain[grouped.end() :].startswith(grouped[1]):
        plain = plain[: grouped.end()].replace(grouped[1], "") + plain[grouped.end() :].replace(",", ".")
    if not re.fullmatch(r"\d+(\.\d{1,2})?", plain):
        raise BadTarget("amount", "Write the amount in digits, like 250000 or 250,000.")
    return Decimal(plain)


def checked(wish: Wish) -> Wish:
    """The wish, tidied. Raises ``BadTarget`` for what can be no target, whatever the record holds."""
    name = "" if wish.scope == "everybody" else " ".join(wish.name.split())
    if wish.scope not in ("everybody", "team", "person"):
        raise BadTarget("scope", "A target is for everybody, for a team or for one person.")
    if wish.scope != "everybody" and not name:
        raise BadTarget("name", "Say which team it is for." if wish.scope == "team" else "Say who it is for.")
    if wish.until < wish.since:
        raise BadTarget("until", "The last day lies before the first one.")
    if (wish.until - wish.since).days >= LONGEST_DAYS:
        raise BadTarget("until", "A target is for three years at most.")
    if not 0 < wish.amount < GREATEST:
        raise BadTarget("amount", "A target is more than nothing, and less than a million millions.")
    return Wish(wish.scope, name, wish.since, wish.until, wish.amount)


def in_force(targets: Iterable[Span], day: date) -> Span | None:
    """Of the targets whose period holds the day the one for the shortest period, of those the latest to begin."""
    held = [target for target in targets if target.since <= day <= target.until]
    return min(held, key=lambda one: (one.until - one.since, -one.since.toordinal()), default=None)
