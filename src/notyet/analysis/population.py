"""The closed deals of a facts table, in columns of numbers: what drivers, leaks and drift are counted on."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

CLOSED = ("won", "lost", "no_decision")
HOUR = 3_600.0
DAY = 24 * HOUR
YEAR = 365.25 * DAY

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Population:
    """Closed deals (won, lost, no decision), one row each. Times are seconds since 1970, missing ones NaN."""

    table: pa.Table

    @property
    def n(self) -> int:
        """How many closed deals."""
        return int(self.table.num_rows)

    @cached_property
    def won(self) -> Flags:
        """Whether each deal was won."""
        return np.asarray(pc.equal(self.table["outcome"], "won").to_numpy(), dtype=bool)

    def has(self, column: str) -> bool:
        """Whether the column is there and holds a value in any row."""
        return column in self.table.column_names and self.table[column].null_count < self.n

    def numbers(self, column: str) -> Floats:
        """A number, flag or time column as floats; NaN where missing (times: seconds since 1970)."""
        if column not in self.table.column_names:
            return np.full(self.n, np.nan)
        values = self.table[column]
        if pa.types.is_timestamp(values.type):
            micros = pc.cast(pc.cast(values, pa.timestamp("us", tz=values.type.tz)), pa.int64())
            return np.asarray(pc.cast(micros, pa.float64(), safe=False).to_numpy(), dtype=float) / 1e6
        return np.asarray(pc.cast(values, pa.float64(), safe=False).to_numpy(), dtype=float)

    def levels(self, column: str) -> tuple[Ints, tuple[str, ...]]:
        """A column's levels as text and each row's index into them; -1 where missing."""
        text = pc.cast(self.table[column], pa.string()).combine_chunks()
        text = text.chunk(0) if isinstance(text, pa.ChunkedArray) else text
        coded = text.dictionary_encode()
        codes = np.asarray(pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False), dtype=np.int64)
        return codes, tuple(coded.dictionary.to_pylist())

    @cached_property
    def opened(self) -> Floats:
        """When each deal was opened."""
        return self.numbers("opened_at")

    @cached_property
    def closed(self) -> Floats:
        """When each deal was closed."""
        return self.numbers("closed_at")

    @cached_property
    def accounts(self) -> Ints:
        """A number for each deal's account; a deal without one is an account of its own."""
        if not self.has("account"):
            return np.arange(self.n)
        codes, names = self.levels("account")
        alone = codes < 0
        codes[alone] = len(names) + np.arange(int(alone.sum()))
        return codes

    @cached_property
    def largest_account(self) -> int:
        """The deals of the account that has most."""
        return int(np.bincount(self.accounts).max(initial=1))


def closed_deals(facts: pa.Table | ibis.Table, columns: Iterable[str] | None = None) -> Population:
    """The closed deals of a facts table with the columns named (all where ``None``; absent ones are skipped).

    Of an Ibis table they come in the order of ``deal``, so that the same deals give the same figures each time.
    """
    names = list(facts.column_names if isinstance(facts, pa.Table) else facts.columns)
    if columns is not None:
        wanted = {"outcome", *columns}
        names = [name for name in names if name in wanted]
    if isinstance(facts, pa.Table):
        keep = pc.is_in(facts["outcome"], value_set=pa.array(CLOSED))
        return Population(facts.select(names).filter(keep))
    rows = facts.filter(facts["outcome"].isin(CLOSED))
    ordered = rows.order_by("deal") if "deal" in facts.columns else rows
    return Population(ordered.select(*names).to_pyarrow())
