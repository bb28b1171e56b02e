"""What deviating from the process did: the panel that follows the page of the process."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from notyet.web.conformance_view import conformance_panel
from notyet.web.requests import ActorRequest
from notyet.workspaces.access import Permission


@require_safe
def followed(request: ActorRequest) -> HttpResponse:
    """The panel by itself, or as a page for those without scripts."""
    request.actor.require(Permission.SEE_ANALYSIS)
    whole = "process/conformance.html" if request.htmx else "process/conformance_page.html"
    return render(request, whole, {"panel": conformance_panel(request.actor)})
