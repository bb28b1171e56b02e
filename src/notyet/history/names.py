"""Merged names applied where the record is frozen: a history knows each buyer, contact and product by one name."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from notyet.deals.duplicates import kept_of_all
from notyet.deals.models import DataSource

_COLUMNS = {"deals": {"account": "account", "product": "product"}, "conversations": {"contact": "contact"}}


@dataclass(frozen=True)
class KeptNames:
    """By kind, the names that count as another; and by kind, what sources call the field of a deal that holds it."""

    kept: Mapping[str, Mapping[str, str]]
    fields: Mapping[str, frozenset[str]]

    @classmethod
    def read(cls) -> "KeptNames":
        """Those of the workspace in scope."""
        headers: list[dict[str, str]] = list(DataSource.objects.values_list("columns", flat=True))
        fields = {kind: frozenset({kind} | {h[kind] for h in headers if kind in h}) for kind in _COLUMNS["deals"]}
        return cls(kept_of_all(), fields)

    def applied(self, table: str, batch: pa.RecordBatch) -> pa.RecordBatch:
        """A batch of texts of a table with every name as it counts; the batch itself where nothing was merged."""
        for column, kind in _COLUMNS.get(table, {}).items():
            if self.kept[kind]:
                batch = _with(batch, column, _counted(batch.column(column), self.kept[kind]))
        if table == "field_changes":
            for kind, fields in self.fields.items():
                if self.kept[kind]:
                    about = pc.is_in(batch.column("field"), value_set=pa.array(sorted(fields)))
                    value = batch.column("value")
                    batch = _with(batch, "value", pc.if_else(about, _counted(value, self.kept[kind]), value))
        return batch


def _counted(column: pa.Array, kept: Mapping[str, str]) -> pa.Array:
    places = pc.index_in(column, value_set=pa.array(list(kept), pa.string()))
    return pc.coalesce(pa.array(list(kept.values()), pa.string()).take(places), column)


def _with(batch: pa.RecordBatch, name: str, column: pa.Array) -> pa.RecordBatch:
    return batch.set_column(batch.schema.get_field_index(name), name, column)
