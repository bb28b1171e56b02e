"""A mapping mended by a person: what each column becomes, how values are written, what outcomes mean. Pure."""

import re
import tomllib
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

from notyet.analysis.tables import DEALS, OUTCOMES
from notyet.exchange.errors import ImportFailed
from notyet.exchange.event_log import ACTIVITY, CASE, CASE_PREFIX, TIME, is_event_log
from notyet.exchange.guess_outcome import outcome_of
from notyet.exchange.look import Look, SeenFile
from notyet.exchange.lookups import column_names, taken_names
from notyet.exchange.mapping import EventLog, Lookup, Mapping, OutcomeRule, TableMapping, attribute_names, folded
from notyet.exchange.mapping_file import parse_mapping
from notyet.exchange.parse_values import known_currency
from notyet.exchange.starter import mapping_text

OWN, LEFT_OUT, REFUSED = "own", "", "refuse"
"""A column that is kept as the deal's own attribute, one that is not wanted; a word whose rows are refused."""


@dataclass(frozen=True)
class LookupChoice:
    """A file beside the deals, looked up where their column ``on`` equals its ``key``, or means one (``same``)."""

    file: str
    on: str
    key: str
    same: MappingOf[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Choices:
    """What a person chose for the file of deals.

    ``becomes`` holds for each header a column of the exchange format, ``OWN`` or ``LEFT_OUT``; ``formats`` for time
    columns their ``strptime`` formats (none: ISO 8601), ``decimal_comma`` how amounts are written; what is not said
    is as the values look. ``lookups`` are the files beside the deals that are looked up.
    """

    becomes: MappingOf[str, str]
    formats: MappingOf[str, tuple[str, ...]] = field(default_factory=dict)
    decimal_comma: bool | None = None
    expected_close: bool = False
    currency: str = ""
    time_zone: str = ""
    lookups: Sequence[LookupChoice] = ()


def read(look: Look, text: str) -> Mapping:
    """A mapping's text held against the files. Raises ``ImportFailed`` where it does not fit them."""
    return parse_mapping(text).applied(look.headers())[0]


def written(look: Look, mapping: Mapping) -> str:
    """The mapping as the text that ``read`` reads."""
    return mapping_text(mapping, {one.name: one.header for one in look.files})


def mended(look: Look, mapping: Mapping, choices: Choices) -> Mapping:
    """The mapping with what a person chose in the place of what it said of the deals.

    Raises ``ImportFailed`` with a sentence where a choice cannot be.
    """
    deals = mapping.deals()
    file = look.file(deals.file) if deals else None
    if deals is None or file is None:
        raise ImportFailed("no file is taken for the deals")
    if choices.time_zone:
        _check_zone(choices.time_zone)
    if choices.currency and not known_currency(choices.currency):
        raise ImportFailed(f"{choices.currency!r} is no currency of ISO 4217, such as EUR")
    others = tuple(one for one in mapping.tables if one is not deals)
    chosen = _deals(file, deals, choices)
    return replace(
        mapping,
        tables=(chosen, *others),
        lookups=_lookups(look, mapping, chosen, choices.lookups),
        time_zone=choices.time_zone or mapping.time_zone,
    )


def _lookups(look: Look, mapping: Mapping, deals: TableMapping, choices: Sequence[LookupChoice]) -> tuple[Lookup, ...]:
    """The lookups that a person chose; one whose columns are the same as before keeps what it brings."""
    before = {(one.file, one.on, one.key): one.columns for one in mapping.lookups}
    lookups: list[Lookup] = []
    for one in choices:
        file, own = look.file(one.file), look.file(deals.file)
        if file is None or own is None or one.key not in file.header or one.on not in own.header:
            raise ImportFailed(f"{one.file} cannot be looked up by {one.on} and {one.key}: there is no such column")
        columns = before.get((one.file, one.on, one.key))
        if columns is None:
            filled = [column.header for column in file.columns if column.header != one.key and column.filled]
            columns = column_names(one.file, filled, taken_names(deals, lookups))
        lookups.append(Lookup(one.file, one.key, one.on, columns, one.same))
    return tuple(lookups)


def _deals(file: SeenFile, deals: TableMapping, choices: Choices) -> TableMapping:
    chosen = {header: choices.becomes.get(header, OWN) for header in file.header}
    columns = _columns(chosen)
    says_outcome = [header for header, column in chosen.items() if column == "outcome"]
    own = [header for header, column in chosen.items() if column == OWN]
    constants = {name: text for name, text in deals.constants.items() if name not in columns and name != "currency"}
    if choices.currency and "currency" not in columns:
        constants["currency"] = choices.currency
    named = {header: deals.attributes.get(header, name) for header, name in attribute_names(own).items()}
    times = [name for name in DEALS.times if name in columns]
    return replace(
        deals,
        columns=columns,
        constants=constants,
        attributes=named,
        values={name: texts for name, texts in deals.values.items() if name in columns},
        outcome=_outcome(file, deals, says_outcome),
        formats={name: found for name in times if (found := _formats(file, columns[name], choices.formats.get(name)))},
        days_only=frozenset(name for name in deals.days_only if columns.get(name) == deals.columns.get(name)),
        decimal_comma=_comma(file, columns) if choices.decimal_comma is None else choices.decimal_comma,
        expected_close=choices.expected_close and "closed_at" in columns,
        id_from_content="deal_id" not in columns,
    )


def _formats(file: SeenFile, header: str, chosen: tuple[str, ...] | None) -> tuple[str, ...]:
    seen = file.column(header)
    return tuple(seen.formats or ()) if chosen is None and seen else chosen or ()


def _comma(file: SeenFile, columns: MappingOf[str, str]) -> bool:
    seen = file.column(columns["amount"]) if "amount" in columns else None
    return bool(seen and seen.comma)


def _columns(chosen: MappingOf[str, str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for header, column in chosen.items():
        if column in (OWN, LEFT_OUT, "outcome"):
            continue
        if column not in DEALS.names:
            raise ImportFailed(f"{column!r} is no column of a deal")
        if column in columns:
            raise ImportFailed(f"{columns[column]!r} and {header!r} cannot both be the {column.replace('_', ' ')}")
        columns[column] = header
    return columns


def _outcome(file: SeenFile, deals: TableMapping, headers: Sequence[str]) -> OutcomeRule | None:
    """The rule as it was where its columns are the same, else one from the words of the columns chosen."""
    if not headers:
        return None
    if deals.outcome and {header for header, _ in deals.outcome.when} == set(headers):
        return deals.outcome
    when = []
    for header in headers:
        seen = file.column(header)
        words = {folded(value): outcome_of(value) for value, _ in (seen.values if seen else [])}
        when.append((header, {word: outcome for word, outcome in words.items() if outcome}))
    return OutcomeRule(tuple(when), empty="open")


def with_outcomes(mapping: Mapping, meant: MappingOf[tuple[str, str], str], rest: str) -> Mapping:
    """The mapping with what words mean: ``(header, word) -> outcome``, or ``REFUSED`` for rows to be refused.

    ``rest`` is what all other words mean; ``REFUSED`` where such rows are to be refused.
    """
    deals = mapping.deals()
    if deals is None or deals.outcome is None:
        return mapping
    when = []
    for header, values in deals.outcome.when:
        said = {folded(word): outcome for (own, word), outcome in meant.items() if own == header}
        when.append((header, {word: one for word, one in {**values, **said}.items() if one in OUTCOMES}))
    rule = OutcomeRule(tuple(when), default=rest if rest in OUTCOMES else None, empty=deals.outcome.empty)
    tables = tuple(replace(one, outcome=rule) if one is deals else one for one in mapping.tables)
    return replace(mapping, tables=tables)


def with_activities(mapping: Mapping, ends: MappingOf[str, str], becomes: MappingOf[str, str]) -> Mapping:
    """An event log's mapping with what its activities mean: an outcome, ``ordered``, ``paid``, or nothing.

    ``becomes`` says of columns of a case what they are: a deal's column, ``OWN`` or ``LEFT_OUT``.
    Raises ``ImportFailed`` where no activity ends a case, or two columns are to be one.
    """
    log: EventLog | None = mapping.events
    if log is None:
        return mapping
    outcome = {activity: meant for activity, meant in ends.items() if meant in OUTCOMES}
    if not outcome:
        raise ImportFailed("say of at least one activity that a case ends with it, and how")
    ordered, paid = (tuple(one for one, meant in ends.items() if meant == kind) for kind in ("ordered", "paid"))
    columns = {header: name for name, header in _columns(becomes).items()}
    own = [header.removeprefix(CASE_PREFIX) for header, name in becomes.items() if name == OWN]
    named = attribute_names(own)
    attributes = {
        header: columns.get(header) or named[header.removeprefix(CASE_PREFIX)]
        for header, name in becomes.items()
        if name != LEFT_OUT
    }
    return replace(mapping, events=replace(log, outcome=outcome, ordered=ordered, paid=paid, attributes=attributes))


def case_columns(look: Look, log: EventLog) -> dict[str, str]:
    """What each column of a log that says something of its cases becomes: a deal's column, ``OWN`` or ``LEFT_OUT``."""
    file = look.file(log.file)
    found = {}
    for header in file.header if file else ():
        if header.startswith(CASE_PREFIX) and header != log.case:
            name = log.attributes.get(header, LEFT_OUT)
            found[header] = name if name in DEALS.names else OWN if name else LEFT_OUT
    return found


def event_mapping(look: Look, text: str = "") -> Mapping:
    """An event log's mapping: as its text says, else as guessed, though no activity may end a case yet."""
    if text:
        return read(look, text)
    log = next(one for one in look.files if is_event_log(one.header))
    activities = log.column(ACTIVITY)
    meant = {value: outcome_of(value) for value, _ in (activities.values if activities else [])}
    ends = {value: outcome for value, outcome in meant.items() if outcome and outcome != "open"}
    own = [h for h in log.header if h.startswith(CASE_PREFIX) and h != CASE]
    named = attribute_names([h.removeprefix(CASE_PREFIX) for h in own])
    attributes = {h: named[h.removeprefix(CASE_PREFIX)] for h in own}
    return Mapping(events=EventLog(log.name, CASE, ACTIVITY, TIME, ends, attributes=attributes))


def missing(mapping: Mapping) -> str:
    """What a person still has to say, as a sentence; empty where nothing is missing."""
    deals = mapping.deals()
    if deals is not None and deals.outcome is None and "outcome" not in (*deals.columns, *deals.constants):
        return "Say which column tells how a deal ended: a status, a stage, a result."
    return ""


def for_any_file(text: str) -> str:
    """The mapping's text for the next export of its kind: a file's name with anything in place of its numbers."""
    content = tomllib.loads(text)
    names = {part["file"] for part in content.values() if isinstance(part, dict) and "file" in part}
    names |= {part["file"] for part in content.get("lookups", ())}
    for name in names:
        stem, dot, ending = name.partition(".")
        any_name = re.sub(r"\d[\d ._-]*", "*", stem) + dot + ending
        text = text.replace(f'file = "{name}"', f'file = "{"*" if len(names) == 1 else any_name}"')
    return text


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise ImportFailed(f"{zone!r} is no time zone like Europe/Berlin") from error


def payments_day(text: str) -> date | None:
    """The day from which payments are known. Raises ``ImportFailed`` where the text is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ImportFailed(f"{text!r} is no day like 2026-01-31") from error
