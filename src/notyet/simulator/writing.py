"""A history written in the exchange format: a folder or a zip of CSV or Parquet files."""

import os
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from notyet.analysis.tables import TABLES
from notyet.simulator.simulation import Simulation

Format = Literal["csv", "parquet"]
_SUFFIXES = (".csv", ".parquet")


def write(simulation: Simulation, path: str | os.PathLike[str], *, format: Format = "csv") -> Path:  # noqa: A002
    """Write the history whole or not at all; a path that ends in ``.zip`` becomes one file, any other a folder.

    Returns the path. What is there is replaced where it is an earlier history; raises
    ``FileExistsError`` where it is anything else.
    """
    target = Path(path)
    _refuse_foreign(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as work:
        folder = Path(work) / "history"
        folder.mkdir()
        for name, table in simulation.tables.items():
            if format == "csv":
                pyarrow.csv.write_csv(as_text(table), folder / f"{name}.csv")
            else:
                pyarrow.parquet.write_table(table, folder / f"{name}.parquet")
        if target.suffix == ".zip":
            _zip(folder, Path(work) / "history.zip").replace(target)
        else:
            _swap(folder, target, Path(work) / "old")
    return target


def as_text(table: pa.Table) -> pa.Table:
    """The table as its CSV shows it: times as ISO 8601 in UTC, money with two decimals."""
    columns = []
    for values in table.columns:
        if pa.types.is_timestamp(values.type):
            columns.append(pc.strftime(values.cast(pa.timestamp("s", tz="UTC")), format="%Y-%m-%dT%H:%M:%SZ"))
        elif pa.types.is_decimal(values.type):
            columns.append(values.cast(pa.decimal128(19, 2)).cast(pa.string()))
        else:
            columns.append(values)
    return pa.table(columns, names=table.column_names)


def _refuse_foreign(target: Path) -> None:
    if target.suffix == ".zip":
        if target.is_dir():
            raise FileExistsError(f"{target} is a folder, not a zip file")
        return
    if target.is_file():
        raise FileExistsError(f"{target} is a file; a history goes into a folder or a .zip file")
    if target.is_dir():
        ours = {name + suffix for name in TABLES for suffix in _SUFFIXES}
        foreign = sorted(entry.name for entry in target.iterdir() if entry.name not in ours)
        if foreign:
            raise FileExistsError(f"{target} holds something else than a history: {foreign[0]}")


def _zip(folder: Path, archive: Path) -> Path:
    """The files of a folder as a zip that is the same for the same files."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for file in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(file.name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            with file.open("rb") as source, opened.open(entry, "w", force_zip64=True) as sink:
                shutil.copyfileobj(source, sink)
    return archive


def _swap(folder: Path, target: Path, old: Path) -> None:
    if not target.exists():
        folder.rename(target)
        return
    target.rename(old)
    try:
        folder.rename(target)
    except OSError:
        old.rename(target)
        raise
