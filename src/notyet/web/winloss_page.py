"""What surrounds the figures of the win/loss page: filters to choose from, chips, links, decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.cache import cache
from django.http import QueryDict
from django.utils import timezone

from notyet.deals.models import Deal
from notyet.history.models import LeakDecision
from notyet.history.reading import ask_for_refresh, dimensions
from notyet.web import filters as filtering
from notyet.web.figure_view import Linker, no_link
from notyet.web.filters import Filters, field_label, parameter
from notyet.workspaces.access import Actor, Permission

FEWEST = 5
FIRST_FIELDS = ("team", "persona", "product", "source", "segment", "region", "competitor")
MOST_OPTIONS = 200
REFRESH_SECONDS = 300


@dataclass(frozen=True)
class Choice:
    """A field that can be filtered by: its parameter, its levels and what is chosen."""

    parameter: str
    label: str
    levels: Sequence[str]
    chosen: tuple[str, ...]


@dataclass(frozen=True)
class Chip:
    """A filter in force, and the address without it."""

    text: str
    without: str


def last_close() -> date | None:
    """The day of the last close in the workspace in scope."""
    closed = Deal.objects.filter(closed_at__isnull=False).exclude(outcome="open")
    last = closed.order_by("-closed_at").values_list("closed_at", flat=True).first()
    return timezone.localtime(last).date() if last else None


def read_filters(actor: Actor, query: QueryDict) -> tuple[Filters, Mapping[str, Sequence[str]]]:
    """The filters of an address, and the fields with their levels that can be chosen."""
    fields = dimensions(actor)
    return filtering.read(query, fields, last_close()), fields


def choices(filters: Filters, fields: Mapping[str, Sequence[str]]) -> list[Choice]:
    """The fields to filter by, the usual ones first."""
    chosen = dict(filters.where)
    order = sorted(fields, key=lambda one: FIRST_FIELDS.index(one) if one in FIRST_FIELDS else len(FIRST_FIELDS))
    return [
        Choice(parameter(field), field_label(field), fields[field][:MOST_OPTIONS], chosen.get(field, ()))
        for field in order
        if fields[field]
    ]


def ask_for_refresh_now_and_then(actor: Actor) -> None:
    """Have the record frozen again, asking once in five minutes however often a page is read."""
    if cache.add(f"refresh-asked-for-{actor.workspace.pk}", True, REFRESH_SECONDS):
        ask_for_refresh(actor)


def quick_choice(found: Sequence[Choice]) -> tuple[Choice | None, list[Choice]]:
    """The choice that stands beside the period (the team's), and the others."""
    quick = next((one for one in found if one.parameter == "team"), None)
    return quick, [one for one in found if one is not quick]


def chips(filters: Filters) -> list[Chip]:
    """What narrows the selection, each with the way to take it away."""
    return [
        Chip(f"{field_label(field)}: {value}", f"?{filters.without(field, value).query()}")
        for field, values in filters.where
        for value in values
    ]


def deals_link(actor: Actor, filters: Filters) -> Linker:
    """Addresses of the deals behind a figure; none for those who may not see deals."""
    if not actor.may(Permission.SEE_DEALS):
        return no_link

    def link(key: str, by: Mapping[str, str]) -> str:
        group = {f"by.{field}": level for field, level in by.items()}
        return "/deals/behind/?" + filters.query(figure=key, **group)

    return link


def window_text(since: date | None, until: date | None) -> str:
    """A window in words: ``Jan 2025 – Dec 2025``, or that it is all of the record."""
    if since and until:
        return (
            f"{since:%b %Y} – {until:%b %Y}"
            if _whole_months(since, until)
            else f"{since:%-d %b %Y} – {until:%-d %b %Y}"
        )
    if since:
        return f"since {since:%-d %b %Y}"
    return f"until {until:%-d %b %Y}" if until else "the whole record"


def _whole_months(since: date, until: date) -> bool:
    following = date.fromordinal(until.toordinal() + 1)
    return since.day == 1 and following.day == 1


def decisions() -> list[LeakDecision]:
    """What has been decided about suspected fields in the workspace in scope."""
    return list(LeakDecision.objects.order_by("field"))


def pairs(filters: Filters) -> str:
    """The filters as the rest of an address, empty where nothing is chosen."""
    query = filters.query()
    return f"?{query}" if query else ""
