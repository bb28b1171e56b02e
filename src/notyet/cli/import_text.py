"""What an import says of itself on a terminal."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notyet.exchange.results import ImportResult, TableResult

_SHOWN = 20
_OUTCOMES = ("won", "lost", "no_decision", "disqualified", "open")


def as_lines(result: "ImportResult", refused_path: Path | None, *, dry_run: bool) -> Iterator[str]:
    """Counts by table, outcomes, what was passed over, warnings, the first refusals and what to do with them."""
    if dry_run:
        yield "Nothing was changed: this only says what would happen."
    for table in result.tables:
        yield f"{table.table}: {_counts(table)}"
    if result.outcomes:
        known = [f"{result.outcomes[one]:,} {one.replace('_', ' ')}" for one in _OUTCOMES if result.outcomes.get(one)]
        yield f"outcomes: {', '.join(known)}"
    for passed in result.passed_over:
        yield f"passed over {passed.file}: {passed.why}"
    for warning in result.warnings:
        yield f"note: {warning}"
    yield from _kept(result)
    yield from _refusals(result, refused_path)


def _counts(table: "TableResult") -> str:
    parts = [("added", table.added), ("updated", table.updated), ("unchanged", table.unchanged)]
    parts += [("said twice", table.repeated), ("refused", table.refused)]
    return ", ".join(f"{count:,} {name}" for name, count in parts if count) or "no rows"


def _kept(result: "ImportResult") -> Iterator[str]:
    for one in result.kept[:_SHOWN]:
        yield f"edited here: {one}"
    if result.kept_count > _SHOWN:
        yield f"… and {result.kept_count - _SHOWN:,} more"
    if result.kept_count:
        stand = "1 edit made here stands" if result.kept_count == 1 else f"{result.kept_count:,} edits made here stand"
        where = f"; import {result.number} lists them on the page Imports" if result.number is not None else ""
        yield f"{stand} though the files say otherwise{where}."
    if result.settled_count:
        yield f"{result.settled_count:,} more that somebody decided to keep are not listed again."


def _refusals(result: "ImportResult", refused_path: Path | None) -> Iterator[str]:
    for refusal in result.refusals[:_SHOWN]:
        yield f"refused: {refusal}"
    if result.refused > _SHOWN:
        yield f"… and {result.refused - _SHOWN:,} more refused rows"
    if result.refused and refused_path is not None:
        yield f"The refused rows are in {refused_path}: mend them there and import that file."
    elif result.refused:
        yield "To get the refused rows as a file that can be mended and imported, add --refused FILE."
