"""Pages that stand on a history while there is none: that it is being made, and then it is there; or how to begin."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from notyet.deals.models import Deal
from notyet.history.jobs import last_refresh
from notyet.history.reading import state
from notyet.web.requests import ActorRequest
from notyet.web.winloss_page import REFRESH_SECONDS, ask_for_refresh_now_and_then
from notyet.workspaces.access import Actor, Permission

PATIENCE_SECONDS = 10
"""After so long that no worker has taken it up, the page says how one is started."""


@dataclass(frozen=True)
class Making:
    """The first history of a record, on its way: of how many deals, and what keeps it from getting on."""

    deals: int
    no_worker: bool
    failed: bool


def no_history(request: ActorRequest, template: str) -> HttpResponse:
    """A page for which there is no history yet: that it is being made, else how this person can begin."""
    actor = request.actor
    may = {"may_work": actor.may(Permission.WORK_DEALS), "may_import": actor.may(Permission.IMPORT)}
    return render(request, template, {"making": _making(actor), **may})


@require_safe
def history_making(request: ActorRequest) -> HttpResponse:
    """The part of such a page that asks again and again; once the history is there, the page is loaded anew."""
    request.actor.require(Permission.SEE_ANALYSIS)
    making = _making(request.actor) if state(request.actor).empty else None
    if making is not None:
        return render(request, "history_making.html", {"making": making})
    response = HttpResponse()
    response["HX-Refresh"] = "true"
    return response


def _making(actor: Actor) -> Making | None:
    """How far it is; ``None`` where the record holds nothing to make it of. Nobody need have asked for it."""
    deals = Deal.objects.count()
    if not deals:
        return None
    last = last_refresh(actor.workspace)
    # The queue notes when it was asked by the machine's own clock.
    waited = (timezone.now() - last.asked_at).total_seconds() if last else 0.0
    if last is None or (last.taken and (last.failed or waited > REFRESH_SECONDS)):
        ask_for_refresh_now_and_then(actor)
    waits = last is not None and not last.taken
    return Making(deals, waits and waited > PATIENCE_SECONDS, last is not None and last.failed)
