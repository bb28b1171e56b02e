"""What the pages of imports show: columns with what they become, words with what they mean, results."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from django.http import QueryDict

from notyet.analysis.tables import DEALS, TABLES
from notyet.exchange import mapping_edit
from notyet.exchange.event_log import ACTIVITY
from notyet.exchange.files import KEPT_FILE, folder_of
from notyet.exchange.look import Look, SeenColumn
from notyet.exchange.lookups import Near
from notyet.exchange.mapping import Mapping, TableMapping, folded
from notyet.exchange.mapping_edit import LEFT_OUT, OWN, REFUSED, Choices, LookupChoice
from notyet.exchange.models import Import
from notyet.web.import_kept import kept_lines
from notyet.web.moments import Moment
from notyet.web.spreadsheet import harmless

GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Which deal",
        (("deal_id", "Deal’s id"), ("account", "Buyer"), ("name", "Name"), ("owner", "Seller"), ("team", "Team")),
    ),
    ("How it ended", (("outcome", "Outcome"), ("loss_reason", "Reason of loss"), ("lost_to", "Lost to"))),
    ("When", (("opened_at", "Opened"), ("closed_at", "Closed"), ("ordered_at", "Ordered"), ("paid_at", "Paid"))),
    ("How much", (("amount", "Amount"), ("currency", "Currency"), ("contract_term_months", "Contract, months"))),
    ("Where from", (("source", "Source"), ("campaign", "Campaign"), ("message", "Message"))),
    (
        "Who and what",
        (
            ("persona", "Persona"), ("segment", "Segment"), ("region", "Region"), ("product", "Product"),
            ("competitor", "Competitor"),
        ),
    ),
    ("More", (("process_version", "Version of the process"), ("reopened_from", "Reopened from (a deal’s id)"))),
)  # fmt: skip
LABELS = {name: label for _, group in GROUPS for name, label in group}
CASE_GROUPS = tuple(
    (group, tuple(field for field in fields if field[0] not in ("deal_id", "outcome") and not field[0].endswith("_at")))
    for group, fields in GROUPS
    if group != "When"
)
"""What a column of a log's cases may become: how and when a case ends its activities say."""
FORMATS = (
    ("", "2026-01-31 (ISO)"), ("%d.%m.%Y", "31.01.2026"), ("%d.%m.%Y %H:%M", "31.01.2026 14:05"),
    ("%d/%m/%Y", "31/01/2026"), ("%m/%d/%Y", "01/31/2026"), ("%d/%m/%Y %H:%M", "31/01/2026 14:05"),
    ("%m/%d/%Y %H:%M", "01/31/2026 14:05"), ("%m/%d/%Y %I:%M %p", "01/31/2026 2:05 PM"),
    ("%d-%m-%Y", "31-01-2026"), ("%d %b %Y", "31 Jan 2026"), ("%b %d, %Y", "Jan 31, 2026"),
)  # fmt: skip
FOUND = "found"
"""The choice to read values as they look."""
OUTCOME_LABELS = {
    "open": "Open",
    "won": "Won",
    "lost": "Lost",
    "no_decision": "No decision",
    "disqualified": "Disqualified",
}
KINDS = (
    ("enquiry", "Enquiry"), ("discovery", "Discovery"), ("need", "Need agreed"), ("proposal", "Proposal"),
    ("order", "Order placed"), ("paid", "Paid"), ("lost", "Lost"), ("other", "Other"),
)  # fmt: skip
TABLE_LABELS = {name: name.replace("_", " ").capitalize() for name in TABLES}


def outcome_of(run: Import) -> dict[str, object]:
    """What became of an import, or would: counts by table and by outcome, edits that stand against its files."""
    found = run.summary
    return {
        "tables": [{**one, "label": TABLE_LABELS.get(one["table"], one["table"])} for one in found.get("tables", [])],
        "outcomes_found": [(OUTCOME_LABELS[one].lower(), n) for one, n in found.get("outcomes", {}).items()],
        "kept": kept_lines(run, [_field_label(one["table"], one["field"]) for one in found.get("kept", [])]),
        "kept_file": (folder_of(run) / KEPT_FILE).exists(),
    }


def refusals(preview: dict[str, Any]) -> list[dict[str, Any]]:
    """Refusals by their kind, each with how many there are beyond its examples."""
    return [{**one, "more": one["count"] - len(one["examples"])} for one in preview.get("refusals", [])]


def _field_label(table: str, field: str) -> str:
    """A field of the deal as the page of columns calls it, or the table whose row was edited."""
    return LABELS.get(field, field) if table == "deals" else TABLE_LABELS.get(table, table)


