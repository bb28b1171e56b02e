"""The list of deals as a table: from the record, or those behind a figure."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import django_tables2 as tables
from django.db.models import F, FloatField, QuerySet
from django.db.models.functions import Cast
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_tables2.data import TableData

from notyet.analysis.behind import Behind
from notyet.deals.duplicates import kept
from notyet.deals.models import Deal
from notyet.deals.queries import visible_deals
from notyet.web import moments
from notyet.web.shown import outcome_tag, whole_amount
from notyet.workspaces.access import Actor

PAGE_SIZE = 25
SORTABLE = {
    "name": "name",
    "account": "account",
    "amount": "value_final",
    "outcome": "outcome",
    "opened_at": "opened_at",
    "closed_at": "closed_at",
}
"""Columns of the list -> what the deals behind a figure can be sorted by."""

WIDE = {"td": {"class": "wide"}, "th": {"class": "wide"}}
"""For columns that a phone has no room for; the deal's page has them."""

Fetch = Callable[[str, int, int], Behind]
"""Takes an order, an offset and a limit."""


class DealTable(tables.Table):  # type: ignore[misc]
    """Deals, one a line, linked to their pages."""

    name = tables.Column(verbose_name="Deal", order_by=("name", "deal_id"), empty_values=())
    account = tables.Column(accessor="account__name", verbose_name="Buyer", attrs=WIDE)
    owner = tables.Column(verbose_name="Owner", attrs=WIDE)
    amount = tables.Column(verbose_name="Amount", attrs={"td": {"class": "num"}, "th": {"class": "num"}})
    outcome = tables.Column(verbose_name="Outcome")
    opened_at = tables.Column(verbose_name="Opened", attrs=WIDE)
    closed_at = tables.Column(verbose_name="Closed")

    class Meta:
        model = Deal
        fields = ("name", "account", "owner", "amount", "outcome", "opened_at", "closed_at")
        template_name = "tables/list.html"
        attrs = {"class": "table table-vcenter card-table list"}
        order_by = "-closed_at"
        empty_text = "No deals"

    def render_name(self, record: Deal) -> SafeString:
        """The deal's name, or its id, as a link."""
        return format_html('<a href="/deals/{}/">{}</a>', record.pk, record.name or record.deal_id)

    def render_account(self, value: str) -> str:
        """The buyer by the name that it counts as."""
        return self._kept.get(value, value)

    @cached_property
    def _kept(self) -> dict[str, str]:
        return kept("account")

    def render_amount(self, record: Deal) -> str:
        """The amount in the deal's own currency, whole."""
        return whole_amount(record)

    def order_amount(self, queryset: QuerySet[Deal], is_descending: bool) -> tuple[QuerySet[Deal], bool]:
        """By the number: a database may keep amounts as text."""
        ordered = queryset.annotate(sum=Cast("amount", FloatField()))
        return ordered.order_by("-sum" if is_descending else "sum", "pk"), True

    def order_closed_at(self, queryset: QuerySet[Deal], is_descending: bool) -> tuple[QuerySet[Deal], bool]:
        """By the close, open deals last on every database."""
        return _by_time(queryset, "closed_at", is_descending), True

    def order_opened_at(self, queryset: QuerySet[Deal], is_descending: bool) -> tuple[QuerySet[Deal], bool]:
        """By the opening, deals without one last on every database."""
        return _by_time(queryset, "opened_at", is_descending), True

    def render_outcome(self, record: Deal) -> SafeString:
        """The outcome as a tag; ordered but unpaid is no win."""
        return outcome_tag(record)

    def render_opened_at(self, value: Any) -> str:
        """The day."""
        return moments.day(value)

    def render_closed_at(self, value: Any) -> str:
        """The day."""
        return moments.day(value)


def _by_time(queryset: QuerySet[Deal], field: str, is_descending: bool) -> QuerySet[Deal]:
    moment = F(field)
    return queryset.order_by(moment.desc(nulls_last=True) if is_descending else moment.asc(nulls_last=True), "pk")


class FigureTable(DealTable):
    """The same for the deals behind a figure, which come sorted and page by page."""

    owner = tables.Column(verbose_name="Owner", orderable=False, attrs=WIDE)

    class Meta(DealTable.Meta):
        pass


class BehindFigure(TableData):  # type: ignore[misc]
    """The deals behind a figure as a table's data: only the page shown is read."""

    def __init__(self, actor: Actor, fetch: Fetch) -> None:
        super().__init__([])
        self._actor, self._fetch, self._order = actor, fetch, "-closed_at"
        self._pages: dict[tuple[str, int, int], Behind] = {}

    def order_by(self, aliases: Any) -> None:
        """Sort by the first column asked for."""
        first = str(next(iter(aliases), "-closed_at"))
        column = SORTABLE.get(first.removeprefix("-"), "closed_at")
        self._order = f"-{column}" if first.startswith("-") else column

    def _page(self, offset: int, limit: int) -> Behind:
        key = (self._order, offset, limit)
        if key not in self._pages:
            self._pages[key] = self._fetch(*key)
        return self._pages[key]

    def __len__(self) -> int:
        known = next(iter(self._pages.values()), None)
        return (known or self._page(0, PAGE_SIZE)).total

    def __getitem__(self, part: slice) -> list[Deal]:
        start = part.start or 0
        wanted = self._page(start, PAGE_SIZE).deals
        found = visible_deals(self._actor).select_related("account", "data_source", "workspace").in_bulk(wanted)
        return [found[pk] for pk in wanted if pk in found][: (part.stop or start + PAGE_SIZE) - start]
