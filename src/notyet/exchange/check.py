"""What is refused: every value of a batch is read, every row held against the rules of the exchange format."""

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from notyet.analysis.tables import ARROW_TYPES, OUTCOMES, TABLES, Column, Table
from notyet.exchange.mapping import TableMapping
from notyet.exchange.parse_times import ACCEPTED_TIME, TimeRule, Times, local_day, parse_times, read_time
from notyet.exchange.parse_values import (
    NumberRule,
    Values,
    parse_amounts,
    parse_choices,
    parse_currencies,
    parse_flags,
    parse_integers,
    parse_numbers,
)
from notyet.exchange.refusals import Refusal
from notyet.exchange.rows import RowBatch
from notyet.exchange.transform import Texts

MAX_KEY = 500
"""Characters of an id or of an account's name."""
_LIMITED = frozenset({"deal_id", "id", "account", "reopened_from", "new_deal_id"})


@dataclass(frozen=True)
class Reading:
    """How one file's values are written."""

    mapping: TableMapping
    zone: str
    naive_zone: str | None = None

    def time_rule(self, column: str) -> TimeRule:
        """The rule for one time column."""
        return TimeRule(
            self.zone, self.naive_zone, tuple(self.mapping.formats.get(column, ())), column in self.mapping.days_only
        )

    @property
    def number_rule(self) -> NumberRule:
        """The rule for amounts and numbers."""
        return NumberRule(loose=not self.mapping.strict, comma=self.mapping.decimal_comma)


@dataclass(frozen=True)
class Checked:
    """The good rows, typed as ``staged_schema`` says but for the file's number, and what was refused."""

    rows: pa.Table
    refusals: tuple[Refusal, ...]
    refused_lines: npt.NDArray[np.int64]
    refused_ids: pa.StringArray | None = None
    """Of deals: the ids that the refused rows carry, so that the rows of other tables can be told why."""


def staged_schema(table: Table) -> pa.Schema:
    """The columns of good rows on their way into the record."""
    fields = [("file", pa.int32()), ("line", pa.int64()), ("id", pa.string())]
    fields += [(column.name, ARROW_TYPES[column.kind]) for column in table.columns]
    fields.append(("plain_dates", pa.int32()))
    if table.name == "deals":
        fields.append(("attributes", pa.string()))
    return pa.schema(fields)


class _Faults:
    """Collects what is wrong, row by row."""

    def __init__(self, batch: RowBatch, texts: Texts, reading: Reading) -> None:
        self.batch, self.texts, self.reading = batch, texts, reading
        self.found: dict[int, list[Refusal]] = {}

    def add(self, rows: npt.NDArray[np.bool_], column: str, reason: str) -> None:
        """The rows' values in ``column`` are refused for ``reason``."""
        texts = self.texts.columns.get(column)
        mapping = self.reading.mapping
        for index in np.flatnonzero(rows):
            value = None if texts is None else texts[int(index)].as_py()
            line = int(self.batch.lines[index])
            refusal = Refusal(mapping.file, line, mapping.header_of(column), value or "", reason, mapping.table)
            self.found.setdefault(int(index), []).append(refusal)

    def ordered(self) -> list[Refusal]:
        """All of them by row."""
        return [one for index in sorted(self.found) for one in self.found[index]]


def check_batch(batch: RowBatch, texts: Texts, reading: Reading) -> Checked:
    """Read every value and hold every row against the rules."""
    table = TABLES[reading.mapping.table]
    faults = _Faults(batch, texts, reading)
    size = batch.size
    plain_dates = np.zeros(size, dtype=np.int32)
    times: dict[str, Times] = {}
    columns: dict[str, pa.Array] = {}
    for column in table.columns:
        text = texts.columns.get(column.name)
        if text is None:
            columns[column.name] = pa.nulls(size, ARROW_TYPES[column.kind])
            if column.required:
                faults.add(np.ones(size, dtype=bool), column.name, "missing, and it is required")
            continue
        if column.kind == "time":
            read = times[column.name] = parse_times(text, reading.time_rule(column.name))
            faults.add(read.bad, column.name, _time_reason(reading, column.name))
            plain_dates |= read.plain.astype(np.int32) << table.times.index(column.name)
            columns[column.name] = read.to_arrow()
        else:
            columns[column.name] = _values(column, text, reading, faults)
        if column.required:
            faults.add(_blank(text), column.name, "missing, and it is required")
    _row_rules(table, texts, times, reading, faults)
    columns |= {"line": pa.array(batch.lines), "plain_dates": pa.array(plain_dates)}
    columns["id"] = texts.columns.get("id", pa.nulls(size, pa.string()))
    if table.name == "deals":
        columns["attributes"] = attributes_json(texts.attributes, size)
    schema = staged_schema(table)
    rows = pa.table({name: columns[name] for name in schema.names[1:]})
    refused = np.array(sorted(faults.found), dtype=np.int64)
    ids = columns["deal_id"].take(pa.array(refused)) if table.name == "deals" and len(refused) else None
    if len(refused):
        keep = np.ones(size, dtype=bool)
        keep[refused] = False
        rows = rows.filter(pa.array(keep))
    broken = [
        Refusal(reading.mapping.file, row.line, "", row.text[:1_000], row.reason, table.name) for row in batch.broken
    ]
    return Checked(rows, tuple(broken + faults.ordered()), batch.lines[refused], ids)


