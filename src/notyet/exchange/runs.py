"""What people do with an import on its way: start it, map it, try it out, let it be written, undo or cancel it."""

import json
import shutil
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as MappingOf
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import OperationalError, transaction
from django.utils.text import slugify
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from notyet.core.clock import now
from notyet.exchange import files, pulse
from notyet.exchange.errors import ImportFailed
from notyet.exchange.look import Look, saved
from notyet.exchange.mapping import Mapping
from notyet.exchange.mapping_edit import for_any_file, missing, read, written
from notyet.exchange.mapping_file import MappingTemplate, parse_mapping
from notyet.exchange.models import Import, ImportState, SavedMapping, Step
from notyet.exchange.ready import find_mapping, ready_names
from notyet.exchange.recorded import STOPPED
from notyet.exchange.results import ImportResult
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.audit import note

_READY, _AS = "# ready: ", "# as import: "
STEP_TASK = "notyet.exchange.jobs.run_step"
WAITING = (ImportState.UPLOADED, ImportState.PREVIEWED, ImportState.FAILED)
"""States in which a person decides what comes next."""


class TooLate(Exception):
    """The import has moved on; the text says to where."""


@dataclass(frozen=True)
class Arrived:
    """A file that has been uploaded: its given name and where it lies until it is taken."""

    name: str
    path: Path
    size: int


def start_import(actor: Actor, arrived: Sequence[Arrived], source: str) -> Import:
    """Take uploaded files as a new import. Raises ``ImportFailed`` where there are none."""
    actor.require(Permission.IMPORT)
    if not arrived:
        raise ImportFailed("choose at least one file")
    files.sweep()
    run = Import(
        workspace=actor.workspace,
        source=slugify(source)[:100] or "default",
        files_kept=True,
        made_by=actor.name,
        user_id=actor.user_id,
        made_at=now(),
    )
    below = files.uploads_of(run)
    names: list[str] = []
    for one in arrived:
        names.append(files.safe_name(one.name, names))
        shutil.move(one.path, below / names[-1])
    run.files = [{"name": name, "size": one.size} for name, one in zip(names, arrived, strict=True)]
    with transaction.atomic():
        run.save()
        note(actor, "upload for import", str(run.pk), files=len(names), bytes=sum(one.size for one in arrived))
    return run


def look_of(run: Import) -> Look | None:
    """What its files were seen to be; ``None`` before the first look, or when they are gone."""
    return saved(files.folder_of(run))


