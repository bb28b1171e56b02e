"""A bare DuckDB scan of the columns that facts are made of: ``facts_scan FOLDER``.

The largest hash of each column: a minimum or a count would be answered from the files' statistics, without reading.
"""

import sys
from pathlib import Path

import duckdb

from bench.sides import work

READ = {
    "conversations": ("deal", "at", "channel", "direction", "missed", "contact", "plain_dates"),
    "promises": ("deal", "made_at", "due_at", "kept_at", "plain_dates"),
    "next_steps": ("deal", "due_at"),
    "stage_changes": ("deal", "stage", "entered_at"),
    "field_changes": ("deal", "field", "value", "at"),
    "debriefs": ("deal", "at", "deciding_reason", "preparation"),
    "buyer_answers": ("deal", "invited_at", "answered_at", "deciding_reason", "signed"),
}

with work():
    con = duckdb.connect()
    for table in ("deals", *READ):
        source = f"read_parquet('{Path(sys.argv[1]) / table}.parquet')"
        columns = READ.get(table) or [row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
        hashes = ", ".join(f'max(hash("{column}"))' for column in columns)
        con.execute(f"SELECT {hashes} FROM {source}").fetchall()
