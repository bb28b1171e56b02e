"""Drafting the next version of the process: saved as it is typed, by several people at once, and published."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import retarget

from notyet.process.difference import difference
from notyet.process.editing import settled
from notyet.process.models import ProcessDraft
from notyet.process.publishing import (
    CannotPublish,
    DraftChanged,
    DraftGone,
    UnknownOrigin,
    discard_draft,
    publish,
    start_draft,
)
from notyet.process.queries import current
from notyet.web.process_editor import KIND_CHOICES, Editor, opened, posted, typed_anew
from notyet.web.process_form import BadForm
from notyet.web.process_page import start_page
from notyet.web.requests import ActorRequest
from notyet.workspaces.access import Permission


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ActorRequest) -> HttpResponse:
    """The draft, or what to start one from. A POST saves what was typed and does what a button asks."""
    request.actor.require(Permission.EDIT_PROCESS)
    if request.method == "POST":
        return _save(request)
    draft = ProcessDraft.objects.first()
    if draft is None:
        return render(request, "process/start.html", {"page": start_page()})
    return _show(request, opened(draft), draft)


def _save(request: ActorRequest) -> HttpResponse:
    try:
        editor, redrawn = posted(request.actor, request.POST)
    except BadForm as error:
        return _no_form(error)
    except DraftGone as error:
        return _gone(request, error)
    draft = ProcessDraft.objects.get()
    if request.htmx and not redrawn:
        return render(request, "process/typed.html", {"page": editor, "draft": draft})
    return _show(request, editor, draft)


def _no_form(error: BadForm) -> HttpResponse:
    # As plain text: it repeats what came in.
    return HttpResponseBadRequest(f"This is not the editor's form: {error}", content_type="text/plain; charset=utf-8")


def _gone(request: ActorRequest, error: DraftGone) -> HttpResponse:
    """What became of the draft, beside the lines: they stay on the page whatever was pressed, until it is decided."""
    fields = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
    base, typed = current(), typed_anew(request.POST)
    context = {
        "why": str(error),
        "fields": [one for one in fields if one[0] not in ("op", "csrfmiddlewaretoken")],
        "seen": request.POST.get("seen", ""),
        "revision": request.POST.get("revision", ""),
        "base": base,
        "differences": difference(base.definition, settled(typed)) if base.pk else (),
    }
    if not request.htmx:
        return render(request, "process/gone_page.html", context)
    return retarget(render(request, "process/gone.html", context), "#beside")


def _show(request: ActorRequest, editor: Editor, draft: ProcessDraft, refusal: str = "") -> HttpResponse:
    context = {"page": editor, "draft": draft, "kinds": KIND_CHOICES, "refusal": refusal}
    template = "process/editor.html" if request.htmx else "process/edit.html"
    return render(request, template, context, status=400 if refusal else 200)


@require_POST
def start(request: ActorRequest) -> HttpResponse:
    """Begin a draft from the version in force or a template."""
    request.actor.require(Permission.EDIT_PROCESS)
    try:
        draft = start_draft(request.actor, request.POST.get("origin", ""))
    except UnknownOrigin as error:
        messages.error(request, f"Nothing was begun: {error}.")
        return redirect("process_edit")
    if draft.edited_by != request.actor.name:
        messages.info(request, f"{draft.edited_by} had begun a draft already: here it is.")
    return redirect("process_edit")


@require_POST
def again(request: ActorRequest) -> HttpResponse:
    """Begin a draft with what stood in the editor when the draft that it showed was gone."""
    request.actor.require(Permission.EDIT_PROCESS)
    try:
        start_draft(request.actor, "again", typed_anew(request.POST))
        editor, _ = posted(request.actor, request.POST)
    except BadForm as error:
        return _no_form(error)
    return _show(request, editor, ProcessDraft.objects.get())


@require_POST
def publish_draft(request: ActorRequest) -> HttpResponse:
    """Make the draft a version."""
    request.actor.require(Permission.EDIT_PROCESS)
    try:
        version = publish(request.actor, request.POST.get("note", ""), _revision(request))
    except DraftGone as error:
        messages.error(request, f"Nothing was published: {error}.")
        return redirect("process_edit")
    except DraftChanged as error:
        return _refuse(request, f"Nothing was published yet: {error}. Here it is as it is now.")
    except CannotPublish as error:
        return _refuse(request, f"Nothing was published yet: {error}.")
    messages.success(
        request, f"Version {version.name} is in force: deals opened from now on are worked by it. Open deals stay."
    )
    return redirect("process")


@require_POST
def discard(request: ActorRequest) -> HttpResponse:
    """Throw the draft away."""
    request.actor.require(Permission.EDIT_PROCESS)
    try:
        discard_draft(request.actor, _revision(request))
    except DraftGone as error:
        messages.info(request, f"There was nothing to throw away: {error}.")
    except DraftChanged as error:
        return _refuse(request, f"The draft was not thrown away: {error}. Here it is as it is now.")
    else:
        messages.success(request, "The draft is thrown away.")
    return redirect("process")


def _refuse(request: ActorRequest, refusal: str) -> HttpResponse:
    draft = ProcessDraft.objects.get()
    return _show(request, opened(draft), draft, refusal)


def _revision(request: ActorRequest) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
