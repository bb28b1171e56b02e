"""What people edited or removed here stands: files are read as if they agreed, and where they do not is listed."""

import json
from collections.abc import Iterable, Iterator

import pyarrow as pa
from django.db import connection

from notyet.analysis.tables import ATTRIBUTE_PREFIX, DEALS, Table
from notyet.exchange import bulk, record
from notyet.exchange.content import digest_sql
from notyet.exchange.export_text import as_texts
from notyet.exchange.journal import EDIT_COLUMNS, JournalWriter
from notyet.exchange.results import Kept
from notyet.exchange.staging import Staging

HEARD = pa.schema(
    {"key": pa.int64(), "file": pa.int32(), "line": pa.int64()}
    | dict.fromkeys(("deal_id", "name", "field", "yours", "theirs"), pa.string())
)
"""What a file says of something that was edited (``key``: its ``EditedField``), beside what stands here, as texts."""

_ATTRIBUTES = pa.schema({"deal_id": pa.string(), "attributes": pa.string()})


def read_edits(staged: Staging, source: int | None) -> None:
    """Make ``edited_fields``, ``removed_rows`` and an empty ``heard`` of what people did to a source's deals."""
    staged.take("edited_fields", record.edited_fields(source) if source is not None else (), record.EDITED_SCHEMA)
    staged.take("removed_rows", record.removed_rows(source) if source is not None else (), record.REMOVED_SCHEMA)
    staged.take("heard", (), HEARD)


def keep_edited_deals(staged: Staging, zone: str) -> None:
    """Put what was edited here in the place of what the files say: ``good_deals`` says it from now on.

    What they said themselves is noted in ``heard``. Expects ``record_deals``. ``zone``: that of plain dates.
    Done again, it takes the place of the first time.
    """
    db = staged.db
    if not staged.count("information_schema.tables WHERE table_name = 'said_deals'"):
        if not staged.count("edited_fields WHERE name = 'deals'"):
            return
        db.execute("ALTER VIEW good_deals RENAME TO said_deals")
    bits = " ".join(f"WHEN '{name}' THEN {1 << i}" for i, name in enumerate(DEALS.times))
    db.execute(
        "CREATE OR REPLACE TABLE edits_by_deal AS "
        f"SELECT pk, list(field) AS fields, bit_or(CASE field {bits} ELSE 0 END) AS bits "
        "FROM edited_fields WHERE name = 'deals' GROUP BY pk"
    )
    stands = [
        f'CASE WHEN list_contains(e.fields, \'{name}\') THEN o."{name}" ELSE n."{name}" END AS "{name}"'
        for name in DEALS.names
        if name != "deal_id"
    ]
    stands.append("((n.plain_dates & ~e.bits) | (o.plain_dates & e.bits))::INTEGER AS plain_dates")
    staged.take("own_attributes", _edited_attributes(staged), _ATTRIBUTES)
    stands.append("coalesce(a.attributes, n.attributes) AS attributes")
    db.execute(
        "CREATE OR REPLACE TABLE kept_deals AS "
        f"SELECT n.* EXCLUDE (digest) REPLACE ({', '.join(stands)}) FROM said_deals n "
        "JOIN record_deals o ON o.deal_id = n.deal_id JOIN edits_by_deal e ON e.pk = o.pk "
        "LEFT JOIN own_attributes a ON a.deal_id = n.deal_id"
    )
    db.execute(
        "CREATE OR REPLACE VIEW good_deals AS FROM said_deals ANTI JOIN kept_deals USING (deal_id) "
        f"UNION ALL BY NAME SELECT *, {digest_sql(DEALS)} AS digest FROM kept_deals"
    )
    _hear(staged, "deals", _heard_deals(staged, zone))