def preview_of(run: Import) -> dict[str, Any]:
    """What the last trial showed: first rows, refusals, stages; empty before it."""
    try:
        found: dict[str, Any] = json.loads((files.folder_of(run) / "preview.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def keep_mapping(actor: Actor, run: Import, mapping: Mapping, payments_from: str | None = None) -> None:
    """Read the import's files by this mapping from now on; a trial made before counts no more."""
    actor.require(Permission.IMPORT)
    look = look_of(run)
    if look is None:
        raise TooLate("its files are no longer here")
    values: dict[str, Any] = {"mapping": written(look, mapping), "state": ImportState.UPLOADED, "error": ""}
    if payments_from is not None:
        values["payments_from"] = payments_from
    _move(run, WAITING, **values)


def keep_stages(actor: Actor, run: Import, kinds: MappingOf[str, str]) -> None:
    """Note what kind of stage labels are, to be settled with the import."""
    actor.require(Permission.IMPORT)
    _move(run, WAITING, stages={**run.stages, **kinds})


def save_mapping(actor: Actor, run: Import, name: str) -> SavedMapping:
    """Keep the import's mapping under a name, in the place of one of the same name."""
    actor.require(Permission.IMPORT)
    name = name.strip()[:100]
    if not name:
        raise ImportFailed("give the mapping a name")
    with transaction.atomic():
        kept, _ = SavedMapping.objects.update_or_create(
            workspace=actor.workspace,
            name=name,
            defaults={"text": for_any_file(run.mapping), "saved_by": actor.name, "saved_at": now()},
        )
        note(actor, "save mapping", name)
    made: SavedMapping = kept
    return made


def apply_mapping(actor: Actor, run: Import, saved_mapping: SavedMapping) -> None:
    """Read the import's files by a saved mapping. Raises ``ImportFailed`` where it does not fit them."""
    look = look_of(run)
    if look is None:
        raise TooLate("its files are no longer here")
    keep_mapping(actor, run, read(look, saved_mapping.text))


def apply_ready(actor: Actor, run: Import, name: str) -> None:
    """Read the import's files as a system exports them, by a mapping that comes with NotYet; empty: guess again."""
    actor.require(Permission.IMPORT)
    look = look_of(run)
    if look is None:
        raise TooLate("its files are no longer here")
    if name and name not in ready_names():
        raise ImportFailed("there is no such ready mapping")
    text = f"{_READY}{name}" if name else look.mapping
    _move(run, WAITING, mapping=text, state=ImportState.UPLOADED, error="")


def mapping_before(run: Import) -> str:
    """The mapping by which the last import of the same source read its files, for rows that it refused."""
    before = Import.objects.filter(source=run.source, state=ImportState.DONE).exclude(mapping="").first()
    if before is None:
        return ""
    return before.mapping if before.mapping.startswith(_AS) else f"{_AS}{before.pk}"


def given_of(run: Import) -> str:
    """By what its files are read where no columns are to be mended, in words; empty where there are."""
    if run.mapping.startswith(_READY):
        return f"{run.mapping.removeprefix(_READY).capitalize()} exports them"
    return f"import {run.mapping.removeprefix(_AS)} read its files" if run.mapping.startswith(_AS) else ""


def template_of(run: Import) -> MappingTemplate | None:
    """The mapping by which its files are read; ``None`` where they are in the exchange format.

    Raises ``ImportFailed`` where it is that of another import which is no longer on record.
    """
    if run.mapping.startswith(_READY):
        return find_mapping(run.mapping.removeprefix(_READY))
    if run.mapping.startswith(_AS):
        before = Import.objects.filter(pk=int(run.mapping.removeprefix(_AS))).first()
        if before is None:
            raise ImportFailed("the import whose mapping it takes is no longer on record; guess the columns instead")
        return template_of(before)
    return parse_mapping(run.mapping) if run.mapping else None


def ask_for(actor: Actor, run: Import, step: Step) -> None:
    """Ask the worker for the next step. Whoever asks second is told that it is under way: raises ``TooLate``.

    Raises ``ImportFailed`` where something has to be said first.
    """
    actor.require(Permission.IMPORT)
    allowed: tuple[ImportState, ...] = WAITING
    if step == Step.WRITE:
        allowed = (ImportState.PREVIEWED, ImportState.FAILED)
    if step == Step.UNDO:
        allowed = (ImportState.DONE,)
    if step in (Step.CHECK, Step.WRITE):
        _require_told(run)
    with transaction.atomic():
        _move(run, allowed, state=ImportState.QUEUED, step=step, attempt=run.attempt + 1, asked_at=now(), error="")
        note(actor, f"ask for {step.name.lower()} of import", str(run.pk))


def _require_told(run: Import) -> None:
    look = look_of(run)
    if look is None:
        raise TooLate("its files are no longer here")
    if given_of(run):
        return
    if look.form == "events" and not run.mapping:
        raise ImportFailed("say which activities end a case, and how")
    if look.form == "columns" and (told := missing(read(look, run.mapping))):
        raise ImportFailed(told)


def cancel_import(actor: Actor, run: Import) -> None:
    """Give an import up before it is written; its files are deleted."""
    actor.require(Permission.IMPORT)
    allowed = WAITING if run.step == Step.UNDO else (*WAITING, ImportState.QUEUED)
    with transaction.atomic():
        _move(run, allowed, state=ImportState.CANCELLED)
        note(actor, "cancel import", str(run.pk))
    files.forget_files(run)


def _move(run: Import, allowed: Sequence[str], **values: Any) -> None:
    """Change the import if nobody has moved it on since it was read. Raises ``TooLate``."""
    same = Import.objects.filter(pk=run.pk, attempt=run.attempt, state__in=allowed)
    if (run.state == ImportState.QUEUED and run.step == Step.UNDO) or not same.update(**values):
        run.refresh_from_db()
        raise TooLate(f"this import has moved on: {run.get_state_display().lower()}")
    run.refresh_from_db()


def stop_if_dead(run: Import) -> None:
    """Say of a step whose worker is gone that it was stopped. The record is as it was: a step is one transaction."""
    if run.state == ImportState.RUNNING:
        silent = _silent_for(run)
    elif run.state == ImportState.QUEUED and not _handed_out(run):
        silent = (now() - run.asked_at).total_seconds() if run.asked_at else pulse.DEAD_AFTER_SECONDS
    else:
        return
    if silent < pulse.DEAD_AFTER_SECONDS:
        return
    try:
        same = Import.objects.filter(pk=run.pk, attempt=run.attempt, state=run.state)
        same.update(state=after_failure(run.step), error=STOPPED)
    except OperationalError:
        # SQLite: somebody is writing, so perhaps it is not dead after all.
        return
    run.refresh_from_db()


def _silent_for(run: Import) -> float:
    """Seconds since the step's last sign of life."""
    own = files.folder_of(run)
    last, silent = pulse.read(own), pulse.silent_for(own)
    if last is not None and silent is not None and last.attempt == run.attempt:
        return silent
    return (now() - run.started_at).total_seconds() if run.started_at else pulse.DEAD_AFTER_SECONDS


def _handed_out(run: Import) -> bool:
    """Whether the step still waits to be taken up. A worker that died with it in its hands takes it along."""
    asked = {"args": [run.workspace_id, run.pk, run.attempt], "kwargs": {}}
    waiting = DBTaskResult.objects.filter(task_path=STEP_TASK, status=TaskResultStatus.READY)
    return bool(waiting.filter(args_kwargs=asked).exists())


def after_failure(step: str) -> ImportState:
    """Where an import stands when a step came to nothing."""
    if step == Step.UNDO:
        return ImportState.DONE
    return ImportState.UPLOADED if step == Step.CHECK else ImportState.FAILED


@contextmanager
def claimed(pk: int, attempt: int) -> Iterator[Import | None]:
    """The import, if nobody else is at this step of it yet; what goes wrong in the block is said of it."""
    waiting = Import.objects.filter(pk=pk, attempt=attempt, state=ImportState.QUEUED)
    if not waiting.update(state=ImportState.RUNNING, started_at=now()):
        yield None
        return
    run: Import = Import.objects.get(pk=pk)
    step, error = run.step, STOPPED
    try:
        yield run
        error = ""
    except ImportFailed as failed:
        error = _sentence(str(failed))
    finally:
        mine = Import.objects.filter(pk=pk, attempt=attempt, state=ImportState.RUNNING)
        if error:
            mine.update(state=after_failure(step), error=error)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:2_000] + ("" if text.endswith((".", "?", "!")) else ".")


def ended(run: Import, state: ImportState, **values: Any) -> None:
    """A step is through, as far as ``state``."""
    mine = Import.objects.filter(pk=run.pk, attempt=run.attempt, state=ImportState.RUNNING)
    if not mine.update(state=state, error="", **values):
        raise ImportFailed(STOPPED)


def refusals_of(result: ImportResult) -> list[dict[str, Any]]:
    """The refusals of a result by their kind, the most frequent first, as the preview keeps them."""
    return [asdict(one) for one in sorted(result.refused_alike, key=lambda one: -one.count)]
