"""Moments of the record: a time, or a day that came without one. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1900, 2199
_DAY = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})")
_DOTTED = re.compile(r"(?P<day>[0-9]{1,2})\. ?(?P<month>[0-9]{1,2})\. ?(?P<year>[0-9]{4})")
_CLOCK = re.compile(
    r"[T, ]+(?P<clock>[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?) ?(?P<offset>Z|[+-][0-9]{2}:[0-9]{2})?"
)
_DAY_ONLY = " (day)"


class NotATime(ValueError):
    """A text cannot be read as a time; the message says what would be."""


@dataclass(frozen=True)
class When:
    """A moment in UTC; ``plain``: it came as a date without a time and stands at the first moment of its day."""

    at: datetime
    plain: bool = False


def start_of_day(day: date, zone: str) -> datetime:
    """The first moment of a day in a time zone, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def read_time(text: str, zone: str) -> When:
    """``2026-03-05`` or ``5.3.2026``, with or without ``14:30`` after it, in ``zone`` unless an offset follows.

    Raises ``NotATime``.
    """
    wanted = "write a day like 2026-03-05, or a time like 2026-03-05 14:30"
    text = text.strip()
    day = _DAY.match(text) or _DOTTED.match(text)
    if day is None:
        raise NotATime(f"“{text}” is no date: {wanted}")
    try:
        on = date(*(int(day[part]) for part in ("year", "month", "day")))
        when = _with_clock(on, text[day.end() :], zone)
    except (ValueError, OverflowError) as error:
        raise NotATime(f"“{text}” is no date: {wanted}") from error
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise NotATime(f"“{text}” is not of the years {FIRST_YEAR} to {LAST_YEAR}")
    return when


def _with_clock(day: date, rest: str, zone: str) -> When:
    if not rest:
        return When(start_of_day(day, zone), plain=True)
    found = _CLOCK.fullmatch(rest)
    if found is None:
        raise ValueError(rest)
    clock = time.fromisoformat(found["clock"].zfill(5) if len(found["clock"]) < 6 else found["clock"])
    given = datetime.combine(day, clock, ZoneInfo(zone))
    if found["offset"]:
        given = datetime.fromisoformat(f"{given.replace(tzinfo=None).isoformat()}{found['offset']}")
    return When(given.astimezone(UTC))


def shown_time(when: When, zone: str) -> str:
    """As a form shows it: ``2026-03-05``, or ``2026-03-05 14:30`` in the zone."""
    local = when.at.astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d}" if when.plain else f"{local:%Y-%m-%d %H:%M}"


def exact_time(when: When, zone: str) -> str:
    """As the exchange format writes it: ``2026-03-05``, or ``2026-03-05T13:30:00Z``."""
    day = when.at.astimezone(ZoneInfo(zone)).date()
    if when.plain and start_of_day(day, zone) == when.at:
        return day.isoformat()
    at = when.at.astimezone(UTC).replace(tzinfo=None)
    return f"{at.isoformat()}Z" + (_DAY_ONLY if when.plain else "")


def read_exact(text: str, zone: str) -> When:
    """Read ``exact_time`` back. Raises ``ValueError``."""
    if len(text) == 10:
        return When(start_of_day(date.fromisoformat(text), zone), plain=True)
    bare = text.removesuffix(_DAY_ONLY)
    return When(datetime.fromisoformat(bare).astimezone(UTC), plain=bare != text)