def _edited_attributes(staged: Staging) -> Iterator[pa.RecordBatch]:
    """The attributes that the files say of deals, with those that were edited as they stand here."""
    if not staged.count(f"edited_fields WHERE name = 'deals' AND starts_with(field, '{ATTRIBUTE_PREFIX}')"):
        return
    sql = (
        "SELECT n.deal_id, n.attributes, o.attributes AS stands, e.fields FROM said_deals n "
        "JOIN record_deals o ON o.deal_id = n.deal_id JOIN edits_by_deal e ON e.pk = o.pk"
    )
    for batch in staged.batches(sql):
        rows = batch.to_pylist()
        texts = [_with_own(row["attributes"], row["stands"], row["fields"]) for row in rows]
        yield pa.RecordBatch.from_arrays([batch.column(0), pa.array(texts, pa.string())], schema=_ATTRIBUTES)


def _with_own(said: str, stands: str, fields: list[str]) -> str:
    own = [field.removeprefix(ATTRIBUTE_PREFIX) for field in fields if _is_own(field)]
    ours, theirs = json.loads(stands), json.loads(said)
    kept = {name: value for name, value in theirs.items() if name not in own}
    kept |= {name: ours[name] for name in own if name in ours}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)


def read_edited_rows(staged: Staging, table: Table, source: int | None) -> None:
    """Make ``edited_<table>``: the rows of another table that were edited, as they stand, with their ``digest``."""
    name = table.name
    where = f'AND t.id IN (SELECT "row" FROM {record.EDITED} WHERE "table" = \'{name}\')'
    found: Iterable[pa.RecordBatch] = ()
    if source is not None and staged.count(f"edited_fields WHERE name = '{name}'"):
        found = record.stored(table, source, where)
    staged.take(f"content_{name}", found, record.held_schema(table))
    said = f"SELECT *, {digest_sql(table)} AS digest FROM content_{name}"
    staged.db.execute(f"CREATE OR REPLACE VIEW edited_{name} AS {said}")


def hear_rows(staged: Staging, table: Table, zone: str) -> None:
    """Note in ``heard`` what the files say of edited rows that they know by an id."""
    if staged.count(f"edited_{table.name}"):
        _hear(staged, table.name, _heard_rows(staged, table, zone))


_DIFFERING = "heard h JOIN edited_fields e ON e.key = h.key WHERE h.yours <> h.theirs"
_SETTLED = "e.settled AND h.theirs = coalesce(e.source_value, '')"
"""Somebody decided to keep what stands here, and the source says what it said then."""


def differing(staged: Staging) -> Iterator[Kept]:
    """What stands here though a file says otherwise, in the order of the files; without what was settled."""
    columns = "h.file, h.line, h.deal_id, h.name, h.field, h.yours, h.theirs, h.key"
    for number, *said in staged.rows_of(f"SELECT {columns} FROM {_DIFFERING} AND NOT ({_SETTLED}) ORDER BY ALL"):
        yield Kept(staged.files[number].file, *said)


def count_differing(staged: Staging) -> tuple[int, int]:
    """How much that is, and how much more was settled before and is not listed again."""
    listed, settled = (staged.count(f"{_DIFFERING} AND {which}") for which in (f"NOT ({_SETTLED})", _SETTLED))
    return listed, settled


def write_heard(staged: Staging, journal: JournalWriter) -> None:
    """Keep with each edit what its source said last, where that is news; what was settled is open again then."""
    said_before = "coalesce(e.source_value, '')"
    news = (
        "FROM heard h JOIN edited_fields e ON e.key = h.key "
        f"WHERE h.theirs <> {said_before} OR (h.yours <> h.theirs) <> e.differs"
    )
    still = f"e.settled AND h.theirs = {said_before} AND h.yours <> h.theirs"
    flag = ("({})::INTEGER" if connection.vendor == "sqlite" else "{}").format
    before = (
        f"SELECT {said_before} AS source_value, {flag('e.differs')} AS differs, {flag('e.settled')} AS settled, "
        f"e.key AS id {news} ORDER BY e.key"
    )
    after = (
        f"SELECT h.theirs AS source_value, {flag('h.yours <> h.theirs')} AS differs, {flag(still)} AS settled, "
        f"h.key AS id {news}"
    )
    if journal.keep_edits(staged.batches(before, bulk.BATCH)):
        bulk.update(record.EDITED, EDIT_COLUMNS, staged.batches(after, bulk.BATCH), lambda done: None)


