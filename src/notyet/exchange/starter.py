"""Mapping files as text: one to begin with, and one that says what was guessed."""

import re
from collections import Counter
from collections.abc import Mapping as MappingOf

from notyet.analysis.tables import OUTCOMES
from notyet.exchange.aliases import LOST_FLAGS
from notyet.exchange.event_log import ACTIVITY, CASE_PREFIX
from notyet.exchange.guess_outcome import outcome_of
from notyet.exchange.mapping import EventLog, Lookup, Mapping, TableMapping, folded
from notyet.exchange.mapping_file import toml_key, toml_text
from notyet.exchange.parse_values import TRUE_WORDS
from notyet.exchange.profile import ColumnProfile, FileProfile

_SHOWN_COLUMNS, _SHOWN_VALUES = 8, 12
_ENDING = re.compile(r"\b(churn\w*|lost|won|win|outcome|status|state|stage|result|reason|clos\w*|label)\b")


def mapping_text(mapping: Mapping, headers: MappingOf[str, tuple[str, ...]] | None = None) -> str:
    """A mapping as the TOML file that says the same.

    ``headers`` are those of the files by name: what the mapping of deals does not use of them is left out
    expressly, as a mapping file keeps every other column as an attribute.
    """
    lines: list[str] = []
    if mapping.time_zone:
        lines.append(f"timezone = {toml_text(mapping.time_zone)}")
    if mapping.payments_from:
        day = mapping.payments_from
        lines.append(f"payments_from = {toml_text(day) if isinstance(day, str) else day.isoformat()}")
    for table in mapping.tables:
        lines += _table(table, (headers or {}).get(table.file, ()))
    for lookup in mapping.lookups:
        lines += _lookup(lookup)
    if mapping.events:
        lines += _events(mapping.events, (headers or {}).get(mapping.events.file, ()))
    for text, reason in mapping.reasons.items():
        label, control = toml_text(reason.label), toml_text(reason.control)
        lines += ["", f"[reasons.{toml_key(text)}]", f"label = {label}", f"control = {control}"]
    for label, stage in mapping.stages.items():
        lines += ["", f"[stages.{toml_key(label)}]", f"kind = {toml_text(stage.kind)}"]
        lines += [f"position = {stage.position}"] if stage.position is not None else []
    return "\n".join(lines).lstrip("\n") + "\n"


def starter_for_deals(guess: TableMapping, file: FileProfile) -> str:
    """What could be guessed, and an outcome to be filled in, with the columns that might say it."""
    lines = _table(guess)
    few = [column for column in file.columns if column.counts is not None and 2 <= len(column.counts) <= 40]
    few.sort(key=lambda column: not _ENDING.search(column.words))
    left = next((column for name in LOST_FLAGS for column in few if column.words == name), None)
    lines += ["", "# Which column says how a deal ended, and which of its values means what:", "[deals.outcome]"]
    lines += _left(left) if left else ['column = "…"', 'values = { "…" = "won", "…" = "lost" }', 'default = "open"']
    lines.append(f"# The outcomes are {', '.join(OUTCOMES)}.")
    if few:
        lines.append("# Columns with few values:")
    for column in few[:_SHOWN_COLUMNS]:
        common = ", ".join(toml_text(value) for value, _ in (column.counts or Counter()).most_common(_SHOWN_VALUES))
        lines.append(f"#   {toml_text(column.header)}: {common}")
    return "\n".join(lines).lstrip("\n") + "\n"


def _left(flag: ColumnProfile) -> list[str]:
    """An outcome from a flag of customers that left."""
    means = {value: "lost" if folded(value) in TRUE_WORDS else "won" for value in flag.values}
    values = ", ".join(f"{toml_text(value)} = {toml_text(outcome)}" for value, outcome in means.items())
    return [
        f"column = {toml_text(flag.header)}",
        f"values = {{ {values} }}",
        '# A customer who stayed stands here as won; write "open" instead where that is not decided yet.',
    ]


