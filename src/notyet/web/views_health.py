"""What is missing or odd in the record, what it costs, and how it is mended."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from notyet.history.reading import NoHistory, state
from notyet.history.record_health import record_health
from notyet.web.health_page import source_views
from notyet.web.history_making import no_history
from notyet.web.requests import ActorRequest
from notyet.web.winloss_page import ask_for_refresh_now_and_then
from notyet.workspaces.access import Permission


@require_safe
def health(request: ActorRequest) -> HttpResponse:
    """The page; what was found follows by itself where it has to be looked for first. ``?with=found`` waits for it."""
    request.actor.require(Permission.SEE_ANALYSIS)
    try:
        found = record_health(request.actor, wait=request.GET.get("with") == "found")
    except NoHistory:
        return no_history(request, "health/empty.html")
    held = state(request.actor)
    if held.stale:
        ask_for_refresh_now_and_then(request.actor)
    context = {"state": held, "ready": found is not None}
    if found is not None:
        context["sources"] = source_views(found, request.actor)
    return render(request, "health/page.html", context)


@require_safe
def found(request: ActorRequest) -> HttpResponse:
    """What was found, as a part of the page."""
    request.actor.require(Permission.SEE_ANALYSIS)
    try:
        health = record_health(request.actor)
    except NoHistory:
        health = None
    sources = source_views(health, request.actor) if health else []
    return render(request, "health/found.html", {"sources": sources})
