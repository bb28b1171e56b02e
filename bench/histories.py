"""Simulated histories of any size: ``python -m bench.histories frozen|exported FOLDER DEALS CONVERSATIONS``."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from notyet.simulator import Company, Simulation, frozen_tables, simulate
from notyet.simulator.writing import as_text

PART = 100_000
"""So many deals are simulated at a time: memory is bounded by a part, not by the history."""
ROW_GROUP = 65_536
_KEYS = ("deal_id", "reopened_from", "new_deal_id", "account", "name")


def make(form: str, target: Path, deals: int, conversations: int) -> None:
    """Write a history into a folder that appears under its name only when it is whole."""
    work = target.with_name(target.name + ".new")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    FORMS[form](work, deals, conversations)
    work.rename(target)


def _parts(deals: int, conversations: int) -> Iterator[tuple[int, Simulation]]:
    company = Company(conversations=float(conversations))
    for number, begin in enumerate(range(0, deals, PART)):
        yield begin, simulate(number + 1, min(PART, deals - begin), company=company)


def _write_frozen(folder: Path, deals: int, conversations: int) -> None:
    writers: dict[str, pq.ParquetWriter] = {}
    metas: list[dict[str, Any]] = []
    for begin, simulation in _parts(deals, conversations):
        part = frozen_tables(simulation)
        metas.append(part.meta)
        for name, table in part.tables.items():
            if name == "changes" and begin:
                continue
            rows = _apart(table, begin)
            if name not in writers:
                writers[name] = pq.ParquetWriter(
                    folder / f"{name}.parquet", rows.schema, compression="zstd", compression_level=1
                )
            writers[name].write_table(rows, row_group_size=ROW_GROUP)
    for writer in writers.values():
        writer.close()
    meta = metas[0]
    meta["sources"][0]["payments_from"] = min(m["sources"][0]["payments_from"] for m in metas)
    (folder / "history.json").write_text(json.dumps(meta), encoding="utf-8")


def _write_exported(folder: Path, deals: int, conversations: int) -> None:
    for begin, simulation in _parts(deals, conversations):
        for name in ("deals", "conversations"):
            rows = as_text(_apart(simulation.tables[name], begin))
            options = pa.csv.WriteOptions(include_header=begin == 0)
            with (folder / f"{name}.csv").open("ab") as file:
                pa.csv.write_csv(rows, file, options)


def _apart(table: pa.Table, begin: int) -> pa.Table:
    """The rows of a part under numbers, ids and accounts that no other part has."""
    if begin == 0:
        return table
    for place, name in enumerate(table.column_names):
        if name == "deal":
            table = table.set_column(place, "deal", pc.add(table["deal"], begin))
        elif name in _KEYS:
            own = pc.binary_join_element_wise(table[name], f"{begin // PART}", " ")
            table = table.set_column(place, name, own)
    return table


FORMS = {"frozen": _write_frozen, "exported": _write_exported}

if __name__ == "__main__":
    make(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
