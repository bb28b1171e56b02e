"""BPIC 2012 as a process with stages and steps: the same events for both sides of ``conformance``.

The application's events (``A_…``) are the stages, six of the offer's (``O_…``) the steps, each in the stage in which it
is mostly done. Of each the first of a case counts. Events of one moment are kept apart by microseconds in the order of
the log. More cases than there are come from repeating the log.

``python -m bench.event_log LOG FOLDER CASES`` writes a frozen history and, beside its tables, ``events.parquet``.
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from bench.event_stages import STAGES, STEPS
from notyet.analysis.meta import Meta, Stage
from notyet.analysis.process import ProcessStage, ProcessVersion, Step
from notyet.analysis.tables import TABLES, frozen_schema

_FIRST = """
CREATE TEMP TABLE firsts AS
WITH named AS (
  SELECT "case:concept:name"::BIGINT AS deal, "concept:name" AS event, "time:timestamp"::TIMESTAMPTZ AS moment,
         row_number() OVER () AS line
  FROM read_parquet(?) WHERE list_contains(?, "concept:name")
), firsts AS (
  SELECT deal, event, min(moment) AS moment, arg_min(line, moment) AS line FROM named GROUP BY ALL
), told AS (
  SELECT deal, event,
         moment + to_microseconds(row_number() OVER (PARTITION BY deal ORDER BY moment, line)) AS moment
  FROM firsts
)
SELECT dense_rank() OVER (ORDER BY copy, deal) AS deal, event, moment FROM told, range(?) AS copies(copy)
"""
_COLUMNS = {
    "deals": """
      SELECT deal, deal::TEXT AS deal_id, min(moment) AS opened_at, max(moment) + INTERVAL 1 MICROSECOND AS closed_at,
             CASE WHEN bool_or(event = 'A_APPROVED') THEN 'won' ELSE 'lost' END AS outcome, 0 AS plain_dates
      FROM firsts GROUP BY deal ORDER BY deal""",
    "stage_changes": """
      SELECT deal, event AS stage, moment AS entered_at, 0 AS plain_dates FROM firsts WHERE event[1] = 'A'""",
    "steps_done": "SELECT deal, event AS step, moment AS done_at, 0 AS plain_dates FROM firsts WHERE event[1] = 'O'",
}


def write(log: Path, folder: Path, cases: int) -> None:
    """Write the history of about so many cases into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    known = db.execute('SELECT count(DISTINCT "case:concept:name") FROM read_parquet(?)', [str(log)]).fetchone()
    copies = max(1, round(cases / known[0])) if known else 1
    db.execute(_FIRST, [str(log), [*STAGES, *STEPS], copies])
    for name, query in _COLUMNS.items():
        pq.write_table(_typed(name, db.execute(query).to_arrow_table()), folder / f"{name}.parquet")
    events = db.execute(
        """SELECT deal::TEXT AS "case:concept:name", event AS "concept:name", moment AS "time:timestamp"
        FROM firsts ORDER BY deal, moment"""
    )
    pq.write_table(events.to_arrow_table(), folder / "events.parquet")
    _meta(db.execute("SELECT max(moment) FROM firsts").fetchone()).save(folder)


def _typed(name: str, rows: pa.Table) -> pa.Table:
    schema = frozen_schema(TABLES[name])
    columns = [rows[one.name].cast(one.type) if one.name in rows.column_names else None for one in schema]
    filled = [pa.nulls(rows.num_rows, one.type) if c is None else c for one, c in zip(schema, columns, strict=True)]
    return pa.Table.from_arrays(filled, schema=schema)


def _meta(last: tuple[datetime] | None) -> Meta:
    stages = tuple(ProcessStage(name, name, tuple(Step(one, one) for one in steps)) for name, steps in STAGES.items())
    version = ProcessVersion(
        "1", None, stages, tuple((name, name) for name in STAGES), tuple((step, step) for step in STEPS)
    )
    frozen_at = (last[0] if last else datetime.now(UTC)).astimezone(UTC) + timedelta(days=1)
    known = tuple(Stage(name, position=place) for place, name in enumerate(STAGES))
    return Meta("BPIC 2012", "EUR", "Europe/Amsterdam", frozen_at, stages=known, process=(version,))


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
