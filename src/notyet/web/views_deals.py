"""The list of deals and a deal's page."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from notyet.analysis.behind import Behind, UnknownFigure
from notyet.analysis.selection import UnknownField
from notyet.deals.models import Deal, Outcome
from notyet.deals.queries import search_deals, visible_deals
from notyet.history.reading import NoHistory, deals_of
from notyet.web import behind_figure, winloss_page
from notyet.web.deal_lists import PAGE_SIZE, BehindFigure, DealTable, Fetch, FigureTable
from notyet.web.deal_page import deal_page
from notyet.web.filters import Filters
from notyet.web.requests import ActorRequest
from notyet.web.shown import outcome_tag
from notyet.workspaces.access import Actor, Permission


@require_safe
def deals(request: ActorRequest) -> HttpResponse:
    """All deals the actor may see, searched and sorted."""
    found = visible_deals(request.actor).select_related("account", "data_source", "workspace")
    text, outcome = request.GET.get("q", "").strip(), request.GET.get("outcome", "")
    table = DealTable(search_deals(found, text, outcome))
    RequestConfig(request, paginate={"per_page": PAGE_SIZE}).configure(table)
    form = {"q": text, "outcome": outcome, "outcomes": Outcome.choices}
    return render(request, "deals/list.html", {"heading": "Deals", "table": table, "form": form})


@require_safe
def deal(request: ActorRequest, pk: int) -> HttpResponse:
    """One deal: how it went and how it ended."""
    try:
        page = deal_page(request.actor, pk)
    except Deal.DoesNotExist as error:
        raise Http404 from error
    return render(request, "deals/deal.html", {"page": page, "outcome": outcome_tag(page.deal)})


@require_safe
def behind(request: ActorRequest) -> HttpResponse:
    """The deals behind a figure, which the address names by its key, group and filters."""
    request.actor.require(Permission.SEE_DEALS)
    opened = behind_figure.read(request.GET)
    try:
        filters, _ = winloss_page.read_filters(request.actor, request.GET)
        table = FigureTable(BehindFigure(request.actor, _fetch(request.actor, filters, opened)))
        RequestConfig(request, paginate={"per_page": PAGE_SIZE}).configure(table)
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
    return render(request, "deals/list.html", context)


def _fetch(actor: Actor, filters: Filters, opened: behind_figure.Opened) -> Fetch:
    def fetch(order: str, offset: int, limit: int) -> Behind:
        return deals_of(actor, filters.selection, opened.asked, order=order, offset=offset, limit=limit)

    return fetch
