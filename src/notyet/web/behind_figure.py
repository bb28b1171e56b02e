"""What a reader opened: a figure, reason, stage or driver, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from notyet.analysis.behind import Asked
from notyet.analysis.registry import BY_KEY
from notyet.web.analysis_view import quarter
from notyet.web.filters import field_label
from notyet.web.shown import TAGS

PREFIX = "by."
WAYS = {
    "in_time": "as the process says",
    "late": "done late",
    "skipped": "not done",
    "out_of_order": "done out of its stage",
}
"""The ways that a deal can go at a step of the process, in words."""


@dataclass(frozen=True)
class Opened:
    """What was asked for, its heading, and which deals it rests on."""

    asked: Asked
    heading: str
    population: str


def read(query: QueryDict) -> Opened:
    """What an address asks to open: ``figure=<key>&by.<field>=<level>``."""
    by = {key.removeprefix(PREFIX): str(query.get(key, "")) for key in query if key.startswith(PREFIX)}
    key = str(query.get("figure", ""))
    heading, population = _words(key, by)
    return Opened(Asked(key, by), heading, population)


def _words(key: str, by: Mapping[str, str]) -> tuple[str, str]:
    if key == "lost":
        return f"Losses filed under “{by.get('reason', '')}”", "What sellers recorded; what buyers said opens no deals."
    if key == "left":
        return f"Deals that left at “{by.get('stage', '')}”", "Closed without a win, with this as the last stage."
    if key == "driver":
        return by.get("name", ""), "The closed deals that have this, among those compared."
    if key == "followed":
        way = WAYS.get(by.get("way", ""), "")
        return f"{by.get('text', '')}: {way}", "Closed deals that were still open when this was looked at."
    if key == "outcome":
        return TAGS.get(by.get("outcome", ""), ("", "Deals"))[1], ""
    metric = BY_KEY.get(key)
    groups = [
        f"{_field(field)}: {quarter(level) if field.endswith('_quarter') else level}" for field, level in by.items()
    ]
    return " · ".join([metric.label if metric else key, *groups]), metric.population if metric else ""


def _field(field: str) -> str:
    return field_label(field)
