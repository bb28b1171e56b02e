"""The deals of a scope in columns of numbers: what the pipeline's figures are counted on."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from notyet.analysis import facts
from notyet.analysis.history import History
from notyet.analysis.meta import Meta
from notyet.analysis.moments import DAY, epoch_us, microseconds
from notyet.analysis.selection import midnight

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
MONTH = 365.25 / 12


@dataclass(frozen=True)
class Scope:
    """Whose deals: everybody's (no column), those of a team, those of one owner (oneself)."""

    column: Literal["", "team", "owner"] = ""
    name: str = ""

    def of(self, rows: ir.Table) -> ir.Table:
        """The scope's rows of the facts."""
        return rows.filter(rows[self.column] == self.name) if self.column else rows


@dataclass(frozen=True)
class Period:
    """From a day to a day, both in it."""

    since: date
    until: date

    def limits(self, meta: Meta) -> tuple[float, float]:
        """The first moment in the period and the first after it, in days since 1970."""
        return midnight(self.since, meta) / DAY, midnight(self.until + timedelta(days=1), meta) / DAY

    @property
    def weeks(self) -> float:
        """How many weeks it lasts."""
        return ((self.until - self.since).days + 1) / 7


@dataclass(frozen=True)
class Book:
    """Deals, one an entry. Moments are days since 1970 (NaN: none), values are in the workspace's currency.

    ``ended``: when a deal was no prospect any more, by its order or its close. ``paid``: when a won deal was paid, or
    ended where payments are not known. ``won`` means ordered and, where payments are known, paid; ``unpaid`` are orders
    that wait for their payment; ``lost`` those lost or without a decision.
    """

    deal: Ints
    opened: Floats
    ended: Floats
    paid: Floats
    value: Floats
    won: Flags
    lost: Flags
    unpaid: Flags
    live: Flags

    @property
    def n(self) -> int:
        """How many deals."""
        return len(self.deal)

    @property
    def last_event(self) -> float:
        """When the record last saw a deal opened or ended (NaN: never)."""
        moments = np.concatenate((self.opened, self.ended))
        known = moments[~np.isnan(moments)]
        return float(known.max()) if len(known) else float("nan")


def read(history: History, scope: Scope, now: datetime) -> Book:
    """The scope's deals as the history has them; what is dated after ``now`` is no event yet."""
    rows = scope.of(facts.read(history))
    columns = {name: epoch_us(rows[name]) for name in ("opened_at", "closed_at", "paid_at", "ordered_at")}
    table = rows.select("deal", "outcome", value=rows.value_final, **columns).to_pyarrow()
    return _book(table, microseconds(now) / DAY)


def _book(table: pa.Table, today: float) -> Book:
    opened, closed, paid, ordered = (
        _floats(table[name]) / DAY for name in ("opened_at", "closed_at", "paid_at", "ordered_at")
    )
    won, unpaid = _is(table, "won"), _is(table, "ordered_unpaid")
    ended = np.where((won | unpaid) & ~np.isnan(ordered), ordered, closed)
    return Book(
        deal=np.asarray(table["deal"].to_numpy(), dtype=np.int64),
        opened=opened,
        ended=ended,
        paid=np.where(won, np.where(np.isnan(paid), ended, paid), np.nan),
        value=_floats(table["value"]),
        won=won,
        lost=_is(table, "lost") | _is(table, "no_decision"),
        unpaid=unpaid,
        live=_is(table, "open") & ~(opened > today),
    )


def _floats(column: pa.ChunkedArray) -> Floats:
    return np.asarray(pc.cast(column, pa.float64(), safe=False).to_numpy(), dtype=float)


def _is(table: pa.Table, outcome: str) -> Flags:
    return np.asarray(pc.fill_null(pc.equal(table["outcome"], outcome), False).to_numpy(), dtype=bool)