def starter_for_events(file: FileProfile) -> str:
    """The sections of an event log's mapping, with its activities."""
    activities = file.column(ACTIVITY).counts or Counter[str]()
    lines = [
        "[events]",
        f"file = {toml_text(file.name)}",
        '# ordered = ["…"]   # activities that are the order',
        '# paid = ["…"]',
    ]
    lines += ["", "# Which activities end a case, and how (the last one of a case decides):", "[events.outcome]"]
    for activity, count in sorted(activities.items(), key=lambda pair: -pair[1])[:60]:
        meant = outcome_of(activity)
        mark = "" if meant and meant != "open" else "# "
        lines.append(
            f"{mark}{toml_key(activity)} = {toml_text(meant if not mark and meant else '…')}   # {count} events"
        )
    return "\n".join(lines) + "\n"


def _table(table: TableMapping, headers: tuple[str, ...] = ()) -> list[str]:
    lines = ["", f"[{table.table}]", f"file = {toml_text(table.file)}"]
    used = {
        *table.columns.values(),
        *table.attributes,
        *(own for own, _ in (table.outcome.when if table.outcome else ())),
    }
    unused = [own for own in headers if own not in used] if table.table == "deals" else []
    if unused:
        lines.append(f"leave_out = [{', '.join(toml_text(one) for one in unused)}]")
    if table.row_id:
        lines.append(f"id = {toml_text(table.row_id)}")
    for name in ("decimal_comma", "expected_close", "id_from_content"):
        if getattr(table, name):
            lines.append(f"{name} = true")
    if table.days_only:
        lines.append(f"days_only = [{', '.join(toml_text(one) for one in sorted(table.days_only))}]")
    lines += _texts(f"{table.table}.columns", table.columns) + _texts(f"{table.table}.constants", table.constants)
    for column, texts in table.values.items():
        lines += _texts(f"{table.table}.values.{column}", texts)
    if table.formats:
        lines += ["", f"[{table.table}.formats]"]
        for column, formats in table.formats.items():
            lines.append(f"{column} = [{', '.join(toml_text(one) for one in formats)}]")
    if table.outcome:
        for header, values in table.outcome.when:
            lines += ["", f"[[{table.table}.outcome.when]]", f"column = {toml_text(header)}"]
            lines.append(f"values = {{ {_inline(values)} }}")
        ends = [(key, getattr(table.outcome, key)) for key in ("default", "empty") if getattr(table.outcome, key)]
        if ends:
            lines += ["", f"[{table.table}.outcome]", *(f"{key} = {toml_text(value)}" for key, value in ends)]
    renamed = {header: name for header, name in table.attributes.items() if header != name}
    return lines + _texts(f"{table.table}.attributes", renamed)


def _lookup(lookup: Lookup) -> list[str]:
    lines = ["", "[[lookups]]", f"file = {toml_text(lookup.file)}", f"key = {toml_text(lookup.key)}"]
    lines += [f"on = {toml_text(lookup.on)}", f"columns = {{ {_inline(lookup.columns)} }}"]
    return [*lines, f"same = {{ {_inline(lookup.same)} }}"] if lookup.same else lines


def _inline(texts: MappingOf[str, str]) -> str:
    return ", ".join(f"{toml_key(name)} = {toml_text(text)}" for name, text in texts.items())


def _events(log: EventLog, headers: tuple[str, ...]) -> list[str]:
    lines = ["", "[events]"]
    about_cases = [one for one in headers if one.startswith(CASE_PREFIX) and one != log.case]
    if unused := [one for one in about_cases if one not in log.attributes]:
        lines.append(f"leave_out = [{', '.join(toml_text(one) for one in unused)}]")
    lines += [f"{key} = {toml_text(getattr(log, key))}" for key in ("file", "case", "activity", "time")]
    for key in ("ordered", "paid"):
        if getattr(log, key):
            lines.append(f"{key} = [{', '.join(toml_text(one) for one in getattr(log, key))}]")
    return lines + _texts("events.outcome", log.outcome) + _texts("events.attributes", log.attributes)


def _texts(section: str, texts: MappingOf[str, str]) -> list[str]:
    if not texts:
        return []
    return ["", f"[{section}]", *(f"{toml_key(name)} = {toml_text(value)}" for name, value in texts.items())]
