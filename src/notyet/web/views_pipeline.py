"""The pipeline's page, its part that follows, the deals behind its figures, and the targets."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from notyet.analysis.behind import UnknownFigure
from notyet.history.reading import NoHistory, state
from notyet.pipeline import queries
from notyet.pipeline.actions import remove_target, set_target
from notyet.pipeline.models import Target
from notyet.pipeline.rules import BadTarget
from notyet.web import pipeline_page as page
from notyet.web.deal_columns import USUAL
from notyet.web.deal_lists import Fetch, Page, deal_table, show_page
from notyet.web.history_making import no_history
from notyet.web.pipeline_behind import heading
from notyet.web.pipeline_drawing import progress
from notyet.web.pipeline_headline import said
from notyet.web.pipeline_late import late_orders
from notyet.web.pipeline_spent import spending_view
from notyet.web.pipeline_targets import TargetForm, sellers, target_lines
from notyet.web.requests import ActorRequest
from notyet.web.winloss_page import ask_for_refresh_now_and_then
from notyet.workspaces.access import Actor, Permission


@require_safe
def pipeline(request: ActorRequest) -> HttpResponse:
    """The page; where time went follows by itself where it has to be worked out. ``?with=spent`` waits for it."""
    actor = request.actor
    actor.require(Permission.SEE_PIPELINE)
    try:
        asked = page.read_question(actor, request.GET)
        seen = queries.outlook(actor, asked)
        spent = queries.spending(actor, asked, wait=request.GET.get("with") == "spent")
    except NoHistory:
        return no_history(request, "pipeline/empty.html")
    held = state(actor)
    if held.stale:
        ask_for_refresh_now_and_then(actor)
    currency, links = actor.workspace.currency, page.Links(actor, asked)
    context = {
        "asked": asked,
        "seen": seen,
        "state": held,
        "options": page.options(asked),
        "said": said(asked, seen, actor.workspace.currency),
        "need": page.need_view(asked, seen, currency),
        "ending": page.ending_text(asked, seen, currency),
        "progress": progress(seen, asked.question.target),
        "progress_lines": page.progress_lines(asked, seen, currency, links),
        "rests_on": page.rests_on(asked, seen, currency, links),
        "basket": page.basket_view(actor, asked, seen),
        "paid": page.paid_view(asked, seen, currency, links),
        "late": late_orders(actor, asked, seen),
        "openings": page.openings_view(seen, links),
        "live_url": links["live"],
        "spent": spending_view(spent, currency, links) if spent else None,
        "spent_address": page.address(asked, "pipeline_spent"),
        "waiting_address": page.address(asked, **{"with": "spent"}),
        "may_set": actor.may(Permission.SET_TARGETS),
        "form": _form(actor) if actor.may(Permission.SET_TARGETS) and asked.target is None else None,
        "sellers": sellers(),
    }
    return render(request, "pipeline/page.html", context)


@require_safe
def spent(request: ActorRequest) -> HttpResponse:
    """Where time and deals went, as a part of the page."""
    try:
        asked = page.read_question(request.actor, request.GET)
        found = queries.spending(request.actor, asked)
    except NoHistory as error:
        raise Http404 from error
    links = page.Links(request.actor, asked)
    context = {
        "asked": asked,
        "options": page.options(asked),
        "spent": spending_view(found, request.actor.workspace.currency, links) if found else None,
    }
    return render(request, "pipeline/spent.html", context)


@require_safe
def deals(request: ActorRequest) -> HttpResponse:
    """The deals behind a figure of the pipeline: ``figure`` and, where it has parts, ``part``."""
    request.actor.require(Permission.SEE_DEALS)
    figure, part = request.GET.get("figure", ""), request.GET.get("part", "")
    try:
        asked = page.read_question(request.actor, request.GET)
        found = queries.deals_of(request.actor, asked, figure, part)
    except (UnknownFigure, NoHistory) as error:
        raise Http404(str(error)) from error
    table = deal_table(request.actor, USUAL, (), "", _pages_of([int(deal) for deal in found]))
    show_page(table, request.GET.get("page", "1"))
    title, lede = heading(asked, figure, part)
    context = {"heading": title, "lede": lede, "table": table, "back": page.address(asked)}
    return render(request, "deals/behind.html", {**context, "window": asked.choice.label, "where": ()})


def _pages_of(found: list[int]) -> Fetch:
    def fetch(offset: int, limit: int) -> Page:
        return Page(len(found), found[offset : offset + limit])

    return fetch


@require_http_methods(["GET", "HEAD", "POST"])
def targets(request: ActorRequest) -> HttpResponse:
    """The targets, and a form for one more; a POST sets it."""
    request.actor.require(Permission.SET_TARGETS)
    return _set(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def target(request: ActorRequest, pk: int) -> HttpResponse:
    """One target's form; a POST changes it."""
    request.actor.require(Permission.SET_TARGETS)
    try:
        return _set(request, Target.objects.get(pk=pk))
    except Target.DoesNotExist as error:
        raise Http404 from error


@require_POST
def target_remove(request: ActorRequest, pk: int) -> HttpResponse:
    """Remove a target."""
    request.actor.require(Permission.SET_TARGETS)
    try:
        removed = remove_target(request.actor, pk)
    except Target.DoesNotExist as error:
        raise Http404 from error
    [line] = target_lines((removed,), request.actor.workspace.currency)
    messages.success(request, f"The target of {line.amount} ({line.whose}, {line.period}) is removed.")
    return redirect("pipeline_targets")


def _set(request: ActorRequest, changed: Target | None) -> HttpResponse:
    actor, posted = request.actor, request.method == "POST"
    form = _form(actor, request.POST if posted else None, changed)
    if posted and form.is_valid():
        try:
            made = set_target(actor, form.wish(), changed.pk if changed else None)
        except BadTarget as error:
            form.refuse(error)
        else:
            [line] = target_lines((made,), actor.workspace.currency)
            messages.success(request, f"The target is {line.amount} ({line.whose}, {line.period}).")
            return redirect("pipeline_targets" if changed or request.POST.get("stay") else "pipeline")
    context: dict[str, Any] = {
        "form": form,
        "changed": changed,
        "sellers": sellers(),
        "lines": target_lines(queries.every_target(actor), actor.workspace.currency),
    }
    return render(request, "pipeline/targets.html", context, status=400 if posted else 200)


def _form(actor: Actor, data: Any = None, target: Target | None = None) -> TargetForm:
    try:
        teams = queries.teams(actor.workspace)
    except NoHistory:
        teams = ()
    return TargetForm(actor, teams, data, target)
