"""The working time of a workspace: its zone and hours, the holidays of its country, the days it is closed."""

import warnings
from datetime import date, time
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from notyet.core.working_time import WorkingTime
from notyet.workspaces.models import Workspace

FIRST_YEAR, LAST_YEAR = 1990, 2060
"""The years whose holidays are known; outside them only the days of the week count."""


class UnknownCalendar(ValueError):
    """The library knows no holidays of this country or part of it."""


def working_time(workspace: Workspace) -> WorkingTime:
    """What is worked in a workspace, by its settings. Raises ``UnknownCalendar``, or ``ValueError`` for others."""
    return _working_time(
        workspace.time_zone,
        frozenset(workspace.working_days),
        workspace.day_starts,
        workspace.day_ends,
        workspace.country,
        workspace.subdivision,
        frozenset(str(closed["day"]) for closed in workspace.closed_days),
    )


@lru_cache(maxsize=64)
def _working_time(
    zone: str, days: frozenset[int], starts: time, ends: time, country: str, part: str, closed: frozenset[str]
) -> WorkingTime:
    own = {date.fromisoformat(day) for day in closed}
    free = own | public_holidays(country, part).keys()
    return WorkingTime(ZoneInfo(zone), days, starts, ends, frozenset(free))


@lru_cache(maxsize=64)
def public_holidays(country: str, part: str = "") -> dict[date, str]:
    """The public holidays by their date, with their names; none without a country. Raises ``UnknownCalendar``."""
    if not country:
        return {}
    try:
        calendar = holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError as error:
        place = f"{country}, {part}" if part else country
        raise UnknownCalendar(
            f"no holidays are known for {place}: choose a country, or part of one, from the list"
        ) from error
    first, last = max(FIRST_YEAR, calendar.start_year), min(LAST_YEAR, calendar.end_year)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that a country's movable feasts are known for some years only
        known = holidays.country_holidays(country, part or None, range(first, last + 1), language="en_US")
    return dict(known.items())


def countries() -> dict[str, tuple[str, ...]]:
    """The countries whose holidays are known, by ISO 3166 code, each with the codes of its parts."""
    supported = holidays.list_supported_countries(include_aliases=False)
    return {country: tuple(parts) for country, parts in sorted(supported.items())}
