"""What good rows change in the record: which are new, which say something else, which are there already."""

import json
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from notyet.analysis.tables import DEALS, Table
from notyet.exchange import record
from notyet.exchange.check import staged_schema
from notyet.exchange.content import digest_sql
from notyet.exchange.edited import read_edited_rows
from notyet.exchange.mapping import TableMapping
from notyet.exchange.staging import Staging

_DIFFERING_DEALS = "good_deals n JOIN record_deals o ON o.deal_id = n.deal_id AND o.digest <> n.digest"


def read_record_deals(staged: Staging, source: int | None) -> None:
    """Make ``record_deals``: the deals that the source has in the record, with ``pk`` and ``digest``."""
    batches = (tidied(batch) for batch in record.stored(DEALS, source)) if source is not None else ()
    _spill(staged, "record_deals", batches, record.held_schema(DEALS), digest_sql(DEALS))


def find_deals(staged: Staging) -> None:
    """Make ``new_deals`` and ``changed_deals`` (good rows; those with the ``pk`` of what they replace)."""
    staged.db.execute("CREATE VIEW new_deals AS FROM good_deals ANTI JOIN record_deals USING (deal_id)")
    _merge(staged, DEALS, _DIFFERING_DEALS, "changed_deals")


def find_deals_again(staged: Staging) -> None:
    """Make ``changed_deals`` anew of the deals in ``raced``, as far as they are held: see ``edited_meanwhile``."""
    staged.db.execute("ALTER VIEW changed_deals RENAME TO compared_deals")
    raced = "(SELECT pk FROM raced WHERE name = 'deals')"
    pairs = f"{_DIFFERING_DEALS} AND o.pk IN {raced} AND o.pk IN (SELECT pk FROM held_deals)"
    _merge(staged, DEALS, pairs, "mended_deals")
    staged.db.execute(
        f"CREATE VIEW changed_deals AS FROM compared_deals WHERE pk NOT IN {raced} UNION ALL BY NAME FROM mended_deals"
    )


def leave_edited_rows(staged: Staging, table: Table, source: int) -> None:
    """Take the rows that are edited by now out of ``changed_<table>``, and make ``edited_<table>`` anew."""
    name = table.name
    read_edited_rows(staged, table, source)
    if staged.count(f"information_schema.tables WHERE table_name = 'changed_{name}'"):
        staged.db.execute(f"ALTER VIEW changed_{name} RENAME TO compared_{name}")
        edited = f"(SELECT pk FROM edited_fields WHERE name = '{name}')"
        staged.db.execute(f"CREATE VIEW changed_{name} AS FROM compared_{name} WHERE pk NOT IN {edited}")


def find_rows(staged: Staging, table: Table, source: int | None) -> None:
    """Make ``new_<table>`` and ``changed_<table>`` for another table than deals.

    Rows that a person edited are not changed, those that a person removed are not new. Expects ``edited_fields`` and
    ``removed_rows``; makes ``edited_<table>``.
    """
    name = table.name
    _read_keys(staged, table, source)
    read_edited_rows(staged, table, source)
    same = "true" if name == "changes" else "n.deal_id = o.deal_id"
    owner = "" if name == "changes" else "deal_id, "
    known, removed = f"record_{name}", f"(FROM removed_rows WHERE name = '{name}')"
    if not staged.count(known) and not staged.count(removed) and _files(staged, name) == 1:
        staged.db.execute(f"CREATE VIEW new_{name} AS FROM good_{name}")
    else:
        _count_known(staged, name, removed)
        using = f"({owner}digest)"
        staged.db.execute(
            f"CREATE VIEW new_{name} AS SELECT * EXCLUDE (n, nth) FROM ("
            f"  SELECT *, row_number() OVER (PARTITION BY file, {owner}digest ORDER BY line) AS nth "
            f"  FROM good_{name} WHERE id IS NULL) LEFT JOIN have_{name} USING {using} "
            f"WHERE nth > coalesce(n, 0) QUALIFY row_number() OVER (PARTITION BY {owner}digest, nth ORDER BY file) = 1 "
            f"UNION ALL BY NAME SELECT * FROM good_{name} WHERE id IS NOT NULL "
            f"AND id NOT IN (SELECT id FROM {known} WHERE id IS NOT NULL UNION SELECT id FROM {removed} "
            "WHERE id IS NOT NULL)"
        )
    edited = f"o.pk IN (SELECT pk FROM edited_fields WHERE name = '{name}')"
    moved = f"(o.digest <> n.digest OR NOT ({same})) AND NOT {edited}"
    _merge(staged, table, f"good_{name} n JOIN {known} o ON o.id = n.id AND {moved}", f"changed_{name}")


def _count_known(staged: Staging, name: str, removed: str) -> None:
    """Make ``have_<table>``: how often the record has, or had, a row without an id that says this.

    A row that was edited counts as what its source said and as what it says since: an export says the latter.
    """
    had = f"SELECT deal_id, digest FROM record_{name} WHERE id IS NULL"
    if name != "changes":
        had += (
            f" UNION ALL SELECT e.deal_id, e.digest FROM edited_{name} e JOIN record_{name} o ON o.pk = e.pk "
            "WHERE e.id IS NULL AND o.digest <> e.digest "
            f"UNION ALL SELECT d.deal_id, r.digest FROM {removed} r JOIN record_deals d ON d.pk = r.deal "
            "WHERE r.id IS NULL"
        )
    owner = "" if name == "changes" else "deal_id, "
    staged.db.execute(f"CREATE TABLE have_{name} AS SELECT {owner}digest, count(*) AS n FROM ({had}) GROUP BY ALL")


