"""CSV files into PostgreSQL with ``COPY``, as text, nothing checked: ``import_copy FOLDER SERVER``."""

import csv
import sys
from pathlib import Path

import psycopg

from bench.sides import say, work
from bench.sides.databases import empty_database

CHUNK = 1 << 20
counts = {}
with empty_database(sys.argv[2]) as url, work(), psycopg.connect(url) as connection:
    for file in sorted(Path(sys.argv[1]).glob("*.csv")):
        with file.open(newline="", encoding="utf-8") as text:
            header = next(csv.reader(text))
        columns = ", ".join(f'"{name}" text' for name in header)
        cursor = connection.cursor()
        cursor.execute(f'CREATE TABLE "{file.stem}" ({columns})'.encode())
        with (
            file.open("rb") as data,
            cursor.copy(f'COPY "{file.stem}" FROM STDIN (FORMAT csv, HEADER)'.encode()) as copy,
        ):
            while chunk := data.read(CHUNK):
                copy.write(chunk)
        counts[file.stem] = cursor.rowcount
say(counts | {"refused": 0})
