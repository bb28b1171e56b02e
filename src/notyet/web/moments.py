"""Moments as a person reads them, at the precision in which they came."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format

from notyet.analysis.tables import TABLES


@dataclass(frozen=True)
class Moment:
    """A moment of the record; ``plain`` where it came as a date without a time."""

    at: datetime
    plain: bool = False

    def __str__(self) -> str:
        return day(self.at) if self.plain else f"{day(self.at)}, {timezone.localtime(self.at):%H:%M}"


def day(moment: datetime) -> str:
    """The day of a moment in the workspace's time zone, like ``14 Nov 2025``."""
    return date_format(timezone.localtime(moment), "j M Y")


def of(row: object, table: str, column: str) -> Moment | None:
    """The time in ``column`` of a row of the record; ``None`` where it is missing."""
    at: datetime | None = getattr(row, column)
    if at is None:
        return None
    bit = TABLES[table].times.index(column)
    return Moment(at, bool(getattr(row, "plain_dates", 0) >> bit & 1))


def lasting(hours: float) -> str:
    """A length of time in the unit that a person would use: ``40 min``, ``3 h``, ``12 days``."""
    if hours < 1:
        return f"{max(round(hours * 60), 0)} min"
    if hours < 48:
        return f"{round(hours)} h"
    days = round(hours / 24)
    return f"{days} days"


def between(start: datetime, end: datetime) -> float:
    """Hours from ``start`` to ``end``."""
    return (end - start).total_seconds() / 3600
