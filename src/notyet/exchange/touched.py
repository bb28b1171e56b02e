"""What imports made of one deal, read back from the journals that they keep for undoing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from notyet.deals.models import Account, Deal
from notyet.exchange.files import folder_of
from notyet.exchange.journal import SourceJournal
from notyet.exchange.models import Import, ImportState
from notyet.exchange.record import db_table

Change = tuple[str, str, str]
"""A field, what it held before, and what since; empty for nothing."""
_NOT_SHOWN = ("id", "plain_dates")


@dataclass(frozen=True)
class Touch:
    """An import that added the deal, or changed fields of it."""

    number: int
    at: datetime
    by: str
    files: tuple[str, ...]
    added: bool
    changes: tuple[Change, ...]


def touches(deal: Deal) -> list[Touch]:
    """The imports that touched the deal, the newest first, in the workspace in scope.

    What an import changed is told while the files for undoing it are there. An import that was undone left nothing.
    """
    runs = Import.objects.filter(state=ImportState.DONE)
    return [touch for run in runs for touch in _touch(run, deal)]


def _touch(run: Import, deal: Deal) -> Iterator[Touch]:
    for data in run.journal.get("sources", ()):
        part = SourceJournal(**data)
        if part.source != deal.data_source_id:
            continue
        above, top = part.added.get(db_table("deals"), (0, 0))
        added = above < deal.pk <= top
        changes = () if added or "deals" not in part.changed else tuple(_changes(run, part, deal.pk))
        if added or changes:
            names = tuple(one["name"] for one in run.files)
            at = run.finished_at or run.made_at
            yield Touch(run.pk, at, run.made_by, names, added, changes)


def _changes(run: Import, part: SourceJournal, pk: int) -> Iterator[Change]:
    folder = folder_of(run) / "journal"
    before, after = (_row(part.file(folder, "deals", moment), pk) for moment in ("before", "after"))
    for name in after:
        old, new = before.get(name), after[name]
        if old == new or name in _NOT_SHOWN:
            continue
        if name == "account_id":
            yield "account", _account(old), _account(new)
        elif name == "attributes":
            yield from _attributes(json.loads(old or "{}"), json.loads(new or "{}"))
        elif name == "amount":
            yield name, _amount(old), _amount(new)
        else:
            yield name, old or "", new or ""


def _amount(text: str | None) -> str:
    """Without the zeros that one database writes and the other does not."""
    return f"{Decimal(text).normalize():f}" if text else ""


def _attributes(before: dict[str, str], after: dict[str, str]) -> Iterator[Change]:
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield name, before.get(name) or "", after.get(name) or ""


def _row(path: Path, pk: int) -> dict[str, Any]:
    if not path.exists():
        return {}
    rows: list[dict[str, Any]] = pq.read_table(path, filters=[("id", "=", str(pk))]).to_pylist()
    return rows[0] if rows else {}


def _account(key: str | None) -> str:
    return str(Account.objects.filter(pk=int(key)).values_list("name", flat=True).first() or "") if key else ""
