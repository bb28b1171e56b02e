"""Importing a history: read, check, compare, write; all of it in one step that is done or not done."""

import tempfile
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as MappingOf
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import duckdb
from django.db import DatabaseError, transaction
from django.utils.text import slugify

from notyet.core.home import folder
from notyet.deals.models import DataSource
from notyet.deals.touching import touch
from notyet.exchange import files, preview
from notyet.exchange.commit import Commit, PaymentsFrom, settle_names, settle_source
from notyet.exchange.currency import adopt_currency
from notyet.exchange.errors import ImportFailed
from notyet.exchange.groups import by_source
from notyet.exchange.intake import Intake, Progress
from notyet.exchange.mapping import StageMapping
from notyet.exchange.mapping_file import MappingTemplate, read_mapping
from notyet.exchange.models import Import, ImportState
from notyet.exchange.plan import Plan, make_plan, open_files
from notyet.exchange.recorded import Recording
from notyet.exchange.refusals import RefusalLog
from notyet.exchange.refused_file import write_refused
from notyet.exchange.results import ImportResult, TableResult
from notyet.exchange.sources import PassedOver, find_files
from notyet.exchange.staging import Staging, staging, sweep
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.audit import note
from notyet.workspaces.models import Workspace
from notyet.workspaces.scope import within

MOST_KEPT = 1_000
"""Of what stands as it was edited here, so much is told with the result; a file beside the import holds all."""


def _silent(done: int, total: int | None, label: str) -> None:
    """Tell nobody."""


@dataclass
class _Part:
    """One source's share of an import."""

    key: str
    plan: Plan
    staged: Staging
    log: RefusalLog
    commit: Commit
    results: tuple[TableResult, ...] = ()
    touched: list[int] | None = field(default_factory=list)
    """The keys of the deals about which the record changed; ``None`` where they are too many to list."""


def import_history(
    actor: Actor,
    paths: Sequence[Path],
    *,
    mapping: Path | MappingTemplate | None = None,
    source: str = "default",
    dry_run: bool = False,
    refused_path: Path | None = None,
    payments_from: PaymentsFrom = None,
    stages: MappingOf[str, StageMapping] | None = None,
    progress: Progress | None = None,
    run: Import | None = None,
) -> ImportResult:
    """Bring files into the actor's workspace as the history of ``source``.

    ``mapping`` is a TOML file; without one the exchange format is known by its names, and anything else is
    guessed. ``dry_run`` says what would happen and changes nothing. Refused rows are written to ``refused_path``.
    ``payments_from``: from when on the source knows payments, or ``never``; ``None`` keeps what was set, else
    takes the first payment. ``stages`` says of stage labels what they are. ``progress`` gets
    ``(done, total or None, label)``. ``run`` is the import that a person has prepared; without one, an import that
    went in is put on record as a new one.

    Raises ``ImportFailed`` where nothing went in (nothing is changed then), ``Denied`` where the actor may not.
    """
    actor.require(Permission.IMPORT)
    template = read_mapping(mapping) if isinstance(mapping, Path) else mapping
    say = progress or _silent
    below = folder("imports", "staging")
    sweep(below)
    with ExitStack() as stack, within(actor.workspace):
        try:
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="unpacked-", dir=below)))
            parts, passed = _read(stack, actor.workspace, paths, scratch, below, template, source, say)
            for part in parts:
                part.plan.mapping = replace(part.plan.mapping, stages={**part.plan.mapping.stages, **(stages or {})})
            if not dry_run:
                files.sweep()
            recording = None if dry_run else Recording(actor, run, source, paths)
            with _kept_only_if_done(recording), transaction.atomic():
                for part in parts:
                    _bring_in(actor, part, payments_from, recording)
                if refused_path is not None:
                    _write_refused(parts, refused_path)
                result = _summed(parts, passed, source, dry_run=dry_run)
                if not dry_run and (currency := adopt_currency(actor.workspace)):
                    note = f"every amount is in {currency}, so the workspace's currency is {currency} now"
                    result = replace(result, warnings=(*result.warnings, note))
                if recording is not None:
                    recording.keep(one for part in parts for one in part.commit.kept())
                    _conclude(actor, parts, recording, result)
                    result = replace(result, number=recording.run.pk)
            return result
        except OSError as error:
            raise ImportFailed(f"{error.filename or below} cannot be used: {error.strerror or error}") from error
        except duckdb.Error as error:
            raise ImportFailed(f"the import could not be worked out: {error}") from error
        except DatabaseError as error:
            raise ImportFailed(f"the database cannot be written: {str(error).strip()}") from error