def _read_keys(staged: Staging, table: Table, source: int | None) -> None:
    """Make ``record_<table>``: key, deal, id and digest of what the record holds already."""
    name, db = table.name, staged.db
    schema = pa.schema([("pk", pa.int64()), ("deal", pa.int64()), ("id", pa.string()), ("digest", pa.int64())])
    batches = record.stored_keys(name, source) if source is not None else ()
    _spill(staged, f"keys_of_{name}", batches, schema)
    unsigned = staged.count(f"keys_of_{name} WHERE digest = 0")
    made_here = record.stored(table, source, "AND t.digest = 0") if unsigned and source is not None else ()
    _spill(staged, f"made_{name}", made_here, record.held_schema(table), digest_sql(table))
    deal_id = "NULL::VARCHAR" if name == "changes" else "d.deal_id"
    join = "" if name == "changes" else "JOIN record_deals d ON d.pk = k.deal"
    db.execute(
        f"CREATE VIEW record_{name} AS SELECT k.pk, {deal_id} AS deal_id, k.id, coalesce(m.digest, k.digest) AS digest "
        f"FROM keys_of_{name} k {join} LEFT JOIN made_{name} m ON m.pk = k.pk"
    )


def _files(staged: Staging, name: str) -> int:
    row = staged.db.execute(f"SELECT count(DISTINCT file) FROM staged_{name}").fetchone()
    return int(row[0]) if row else 0


def _spill(
    staged: Staging, name: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema, digest: str | None = None
) -> None:
    path = staged.folder / f"{name}.parquet"
    with pq.ParquetWriter(path, schema, compression="lz4") as writer:
        for batch in batches:
            writer.write_batch(batch.select(schema.names))
    more = f", {digest} AS digest" if digest else ""
    staged.db.execute(f"CREATE TABLE {name} AS SELECT *{more} FROM read_parquet('{path}')")


def tidied(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Stored deals with their attributes as staged rows write them: the databases keep JSON in ways of their own."""
    at = batch.schema.get_field_index("attributes")
    tidy = [tidy_json(text) for text in batch.column(at).to_pylist()]
    return batch.set_column(at, "attributes", pa.array(tidy, pa.string()))


def tidy_json(text: str | None) -> str:
    """A JSON object with its names in order and its letters as they are."""
    if not text or text == "{}":
        return "{}"
    return json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True)


def _merge(staged: Staging, table: Table, pairs: str, view: str) -> None:
    """Make a view of the pairs of a new row ``n`` and the old one ``o``.

    A file says nothing about columns that it does not have: there the old value stays.
    """
    schema = pa.schema([*_good_schema(table), ("pk", pa.int64())])
    path = staged.folder / f"{view}.parquet"
    with pq.ParquetWriter(path, schema, compression="lz4") as writer:
        if staged.count(pairs):
            for batch in _merged(staged, table, pairs, schema):
                writer.write_batch(batch)
    staged.db.execute(
        f"CREATE VIEW {view} AS SELECT * EXCLUDE (digest), {digest_sql(table)} AS digest FROM read_parquet('{path}')"
    )


def _good_schema(table: Table) -> pa.Schema:
    return pa.schema([*staged_schema(table), ("digest", pa.int64())])


def _merged(staged: Staging, table: Table, pairs: str, schema: pa.Schema) -> Iterable[pa.RecordBatch]:
    if table.name != "deals":
        for batch in staged.batches(f"SELECT n.*, o.pk FROM {pairs}"):
            yield batch.select(schema.names).cast(schema)
        return
    old = ", ".join(f'o."{name}" AS "old.{name}"' for name in (*table.names, "plain_dates", "attributes"))
    for batch in staged.batches(f"SELECT n.*, o.pk, {old} FROM {pairs}"):
        rows = [kept for row in batch.to_pylist() if (kept := _merged_deal(row, staged.files[row["file"]]))]
        yield pa.RecordBatch.from_pylist(rows, schema=schema)


def _merged_deal(row: dict[str, Any], file: TableMapping) -> dict[str, Any] | None:
    """The new row with the old one's values where its file has no such column; ``None`` where nothing changes."""
    said = file.said()
    for name in DEALS.names:
        if name not in said:
            row[name] = row[f"old.{name}"]
    bits = sum(1 << i for i, name in enumerate(DEALS.times) if name in said)
    row["plain_dates"] = (row["plain_dates"] & bits) | (row["old.plain_dates"] & ~bits)
    before = json.loads(row["old.attributes"])
    unsaid = {name: value for name, value in before.items() if name not in file.said_attributes()}
    row["attributes"] = tidy_json(json.dumps({**unsaid, **json.loads(row["attributes"])}))
    changed = any(row[name] != row[f"old.{name}"] for name in (*DEALS.names, "plain_dates", "attributes"))
    return row if changed else None
