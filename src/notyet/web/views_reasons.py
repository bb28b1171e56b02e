"""The page on which the win/loss owner keeps the table of reasons."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from notyet.debriefs.actions import BadReason, map_wordings, save_reasons
from notyet.web import reason_page
from notyet.web.reason_page import ReasonFormSet
from notyet.web.requests import ActorRequest
from notyet.workspaces.access import Permission


@require_http_methods(["GET", "HEAD", "POST"])
def reasons(request: ActorRequest) -> HttpResponse:
    """Show the table; a POST saves it."""
    request.actor.require(Permission.EDIT_REASONS)
    formset = ReasonFormSet(request.POST or None, initial=reason_page.lines(), prefix="reason")
    refusal = ""
    if request.method == "POST" and formset.is_valid():
        try:
            changed = save_reasons(request.actor, reason_page.edits(formset.cleaned_data))
        except BadReason as error:
            refusal = str(error)
        else:
            messages.success(request, f"Saved: {changed} lines changed." if changed else "Nothing had changed.")
            return redirect("reasons")
    context = {
        "formset": formset,
        "refusal": refusal,
        "wordings": reason_page.wordings(),
        "labels": reason_page.labels(),
    }
    return render(request, "reasons/reasons.html", context, status=400 if request.method == "POST" else 200)


@require_POST
def wordings(request: ActorRequest) -> HttpResponse:
    """Save what wordings mean: the fields ``text`` and ``means`` come in pairs."""
    request.actor.require(Permission.EDIT_REASONS)
    pairs = zip(request.POST.getlist("text"), request.POST.getlist("means"), strict=False)
    try:
        changed = map_wordings(request.actor, dict(pairs))
    except BadReason as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Saved: {changed} wordings changed." if changed else "Nothing had changed.")
    return redirect("reasons")
