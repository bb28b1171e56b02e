"""The deals of a history: amounts in one currency, and the sources' own columns with the types they show."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from notyet.analysis.tables import ATTRIBUTE_PREFIX, DEALS
from notyet.core.money import Rate
from notyet.history.fields import Kind, Values, kind_of

_SQL_TYPES = {
    "text": "VARCHAR",
    "choice": "VARCHAR",
    "currency": "VARCHAR",
    "amount": "DECIMAL(19, 4)",
    "integer": "BIGINT",
}
_ATTRIBUTE_SQL = {
    "number": "TRY_CAST({0} AS DOUBLE)",
    "flag": "lower({0}) = 'true'",
    "time": "TRY_CAST({0} AS TIMESTAMPTZ)",
    "category": "{0}",
    "text": "{0}",
}


def write_deals(batches: Iterable[pa.RecordBatch], folder: Path, *, currency: str, rates: Sequence[Rate]) -> None:
    """Write ``deals.parquet`` from batches of texts (the columns of ``DEALS``, ``attributes`` as JSON).

    ``value`` is the amount in the workspace's currency at the rate of the close's day (the opening's, where
    there is no close); a currency without any rate has none.
    """
    raw = folder / "deals.raw.parquet"
    names = ["deal", "data_source", *DEALS.names, "attributes", "plain_dates"]
    schema = pa.schema([(name, pa.string()) for name in names])
    with pq.ParquetWriter(raw, schema) as writer:
        for batch in batches:
            writer.write_batch(batch.select(names))
    with duckdb.connect() as db:
        db.execute("LOAD icu; SET TimeZone = 'UTC'")
        db.execute(f"CREATE VIEW raw AS SELECT * FROM read_parquet('{_quoted(raw)}')")
        keys = _spread_attributes(db)
        _convert(db, keys, folder / "deals.parquet", currency, rates)
    raw.unlink()


def _spread_attributes(db: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Make table ``spread`` with a text column ``a0``, ``a1`` … for each attribute; returns header -> column."""
    found = db.execute("SELECT DISTINCT unnest(json_keys(attributes)) FROM raw WHERE attributes <> '{}'").fetchall()
    keys = {header: f"a{number}" for number, (header,) in enumerate(sorted(found))}
    if not keys:
        db.execute("CREATE VIEW spread AS SELECT deal AS spread_deal FROM raw")
        return {}
    shape = json.dumps(dict.fromkeys(keys, "VARCHAR"), ensure_ascii=False)
    taken = ", ".join(f"nullif(s[{_text(header)}], '') AS {column}" for header, column in keys.items())
    db.execute(
        f"CREATE TABLE spread AS SELECT deal AS spread_deal, {taken} "
        f"FROM (SELECT deal, from_json(attributes, {_text(shape)}) AS s FROM raw)"
    )
    return keys


def attribute_kinds(db: duckdb.DuckDBPyConnection, columns: Iterable[str]) -> dict[str, Kind]:
    """The kind of each text column of table ``spread``."""
    kinds = {}
    for column in columns:
        row = db.execute(
            f"SELECT count({column}), approx_count_distinct({column}), "
            f"count(*) FILTER (isfinite(TRY_CAST({column} AS DOUBLE))), "
            f"count(*) FILTER (lower({column}) IN ('true', 'false')), "
            f"count(*) FILTER (TRY_CAST({column} AS TIMESTAMPTZ) IS NOT NULL) FROM spread"
        ).fetchone()
        kinds[column] = kind_of(Values(*(row or (0, 0, 0, 0, 0))))
    return kinds


def _convert(
    db: duckdb.DuckDBPyConnection, keys: dict[str, str], target: Path, currency: str, rates: Sequence[Rate]
) -> None:
    db.execute("CREATE TABLE rates (currency VARCHAR, day DATE, rate DOUBLE)")
    if rates:
        db.executemany("INSERT INTO rates VALUES (?, ?, ?)", [(one.currency, one.day, one.rate) for one in rates])
    kinds = attribute_kinds(db, keys.values())
    own = [f"CAST(deal AS BIGINT) AS deal, data_source, {', '.join(_column(name) for name in DEALS.names)}"]
    own.append(
        "CAST(amount AS DOUBLE) * CASE WHEN currency IS NULL OR currency = $currency THEN 1.0 "
        "ELSE coalesce(dated.rate, earliest.rate) END AS value"
    )
    own.append("CAST(plain_dates AS INTEGER) AS plain_dates")
    own += [f"{_ATTRIBUTE_SQL[kinds[column]].format(column)} AS {_named(header)}" for header, column in keys.items()]
    db.execute(
        f"COPY (SELECT {', '.join(own)} FROM ("
        "  SELECT raw.* EXCLUDE (currency), raw.currency AS currency,"
        "  coalesce(TRY_CAST(coalesce(closed_at, opened_at) AS DATE), DATE '9999-12-31') AS rate_day FROM raw) r "
        "JOIN spread ON spread_deal = r.deal "
        "ASOF LEFT JOIN (SELECT currency AS c, day AS d, rate FROM rates) dated "
        "ON dated.c = r.currency AND dated.d <= r.rate_day "
        "LEFT JOIN (SELECT currency AS c, arg_min(rate, day) AS rate FROM rates GROUP BY 1) earliest "
        "ON earliest.c = r.currency "
        f"ORDER BY 1) TO '{_quoted(target)}' (FORMAT parquet, COMPRESSION zstd)",
        {"currency": currency},
    )


def _column(name: str) -> str:
    column = DEALS.column(name)
    if column.kind == "time":
        return f"CAST({name} AS TIMESTAMP) AT TIME ZONE 'UTC' AS {name}"
    sql = _SQL_TYPES[column.kind]
    return f"CAST({name} AS {sql}) AS {name}" if sql != "VARCHAR" else name


def _named(header: str) -> str:
    return '"' + (ATTRIBUTE_PREFIX + header).replace('"', '""') + '"'


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