def harmless_lines(path: Path) -> Iterator[str]:
    """The lines of a CSV, made safe to open in a spreadsheet."""
    with path.open(newline="", encoding="utf-8") as handle:
        for row in csv.reader(handle):
            out = io.StringIO()
            csv.writer(out).writerow([harmless(text) for text in row])
            yield out.getvalue()


@dataclass(frozen=True)
class ColumnLine:
    """One column of the deals' file: what it becomes, and how its times are written if it holds any."""

    number: int
    seen: SeenColumn
    becomes: str
    formats: str | None
    known: str
    """How the values look as a format's label; empty where they are ISO or no times."""


@dataclass(frozen=True)
class Word:
    """A word and what it means; ``number`` names its field."""

    number: int
    header: str
    text: str
    rows: int
    means: str


@dataclass(frozen=True)
class LookupLine:
    """A file beside the deals: whether and by which columns it is looked up, and what it brings.

    ``near`` are values that it may know under another spelling, and whether a person said so.
    """

    number: int
    file: str
    used: bool
    on: str
    key: str
    keys: tuple[str, ...]
    brings: str
    near: list[tuple[Near, bool]]


@dataclass(frozen=True)
class ColumnsPage:
    """What the page of columns shows."""

    file: str
    files: tuple[str, ...]
    rows: int
    lines: list[ColumnLine]
    mapping: Mapping
    currency: str
    lookups: list["LookupLine"]
    missing: str
    comma: bool | None
    hoped: bool


def columns_page(look: Look, mapping: Mapping) -> ColumnsPage:
    """Gather the page of columns from the look and the mapping as it stands."""
    deals = mapping.deals()
    file = look.file(deals.file) if deals else None
    if deals is None or file is None:
        deals, file = TableMapping(look.files[0].name, "deals", {}), look.files[0]
    lines = [_line(number, column, deals) for number, column in enumerate(file.columns)]
    return ColumnsPage(
        file=file.name,
        files=tuple(dict.fromkeys([file.name, *look.others])),
        rows=file.rows,
        lines=lines,
        mapping=mapping,
        currency=deals.constants.get("currency", ""),
        lookups=_lookups(look, mapping, file.name),
        missing=mapping_edit.missing(mapping),
        comma=deals.decimal_comma if "amount" in deals.columns else None,
        hoped=deals.expected_close,
    )


def _lookups(look: Look, mapping: Mapping, deals: str) -> list[LookupLine]:
    used = {one.file: one for one in mapping.lookups}
    tables = {one.file for one in mapping.tables}
    lines: list[LookupLine] = []
    for file in look.files:
        if file.name in tables or file.name == deals or not file.columns:
            continue
        held = used.get(file.name)
        on, key = (held.on, held.key) if held else ("", file.header[0])
        brings = shortened(list(held.columns.values())) if held else ""
        said = held.same if held else {}
        near = [(one, said.get(one.value) == one.key) for one in look.near if one.file == file.name]
        lines.append(LookupLine(len(lines), file.name, held is not None, on, key, file.header, brings, near))
    return lines


def shortened(names: list[str], most: int = 6) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _line(number: int, seen: SeenColumn, deals: TableMapping) -> ColumnLine:
    becomes = LEFT_OUT
    if deals.outcome and seen.header in {header for header, _ in deals.outcome.when}:
        becomes = "outcome"
    elif (column := {header: name for name, header in deals.columns.items()}.get(seen.header)) is not None:
        becomes = column
    elif seen.header in deals.attributes:
        becomes = OWN
    chosen = None
    if becomes in DEALS.times:
        used = list(deals.formats.get(becomes, ()))
        chosen = FOUND if used == (seen.formats or []) else used[0] if used else ""
    known = ", ".join(dict(FORMATS).get(one, one) for one in seen.formats or [])
    return ColumnLine(number, seen, becomes, chosen, known)


def read_choices(form: QueryDict, page: ColumnsPage) -> Choices:
    """What a person chose on the page of columns."""
    becomes, formats = {}, {}
    for line in page.lines:
        column = becomes[line.seen.header] = form.get(f"c{line.number}", line.becomes)
        written = form.get(f"f{line.number}", FOUND)
        if column in DEALS.times and written != FOUND and written in dict(FORMATS):
            formats[column] = (written,) if written else ()
    comma = {"comma": True, "point": False}.get(form.get("decimal", ""))
    return Choices(
        becomes=becomes,
        formats=formats,
        decimal_comma=comma,
        expected_close="hoped" in form,
        currency=form.get("currency", "").strip().upper(),
        time_zone=form.get("zone", "").strip(),
        lookups=[_read_lookup(form, line) for line in page.lookups if form.get(f"l{line.number}")],
    )


