"""The sales process as it is read, its versions, open deals moved between them, the labels that deals carry."""

from dataclasses import asdict

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from notyet.process.models import StageKind
from notyet.process.moving import UnknownVersion, move_deals, move_groups, moves, undo_move
from notyet.process.publishing import map_stages
from notyet.process.queries import stage_labels
from notyet.process.versions import Version
from notyet.web.process_page import NoSuchVersion, find_version, process_page
from notyet.web.requests import ActorRequest
from notyet.workspaces.access import Actor, Permission


@require_safe
def process(request: ActorRequest) -> HttpResponse:
    """How a deal should go, and the versions of that."""
    try:
        page = process_page(request.actor, request.GET.dict())
    except NoSuchVersion as error:
        raise Http404 from error
    moved = request.session.pop("process_moved", None) if page.may_edit else None
    return render(request, "process/page.html", {"page": page, "moved": moved})


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: ActorRequest) -> HttpResponse:
    """What moving the open deals of a version to another would change; a POST moves those that were ticked."""
    request.actor.require(Permission.EDIT_PROCESS)
    asked = request.POST if request.method == "POST" else request.GET
    try:
        source, target = find_version(asked.get("from", "")), find_version(asked.get("to", ""))
    except NoSuchVersion as error:
        raise Http404 from error
    if request.method != "POST":
        groups = move_groups(request.actor, source, target)
        context = {"source": source, "target": target, "groups": groups, "deals": sum(one.deals for one in groups)}
        return render(request, "process/move.html", context)
    try:
        moved = move_deals(request.actor, _chosen(request, source, target), target.name)
    except UnknownVersion as error:
        raise Http404 from error
    if moved.deals:
        request.session["process_moved"] = {**asdict(moved), "name": target.name}
    else:
        messages.info(request, "No deal was ticked, so none was moved.")
    return redirect("process")


def _chosen(request: ActorRequest, source: Version, target: Version) -> list[int]:
    """The deals ticked one by one, and all of the groups that were too long to list and were ticked as a whole."""
    ways = set(request.POST.getlist("way"))
    ticked = {int(one) for one in request.POST.getlist("deal") if one.isascii() and one.isdigit()}
    return [
        one.deal.pk
        for one in moves(request.actor, source, target)
        if one.deal.pk in ticked or f"{one.was}\n{one.becomes}" in ways
    ]


@require_POST
def move_undo(request: ActorRequest) -> HttpResponse:
    """Take a move of one's own back: the edits from ``first`` to ``last``."""
    request.actor.require(Permission.EDIT_PROCESS)
    first, last = (request.POST.get(name, "") for name in ("first", "last"))
    count = undo_move(request.actor, int(first), int(last)) if (first + last).isdecimal() and first and last else 0
    said = "No deal was moved back: all of them have been moved since." if not count else f"Moved back: {count:,}."
    messages.success(request, said)
    return redirect("process")


@require_http_methods(["GET", "HEAD", "POST"])
def labels(request: ActorRequest) -> HttpResponse:
    """The stages that deals carry and what each is; a POST saves the fields ``label`` and ``kind``, in pairs."""
    request.actor.require(Permission.EDIT_PROCESS)
    if request.method == "POST":
        return _map(request, request.actor)
    context = {"labels": stage_labels(), "kinds": StageKind.choices}
    return render(request, "process/labels.html" if request.htmx else "process/labels_page.html", context)


def _map(request: ActorRequest, actor: Actor) -> HttpResponse:
    pairs = zip(request.POST.getlist("label"), request.POST.getlist("kind"), strict=False)
    try:
        changed = map_stages(actor, {label: kind for label, kind in pairs if label})
    except ValueError as error:
        messages.error(request, f"Nothing was saved: {error}.")
    else:
        messages.success(request, f"Saved: {changed} labels." if changed else "Nothing had changed.")
    return redirect("process_labels")
