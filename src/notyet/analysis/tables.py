"""The tables of a history: their names, columns and kinds, in one place.

The exchange format, the simulator, the frozen Parquet files and the analysis all
read this definition. It knows nothing of databases or pages.
"""

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

Kind = Literal["text", "time", "amount", "currency", "integer", "number", "share", "flag", "choice", "list"]

OUTCOMES = ("open", "won", "lost", "no_decision", "disqualified")
CHANNELS = ("call", "email", "meeting", "message", "note")
DIRECTIONS = ("in", "out")
WIN_BACK_RESULTS = ("waiting", "no", "reopened")

ARROW_TYPES: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "time": pa.timestamp("us", tz="UTC"),
    "amount": pa.decimal128(19, 4),
    "currency": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "share": pa.float64(),
    "flag": pa.bool_(),
    "choice": pa.string(),
    "list": pa.string(),
}


@dataclass(frozen=True)
class Column:
    """One column: its name in the exchange format, what its values are, and which are accepted."""

    name: str
    kind: Kind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table of a history, in the order of its columns."""

    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def times(self) -> tuple[str, ...]:
        """The columns that hold a time; bit *i* of ``plain_dates`` stands for the *i*-th of them."""
        return tuple(column.name for column in self.columns if column.kind == "time")

    def column(self, name: str) -> Column:
        """The column of that name. Raises ``KeyError`` where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _table(name: str, *columns: Column | str) -> Table:
    return Table(name, tuple(Column(c) if isinstance(c, str) else c for c in columns))


_DEAL_ID = Column("deal_id", required=True)


def _time(name: str, *, required: bool = False) -> Column:
    return Column(name, "time", required)


DEALS = _table(
    "deals",
    _DEAL_ID,
    "account",
    "name",
    "owner",
    "team",
    Column("amount", "amount"),
    Column("currency", "currency"),
    Column("contract_term_months", "integer"),
    "source",
    "campaign",
    "message",
    "persona",
    "segment",
    "region",
    "product",
    "competitor",
    _time("opened_at"),
    _time("closed_at"),
    Column("outcome", "choice", required=True, choices=OUTCOMES),
    "lost_to",
    _time("ordered_at"),
    _time("paid_at"),
    "loss_reason",
    "process_version",
    "reopened_from",
)
FIELD_CHANGES = _table("field_changes", _DEAL_ID, Column("field", required=True), "value", _time("at", required=True))
NEXT_STEPS = _table("next_steps", _DEAL_ID, _time("due_at"), _time("done_at"), "text")
STAGE_CHANGES = _table("stage_changes", _DEAL_ID, Column("stage", required=True), _time("entered_at", required=True))
CONVERSATIONS = _table(
    "conversations",
    _DEAL_ID,
    _time("at", required=True),
    Column("channel", "choice", choices=CHANNELS),
    Column("direction", "choice", choices=DIRECTIONS),
    Column("missed", "flag"),
    "contact",
    Column("minutes", "number"),
    "summary",
)
PROMISES = _table("promises", _DEAL_ID, _time("made_at"), _time("due_at"), _time("kept_at"), "text")
STEPS_DONE = _table("steps_done", _DEAL_ID, Column("step", required=True), _time("done_at", required=True))
DEBRIEFS = _table(
    "debriefs",
    _DEAL_ID,
    _time("at"),
    "deciding_reason",
    Column("contributing_reasons", "list"),
    Column("preparation", "share"),
    "lesson",
)
BUYER_ANSWERS = _table(
    "buyer_answers",
    _DEAL_ID,
    _time("invited_at"),
    _time("answered_at"),
    "deciding_reason",
    Column("contributing_reasons", "list"),
    "text",
    "ask_again",
    Column("signed", "flag"),
)
WIN_BACKS = _table(
    "win_backs",
    _DEAL_ID,
    _time("due_at"),
    _time("asked_at"),
    "offer",
    Column("result", "choice", choices=WIN_BACK_RESULTS),
    "new_deal_id",
)
CHANGES = _table(
    "changes",
    Column("change", required=True),
    _time("started_at", required=True),
    _time("ended_at"),
    "team",
    Column("smallest_effect", "share"),
    "text",
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        DEALS,
        FIELD_CHANGES,
        NEXT_STEPS,
        STAGE_CHANGES,
        CONVERSATIONS,
        PROMISES,
        STEPS_DONE,
        DEBRIEFS,
        BUYER_ANSWERS,
        WIN_BACKS,
        CHANGES,
    )
}

ATTRIBUTE_PREFIX = "attr."
"""In the frozen ``deals`` table a source's own column ``Lead Quality`` is ``attr.Lead Quality``."""


def frozen_schema(table: Table) -> pa.Schema:
    """The Arrow schema of a table in a frozen history.

    Rows are tied to their deal by ``deal`` (a 64-bit number, unique over all sources);
    ``deals`` itself carries ``data_source`` and the source's own ``deal_id`` beside it, and
    ``value`` (the amount in the workspace's currency, a double). ``plain_dates`` says
    which of ``table.times`` came as a date without a time: bit *i* is set for the *i*-th.
    Attributes of deals (``attr.…``) come after these columns and are not part of this schema.
    """
    fields: list[tuple[str, pa.DataType]] = []
    if table.name != "changes":
        fields.append(("deal", pa.int64()))
    if table.name == "deals":
        fields.append(("data_source", pa.string()))
    for column in table.columns:
        if column.name == "deal_id" and table.name != "deals":
            continue
        fields.append((column.name, ARROW_TYPES[column.kind]))
    if table.name == "deals":
        fields.append(("value", pa.float64()))
    fields.append(("plain_dates", pa.int32()))
    return pa.schema(fields)