@contextmanager
def _kept_only_if_done(recording: Recording | None) -> Iterator[None]:
    """Let go of what was written down for undoing where the block does not come to its end."""
    try:
        yield
    except BaseException:
        if recording is not None:
            recording.forget()
        raise
    if recording is not None and recording.run.state != ImportState.DONE:
        recording.forget()


def _read(
    stack: ExitStack,
    workspace: Workspace,
    paths: Sequence[Path],
    scratch: Path,
    below: Path,
    template: MappingTemplate | None,
    source: str,
    say: Progress,
) -> tuple[list[_Part], list[PassedOver]]:
    found = find_files(paths, scratch)
    opened, wrong = open_files(found.files)
    parts = []
    passed = list(found.passed_over)
    known = DataSource.objects.values_list("key", flat=True)
    for key, group in by_source(opened, source, known).items():
        plan = make_plan(group, wrong, template)
        wrong = {}
        staged = stack.enter_context(staging(below))
        log = RefusalLog(staged.folder / "refused.csv")
        stack.callback(log.close)
        intake = Intake(staged, log, workspace.time_zone, say)
        intake.read(plan)
        plan.mapping = plan.mapping.with_remarks(*intake.remarks)
        passed += plan.passed_over
        parts.append(_Part(key, plan, staged, log, Commit(workspace, staged, log, say)))
    return parts, passed


def _bring_in(actor: Actor, part: _Part, payments_from: PaymentsFrom, recording: Recording | None) -> None:
    """Hold one source's rows against the record and, unless it is only a trial, write them."""
    workspace, mapping = actor.workspace, part.plan.mapping
    key = slugify(part.key)[:100] or "default"
    held = DataSource.objects.select_for_update().filter(workspace=workspace, key=key).first()
    made = held is None
    if held is None and recording is not None:
        held = DataSource.objects.create(workspace=workspace, key=key, name=part.key[:200])
    part.results = part.commit.compare(None if made else held)
    if recording is None or held is None or not any(result.accepted for result in part.results):
        return
    journal = recording.journal(held, made)
    part.results = part.commit.write(held, part.results, journal)
    part.touched = part.commit.touched(held, part.results)
    with journal.settling(held, workspace, mapping):
        settle_source(held, mapping, payments_from, workspace.time_zone)
        settle_names(workspace, mapping)


def _conclude(actor: Actor, parts: list[_Part], recording: Recording, result: ImportResult) -> None:
    """Say that the record has changed. Where nothing went in, not even an empty source stays."""
    if not result.accepted:
        transaction.set_rollback(True)
        return
    for part in parts:
        counts = {one.table: one.added + one.updated for one in part.results}
        note(actor, "import", part.key, **counts)
    every = any(part.touched is None for part in parts)
    touch(actor.workspace, None if every else [key for part in parts for key in part.touched or ()])
    recording.done(result)


def _write_refused(parts: list[_Part], path: Path) -> None:
    for number, part in enumerate(parts):
        target = path if number == 0 else path.with_name(f"{path.stem}-{part.key}{path.suffix}")
        if part.log.total or target.exists():
            write_refused(part.log, part.plan.files, target)


def _summed(parts: list[_Part], passed: list[PassedOver], source: str, *, dry_run: bool) -> ImportResult:
    outcomes: dict[str, int] = {}
    tables: dict[str, TableResult] = {}
    warnings: list[str] = []
    counts = [part.commit.kept_count() for part in parts]
    for part in parts:
        for outcome, count in part.commit.outcomes().items():
            outcomes[outcome] = outcomes.get(outcome, 0) + count
        for one in part.results:
            tables[one.table] = one.plus(tables.get(one.table, TableResult(one.table)))
        warnings += [*part.plan.mapping.remarks, *(r for rows in part.plan.files.values() for r in rows.remarks)]
    if undated := sum(part.commit.undated() for part in parts):
        deals = "one closed deal has" if undated == 1 else f"{undated:,} closed deals have"
        warnings.append(f"{deals} no day of close: no figure of a period counts what it cannot place in time")
    return ImportResult(
        source=source,
        tables=tuple(tables.values()),
        outcomes=outcomes,
        refusals=tuple(one for part in parts for one in part.log.first),
        warnings=tuple(dict.fromkeys(warnings)),
        passed_over=tuple(passed),
        mapping=parts[0].plan.mapping,
        dry_run=dry_run,
        refused_alike=tuple(kind for part in parts for kind in part.log.kinds.values()),
        kept=tuple(islice((one for part in parts for one in part.commit.kept()), MOST_KEPT)),
        kept_count=sum(listed for listed, _ in counts),
        settled_count=sum(settled for _, settled in counts),
        first_deals=tuple(preview.first_deals(parts[0].staged)) if dry_run else (),
        stages=tuple(preview.stages(parts[0].staged)) if dry_run else (),
    )
