"""The one clock: now, or the moment that ``NOTYET_CLOCK`` sets for a trial."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings


def now() -> datetime:
    """The present moment in UTC, or the moment set by ``NOTYET_CLOCK``."""
    moved: datetime | None = settings.NOTYET_CLOCK
    return moved.astimezone(UTC) if moved else datetime.now(UTC)


def today(time_zone: str) -> date:
    """The present day in the named time zone."""
    return now().astimezone(ZoneInfo(time_zone)).date()
