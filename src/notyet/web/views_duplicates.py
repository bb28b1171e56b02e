"""Names that may be one: looked at, merged, kept apart, split again."""

from contextlib import suppress
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from notyet.deals.jobs import ask_for_search
from notyet.deals.merge_models import Apart, Merge
from notyet.deals.merging import BadMerge, ask_again, merge, not_the_same, split
from notyet.history.reading import ask_for_refresh
from notyet.web.duplicates_page import PAGE_SIZE, duplicates_page
from notyet.web.requests import ActorRequest
from notyet.workspaces.access import Permission

GONE = "That has been taken back already."


@require_safe
def duplicates(request: ActorRequest) -> HttpResponse:
    """What may be one and what was decided; a large record that has changed is searched again meanwhile."""
    page = duplicates_page(request.actor, request.GET)
    if page.state.searching:
        ask_for_search(request.actor.workspace)
    return render(request, "duplicates/page.html", {"page": page})


@require_POST
def decide(request: ActorRequest) -> HttpResponse:
    """Merge a pair (``decision`` is ``merge-3``), keep it apart (``apart-3``), or merge all that are sure.

    The pair numbered 3 is ``first-3`` and each ``second-3``; the name to keep is ``keep-3``; ``sure`` lists numbers.
    """
    request.actor.require(Permission.MERGE)
    what, _, number = request.POST.get("decision", "").partition("-")
    try:
        if number == "sure":
            return _merge_all(request)
        if what == "apart":
            kind, names = _pair(request, number)
            return _back(request, apart=not_the_same(request.actor, kind, names[0], names[-1]).pk)
        made = _merge(request, number)
    except BadMerge as error:
        messages.error(request, f"Nothing was changed: {error}.")
        return _back(request)
    ask_for_refresh(request.actor)
    return _back(request, merged=made.pk)


def _pair(request: ActorRequest, number: str) -> tuple[str, list[str]]:
    form = request.POST
    return form.get(f"kind-{number}", ""), [form.get(f"first-{number}", ""), *form.getlist(f"second-{number}")]


def _merge(request: ActorRequest, number: str) -> Merge:
    kind, names = _pair(request, number)
    keep = request.POST.get(f"keep-{number}", "")
    return merge(request.actor, kind, keep, [name for name in names if name != keep])


def _merge_all(request: ActorRequest) -> HttpResponse:
    """Each pair is a merge of its own, to be split by itself; what counts as one already is passed over."""
    merged = 0
    for number in request.POST.getlist("sure")[:PAGE_SIZE]:
        with suppress(BadMerge):
            _merge(request, number)
            merged += 1
    if merged:
        ask_for_refresh(request.actor)
    messages.success(request, f"Merged: {merged} pairs. Each can be split below.")
    return _back(request)


@require_POST
def split_again(request: ActorRequest) -> HttpResponse:
    """Take the merge ``merge`` back."""
    request.actor.require(Permission.MERGE)
    try:
        made = split(request.actor, _key(request, "merge"))
    except (BadMerge, Merge.DoesNotExist):
        messages.info(request, GONE)
        return _back(request)
    ask_for_refresh(request.actor)
    return _back(request, split=made.pk)


@require_POST
def propose_again(request: ActorRequest) -> HttpResponse:
    """Take *not the same* back: ``apart`` says which."""
    request.actor.require(Permission.MERGE)
    try:
        said = ask_again(request.actor, _key(request, "apart"))
    except Apart.DoesNotExist:
        messages.info(request, GONE)
    else:
        messages.success(request, f"“{said.first}” and “{said.second}” are proposed again where they look like one.")
    return _back(request)


def _key(request: ActorRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _back(request: ActorRequest, **done: int) -> HttpResponse:
    """To the page and the kind that it was done on."""
    where = {name: request.POST[name] for name in ("show", "page") if request.POST.get(name)}
    query = urlencode({"kind" if name == "show" else name: value for name, value in where.items()} | done)
    return redirect(f"{reverse('duplicates')}?{query}" if query else "duplicates")
