"""A mapping for files that nobody has described, from their headers and values."""

from collections.abc import Sequence

from notyet.exchange.errors import FileRefused, ImportFailed
from notyet.exchange.event_log import is_event_log
from notyet.exchange.guess_columns import Guess, guess_deals
from notyet.exchange.lookups import find_lookup, taken_names
from notyet.exchange.mapping import Lookup, Mapping
from notyet.exchange.profile import FileProfile, profile
from notyet.exchange.rows import RowSource
from notyet.exchange.sources import PassedOver
from notyet.exchange.starter import starter_for_deals, starter_for_events


def guess_mapping(files: Sequence[tuple[str, RowSource]]) -> tuple[Mapping, list[PassedOver]]:
    """The likeliest mapping of some files: one of them the deals, others looked up from it, the rest passed over.

    Raises ``ImportFailed``, with a mapping file to begin with, where none says how its deals ended.
    """
    profiles = [_profiled(name, rows) for name, rows in files]
    for file in profiles:
        if is_event_log(file.rows.header):
            raise ImportFailed(
                f"{file.name} is an event log; which activities mean won and lost has to be said in a mapping file "
                "(--mapping FILE). To begin with:",
                starter_for_events(file),
            )
    guesses = [(guess_deals(file), file) for file in profiles if file.size]
    if not guesses:
        raise ImportFailed("; ".join(f"{file.name} has a header and no rows" for file in profiles))
    best, deals = max(guesses, key=lambda pair: pair[0].score)
    if best.mapping.outcome is None:
        raise ImportFailed(
            f"no column of {deals.name} says how its deals ended (a status, a stage, a result). Say it in a mapping "
            "file (--mapping FILE). To begin with:",
            starter_for_deals(best.mapping, deals),
        )
    lookups, passed, remarks = _others(best, deals, profiles)
    mapping = Mapping(tables=(best.mapping,), lookups=tuple(lookups), guessed=True, remarks=(*best.remarks, *remarks))
    return mapping, passed


def _profiled(name: str, rows: RowSource) -> FileProfile:
    try:
        return profile(name, rows)
    except FileRefused as error:
        raise ImportFailed(str(error)) from error


def _others(
    best: Guess, deals: FileProfile, profiles: list[FileProfile]
) -> tuple[list[Lookup], list[PassedOver], list[str]]:
    lookups: list[Lookup] = []
    passed: list[PassedOver] = []
    remarks: list[str] = []
    for other in profiles:
        if other is deals:
            continue
        lookup = find_lookup(deals, other, taken_names(best.mapping, lookups))
        if lookup is None:
            passed.append(PassedOver(other.name, f"it is neither the deals ({deals.name}) nor shares a key with them"))
            continue
        lookups.append(lookup)
        remarks.append(f"{other.name}: looked up by {lookup.on}: {', '.join(lookup.columns.values())}")
    return lookups, passed, remarks
