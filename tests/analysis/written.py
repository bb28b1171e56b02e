"""Small histories written for tests, as the freezer writes them: Parquet files and ``history.json``."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from notyet.analysis.history import History
from notyet.analysis.meta import DataSource, Field, Meta, ReasonEntry, Stage
from notyet.analysis.tables import ATTRIBUTE_PREFIX, TABLES, frozen_schema

Row = dict[str, Any]
START = datetime(2025, 1, 6, 9, tzinfo=UTC)
NOW = datetime(2025, 12, 31, 23, tzinfo=UTC)
DIMENSIONS = ("team", "source", "persona", "segment", "region", "product", "competitor", "campaign", "message")
STAGES = (
    Stage("Enquiry", "enquiry", 1),
    Stage("Need", "need", 2),
    Stage("Proposal", "proposal", 3),
    Stage("Lost", "lost", 9),
)
REASONS = (
    ReasonEntry("Too pricey", "Price", "shared"),
    ReasonEntry("zu teuer", "Price", "shared"),
    ReasonEntry("We were slow", "Reply", "ours"),
    ReasonEntry("Frozen", "Budget", "theirs"),
)


def day(days: float, hours: float = 0) -> datetime:
    """A moment so long after the start of the tests' calendar."""
    return START + timedelta(days=days, hours=hours)


def deal(number: int, outcome: str = "won", **more: Any) -> Row:
    """A deal of 20 days and 1,000 in the workspace's currency, paid where it was won."""
    closed = outcome != "open"
    row: Row = {
        "deal": number,
        "data_source": "crm",
        "deal_id": f"D{number}",
        "outcome": outcome,
        "currency": "EUR",
        "value": 1000.0,
        "opened_at": day(number % 50),
        "closed_at": day(number % 50 + 20) if closed else None,
        "paid_at": day(number % 50 + 30) if outcome == "won" else None,
    }
    return row | more


def deals(**outcomes: int) -> list[Row]:
    """So many deals of each outcome."""
    kinds = [outcome for outcome, count in outcomes.items() for _ in range(count)]
    return [deal(number, outcome) for number, outcome in enumerate(kinds)]


def meta(**more: Any) -> Meta:
    """The meta of a workspace in Berlin that counts in euros, with the usual dimensions."""
    fields = tuple(Field(name, name, name.title(), "category") for name in DIMENSIONS)
    people = (Field("owner", "owner", "Owner", "category", person=True),)
    known: dict[str, Any] = {
        "workspace": "Acme",
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "frozen_at": NOW,
        "sources": (DataSource("crm", day(0)),),
        "fields": (*fields, *people),
        "stages": STAGES,
        "reasons": REASONS,
    }
    return Meta(**(known | more))


def write(folder: Path, tables: Mapping[str, Iterable[Row]], about: Meta | None = None) -> Path:
    """Write a history; columns called ``attr.…`` become text, number, flag or time by their first value."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        pq.write_table(_table(name, list(rows)), folder / f"{name}.parquet")
    (about or meta()).save(folder)
    return folder


def opened(folder: Path, tables: Mapping[str, Iterable[Row]], about: Meta | None = None) -> History:
    """Write a history and open it."""
    return History.open(write(folder, tables, about))


def _table(name: str, rows: list[Row]) -> pa.Table:
    schema = frozen_schema(TABLES[name])
    attributes = sorted({key for row in rows for key in row if key.startswith(ATTRIBUTE_PREFIX)})
    for key in attributes:
        first = next(row[key] for row in rows if row.get(key) is not None)
        schema = schema.append(pa.field(key, pa.scalar(first).type))
    filled = [{"plain_dates": 0, **row} for row in rows]
    unknown = {key for row in filled for key in row} - set(schema.names)
    assert not unknown, unknown
    return pa.Table.from_pylist(filled, schema=schema)
