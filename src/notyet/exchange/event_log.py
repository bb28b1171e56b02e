"""An event log as a history: each case a deal, each event the entry of a stage."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from notyet.analysis.tables import TABLES
from notyet.exchange.mapping import EventLog, TableMapping, folded
from notyet.exchange.parse_times import TimeRule, parse_times
from notyet.exchange.rows import BATCH_ROWS, RowBatch, RowSource

CASE, ACTIVITY, TIME = "case:concept:name", "concept:name", "time:timestamp"
"""The headers by which an event log is known."""
CASE_PREFIX = "case:"
"""How the headers begin that say something of a case."""

_TIME_COLUMNS = ("opened_at", "closed_at", "ordered_at", "paid_at")


def is_event_log(header: tuple[str, ...]) -> bool:
    """Whether a file's headers are those of an event log."""
    return {CASE, ACTIVITY, TIME} <= set(header)


def event_tables(log: EventLog) -> tuple[TableMapping, TableMapping]:
    """The mappings of the deals that an event log's cases are, and of their stages."""
    own = set(TABLES["deals"].names)
    columns = {"deal_id": log.case, "outcome": log.activity, **dict.fromkeys(_TIME_COLUMNS, log.time)}
    columns |= {name: header for header, name in log.attributes.items() if name in own}
    attributes = {header: name for header, name in log.attributes.items() if name not in own}
    stages = {"deal_id": log.case, "stage": log.activity, "entered_at": log.time}
    return (
        TableMapping(log.file, "deals", columns, attributes=attributes),
        TableMapping(log.file, "stage_changes", stages),
    )


@dataclass(frozen=True)
class _Cases:
    """The cases of a log as rows of deals; see ``RowSource``."""

    db: duckdb.DuckDBPyConnection
    sql: str
    header: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    def batches(self) -> Iterator[RowBatch]:
        for batch in self.db.cursor().sql(self.sql).to_arrow_reader(BATCH_ROWS):
            lines = batch.column(0).to_numpy()
            yield RowBatch(self.header, tuple(column.cast(pa.string()) for column in batch.columns[1:]), lines)


class EventRows:
    """Reads a log once into ``folder`` and gives its cases and its events as tables."""

    def __init__(self, rows: RowSource, log: EventLog, folder: Path, zone: str) -> None:
        self._rows, self._log = rows, log
        self._path = folder / "events.parquet"
        self._rule = TimeRule(zone, zone)
        self._db = duckdb.connect(":memory:")

    def __enter__(self) -> "EventRows":
        self._db.execute("SET memory_limit = '512MB'")
        self._db.execute("SET temp_directory = ?", [str(self._path.parent / "spill-events")])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def tables(self) -> Iterator[tuple[TableMapping, RowSource]]:
        """The deals, then the stage changes, each with the mapping of its columns."""
        deals, stages = event_tables(self._log)
        self._keep_events()
        own = {name: name for name in ("deal_id", "outcome", *_TIME_COLUMNS)}
        yield self._named(deals, own), self._cases()
        yield stages, self._rows

    def _named(self, deals: TableMapping, own: dict[str, str]) -> TableMapping:
        more = {name: header for name, header in deals.columns.items() if name not in own}
        return TableMapping(deals.file, "deals", {**own, **more}, attributes=deals.attributes)

    def _keep_events(self) -> None:
        kept = list(self._log.attributes)
        names = ["line", "case_id", "activity", "micros", *(f"a{number}" for number in range(len(kept)))]
        kinds = [pa.int64(), pa.string(), pa.string(), pa.int64(), *[pa.string()] * len(kept)]
        schema = pa.schema(list(zip(names, kinds, strict=True)))
        log = self._log
        with pq.ParquetWriter(self._path, schema, compression="lz4") as writer:
            for batch in self._rows.batches():
                times = parse_times(batch.column(log.time), self._rule)
                micros = pa.array(times.micros, pa.int64(), mask=times.missing | times.bad)
                own = [batch.column(log.case), batch.column(log.activity), micros]
                columns = [pa.array(batch.lines.astype(np.int64)), *own, *(batch.column(name) for name in kept)]
                writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
        self._db.execute(f"CREATE VIEW events AS SELECT * FROM read_parquet('{self._path}')")
        self._db.execute("CREATE TABLE ends (activity VARCHAR, outcome VARCHAR)")
        for activity, outcome in log.outcome.items():
            self._db.execute("INSERT INTO ends VALUES (?, ?)", [folded(activity), outcome])

    def _cases(self) -> _Cases:
        log, texts = (
            self._log,
            [f"arg_min(a{n}, line) FILTER (a{n} IS NOT NULL)" for n in range(len(self._log.attributes))],
        )
        moments = {
            "opened_at": "min(micros)",
            "closed_at": "max(micros) FILTER (outcome IS NOT NULL)",
            "ordered_at": f"min(micros) FILTER ({_among(log.ordered)})",
            "paid_at": f"min(micros) FILTER ({_among(log.paid)})",
        }
        times = [f"strftime(make_timestamp({sql}), '%Y-%m-%dT%H:%M:%S.%fZ')" for sql in moments.values()]
        outcome = "coalesce(arg_max(outcome, (micros, line)) FILTER (outcome IS NOT NULL), 'open')"
        columns = ", ".join(["min(line)", "case_id", outcome, *times, *texts])
        sql = (
            f"SELECT {columns} FROM events LEFT JOIN ends ON ends.activity = lower(trim(events.activity)) "
            "WHERE case_id IS NOT NULL GROUP BY case_id ORDER BY min(line)"
        )
        return _Cases(self._db, sql, ("deal_id", "outcome", *_TIME_COLUMNS, *log.attributes))


def _among(activities: tuple[str, ...]) -> str:
    quoted = ", ".join("'" + folded(one).replace("'", "''") + "'" for one in activities)
    return f"lower(trim(events.activity)) IN ({quoted})" if activities else "false"
