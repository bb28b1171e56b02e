"""What surrounds the list of deals: filters to choose from, columns, views, and what the list is a list of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict

from notyet.analysis.selection import NOT_RECORDED
from notyet.deals.saved_views import may_remove, views_of
from notyet.deals.view_models import SavedView
from notyet.history.list_index import Found, ListField, ListIndex, Rows
from notyet.history.list_keeping import listed
from notyet.web import deal_filters
from notyet.web.deal_columns import choosable
from notyet.web.deal_filters import ListFilters
from notyet.web.shown import TAGS
from notyet.workspaces.access import Actor, Permission, visible_owner_filter

MOST_LEVELS = 60
"""A field with more levels is typed, not chosen."""
FIRST = (
    "outcome",
    "team",
    "owner",
    "persona",
    "product",
    "source",
    "segment",
    "region",
    "competitor",
    "account",
    "opened_at",
    "amount",
    "closed_at",
)


@dataclass(frozen=True)
class Choice:
    """A field to filter by. ``levels``: value and label to choose from, none where it is typed; a span has two ends."""

    name: str
    label: str
    kind: str
    levels: tuple[tuple[str, str], ...] = ()
    chosen: tuple[str, ...] = ()
    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class ViewLine:
    """A saved view as it is offered."""

    view: SavedView
    current: bool
    own: bool
    removable: bool


@dataclass(frozen=True)
class ListPage:
    """Everything around the table. ``found`` is ``None`` where a large record has no index yet."""

    filters: ListFilters
    found: Found | None
    fresh: bool
    empty: bool
    outcome: Choice | None
    choices: list[Choice]
    columns: list[tuple[str, str, bool]]
    sorts: list[tuple[str, str]]
    views: list[ViewLine]
    sortable: tuple[str, ...]
    may_share: bool
    may_export: bool
    may_work: bool
    may_import: bool


def list_page(actor: Actor, query: QueryDict) -> ListPage:
    """Read the address and find the deals. Raises ``Denied`` where the role sees none."""
    actor.require(Permission.SEE_DEALS)
    state = listed(actor.workspace)
    filters = deal_filters.read(query, state.index) if state.index is not None else ListFilters()
    choices = _choices(actor, state.index, filters) if state.index is not None else []
    sortable = tuple(state.index.fields) if state.index is not None else ()
    return ListPage(
        filters=filters,
        found=find(actor, state.index, filters) if state.index is not None else None,
        fresh=state.fresh,
        empty=state.index is not None and len(state.index) == 0,
        outcome=next((one for one in choices if one.name == "outcome"), None),
        choices=[one for one in choices if one.name != "outcome"],
        columns=[(c.name, c.label, c.name in filters.columns) for c in choosable(state.index)]
        if state.index is not None
        else [],
        sorts=_sorts(filters, sortable),
        views=_views(actor, filters.query()),
        sortable=sortable,
        may_share=actor.may(Permission.SHARE_VIEWS),
        may_export=actor.may(Permission.EXPORT),
        may_work=actor.may(Permission.WORK_DEALS),
        may_import=actor.may(Permission.IMPORT),
    )


def find(actor: Actor, index: ListIndex, filters: ListFilters) -> Found:
    """The deals of the filters that the actor may see, in order."""
    return index.find(replace(filters.wanted, among=filters.among + seen_by(actor)))


def seen_by(actor: Actor) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What limits the list to the deals that the actor may see, as its index asks it."""
    return tuple((field, (value,)) for field, value in (visible_owner_filter(actor) or {}).items())


def _choices(actor: Actor, index: ListIndex, filters: ListFilters) -> list[Choice]:
    """The fields to filter by. Levels that only deals have which the actor may not see are not offered."""
    rows = index.rows(seen_by(actor))
    order = sorted(index.fields.values(), key=lambda one: FIRST.index(one.name) if one.name in FIRST else len(FIRST))
    return [made for one in order if (made := _choice(one, filters, rows)) is not None]


def _choice(field: ListField, filters: ListFilters, rows: Rows | None) -> Choice | None:
    label = deal_filters.label(field.name)
    if field.kind in ("time", "number"):
        spans = filters.days if field.kind == "time" else filters.numbers
        low, high = next(((low, high) for name, low, high in spans if name == field.name), ("", ""))
        return Choice(field.name, label, field.kind, low=low, high=high)
    chosen = dict(filters.among).get(field.name, ())
    if field.kind == "name" or (not len(field.levels) and not chosen):
        return None
    if len(field.levels) > MOST_LEVELS:
        return Choice(field.name, label, "typed", chosen=chosen)
    levels = [(one, TAGS[one][1] if field.name == "outcome" else one) for one in field.levels_in(rows)]
    levels += [(NOT_RECORDED, NOT_RECORDED)] if field.missing else []
    return Choice(field.name, label, "level", tuple(levels), chosen)


def _sorts(filters: ListFilters, sortable: Sequence[str]) -> list[tuple[str, str]]:
    """For a phone, where no headings are seen: each order and its words."""
    shown = dict.fromkeys(("name", *filters.columns, filters.order.removeprefix("-")))
    return [
        (sign + name, f"{deal_filters.label(name)}, {word}")
        for name in shown
        if name in sortable
        for sign, word in (("", "ascending"), ("-", "descending"))
    ]


def _views(actor: Actor, query: str) -> list[ViewLine]:
    return [
        ViewLine(one, one.query == query, one.user_id == actor.user_id, may_remove(actor, one))
        for one in views_of(actor)
    ]
