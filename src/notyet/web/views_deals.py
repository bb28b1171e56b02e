"""The list of deals, its views and its file; a deal's page; the deals behind a figure."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from notyet.analysis.behind import ORDERS, UnknownFigure
from notyet.analysis.selection import UnknownField
from notyet.core.clock import now
from notyet.deals.models import Deal
from notyet.deals.saved_views import BadView, remove_view, save_view
from notyet.deals.view_models import SavedView
from notyet.history.list_index import Found
from notyet.history.reading import NoHistory, deals_of
from notyet.web import behind_figure, deal_export, winloss_page
from notyet.web.deal_columns import USUAL
from notyet.web.deal_filters import USUAL_ORDER
from notyet.web.deal_list_page import list_page
from notyet.web.deal_lists import Fetch, Page, deal_table, show_page
from notyet.web.deal_opened import read_opened
from notyet.web.deal_page import deal_page
from notyet.web.filters import Filters
from notyet.web.requests import ActorRequest
from notyet.web.shown import outcome_tag
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.audit import note


@require_safe
def deals(request: ActorRequest) -> HttpResponse:
    """All deals the actor may see, searched, filtered and sorted."""
    page = list_page(request.actor, request.GET)
    if not page.fresh:
        winloss_page.ask_for_refresh_now_and_then(request.actor)
    table = None
    if page.found is not None:
        order, columns = page.filters.order, page.filters.columns
        table = deal_table(request.actor, columns, page.sortable, order, _pages_of(page.found))
        show_page(table, request.GET.get("page", "1"))
    return render(request, "deals/list.html", {"page": page, "table": table})


def _pages_of(found: Found) -> Fetch:
    def fetch(offset: int, limit: int) -> Page:
        return Page(len(found), found.page(offset, limit))

    return fetch


@require_safe
def deals_file(request: ActorRequest) -> HttpResponseBase:
    """The same list as a CSV file."""
    request.actor.require(Permission.EXPORT)
    page = list_page(request.actor, request.GET)
    if page.found is None:
        raise Http404("the list of this record is still being made")
    note(request.actor, "export list of deals", page.filters.query(), deals=len(page.found))
    made = deal_export.lines(request.actor, page.found, page.filters.columns, timezone.get_current_timezone())
    name = f"deals-{timezone.localtime(now()):%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(made, content_type="text/csv; charset=utf-8", headers=headers)


@require_POST
def view_save(request: ActorRequest) -> HttpResponse:
    """Keep the list that the field ``query`` describes under ``name``; what is no filter of the list is left out."""
    request.actor.require(Permission.SEE_DEALS)
    query = list_page(request.actor, QueryDict(request.POST.get("query", ""))).filters.query()
    try:
        view = save_view(request.actor, request.POST.get("name", ""), query, shared=bool(request.POST.get("shared")))
        messages.success(request, f"The view “{view.name}” is kept.")
    except BadView as error:
        messages.error(request, f"Nothing was kept: {error}.")
    return _list(query)


@require_POST
def view_remove(request: ActorRequest, pk: int) -> HttpResponse:
    """Remove a view, and stay on the list that it showed."""
    request.actor.require(Permission.SEE_DEALS)
    try:
        view = remove_view(request.actor, pk)
    except SavedView.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, f"The view “{view.name}” is removed.")
    return _list(view.query)


def _list(query: str) -> HttpResponse:
    return redirect(reverse("deals") + (f"?{query}" if query else ""))


@require_safe
def deal(request: ActorRequest, pk: int) -> HttpResponse:
    """One deal: how it goes, what is to be done, how it ended."""
    try:
        page = deal_page(request.actor, pk, read_opened(request.GET))
    except Deal.DoesNotExist as error:
        raise Http404 from error
    return render(request, "deals/deal.html", {"page": page, "outcome": outcome_tag(page.deal)})


FIGURE_ORDERS = {"amount": "value_final"} | {name: name for name in (*USUAL, "name") if name in ORDERS}
"""Columns of the list -> what the deals behind a figure can be sorted by."""


@require_safe
def behind(request: ActorRequest) -> HttpResponse:
    """The deals behind a figure, which the address names by its key, group and filters."""
    request.actor.require(Permission.SEE_DEALS)
    opened = behind_figure.read(request.GET)
    try:
        filters, _ = winloss_page.read_filters(request.actor, request.GET)
        order = request.GET.get("sort", USUAL_ORDER)
        fetch = _behind(request.actor, filters, opened, order)
        table = deal_table(request.actor, USUAL, tuple(FIGURE_ORDERS), order, fetch)
        show_page(table, request.GET.get("page", "1"))
    except (UnknownFigure, UnknownField, NoHistory) as error:
        raise Http404(str(error)) from error
    context = {
        "heading": opened.heading,
        "lede": opened.population,
        "table": table,
        "back": f"/{winloss_page.pairs(filters)}",
        "window": winloss_page.window_text(filters.since, filters.until),
        "where": filters.where,
    }
    return render(request, "deals/behind.html", context)


def _behind(actor: Actor, filters: Filters, opened: behind_figure.Opened, order: str) -> Fetch:
    sign = "-" if order.startswith("-") else ""
    by = sign + FIGURE_ORDERS.get(order.removeprefix("-"), "closed_at")

    def fetch(offset: int, limit: int) -> Page:
        found = deals_of(actor, filters.selection, opened.asked, order=by, offset=offset, limit=limit)
        return Page(found.total, found.deals)

    return fetch