def _read_lookup(form: QueryDict, line: LookupLine) -> LookupChoice:
    on, key = str(form.get(f"l{line.number}", "")), str(form.get(f"k{line.number}", line.key))
    said = set(form.getlist(f"n{line.number}"))
    as_shown = (on, key) == (line.on, line.key)
    same = {one.value: one.key for at, (one, _) in enumerate(line.near) if as_shown and str(at) in said}
    return LookupChoice(line.file, on, key, same)


def read_payments(form: QueryDict) -> str:
    """From when on payments are known: a day, ``never``, or empty for what the data say. Raises ``ImportFailed``."""
    if form.get("payments") == "never":
        return "never"
    if form.get("payments") != "day":
        return ""
    day = mapping_edit.payments_day(form.get("payments_day", ""))
    return day.isoformat() if day else ""


def zones() -> list[str]:
    """The time zones to choose from."""
    return sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")


def outcome_words(look: Look, mapping: Mapping) -> list[Word]:
    """The words of the outcome's columns with what they mean; nothing where they are too many to list."""
    deals = mapping.deals()
    if deals is None or deals.outcome is None or (file := look.file(deals.file)) is None:
        return []
    several = len(deals.outcome.when) > 1
    # Where several columns are asked, a word that means nothing leaves it to the next one.
    otherwise = "" if several else deals.outcome.default or REFUSED
    words: list[Word] = []
    for header, values in deals.outcome.when:
        seen = file.column(header)
        for text, rows in seen.values if seen else []:
            words.append(Word(len(words), header, text, rows, values.get(folded(text), otherwise)))
    return words


def activity_words(look: Look, mapping: Mapping) -> list[Word]:
    """The activities of an event log with what each means for its case."""
    log = mapping.events
    file = look.file(log.file) if log else None
    seen = file.column(ACTIVITY) if file else None
    if log is None or seen is None:
        return []
    meant = {**dict.fromkeys(log.ordered, "ordered"), **dict.fromkeys(log.paid, "paid"), **log.outcome}
    return [Word(n, "", text, rows, meant.get(text, "")) for n, (text, rows) in enumerate(seen.values)]


def case_lines(look: Look, mapping: Mapping) -> list[ColumnLine]:
    """The columns of an event log that say something of its cases, with what each becomes."""
    log = mapping.events
    file = look.file(log.file) if log else None
    if log is None or file is None:
        return []
    becomes = mapping_edit.case_columns(look, log)
    columns = [(column, becomes[column.header]) for column in file.columns if column.header in becomes]
    return [ColumnLine(number, column, name, None, "") for number, (column, name) in enumerate(columns)]


def read_case_columns(form: QueryDict, lines: Sequence[ColumnLine]) -> dict[str, str]:
    """What a person says that they become."""
    return {line.seen.header: form.get(f"c{line.number}", line.becomes) for line in lines}


def read_words(form: QueryDict, words: Sequence[Word]) -> dict[tuple[str, str], str]:
    """What a person says that words mean."""
    return {(word.header, word.text): form.get(f"o{word.number}", word.means) for word in words}


def first_deals(rows: Sequence[dict[str, str]], most: int = 9) -> tuple[list[str], list[list[str]]]:
    """The first deals of a trial as a table: the headings of the columns that are filled, and the rows."""
    names = [name for name in DEALS.names if any(row.get(name) for row in rows)][:most]
    cells = [[_cell(name, row.get(name, "")) for name in names] for row in rows]
    return [LABELS.get(name, name) for name in names], cells


def _cell(name: str, text: str) -> str:
    if name in DEALS.times and "|" in text:
        moment, plain = text.split("|")
        return str(Moment(datetime.fromisoformat(moment).replace(tzinfo=UTC), plain=plain == "1"))
    return OUTCOME_LABELS.get(text, text) if name == "outcome" else text


def chosen_stages(form: QueryDict, stages: Sequence[dict[str, object]]) -> dict[str, str]:
    """What a person says that stages are, where it differs from what their labels suggest."""
    kinds = dict(KINDS)
    chosen = {str(one["label"]): form.get(f"s{number}", "") for number, one in enumerate(stages)}
    suggested = {str(one["label"]): str(one["kind"]) for one in stages}
    return {label: kind for label, kind in chosen.items() if kind in kinds and kind != suggested[label]}
