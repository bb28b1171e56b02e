"""Days as forms send them."""

from datetime import date

from notyet.deals.values import BadValue


def read_day(field: str, text: str) -> date | None:
    """The day that a field holds; ``None`` for an empty one. Raises ``BadValue``."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadValue(field, "write a day like 2026-03-05") from error
