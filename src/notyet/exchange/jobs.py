"""The steps of an import in the background: each claims its import, works, and says how it ended."""

import json
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django_tasks import task

from notyet.exchange import files, pulse
from notyet.exchange.actions import import_history
from notyet.exchange.commit import PaymentsFrom
from notyet.exchange.errors import ImportFailed, UndoRefused
from notyet.exchange.look import look_at
from notyet.exchange.mapping import StageMapping
from notyet.exchange.mapping_edit import payments_day
from notyet.exchange.models import Import, ImportState, Step
from notyet.exchange.recorded import summary
from notyet.exchange.results import ImportResult
from notyet.exchange.runs import claimed, ended, look_of, mapping_before, preview_of, refusals_of, template_of
from notyet.exchange.undo import undo_import
from notyet.history.jobs import refresh_history
from notyet.workspaces.access import Actor, Denied, actor_of, memberships
from notyet.workspaces.models import Workspace
from notyet.workspaces.scope import within

AT_ONCE_BYTES = 2 * 2**20
"""Files up to this size are looked at and tried out at once; the worker is asked for anything larger."""


@task()
def run_step(workspace_id: int, import_id: int, attempt: int) -> None:
    """Do what the import waits for, unless somebody else does already."""
    workspace = Workspace.objects.get(pk=workspace_id)
    with within(workspace), claimed(import_id, attempt) as run:
        if run is None:
            return
        below = files.folder_of(run)
        with pulse.beating(below, attempt, _totals(run)) as progress:
            step = {Step.LOOK: _look, Step.CHECK: _check, Step.WRITE: _write, Step.UNDO: _undo}[Step(run.step)]
            step(_actor(workspace, run), run, progress)
    run.refresh_from_db()
    if run.state in (ImportState.DONE, ImportState.UNDONE):
        refresh_history.enqueue(workspace.pk)


def go_on(run: Import) -> None:
    """Have the step that was asked for done: by the worker, or at once where it takes no time and changes nothing."""
    small = sum(one["size"] for one in run.files) <= AT_ONCE_BYTES
    if small and run.step in (Step.LOOK, Step.CHECK):
        run_step.call(run.workspace_id, run.pk, run.attempt)
    else:
        run_step.enqueue(run.workspace_id, run.pk, run.attempt)


def _actor(workspace: Workspace, run: Import) -> Actor:
    """Who asked for it, with the rights that she has now."""
    user = User.objects.filter(pk=run.user_id, is_active=True).first() if run.user_id else None
    found = [one for one in memberships(user) if one.workspace_id == workspace.pk] if user else []
    if not found:
        raise ImportFailed(f"{run.made_by} does not belong to this workspace any more")
    return actor_of(found[0])


def _look(actor: Actor, run: Import, progress: pulse.Beating) -> None:
    look = look_at(files.paths_of(run), run.source, actor.workspace.time_zone, progress)
    look.save(files.folder_of(run))
    ended(run, ImportState.UPLOADED, mapping=(look.mended and mapping_before(run)) or look.mapping)


def _check(actor: Actor, run: Import, progress: pulse.Beating) -> None:
    result = _import(actor, run, progress, dry_run=True)
    preview = {
        "refusals": refusals_of(result),
        "first_deals": list(result.first_deals),
        "stages": list(result.stages),
    }
    (files.folder_of(run) / "preview.json").write_text(json.dumps(preview, ensure_ascii=False), encoding="utf-8")
    ended(run, ImportState.PREVIEWED, summary=summary(result))


def _write(actor: Actor, run: Import, progress: pulse.Beating) -> None:
    result = _import(actor, run, progress, dry_run=False)
    if not result.accepted:
        raise ImportFailed("nothing went in: every row was refused. Look at the preview for what to mend")
    preview = {**preview_of(run), "refusals": refusals_of(result)}
    (files.folder_of(run) / "preview.json").write_text(json.dumps(preview, ensure_ascii=False), encoding="utf-8")


def _undo(actor: Actor, run: Import, progress: pulse.Beating) -> None:
    try:
        undo_import(actor, run, progress=progress)
    except (UndoRefused, Denied) as error:
        raise ImportFailed(f"It was not undone: {error}") from error


def _import(actor: Actor, run: Import, progress: pulse.Beating, *, dry_run: bool) -> ImportResult:
    try:
        return import_history(
            actor,
            files.paths_of(run),
            mapping=template_of(run),
            source=run.source,
            dry_run=dry_run,
            refused_path=files.folder_of(run) / "refused.csv",
            payments_from=_payments(run, actor.workspace.time_zone),
            stages={label: StageMapping(kind) for label, kind in run.stages.items()},
            progress=progress,
            run=None if dry_run else run,
        )
    except Denied as error:
        raise ImportFailed(str(error)) from error


def _payments(run: Import, zone: str) -> PaymentsFrom:
    if run.payments_from == "never":
        return "never"
    day = payments_day(run.payments_from)
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) if day else None


def _totals(run: Import) -> dict[str, int]:
    """The rows of its files by the label under which they are read."""
    look = look_of(run)
    return {f"reading {one.name}": one.rows for one in look.files if one.rows} if look else {}
