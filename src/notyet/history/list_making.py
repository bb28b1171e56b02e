"""The list's index: what it takes to filter, sort, search and count a million deals without reading them.

Written beside the frozen history, from its table of deals, a folder of arrays as long as there are deals:
of every field a small number for each deal (its level's place, its amount, its time), the order of the deals
by it, and for each word of names, buyers and ids the deals that have it.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from notyet.analysis.tables import ATTRIBUTE_PREFIX

FORMAT = 1
MISSING_TIME = np.iinfo(np.int64).max
"""Stands for a missing time: it sorts last. A missing number is NaN, a missing level the one after the last."""
PART = 100_000

TEXTS = (
    "outcome",
    "account",
    "owner",
    "team",
    "source",
    "campaign",
    "message",
    "persona",
    "segment",
    "region",
    "product",
    "competitor",
    "lost_to",
    "loss_reason",
    "process_version",
    "currency",
    "data_source",
)
NUMBERS = {"amount": "value", "contract_term_months": "contract_term_months"}
"""A field of the list -> its column of the frozen deals. Amounts are compared in the workspace's currency."""
TIMES = ("opened_at", "closed_at", "ordered_at", "paid_at")
NAME = "name"

FieldKind = Literal["name", "level", "number", "time"]
PaymentsFrom = Mapping[str, datetime | None]
"""A data source's key -> from when on it knows payments; ``None`` where it knows none."""


def make(deals: Path, payments: PaymentsFrom, target: Path) -> None:
    """Write the index of the frozen deals at ``deals`` into the empty folder ``target``."""
    table = pq.ParquetFile(deals)
    np.save(target / "deal.npy", _column(table, "deal").to_numpy())
    described = []
    for number, (name, column) in enumerate(_listed(table).items()):
        values = _standing(table, payments) if name == "outcome" else _column(table, column)
        stem = target / f"field{number}"
        kind = _write_name(stem, table) if name == NAME else _write(stem, values)
        described.append({"name": name, "kind": kind, "missing": 0 if name == NAME else values.null_count})
    _write_words(target, table)
    head = {"format": FORMAT, "fields": described}
    (target / "fields.json").write_text(json.dumps(head, ensure_ascii=False), encoding="utf-8")


def words(texts: pa.Array) -> pa.Array:
    """The words of each text as a list: small letters without accents, parted by whatever is no letter or digit."""
    plain = pc.utf8_lower(pc.utf8_normalize(texts, form="NFKD"))
    return pc.split_pattern_regex(pc.replace_substring_regex(plain, r"\pM+", ""), r"[^\pL\pN]+")


def _listed(table: pq.ParquetFile) -> dict[str, str]:
    own = [name for name in table.schema_arrow.names if name.startswith(ATTRIBUTE_PREFIX)]
    return {NAME: NAME} | {name: name for name in (*TEXTS, *TIMES, *own)} | NUMBERS


def _column(table: pq.ParquetFile, name: str) -> pa.Array:
    return _whole(table.read([name]).column(0))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    made = column.combine_chunks()
    return made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made


def _standing(table: pq.ParquetFile, payments: PaymentsFrom) -> pa.Array:
    """The outcomes, with ``ordered_unpaid`` for wins whose payment their source would know of and does not."""
    outcome, paid, closed, source = (
        _column(table, name) for name in ("outcome", "paid_at", "closed_at", "data_source")
    )
    keys = pa.array(list(payments), pa.string())
    since = pa.array(list(payments.values()), closed.type).take(pc.index_in(source, value_set=keys))
    known = pc.fill_null(pc.greater_equal(closed, since), False)
    unpaid = pc.and_(pc.and_(pc.equal(outcome, "won"), pc.is_null(paid)), known)
    return pc.if_else(unpaid, "ordered_unpaid", outcome)


def _write(stem: Path, values: pa.Array) -> FieldKind:
    if pa.types.is_timestamp(values.type):
        micros = pc.fill_null(values.cast(pa.int64()), MISSING_TIME).to_numpy()
        _write_values(stem, micros, order=True)
        return "time"
    if pa.types.is_floating(values.type) or pa.types.is_integer(values.type):
        _write_values(stem, pc.fill_null(values.cast(pa.float64()), np.nan).to_numpy(), order=True)
        return "number"
    texts = values.cast(pa.string())
    levels = pc.unique(texts).drop_null()
    sorting = pa.table({"plain": pc.utf8_lower(levels), "level": levels})
    levels = levels.take(pc.sort_indices(sorting, sort_keys=[("plain", "ascending"), ("level", "ascending")]))
    codes = pc.fill_null(pc.index_in(texts, value_set=levels), len(levels)).to_numpy()
    size = np.min_scalar_type(len(levels))
    _write_values(stem, codes.astype(size), order=size.itemsize > 2)
    _write_texts(stem.with_suffix(".levels"), levels)
    return "level"


def _write_values(stem: Path, values: npt.NDArray[Any], *, order: bool) -> None:
    """The values; their order too, unless it is found in no time (one or two bytes are sorted by counting)."""
    np.save(stem.with_suffix(".npy"), values)
    if order:
        np.save(stem.with_suffix(".order.npy"), np.argsort(values, kind="stable").astype(np.int32))


def _write_texts(path: Path, texts: pa.Array) -> None:
    batch = pa.record_batch([texts], names=["text"])
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)


def _write_name(stem: Path, table: pq.ParquetFile) -> FieldKind:
    """Of names only the order: a deal without one goes by its id."""
    names = pc.utf8_lower(pc.coalesce(_column(table, "name"), _column(table, "deal_id")))
    np.save(stem.with_suffix(".order.npy"), pc.sort_indices(names).to_numpy().astype(np.int32))
    return "name"


def _write_words(target: Path, table: pq.ParquetFile) -> None:
    """Every word in order; the deals that have it in ``word_rows``, up to its place in ``word_ends``."""
    with duckdb.connect() as db:
        db.execute("CREATE TABLE found (word VARCHAR, place INTEGER)")
        begin = 0
        for batch in table.iter_batches(PART, columns=["name", "account", "deal_id"]):
            texts = pc.binary_join_element_wise(*(pc.fill_null(column, "") for column in batch.columns), " ")
            split = words(texts)
            place = pc.add(pc.list_parent_indices(split).cast(pa.int32()), pa.scalar(begin, pa.int32()))
            db.register("part", pa.table({"word": pc.list_flatten(split), "place": place}))
            db.execute("INSERT INTO found SELECT DISTINCT word, place FROM part WHERE word <> ''")
            begin += batch.num_rows
        # Sorted by bytes, as ``ListIndex`` looks words up.
        sorted_rows = db.sql("SELECT place FROM found ORDER BY word, place").fetchnumpy()["place"]
        counted = db.sql("SELECT word, count(*) AS n FROM found GROUP BY 1 ORDER BY 1").to_arrow_table()
    np.save(target / "word_rows.npy", np.asarray(sorted_rows, dtype=np.int32))
    np.save(target / "word_ends.npy", np.cumsum(counted["n"].to_numpy(), dtype=np.int64))
    _write_texts(target / "words", _whole(counted["word"]))
