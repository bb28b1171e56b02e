"""Evidence in the record of changes: fields that are written at or after the close."""

from dataclasses import dataclass

import ibis
import pyarrow as pa

from notyet.analysis.population import CLOSED

MOSTLY = 0.5
FIRST = 0.2
FEWEST = 10
SOME = 0.05


@dataclass(frozen=True)
class Written:
    """Closed deals on which a field was changed, and on how many of them first or last at or after the close."""

    deals: int
    first_after: int
    last_after: int

    def evidence(self, closed: int) -> str | None:
        """The sentence where the field is written at or after the close, else ``None``.

        For the first time on a fifth of the deals on which it was written, or again on half of them; and not only on
        a few of all ``closed`` deals, as when a list is put in order afterwards.
        """
        if self.deals < max(FEWEST, SOME * closed):
            return None
        if self.first_after >= FIRST * self.deals:
            return f"written for the first time at or after the close on {self.first_after:,} of {self.deals:,} deals"
        if self.last_after >= MOSTLY * self.deals:
            return f"written again at or after the close on {self.last_after:,} of {self.deals:,} deals"
        return None


def written(facts: pa.Table | ibis.Table, field_changes: pa.Table | ibis.Table) -> dict[str, Written]:
    """By the name in ``field_changes``: when it was written, compared with the deals' closes."""
    deals = _table(facts).select("deal", "outcome", "closed_at")
    changes = _table(field_changes).select("deal", "field", "at")
    deals = deals.filter(deals["outcome"].isin(CLOSED) & deals["closed_at"].notnull())
    joined = changes.join(deals, "deal")
    ends = joined.group_by("deal", "field").aggregate(
        first=joined["at"].min(), last=joined["at"].max(), closed=joined["closed_at"].max()
    )
    counted = ends.group_by("field").aggregate(
        deals=ends.count(),
        first_after=(ends["first"] >= ends["closed"]).sum(),
        last_after=(ends["last"] >= ends["closed"]).sum(),
    )
    rows = counted.to_pyarrow().to_pylist()
    return {row["field"]: Written(row["deals"], row["first_after"], row["last_after"]) for row in rows}


def _table(table: pa.Table | ibis.Table) -> ibis.Table:
    return ibis.memtable(table) if isinstance(table, pa.Table) else table