def _values(column: Column, text: pa.StringArray, reading: Reading, faults: _Faults) -> pa.Array:
    """A column that holds no times, typed; what cannot be read goes to ``faults``."""
    if column.kind in ("text", "list"):
        return text
    values, accepted = _typed(column, text, reading)
    faults.add(values.bad, column.name, f"not {accepted}")
    return values.array


def _typed(column: Column, text: pa.StringArray, reading: Reading) -> tuple[Values, str]:
    rule, loose = reading.number_rule, not reading.mapping.strict
    match column.kind:
        case "amount":
            accepted = "an amount: a number of at most 15 digits before and 4 after the point"
            values = parse_amounts(text, rule)
        case "currency":
            accepted, values = "a currency of ISO 4217, such as EUR", parse_currencies(text, loose=loose)
        case "integer":
            accepted, values = "a whole number from 0 on", parse_integers(text, rule)
        case "number":
            accepted, values = "a number from 0 on", parse_numbers(text, rule)
        case "share":
            accepted, values = "a share between 0 and 1", parse_numbers(text, rule, top=1.0)
        case "flag":
            accepted, values = "true or false", parse_flags(text, loose=loose)
        case _:
            hint = "; a mapping file can say what it means" if column.choices == OUTCOMES and loose else ""
            accepted = f"one of {', '.join(column.choices)}{hint}"
            values = parse_choices(text, column.choices)
    return values, accepted


def _time_reason(reading: Reading, column: str) -> str:
    rule = reading.time_rule(column)
    more = f", or written as {', '.join(rule.formats)}" if rule.formats else ""
    hint = "" if rule.naive_zone or reading.mapping.strict else "; a mapping file can say the time zone"
    return f"not {ACCEPTED_TIME}{more}{hint}"


def _blank(text: pa.StringArray) -> npt.NDArray[np.bool_]:
    trimmed = pc.utf8_trim_whitespace(text)
    return np.asarray(pc.or_kleene(text.is_null(), pc.equal(trimmed, "")).fill_null(True))


def _row_rules(table: Table, texts: Texts, times: dict[str, Times], reading: Reading, faults: _Faults) -> None:
    for name in _LIMITED & texts.columns.keys():
        if name == "id" or name in table.names:
            long = pc.greater(pc.utf8_length(texts.columns[name]), MAX_KEY).fill_null(False)
            faults.add(np.asarray(long), name, f"longer than {MAX_KEY} characters")
    if table.name == "deals" and "opened_at" in times and "closed_at" in times:
        early = _before(times["closed_at"], times["opened_at"], reading.zone)
        faults.add(early, "closed_at", "a close before the opening")
    if table.name == "buyer_answers" and "ask_again" in texts.columns:
        faults.add(_no_instruction(texts.columns["ask_again"], reading), "ask_again", "neither a date nor never")


def _before(closed: Times, opened: Times, zone: str) -> npt.NDArray[np.bool_]:
    """Closes before their opening; at the precision of a day where the close is a plain date."""
    early = (closed.micros < opened.micros) & ~(closed.missing | closed.bad | opened.missing | opened.bad)
    # A plain date stands at its day's beginning: only a close can stand before an opening of the same day.
    for index in np.flatnonzero(early & closed.plain):
        early[index] = local_day(int(closed.micros[index]), zone) < local_day(int(opened.micros[index]), zone)
    return early


def _no_instruction(text: pa.StringArray, reading: Reading) -> npt.NDArray[np.bool_]:
    rule = TimeRule(reading.zone, reading.naive_zone, tuple(reading.mapping.formats.get("ask_again", ())))
    coded = text.dictionary_encode()
    wrong = [
        value.strip() != "never" and (len(value) > 32 or read_time(value, rule) is None)
        for value in coded.dictionary.to_pylist()
    ]
    return np.asarray(pa.array(wrong, pa.bool_()).take(coded.indices).fill_null(False))


def attributes_json(attributes: dict[str, pa.StringArray], size: int) -> pa.StringArray:
    """A deal's own columns as one JSON object a row, names in order, empty fields left out."""
    if not attributes:
        return pa.repeat(pa.scalar("{}"), size)
    parts = [_pairs(name, attributes[name]) for name in sorted(attributes)]
    return pa.array(["{" + ", ".join(filter(None, row)) + "}" for row in zip(*parts, strict=True)], pa.string())


def _pairs(name: str, texts: pa.StringArray) -> list[str | None]:
    coded = texts.dictionary_encode()
    prefix = json.dumps(name, ensure_ascii=False) + ": "
    pairs = [prefix + json.dumps(value, ensure_ascii=False) for value in coded.dictionary.to_pylist()]
    found: list[str | None] = pa.array(pairs, pa.string()).take(coded.indices).to_pylist()
    return found
