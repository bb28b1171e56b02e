"""One row of facts a deal: what most figures and all drivers read.

The columns are described in the documentation of the history; times that later rules compare at a landmark
are hours since the deal's opening.
"""

import os
from datetime import datetime
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from notyet.analysis import facts_deals, facts_record, facts_talk
from notyet.analysis.history import FACTS_FILE, History

RANGE = 122_880
NAMES = ("deal_id", "account", "name", "reopened_from")


def build(history: History, as_of: datetime | None = None) -> ir.Table:
    """The facts of every deal, one row each.

    With ``as_of`` they are made as they were known at that moment: deals opened later are gone, those closed
    later are open, and payments, conversations, debriefs and answers after it are unseen. Intermediate results are
    kept in the history's in-memory database.
    """
    horizon = as_of or history.meta.frozen_at
    deals = facts_deals.as_known(history, as_of)
    lives = facts_deals.lives(history, deals, horizon)
    parts = (
        facts_talk.conversations(history, lives),
        facts_talk.missed_calls(history, lives),
        facts_record.promises(history, lives, horizon),
        facts_record.next_steps(history, lives),
        facts_record.stages(history, horizon),
        facts_record.debriefs(history, horizon),
        facts_record.answers(history, horizon),
    )
    joined = facts_deals.with_opening_values(history, deals)
    for number, part in enumerate(parts):
        joined = joined.left_join(history.keep(f"facts_part_{number}", part), "deal", rname="_{name}").drop("_deal")
    return facts_deals.finished(joined, facts_record.known_stages(history))


def write(folder: str | os.PathLike[str]) -> Path:
    """Make the facts of the history in ``folder`` and write them there, whole or not at all. Returns the file."""
    target = Path(folder) / FACTS_FILE
    temporary = target.with_name(FACTS_FILE + ".new")
    with History.open(folder) as history:
        write_file(history, temporary)
    temporary.replace(target)
    return target


def write_file(history: History, target: Path, as_of: datetime | None = None) -> None:
    """Make the facts and write them to a file, one range of deals after the other, so that memory stays bounded."""
    part = history.in_ranges()
    writer: pq.ParquetWriter | None = None
    query = ""
    try:
        for first, last in history.ranges(RANGE) or [(0, 0)]:
            history.set_range(first, last)
            if writer is None:
                query = history.con.compile(build(part, as_of))
            else:
                part.keep_again()
            made = history.con.con.sql(query).to_arrow_table()
            writer = writer or pq.ParquetWriter(target, made.schema, use_dictionary=_repeated(history, made.schema))
            writer.write_table(made, row_group_size=RANGE)
    finally:
        if writer is not None:
            writer.close()


def _repeated(history: History, schema: pa.Schema) -> list[str]:
    """The text columns whose values repeat, for which a dictionary is worth its making."""
    free = {field.column for field in history.meta.fields if field.kind == "text"} | set(NAMES)
    return [one.name for one in schema if pa.types.is_string(one.type) and one.name not in free]


def read(history: History, as_of: datetime | None = None) -> ir.Table:
    """The facts as written with the history; made now where they were not, or as known at ``as_of``."""
    if as_of is None and history.facts_file is not None:
        return history.con.read_parquet(history.facts_file, table_name="facts")
    name = "facts_now" if as_of is None else f"facts_{as_of:%Y%m%d%H%M%S%f}"
    place = history.scratch() / f"{name}.parquet"
    if not place.exists():
        write_file(history, place, as_of)
    return history.con.read_parquet(place, table_name=name)
