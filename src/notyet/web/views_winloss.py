"""The win/loss page, its parts that load later, its exports, and what can be decided on it."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from notyet.analysis.report import to_json
from notyet.analysis.results import Report
from notyet.history.actions import decide_leak, undo_leak_decision
from notyet.history.reading import NoHistory, current_report, state
from notyet.web import winloss_page as parts
from notyet.web.filters import Filters
from notyet.web.history_making import no_history
from notyet.web.reason_view import Measure
from notyet.web.report_view import report_view
from notyet.web.requests import ActorRequest
from notyet.web.spreadsheet import figures_csv
from notyet.web.standalone import policy
from notyet.web.standalone import render as render_report
from notyet.workspaces.access import Permission

KINDS = ("csv", "json", "html")
LONGEST_FIELD = 500


@require_safe
def winloss(request: ActorRequest) -> HttpResponse:
    """Why deals are lost. The drivers take longer and follow by themselves; ``?with=drivers`` waits for them."""
    request.actor.require(Permission.SEE_ANALYSIS)
    if state(request.actor).empty:
        return no_history(request, "winloss/empty.html")
    waits = request.GET.get("with") == "drivers"
    report, filters, context = _read(request, drivers=waits)
    stale = state(request.actor).stale
    if stale:
        parts.ask_for_refresh_now_and_then(request.actor)
    measure: Measure = "count" if request.GET.get("measure") == "count" else "value"
    link = parts.deals_link(request.actor, filters)
    context |= {
        "view": report_view(report, link, measure),
        "measure": measure,
        "waits": waits,
        "few": report.deals.closed < parts.FEWEST,
        "stale": stale,
    }
    return render(request, "winloss/page.html", context)


@require_safe
def drivers(request: ActorRequest) -> HttpResponse:
    """The panel of drivers and the warnings, which come from the same search."""
    request.actor.require(Permission.SEE_ANALYSIS)
    report, filters, context = _read(request, drivers=True)
    context["view"] = report_view(report, parts.deals_link(request.actor, filters))
    return render(request, "winloss/drivers.html", context)


def _read(request: ActorRequest, *, drivers: bool) -> tuple[Report, Filters, dict[str, Any]]:
    filters, fields = parts.read_filters(request.actor, request.GET)
    report = current_report(request.actor, filters.selection, drivers=drivers)
    quick, choices = parts.quick_choice(parts.choices(filters, fields))
    context = {
        "report": report,
        "filters": filters,
        "query": filters.query(),
        "window": parts.window_text(filters.since, filters.until),
        "quick": quick,
        "choices": choices,
        "chips": parts.chips(filters),
        "decisions": parts.decisions(),
        "may_decide": request.actor.may(Permission.DECIDE_LEAKS),
        "back": f"/{parts.pairs(filters)}",
    }
    return report, filters, context


@require_safe
def figures(request: ActorRequest, kind: str) -> HttpResponse:
    """The figures of the selection as a file: ``json``, ``csv`` or the report as ``html``."""
    request.actor.require(Permission.SEE_ANALYSIS)
    if kind not in KINDS:
        raise Http404
    try:
        filters, _ = parts.read_filters(request.actor, request.GET)
        report = current_report(request.actor, filters.selection)
    except NoHistory:
        return redirect("winloss")
    if kind == "csv":
        response = HttpResponse(figures_csv(report), content_type="text/csv; charset=utf-8")
    elif kind == "json":
        text = json.dumps(to_json(report), ensure_ascii=False, indent=2)
        response = HttpResponse(text, content_type="application/json")
    else:
        response = HttpResponse(render_report(report))
        response._csp_update = policy()  # type: ignore[attr-defined]
    response["Content-Disposition"] = f'attachment; filename="notyet-{report.as_of:%Y-%m-%d}.{kind}"'
    return response


@require_safe
def report(request: ActorRequest) -> HttpResponse:
    """The report for leadership inside the application's frame."""
    request.actor.require(Permission.SEE_ANALYSIS)
    if state(request.actor).empty:
        return no_history(request, "winloss/empty.html")
    found, filters, context = _read(request, drivers=True)
    context["view"] = report_view(found, parts.deals_link(request.actor, filters))
    return render(request, "report/page.html", context)


@require_POST
def leak(request: ActorRequest) -> HttpResponse:
    """Confirm or overrule a suspected leak, or take the decision back; then return to where it was done."""
    request.actor.require(Permission.DECIDE_LEAKS)
    field, verdict = request.POST.get("field", ""), request.POST.get("verdict", "")
    if not 0 < len(field) <= LONGEST_FIELD or verdict not in ("leak", "fine", "undo"):
        return HttpResponseBadRequest("field and verdict (leak, fine, undo) are needed")
    if verdict == "undo":
        undo_leak_decision(request.actor, field)
        messages.success(request, f"“{field}” stands again as the evidence has it.")
    else:
        decide_leak(request.actor, field, verdict)
        said = "stays left out" if verdict == "leak" else "is looked at like any other field"
        messages.success(request, f"“{field}” {said}.")
    back = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if allowed else "winloss")