def _heard_deals(staged: Staging, zone: str) -> Iterator[pa.RecordBatch]:
    ours = ", ".join(f'o."{name}" AS "ours.{name}"' for name in (*DEALS.names, "plain_dates", "attributes"))
    sql = (
        f"SELECT e.key, e.field, n.*, {ours} FROM said_deals n JOIN record_deals o ON o.deal_id = n.deal_id "
        "JOIN edited_fields e ON e.name = 'deals' AND e.pk = o.pk"
    )
    for batch in staged.batches(sql):
        own = [f.removeprefix(ATTRIBUTE_PREFIX) for f in set(batch["field"].to_pylist()) if _is_own(f)]
        theirs, yours = _both(batch, DEALS, [*DEALS.names, *own], zone)
        rows = []
        for at, row in enumerate(batch.select(["key", "file", "line", "deal_id", "field"]).to_pylist()):
            file, name = staged.files[row["file"]], row["field"].removeprefix(ATTRIBUTE_PREFIX)
            if name in (file.said_attributes() if _is_own(row["field"]) else file.said()):
                said = {"yours": yours[name][at].as_py() or "", "theirs": theirs[name][at].as_py() or ""}
                rows.append({**row, "name": "deals", "field": name, **said})
        yield pa.RecordBatch.from_pylist(rows, schema=HEARD)


def _heard_rows(staged: Staging, table: Table, zone: str) -> Iterator[pa.RecordBatch]:
    ours = ", ".join(f'o."{name}" AS "ours.{name}"' for name in (*table.names, "plain_dates"))
    sql = (
        f"SELECT e.key, n.*, {ours} FROM good_{table.name} n JOIN edited_{table.name} o ON o.id = n.id "
        f"JOIN edited_fields e ON e.name = '{table.name}' AND e.pk = o.pk"
    )
    for batch in staged.batches(sql):
        theirs, yours = (one.to_pylist() for one in _both(batch, table, list(table.names), zone))
        rows = []
        for row, said, stands in zip(batch.to_pylist(), theirs, yours, strict=True):
            columns = staged.files[row["file"]].said()
            other = [name for name in table.names if name in columns and (said[name] or "") != (stands[name] or "")]
            texts = {"yours": _in_words(stands, other), "theirs": _in_words(said, other)}
            rows.append({**{name: row.get(name) for name in HEARD.names}, "name": table.name, "field": "", **texts})
        yield pa.RecordBatch.from_pylist(rows, schema=HEARD)


def _both(batch: pa.RecordBatch, table: Table, names: list[str], zone: str) -> tuple[pa.Table, pa.Table]:
    """What a file says and what stands here, as texts."""
    marked = [name for name in batch.schema.names if name.startswith("ours.")]
    ours = pa.RecordBatch.from_arrays(
        [batch.column(name) for name in marked], names=[name.removeprefix("ours.") for name in marked]
    )
    return as_texts(batch, table, names, zone), as_texts(ours, table, names, zone)


def _in_words(row: dict[str, str | None], names: list[str]) -> str:
    return "; ".join(f"{name.replace('_', ' ')}: {row[name] or 'nothing'}" for name in names)


def _is_own(field: str) -> bool:
    return field.startswith(ATTRIBUTE_PREFIX)


def _hear(staged: Staging, table: str, rows: Iterator[pa.RecordBatch]) -> None:
    staged.db.execute(f"DELETE FROM heard WHERE name = '{table}'")
    for batch in rows:
        staged.db.register("heard_rows", pa.Table.from_batches([batch]))
        staged.db.execute("INSERT INTO heard FROM heard_rows")
        staged.db.unregister("heard_rows")
