"""Which column of a foreign deals file is which, told by its header and held against its values."""

import re
from dataclasses import dataclass, field

from notyet.analysis.tables import TABLES
from notyet.exchange.aliases import ALIASES, HOPED_FOR
from notyet.exchange.guess_outcome import find_outcome
from notyet.exchange.guess_values import amount_form, time_form
from notyet.exchange.mapping import TableMapping, attribute_names
from notyet.exchange.parse_values import NumberRule, known_currency, plain_number
from notyet.exchange.profile import ColumnProfile, FileProfile, share


@dataclass
class Guess:
    """A guessed mapping of a deals file, how much speaks for it, and what is doubtful about it."""

    mapping: TableMapping
    score: float
    remarks: list[str] = field(default_factory=list)


@dataclass
class _Found:
    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    formats: dict[str, tuple[str, ...]] = field(default_factory=dict)
    days_only: set[str] = field(default_factory=set)
    comma: bool = False
    naive: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def guess_deals(file: FileProfile) -> Guess:
    """The likeliest mapping of a file as deals; without an ``outcome`` where none can be found."""
    found = _Found()
    rule = find_outcome(file.columns)
    outcome_headers = [header for header, _ in rule.when] if rule else []
    for column in TABLES["deals"].columns:
        if column.name in ALIASES:
            _assign(column.name, column.kind, file, found, set(outcome_headers[:1]))
    if "deal_id" not in found.columns:
        _other_id(file, found)
    found.remarks += _missing(file.name, found)
    used = {*found.columns.values(), *outcome_headers}
    free = [column.header for column in file.columns if column.header not in used and column.filled]
    closed = found.columns.get("closed_at")
    hoped = closed is not None and file.column(closed).words in HOPED_FOR
    if hoped:
        found.remarks.append(f"{closed} of an open deal is taken for the day that is hoped for, and left out")
    mapping = TableMapping(
        file=file.name,
        table="deals",
        columns=found.columns,
        constants=found.constants,
        attributes=attribute_names(free),
        outcome=rule,
        formats=found.formats,
        days_only=frozenset(found.days_only),
        decimal_comma=found.comma,
        expected_close=hoped,
        id_from_content="deal_id" not in found.columns,
    )
    if found.naive:
        names = ", ".join(found.naive)
        found.remarks.append(f"{names}: times without an offset are taken to be in the workspace's time zone")
    return Guess(mapping, _score(file, mapping), [*_said(mapping), *found.remarks])


def _missing(name: str, found: _Found) -> list[str]:
    """What no column was found for, and what follows from that."""
    missing = []
    if "deal_id" not in found.columns:
        missing.append(f"{name} has no column of ids; a deal is known by all that its row says")
    if "closed_at" not in found.columns:
        missing.append(
            f"{name}: no column was taken for the day of the close; name it if there is one, figures go by it"
        )
    return missing


def _said(mapping: TableMapping) -> list[str]:
    """What was guessed, column by column."""
    said = [f"{mapping.file}: guessed " + ", ".join(f"{name} = {own}" for name, own in mapping.columns.items())]
    if mapping.outcome is not None:
        for header, values in mapping.outcome.when:
            means = ", ".join(f"{text} = {outcome}" for text, outcome in values.items())
            rest = f", anything else = {mapping.outcome.default}" if mapping.outcome.default else ""
            said.append(f"{header}: guessed {means}{rest}")
    said += [f"guessed {name} = {text} for all" for name, text in mapping.constants.items()]
    if mapping.attributes:
        said.append(f"kept as the deals' own: {', '.join(mapping.attributes.values())}")
    return said


def _assign(name: str, kind: str, file: FileProfile, found: _Found, taken: set[str]) -> None:
    for alias in ALIASES[name]:
        for column in file.columns:
            fits = column.words == alias or (name == "amount" and _without_currency(column) == alias)
            free = column.header not in {*found.columns.values(), *taken} and column.filled
            if fits and free and _takes(name, kind, column, found):
                found.columns[name] = column.header
                return


def _without_currency(column: ColumnProfile) -> str:
    words = column.words.split()
    return " ".join(word for word in words if not (known_currency(word.upper()) or word == "in"))


def _takes(name: str, kind: str, column: ColumnProfile, found: _Found) -> bool:
    """Whether the values agree with what the header promises; notes how they are written."""
    if kind == "time":
        return _takes_times(name, column, found)
    if kind == "amount":
        amounts = amount_form(column)
        if amounts is not None:
            found.comma = amounts.comma
            found.constants |= {"currency": amounts.currency} if amounts.currency else {}
        return amounts is not None
    if kind == "currency":
        takes = share(column.values, lambda value: known_currency(value.strip().upper())) == 1
        found.constants.pop("currency" if takes else "", None)
        return takes
    if kind == "integer":
        return share(column.values, lambda value: plain_number(value, NumberRule(loose=True)) is not None) == 1
    return column.naming if name == "deal_id" else True


def _takes_times(name: str, column: ColumnProfile, found: _Found) -> bool:
    form = time_form(column)
    if form is None:
        return False
    if form.formats:
        found.formats[name] = form.formats
    if form.days_only:
        found.days_only.add(name)
    if form.naive:
        found.naive.append(column.header)
    if form.doubtful:
        found.remarks.append(f"{column.header}: read as {form.formats[0]}; day and month could be the other way round")
    return True


def _other_id(file: FileProfile, found: _Found) -> None:
    """A column of other name that looks like an id: one value a row, and a header that says so."""
    for column in file.columns:
        if column.naming and re.search(
            r"\b(id|number|no|nr|key|code|ref|n[uú]mero|num[eé]ro|\w*nummer)$", column.words
        ):
            found.columns["deal_id"] = column.header
            return


def _score(file: FileProfile, mapping: TableMapping) -> float:
    score = float(len(mapping.columns)) + (6 if mapping.outcome else 0) + (3 if "deal_id" in mapping.columns else 0)
    stem = file.name.rsplit("/", 1)[-1].lower()
    if re.search(r"opportunit|deal|pipeline|lead|sales", stem):
        score += 2
    if re.search(r"history|dictionary|stage_|_stage|propert|readme|task|contact|product|account|compan", stem):
        score -= 4
    return score
