"""The pages of imports: the list, the upload, the columns, the trial, the progress, the result."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from notyet.core.clock import now
from notyet.deals.models import DataSource
from notyet.exchange import files, mapping_edit, pulse, runs
from notyet.exchange.errors import ImportFailed
from notyet.exchange.jobs import go_on
from notyet.exchange.look import Look
from notyet.exchange.mapping import Mapping
from notyet.exchange.models import Import, ImportState, SavedMapping, Step
from notyet.exchange.ready import ready_names
from notyet.exchange.runs import Arrived, TooLate
from notyet.exchange.undo import why_not
from notyet.history.reading import state
from notyet.web import imports_page as parts
from notyet.web.requests import ActorRequest
from notyet.workspaces.access import Permission

PAGE_SIZE = 30
WORKING = (ImportState.QUEUED, ImportState.RUNNING)
PATIENCE_SECONDS = 10
View = Callable[..., HttpResponse]


def _guarded(view: View) -> View:
    """The view of an import that may be seen, with what cannot be said as a message where the person was."""

    @wraps(view)
    def guarded(request: ActorRequest, number: int) -> HttpResponse:
        request.actor.require(Permission.IMPORT)
        run = Import.objects.filter(pk=number).first()
        if run is None:
            raise Http404
        runs.stop_if_dead(run)
        try:
            return view(request, run)
        except TooLate as error:
            messages.info(request, f"{str(error)[:1].upper()}{str(error)[1:]}.")
            return redirect("import", number)

    return guarded


@require_safe
def imports(request: ActorRequest) -> HttpResponse:
    """What was imported, the newest first."""
    request.actor.require(Permission.IMPORT)
    page = Paginator(Import.objects.all(), PAGE_SIZE).get_page(request.GET.get("page"))
    for run in page:
        runs.stop_if_dead(run)
    return render(request, "imports/list.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    """Choose files; a POST takes them."""
    request.actor.require(Permission.IMPORT)
    arrived = _arrived(request)
    refused = getattr(request, "upload_refused", "")
    if request.method == "POST" and not refused:
        try:
            run = runs.start_import(request.actor, arrived, request.POST.get("source", ""))
            runs.ask_for(request.actor, run, Step.LOOK)
            go_on(run)
            return redirect("import", run.pk)
        except ImportFailed as error:
            refused = str(error)
    for one in arrived:
        one.path.unlink(missing_ok=True)
    sources = DataSource.objects.order_by("key").values_list("key", flat=True)
    context = {"refused": refused, "sources": sources, "source": request.POST.get("source", "")}
    return render(request, "imports/new.html", context, status=400 if refused else 200)


def _arrived(request: ActorRequest) -> list[Arrived]:
    """The files of the request; reading them is what may set ``upload_refused``."""
    return [
        Arrived(one.name or "", Path(one.file.name), one.size or 0)
        for one in request.FILES.getlist("files")
        if one.file is not None and one.file.name is not None
    ]


@require_safe
@_guarded
def show(request: ActorRequest, run: Import) -> HttpResponse:
    """Where the import stands: to what has to be decided next, at work, or what became of it."""
    if run.state == ImportState.UPLOADED:
        return redirect("import_columns", run.pk)
    if run.state == ImportState.PREVIEWED:
        return redirect("import_preview", run.pk)
    if run.state in WORKING:
        return render(request, "imports/working.html", _work(run))
    context = {
        "run": run,
        "refusals": parts.refusals(runs.preview_of(run)),
        "refused_file": _refused_file(run).exists(),
        "in_the_way": why_not(run) if run.state == ImportState.DONE and run.summary.get("changed") else "",
        "stale": run.state in (ImportState.DONE, ImportState.UNDONE) and _stale(request),
        "may_work": run.state == ImportState.DONE and request.actor.may(Permission.WORK_DEALS),
        **parts.outcome_of(run),
    }
    return render(request, "imports/result.html", context)


def _stale(request: ActorRequest) -> bool:
    found = state(request.actor)
    return found.empty or found.stale


@require_safe
@_guarded
def progress(request: ActorRequest, run: Import) -> HttpResponse:
    """How far it is; once it is through, to what comes next."""
    if run.state in WORKING:
        return render(request, "imports/progress.html", _work(run))
    response = HttpResponse()
    response["HX-Redirect"] = reverse("import", args=[run.pk])
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@_guarded
def columns(request: ActorRequest, run: Import) -> HttpResponse:
    """What the columns become; a POST mends it and goes on to the trial, or keeps it under a name."""
    look = _look(run)
    if request.method == "POST" and request.POST.get("do") == "ready":
        runs.apply_ready(request.actor, run, request.POST.get("ready", ""))
        return redirect("import_columns", run.pk)
    if look.form == "exchange" or runs.given_of(run):
        return _exchange(request, run, look)
    if look.form == "events":
        return _activities(request, run, look)
    mapping, refusal = mapping_edit.read(look, run.mapping), ""
    if request.method == "POST":
        try:
            if done := _mend(request, run, look, mapping):
                return done
        except ImportFailed as error:
            refusal = str(error)
        mapping = mapping_edit.read(look, run.mapping)
    context = {
        "run": run,
        "look": look,
        "page": parts.columns_page(look, mapping),
        "groups": parts.GROUPS,
        "formats": parts.FORMATS,
        "zones": parts.zones(),
        "zone": mapping.time_zone or request.actor.workspace.time_zone,
        "saved": SavedMapping.objects.all(),
        "ready": ready_names(),
        "refusal": refusal or run.error,
    }
    return render(request, "imports/columns.html", context, status=400 if refusal else 200)


def _mend(request: ActorRequest, run: Import, look: Look, mapping: Mapping) -> HttpResponse | None:
    """Do what the form of columns asks for."""
    actor, form, asked = request.actor, request.POST, request.POST.get("do", "")
    if asked == "apply":
        chosen = form.get("saved", "")
        kept = SavedMapping.objects.filter(pk=int(chosen)).first() if chosen.isdecimal() else None
        if kept is None:
            raise ImportFailed("choose a saved mapping first")
        runs.apply_mapping(actor, run, kept)
        messages.success(request, f"The columns are read as “{kept.name}” says.")
        return redirect("import_columns", run.pk)
    if asked == "deals":
        text = look.others.get(form.get("file", ""))
        if text is not None:
            runs.keep_mapping(actor, run, mapping_edit.read(look, text))
        return redirect("import_columns", run.pk)
    page = parts.columns_page(look, mapping)
    payments = parts.read_payments(form)
    runs.keep_mapping(actor, run, mapping_edit.mended(look, mapping, parts.read_choices(form, page)), payments)
    if asked == "save_as":
        kept = runs.save_mapping(actor, run, form.get("name", ""))
        messages.success(request, f"Kept as “{kept.name}”.")
        return redirect("import_columns", run.pk)
    if asked == "keep":
        return redirect("import_columns", run.pk)
    return _try_out(request, run)


def _exchange(request: ActorRequest, run: Import, look: Look) -> HttpResponse:
    if request.method == "POST":
        return _try_out(request, run)
    tables = [(one, [column.header for column in one.columns]) for one in look.files]
    context = {"run": run, "look": look, "tables": tables, "refusal": run.error, "given": runs.given_of(run)}
    return render(request, "imports/exchange.html", context)


def _activities(request: ActorRequest, run: Import, look: Look) -> HttpResponse:
    mapping, refusal = mapping_edit.event_mapping(look, run.mapping), ""
    words, case = parts.activity_words(look, mapping), parts.case_lines(look, mapping)
    if request.method == "POST":
        try:
            meant = {text: means for (_, text), means in parts.read_words(request.POST, words).items()}
            becomes = parts.read_case_columns(request.POST, case)
            runs.keep_mapping(request.actor, run, mapping_edit.with_activities(mapping, meant, becomes))
            return _try_out(request, run)
        except ImportFailed as error:
            refusal = str(error)
    context = {
        "run": run,
        "look": look,
        "words": words,
        "outcomes": parts.OUTCOME_LABELS,
        "log": mapping.events,
        "case": case,
        "groups": parts.CASE_GROUPS,
        "refusal": refusal or run.error,
    }
    return render(request, "imports/activities.html", context, status=400 if refusal else 200)


def _try_out(request: ActorRequest, run: Import) -> HttpResponse:
    runs.ask_for(request.actor, run, Step.CHECK)
    go_on(run)
    return redirect("import", run.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@_guarded
def preview(request: ActorRequest, run: Import) -> HttpResponse:
    """What would happen; a POST says what words mean and tries again."""
    look, seen = _look(run), runs.preview_of(run)
    mapping = mapping_edit.read(look, run.mapping) if look.form == "columns" and not runs.given_of(run) else None
    words = parts.outcome_words(look, mapping) if mapping else []
    stages = seen.get("stages", [])
    if request.method == "POST":
        if mapping is not None:
            meant = mapping_edit.with_outcomes(
                mapping, parts.read_words(request.POST, words), request.POST.get("rest", "")
            )
            runs.keep_mapping(request.actor, run, meant)
        runs.keep_stages(request.actor, run, parts.chosen_stages(request.POST, stages))
        return _try_out(request, run)
    if run.state != ImportState.PREVIEWED:
        return redirect("import", run.pk)
    headings, rows = parts.first_deals(seen.get("first_deals", []))
    deals = mapping.deals() if mapping else None
    context = {
        "run": run,
        **parts.outcome_of(run),
        "refusals": parts.refusals(seen),
        "headings": headings,
        "rows": rows,
        "words": words,
        "rest": (deals.outcome.default or "refuse") if deals and deals.outcome else "refuse",
        "outcomes": parts.OUTCOME_LABELS,
        "stages": [{**one, "kind": run.stages.get(one["label"], one["kind"])} for one in stages],
        "kinds": parts.KINDS,
        "refused_file": _refused_file(run).exists(),
    }
    return render(request, "imports/preview.html", context)


@require_POST
@_guarded
def write(request: ActorRequest, run: Import) -> HttpResponse:
    """Bring it in: the worker is asked, once."""
    return _ask(request, run, Step.WRITE)


@require_POST
@_guarded
def undo(request: ActorRequest, run: Import) -> HttpResponse:
    """Take it back as a whole."""
    return _ask(request, run, Step.UNDO)


def _ask(request: ActorRequest, run: Import, step: Step) -> HttpResponse:
    if step == Step.UNDO:
        run.user_id = request.actor.user_id
        Import.objects.filter(pk=run.pk).update(user_id=request.actor.user_id)
    try:
        runs.ask_for(request.actor, run, step)
        go_on(run)
    except ImportFailed as error:
        messages.error(request, str(error))
    return redirect("import", run.pk)


@require_POST
@_guarded
def cancel(request: ActorRequest, run: Import) -> HttpResponse:
    """Give it up; its files are deleted."""
    runs.cancel_import(request.actor, run)
    messages.success(request, "The import is given up and its files are deleted. Nothing was changed.")
    return redirect("imports")


@require_safe
@_guarded
def refused(request: ActorRequest, run: Import) -> HttpResponse:
    """The refused rows, to be mended and imported again."""
    path = _refused_file(run)
    if not path.exists():
        raise Http404
    name = f"refused-rows-of-import-{run.pk}.csv"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="text/csv")  # type: ignore[return-value]


@require_safe
@_guarded
def kept(request: ActorRequest, run: Import) -> HttpResponse:
    """What stands as it was edited here though the files say otherwise, safe to open in a spreadsheet."""
    path = files.folder_of(run) / files.KEPT_FILE
    if not path.exists():
        raise Http404
    response = StreamingHttpResponse(parts.harmless_lines(path), content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="edits-that-stand-in-import-{run.pk}.csv"'
    return response  # type: ignore[return-value]


def _refused_file(run: Import) -> Path:
    return files.folder_of(run) / "refused.csv"


def _look(run: Import) -> Look:
    look = runs.look_of(run)
    if look is None or run.state not in runs.WAITING:
        raise TooLate(f"this import stands elsewhere: {run.get_state_display().lower()}")
    return look


def _work(run: Import) -> dict[str, object]:
    beat = pulse.read(files.folder_of(run)) if run.state == ImportState.RUNNING else None
    waited = (now() - run.asked_at).total_seconds() if run.asked_at else 0.0
    return {"run": run, "pulse": beat, "no_worker": run.state == ImportState.QUEUED and waited > PATIENCE_SECONDS}
