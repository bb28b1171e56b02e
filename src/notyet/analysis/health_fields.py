"""How well each field is filled, words that stand for nothing, and one value in two spellings."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import ibis.expr.types as ir

from notyet.analysis.candidates import is_person
from notyet.analysis.history import History
from notyet.analysis.meta import Field, Meta

PLACEHOLDERS = frozenset(
    (
        *(
            "select",
            "please select",
            "choose",
            "unknown",
            "n a",
            "na",
            "none",
            "null",
            "nil",
            "tbd",
            "tba",
            "test",
            "xxx",
        ),
        *(
            "not specified",
            "not known",
            "not available",
            "not set",
            "unspecified",
            "undefined",
            "to be defined",
            "blank",
        ),
        *("unbekannt", "keine", "keine angabe", "k a", "inconnu", "non renseigne", "desconocido", "sin datos", ""),
    )
)
"""Words, capitals and punctuation aside, that stand where nothing was answered; the empty one: signs only, as ``-``."""

A_VALUE = {"competitor": frozenset({"none", "keine"})}
"""Where such a word says something: nobody else was in the room."""

MOST_LEVELS = 1000


@dataclass(frozen=True)
class Level:
    """A value of a field in one data source, and how many deals have it."""

    text: str
    deals: int


@dataclass(frozen=True)
class FieldValues:
    """What is found in a field of one data source: values that stand for nothing, and spellings of one value."""

    placeholders: tuple[Level, ...]
    spellings: tuple[tuple[Level, ...], ...]


def examined_fields(meta: Meta, columns: Iterable[str]) -> list[Field]:
    """The fields whose values are looked at: groups of deals, no people."""
    held = set(columns)
    return [f for f in meta.fields if f.kind == "category" and f.column in held and not is_person(f)]


def values(history: History, rows: ir.Table, fields: Iterable[Field]) -> dict[tuple[str, str], FieldValues]:
    """By data source and field name, what is odd about the values of ``rows`` (named in the history's database)."""
    found: dict[tuple[str, str], FieldValues] = {}
    for (source, name), levels in _levels(history, rows, list(fields)).items():
        odd = FieldValues(_placeholders(levels, name), _spellings(levels))
        if odd.placeholders or odd.spellings:
            found[source, name] = odd
    return found


def _levels(history: History, rows: ir.Table, fields: list[Field]) -> Mapping[tuple[str, str], list[Level]]:
    """The most frequent values of each field, all in one query: writing out many takes longer than running them."""
    if not fields:
        return {}
    texts = rows.select("data_source", **{f"f{number}": rows[f.column] for number, f in enumerate(fields)})
    columns = [f"f{number}" for number in range(len(fields))]
    query = f"""
        SELECT data_source, field, value, count(*) AS deals
        FROM (UNPIVOT ({history.con.compile(texts)}) ON {", ".join(columns)} INTO NAME field VALUE value)
        GROUP BY data_source, field, value
        QUALIFY row_number() OVER (PARTITION BY data_source, field ORDER BY deals DESC, value) <= {MOST_LEVELS}
        ORDER BY deals DESC, value
    """
    levels: dict[tuple[str, str], list[Level]] = defaultdict(list)
    for source, column, value, deals in history.con.raw_sql(query).fetchall():
        levels[source, fields[int(column[1:])].name].append(Level(value, deals))
    return levels


def plain(text: str) -> str:
    """A text's words in small letters, without what stands between them."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def _placeholders(levels: list[Level], name: str) -> tuple[Level, ...]:
    said = PLACEHOLDERS - A_VALUE.get(name, frozenset())
    return tuple(level for level in levels if plain(level.text) in said)


def _spellings(levels: list[Level]) -> tuple[tuple[Level, ...], ...]:
    """Values that are the same but for capitals, spaces and punctuation, the most used first."""
    groups: dict[str, list[Level]] = defaultdict(list)
    for level in levels:
        groups[plain(level.text).replace(" ", "")].append(level)
    return tuple(tuple(group) for key, group in groups.items() if key and len(group) > 1)
