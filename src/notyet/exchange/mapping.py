"""What the columns of somebody's files mean in the exchange format."""

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from notyet.analysis.tables import TABLES

ROW_ID = "id"
REFUSED_PREFIX = "refused_"
"""Columns of a file of refused rows that say what was wrong; they are left out when it is imported again."""


def folded(text: str) -> str:
    """A value as mappings compare it: no case, no spaces around."""
    return text.strip().casefold()


@dataclass(frozen=True)
class OutcomeRule:
    """How a foreign file says the outcome.

    The first column of ``when`` whose value is listed (case and surrounding spaces aside) decides;
    where none does, ``default``; where there is none, the row is refused. ``empty`` is what a row means in
    which all these columns are empty.
    """

    when: tuple[tuple[str, MappingOf[str, str]], ...]
    default: str | None = None
    empty: str | None = None


@dataclass(frozen=True)
class TableMapping:
    """How one file fills one table.

    ``columns`` maps an exchange column to the file's header, ``constants`` to a fixed value.
    ``values`` maps a column's texts to others, ``formats`` a time column to its ``strptime`` formats.
    ``attributes`` maps further headers of a deals file to attribute names. ``strict``: the file is in the
    exchange format itself, to the letter. ``expected_close``: an open deal's close date is only hoped for.
    ``id_from_content``: the deals have no id of their own, a row is known by what it says.
    ``looked_up`` names the attributes that come from lookups.
    """

    file: str
    table: str
    columns: MappingOf[str, str]
    row_id: str | None = None
    constants: MappingOf[str, str] = field(default_factory=dict)
    values: MappingOf[str, MappingOf[str, str]] = field(default_factory=dict)
    attributes: MappingOf[str, str] = field(default_factory=dict)
    outcome: OutcomeRule | None = None
    formats: MappingOf[str, tuple[str, ...]] = field(default_factory=dict)
    days_only: frozenset[str] = frozenset()
    decimal_comma: bool = False
    strict: bool = False
    expected_close: bool = False
    id_from_content: bool = False
    looked_up: frozenset[str] = frozenset()

    def said(self) -> frozenset[str]:
        """The exchange columns that the file fills; about the others it says nothing."""
        more = {"outcome"} if self.outcome else set()
        return frozenset({*self.columns, *self.constants, *more, *(("deal_id",) if self.id_from_content else ())})

    def said_attributes(self) -> frozenset[str]:
        """The attributes that the file fills, from its own columns and from lookups."""
        return frozenset({*self.attributes.values(), *self.looked_up})

    def header_of(self, column: str) -> str:
        """What the file itself calls a column of the exchange format."""
        if column == "outcome" and self.outcome and self.outcome.when:
            return self.outcome.when[0][0]
        if column == ROW_ID and self.row_id:
            return self.row_id
        return self.columns.get(column, column)


@dataclass(frozen=True)
class Lookup:
    """A table beside the deals: where the deals' ``on`` equals its ``key``, its ``columns`` become attributes.

    ``same`` says of values of ``on`` which key they mean though they are written in another way.
    """

    file: str
    key: str
    on: str
    columns: MappingOf[str, str]
    same: MappingOf[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EventLog:
    """A file of events: a case is a deal, an activity the entry of a stage.

    ``outcome`` maps activities to how they end a case (the last such event of a case decides); ``ordered``
    and ``paid`` name the activities that are the order and the payment. ``attributes`` maps case columns
    to deal columns of the exchange format or attribute names.
    """

    file: str
    case: str
    activity: str
    time: str
    outcome: MappingOf[str, str]
    ordered: tuple[str, ...] = ()
    paid: tuple[str, ...] = ()
    attributes: MappingOf[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReasonMapping:
    """The reason of the workspace's table that a wording means, and whose it is to change."""

    label: str
    control: Literal["ours", "shared", "theirs", "unknown"]


@dataclass(frozen=True)
class StageMapping:
    """What kind of stage a label is, and its place."""

    kind: str
    position: int | None = None


@dataclass(frozen=True)
class Mapping:
    """Everything that an import needs to know about its files.

    ``time_zone`` is that of times without an offset (``None``: refuse them, in files that are
    not guessed). ``payments_from``: a day, ``never``, or ``None`` to find it in the data.
    ``guessed``: nobody has confirmed it.
    """

    tables: tuple[TableMapping, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    events: EventLog | None = None
    reasons: MappingOf[str, ReasonMapping] = field(default_factory=dict)
    stages: MappingOf[str, StageMapping] = field(default_factory=dict)
    time_zone: str | None = None
    payments_from: date | Literal["never"] | None = None
    guessed: bool = False
    remarks: tuple[str, ...] = ()

    def deals(self) -> TableMapping | None:
        """The first mapping of a deals file, if any."""
        return next((table for table in self.tables if table.table == "deals"), None)

    def source_columns(self) -> dict[str, str]:
        """A deal's field -> the header it had in the source, for those that differ."""
        deals = self.deals()
        if self.events is not None:
            return {name: header for header, name in self.events.attributes.items() if name != header}
        if deals is None:
            return {}
        named = {column: deals.header_of(column) for column in (*deals.columns, "outcome")}
        named |= {name: header for header, name in deals.attributes.items()}
        return {column: header for column, header in named.items() if column != header}

    def with_remarks(self, *remarks: str) -> "Mapping":
        """The same with more to say."""
        return replace(self, remarks=(*self.remarks, *remarks))


def exchange_table(file: str, table: str, header: Sequence[str]) -> TableMapping:
    """The mapping of a file whose headers are those of the exchange format."""
    names = set(TABLES[table].names)
    own = {} if table != "deals" else attribute_names([h for h in header if h not in names])
    return TableMapping(
        file=file,
        table=table,
        columns={name: name for name in TABLES[table].names if name in header},
        row_id=ROW_ID if table != "deals" and ROW_ID in header else None,
        attributes=own,
        strict=True,
    )


def attribute_names(headers: Sequence[str]) -> dict[str, str]:
    """Names for a deal's own columns that no column of the exchange format has."""
    taken = set(TABLES["deals"].names)
    named: dict[str, str] = {}
    for header in headers:
        if header.startswith(REFUSED_PREFIX):
            continue
        name = header if header not in taken else f"{header} (own)"
        while name in taken:
            name += "*"
        taken.add(name)
        named[header] = name
    return named
