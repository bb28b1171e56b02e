"""Writers of text columns: CSV as the exchange format has it, or Parquet with real types."""

from pathlib import Path
from typing import Literal, Protocol

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from notyet.analysis.tables import Table


class TableWriter(Protocol):
    """Takes a table's rows part by part."""

    def write(self, rows: pa.Table) -> None:
        """Write some rows."""
        ...

    def close(self) -> None:
        """End the file."""
        ...


class _Csv:
    def __init__(self, path: Path, names: list[str]) -> None:
        schema = pa.schema([(name, pa.string()) for name in names])
        options = pyarrow.csv.WriteOptions(quoting_style="needed")
        self._writer = pyarrow.csv.CSVWriter(path, schema, write_options=options)

    def write(self, rows: pa.Table) -> None:
        self._writer.write_table(rows)

    def close(self) -> None:
        self._writer.close()


class _Parquet:
    """Texts throughout, so that a plain date stays one and an amount keeps its digits."""

    def __init__(self, path: Path, names: list[str]) -> None:
        self._writer = pq.ParquetWriter(path, pa.schema([(name, pa.string()) for name in names]), compression="zstd")

    def write(self, rows: pa.Table) -> None:
        self._writer.write_table(rows)

    def close(self) -> None:
        self._writer.close()


def table_writer(folder: Path, table: Table, names: list[str], form: Literal["csv", "parquet"]) -> TableWriter:
    """A writer of ``<table>.csv`` or ``<table>.parquet`` in a folder."""
    path = folder / f"{table.name}.{form}"
    return _Parquet(path, names) if form == "parquet" else _Csv(path, names)
