"""What people edited after an import: undoing it leaves that as it is."""

import json
from collections import defaultdict
from typing import Any

import pyarrow as pa

from notyet.analysis.tables import ATTRIBUTE_PREFIX, Table
from notyet.deals.edit_models import EditedField

_WHOLE = ""
"""Stands among the edited fields of a row that was edited as a whole."""


def with_edits(table: Table, held: pa.Table, *rows: pa.RecordBatch) -> list[pa.RecordBatch]:
    """Rows of a journal, each as it was but for what was edited: that is as it is ``held`` in the record now.

    All are texts with their key ``id``, see ``record.texts_by_key``.
    """
    keys = [int(key) for key in held.column("id").to_pylist()]
    edits: dict[str, set[str]] = defaultdict(set)
    for row, name in EditedField.objects.filter(table=table.name, row__in=keys).values_list("row", "field"):
        edits[str(row)].add(name)
    now = {row["id"]: row for row in held.to_pylist() if row["id"] in edits}
    return [
        pa.RecordBatch.from_pylist(
            [_standing(table, row, now[row["id"]], edits[row["id"]]) if row["id"] in now else row for row in batch],
            schema=schema,
        )
        for schema, batch in ((one.schema, one.to_pylist()) for one in rows)
    ]


def same(held: pa.Table, became: pa.RecordBatch) -> bool:
    """Whether rows say the same, however the database writes their attributes."""
    return [_plainly(row) for row in held.to_pylist()] == [_plainly(row) for row in became.to_pylist()]


def _plainly(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "attributes": json.loads(row.get("attributes") or "{}")}


def _standing(table: Table, row: dict[str, Any], now: dict[str, Any], fields: set[str]) -> dict[str, Any]:
    """A row with those fields as they are now."""
    if _WHOLE in fields:
        return now
    names = {"account_id" if field == "account" else field for field in fields}
    bits = sum(1 << at for at, name in enumerate(table.times) if name in names)
    plain = (int(row["plain_dates"] or 0) & ~bits) | (int(now["plain_dates"] or 0) & bits)
    kept = {**row, **{name: now[name] for name in names if name in row}, "plain_dates": str(plain)}
    own = {name.removeprefix(ATTRIBUTE_PREFIX) for name in names if name.startswith(ATTRIBUTE_PREFIX)}
    if own:
        before, ours = json.loads(row["attributes"] or "{}"), json.loads(now["attributes"] or "{}")
        mixed = {name: value for name, value in before.items() if name not in own}
        kept["attributes"] = json.dumps({**mixed, **{name: ours[name] for name in own if name in ours}})
    return kept
