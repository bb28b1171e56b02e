"""The list of deals as a table: those that the index finds, or those behind a figure. Only the page shown is read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import django_tables2 as tables
from django.db.models import QuerySet
from django.utils.html import format_html
from django_tables2.data import TableData

from notyet.deals.duplicates import kept_of_all
from notyet.deals.models import Deal
from notyet.deals.queries import visible_deals
from notyet.web.deal_columns import ALWAYS, TIMES, Kept, ListColumn
from notyet.web.shown import outcome_tag
from notyet.workspaces.access import Actor

PAGE_SIZE = 25
ALIGNED = {"amount": "num", "contract_term_months": "num"} | dict.fromkeys(TIMES, "when")


@dataclass(frozen=True)
class Page:
    """A page of deals: their numbers in order, and how many there are on all pages."""

    total: int
    deals: Sequence[int]


Fetch = Callable[[int, int], Page]
"""Takes an offset and a limit."""


class DealColumn(tables.Column):  # type: ignore[misc]
    """A column of the list. On a phone a line is a card, and its label stands before the value."""

    def __init__(self, column: ListColumn, kept: Kept, order: str, *, sortable: bool) -> None:
        super().__init__(accessor="pk", verbose_name=column.label, orderable=False)
        self.column, self.kept = column, kept
        here = order.removeprefix("-") == column.name
        self.sorted = ("descending" if order.startswith("-") else "ascending") if here else ""
        self.next = (f"-{column.name}" if order == column.name else column.name) if sortable else ""
        kind = ALIGNED.get(column.name, "")
        self.attrs = {"td": {"class": kind, "data-label": column.label}, "th": {"class": kind}}

    def render(self, record: Deal) -> str:
        """The deal's name as a link, its outcome as a tag, all else as text."""
        if self.column.name == ALWAYS:
            return format_html('<a href="/deals/{}/" data-row>{}</a>', record.pk, record)
        if self.column.name == "outcome":
            return outcome_tag(record)
        return self.column.shown(record, self.kept)


class DealTable(tables.Table):  # type: ignore[misc]
    """Deals, one a line, linked to their pages."""

    class Meta:
        template_name = "tables/list.html"
        attrs = {"class": "table table-vcenter card-table list deals"}
        default = ""


def deal_table(actor: Actor, columns: Sequence[str], sortable: Sequence[str], order: str, fetch: Fetch) -> DealTable:
    """The table of what ``fetch`` finds, the deal's name first.

    It comes sorted by ``order``, a column with a minus for descending; headings of ``sortable`` ones lead to others.
    """
    kept = kept_of_all()
    names = (ALWAYS, *columns)
    # A source's own header can hold what would mean something else in the name of a table's column.
    made = [
        (f"c{place}", DealColumn(ListColumn(name), kept, order, sortable=name in sortable))
        for place, name in enumerate(names)
    ]
    return DealTable(DealPages(actor, fetch), extra_columns=made, orderable=False)


def show_page(table: DealTable, asked: str) -> None:
    """Let the table show a page, by its number: the first where that is none, the last where it is too high."""
    number = int(asked) if asked.isdecimal() and len(asked) < 10 else 1
    table.paginate(page=min(max(number, 1), -(-len(table.rows) // PAGE_SIZE) or 1), per_page=PAGE_SIZE)


def read_deals(actor: Actor) -> QuerySet[Deal]:
    """The deals that the actor may see with all that a line of the list shows."""
    return visible_deals(actor).select_related("account", "data_source", "workspace")


class DealPages(TableData):  # type: ignore[misc]
    """Deals page by page as a table's data. What has been deleted since it was found is left out."""

    def __init__(self, actor: Actor, fetch: Fetch) -> None:
        super().__init__([])
        self._actor, self._fetch = actor, fetch
        self._pages: dict[tuple[int, int], Page] = {}

    def _page(self, offset: int, limit: int) -> Page:
        key = (offset, limit)
        if key not in self._pages:
            self._pages[key] = self._fetch(*key)
        return self._pages[key]

    def __len__(self) -> int:
        known = next(iter(self._pages.values()), None)
        return (known or self._page(0, PAGE_SIZE)).total

    def __getitem__(self, part: slice) -> list[Deal]:
        start = part.start or 0
        wanted = self._page(start, PAGE_SIZE).deals
        found = read_deals(self._actor).in_bulk(wanted)
        return [found[pk] for pk in wanted if pk in found][: (part.stop or start + PAGE_SIZE) - start]
