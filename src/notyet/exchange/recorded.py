"""Each import is itself on record: who brought in what, what became of it, and how it is taken back."""

import csv
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from itertools import chain
from pathlib import Path
from typing import Any

from notyet.core.clock import now
from notyet.deals.models import DataSource
from notyet.exchange.errors import ImportFailed
from notyet.exchange.files import KEPT_FILE, folder_of
from notyet.exchange.journal import JournalWriter
from notyet.exchange.models import Import, ImportState, Step
from notyet.exchange.results import ImportResult, Kept
from notyet.workspaces.access import Actor

_MOST = 50
STOPPED = "It was stopped before it was through. Nothing was changed; start it again."


def summary(result: ImportResult) -> dict[str, Any]:
    """What is kept of a result: counts, outcomes, what a person should know, the first fields that stand as edited."""
    return {
        "tables": [asdict(table) for table in result.tables],
        "outcomes": result.outcomes,
        "refused": result.refused,
        "accepted": result.accepted,
        "changed": sum(table.added + table.updated for table in result.tables),
        "warnings": list(result.warnings),
        "passed_over": [asdict(one) for one in result.passed_over],
        "kept": [asdict(one) for one in result.kept[:_MOST]],
        "kept_count": result.kept_count,
        "settled_count": result.settled_count,
    }


class Recording:
    """The import that is being written: the one that a person started on a page, or a new one for a command."""

    def __init__(self, actor: Actor, run: Import | None, source: str, paths: Sequence[Path]) -> None:
        self._actor = actor
        self._mine = run is None
        self.run = run or Import(
            workspace=actor.workspace,
            state=ImportState.RUNNING,
            step=Step.WRITE,
            source=source[:100],
            files=[{"name": path.name, "size": _size(path)} for path in paths],
            made_by=actor.name,
            user_id=actor.user_id,
            made_at=now(),
            started_at=now(),
        )
        self._parts: list[JournalWriter] = []
        self._currency = actor.workspace.currency

    @property
    def folder(self) -> Path:
        """Where the journal's rows lie."""
        return folder_of(self.run) / "journal"

    def journal(self, source: DataSource, made: bool) -> JournalWriter:
        """The journal of one source, ``made`` by this import or there before."""
        part = JournalWriter(self.folder, len(self._parts), source, made)
        self._parts.append(part)
        return part

    def keep(self, kept: Iterable[Kept]) -> None:
        """List all that stands as it was edited here though the files say otherwise, in a file beside the import."""
        path, rows = folder_of(self.run) / KEPT_FILE, iter(kept)
        path.unlink(missing_ok=True)
        if (first := next(rows, None)) is None:
            return
        with path.open("w", newline="", encoding="utf-8") as out:
            named = [one.name for one in fields(Kept) if one.name != "mark"]
            writer = csv.DictWriter(out, named, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(asdict(one) for one in chain([first], rows))

    def done(self, result: ImportResult) -> None:
        """Say that it is in, within the transaction that brings it in.

        Raises ``ImportFailed`` where somebody has declared it stopped meanwhile.
        """
        run = self.run
        values: dict[str, Any] = {
            "state": ImportState.DONE,
            "summary": summary(result),
            "journal": {
                "sources": [part.as_json() for part in self._parts],
                "currency": [self._currency, self._actor.workspace.currency],
            },
            "revision": self._actor.workspace.record_revision,
            "finished_at": now(),
            "error": "",
        }
        for name, value in values.items():
            setattr(run, name, value)
        if self._mine:
            run.save()
            return
        mine = Import.objects.filter(pk=run.pk, state=ImportState.RUNNING, attempt=run.attempt)
        if not mine.update(**values):
            raise ImportFailed(STOPPED)

    def forget(self) -> None:
        """Nothing came of it: what was written down for undoing goes."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._mine:
            shutil.rmtree(folder_of(self.run), ignore_errors=True)


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())
    return path.stat().st_size if path.exists() else 0
