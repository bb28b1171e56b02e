"""What a workspace's settings may be. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pycountry

from notyet.workspaces.models import TermRule, Visibility
from notyet.workspaces.working import countries as parts_of_countries

LONGEST_NAME = 200
MOST_CLOSED_DAYS = 200


class BadSettings(ValueError):
    """A workspace's settings cannot be as asked; ``problems`` has a sentence for each field that is wrong."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


@dataclass(frozen=True)
class ClosedDay:
    """A day on which nobody works, beyond weekends and public holidays."""

    day: date
    name: str = ""


@dataclass(frozen=True)
class Settings:
    """All that an administrator sets for a workspace; see ``models.Workspace`` for what each means."""

    name: str
    time_zone: str
    visibility: str
    country: str
    subdivision: str
    working_days: tuple[int, ...]
    day_starts: time
    day_ends: time
    closed_days: tuple[ClosedDay, ...]
    reply_hours: int
    stalled_factor: float
    unpaid_days: int
    big_sale: Decimal | None
    term_rule: str
    budget_month: int

    def check(self) -> None:
        """Raise ``BadSettings`` with a sentence for each field that is wrong."""
        problems = {field: text for field, text in _problems(self) if text}
        if problems:
            raise BadSettings(problems)


@cache
def countries() -> Mapping[str, str]:
    """Countries whose public holidays are known: ISO 3166 code -> name, by name."""
    named = {code: pycountry.countries.get(alpha_2=code) for code in parts_of_countries()}
    return dict(sorted(((code, one.name) for code, one in named.items() if one), key=lambda pair: pair[1]))


def read_closed_days(text: str) -> tuple[ClosedDay, ...]:
    """Closed days from a text with one a line: ``2026-12-24 Christmas Eve``. Raises ``BadSettings``."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        day, _, name = line.strip().partition(" ")
        if not day:
            continue
        try:
            found.append(ClosedDay(date.fromisoformat(day), name.strip()[:LONGEST_NAME]))
        except ValueError:
            wanted = "wanted: 2026-12-24 Christmas Eve"
            raise BadSettings({"closed_days": f"Line {number}: “{day[:40]}” is not a date; {wanted}."}) from None
    return tuple(sorted(found, key=lambda one: one.day))


def write_closed_days(days: Iterable[ClosedDay]) -> str:
    """The text that ``read_closed_days`` reads."""
    return "\n".join(f"{one.day.isoformat()} {one.name}".strip() for one in days)


def _problems(one: Settings) -> list[tuple[str, str]]:
    parts = parts_of_countries().get(one.country, ())
    return [
        ("name", "" if 0 < len(one.name) <= LONGEST_NAME else f"A name has between 1 and {LONGEST_NAME} characters."),
        ("time_zone", "" if _is_zone(one.time_zone) else "This is no time zone like Europe/Berlin."),
        ("visibility", "" if one.visibility in Visibility.values else "Choose own, team or all."),
        ("country", "" if not one.country or one.country in countries() else "No holidays are known for this country."),
        (
            "subdivision",
            ""
            if not one.subdivision or one.subdivision in parts
            else f"There is no such part; there are: {', '.join(parts) or 'none'}.",
        ),
        (
            "working_days",
            "" if one.working_days and set(one.working_days) <= set(range(7)) else "At least one day is worked.",
        ),
        ("day_ends", "" if one.day_starts < one.day_ends else "A working day ends after it starts."),
        (
            "closed_days",
            "" if len(one.closed_days) <= MOST_CLOSED_DAYS else f"At most {MOST_CLOSED_DAYS} closed days are kept.",
        ),
        ("reply_hours", "" if 1 <= one.reply_hours <= 200 else "Between 1 and 200 working hours."),
        ("stalled_factor", "" if 1 <= one.stalled_factor <= 20 else "Between 1 and 20 times the median."),
        ("unpaid_days", "" if 1 <= one.unpaid_days <= 3650 else "Between 1 and 3650 days."),
        ("big_sale", "" if one.big_sale is None or 0 < one.big_sale < 10**15 else "An amount above zero, or nothing."),
        ("term_rule", "" if one.term_rule in TermRule.values else "Choose one of the two."),
        ("budget_month", "" if 1 <= one.budget_month <= 12 else "A month from January (1) to December (12)."),
    ]


def _is_zone(name: str) -> bool:
    return name in available_timezones() and ZoneInfo(name) is not None
