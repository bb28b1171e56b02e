"""CSV files into SQLite with ``csv`` and ``executemany``, nothing checked: ``import_executemany FOLDER``."""

import csv
import sqlite3
import sys
import tempfile
from pathlib import Path

from bench.sides import say, work

counts = {}
with tempfile.TemporaryDirectory(prefix="notyet-bench-") as home:
    with work():
        connection = sqlite3.connect(Path(home) / "bare.sqlite3")
        for file in sorted(Path(sys.argv[1]).glob("*.csv")):
            with file.open(newline="", encoding="utf-8") as text:
                rows = csv.reader(text)
                header = next(rows)
                columns = ", ".join(f'"{name}"' for name in header)
                places = ", ".join("?" * len(header))
                connection.execute(f"CREATE TABLE {file.stem} ({columns})")
                done = connection.executemany(f"INSERT INTO {file.stem} VALUES ({places})", rows)
                counts[file.stem] = done.rowcount
        connection.commit()
    connection.close()
say(counts | {"refused": 0})
