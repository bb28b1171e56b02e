"""One row of facts a deal: what most figures and all drivers read.

The columns are described in the documentation of the history; times that later rules compare at a landmark
are hours since the deal's opening.
"""

import os
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from notyet.analysis import facts_deals, facts_record, facts_talk
from notyet.analysis.history import FACTS_FILE, History
from notyet.analysis.meta import Stage

RANGE = 122_880
READ = (
    *("deals", "field_changes", "conversations", "promises", "next_steps", "stage_changes", "debriefs"),
    "buyer_answers",
)
"""The tables that facts are made of."""
NAMES = ("deal_id", "account", "name", "reopened_from")


def build(history: History, as_of: datetime | None = None, known: tuple[Stage, ...] | None = None) -> ir.Table:
    """The facts of every deal, one row each; ``known``: the stages, where those of the whole history are not asked for.

    With ``as_of`` they are made as they were known at that moment: deals opened later are gone, those closed
    later are open, and payments, conversations, debriefs and answers after it are unseen. Intermediate results are
    kept in the history's in-memory database.
    """
    history.look_from(as_of or history.meta.frozen_at)
    known = facts_record.known_stages(history) if known is None else known
    deals = facts_deals.as_known(history, then=as_of is not None)
    lives = facts_deals.lives(history, deals)
    parts = (
        facts_talk.conversations(history, lives),
        facts_talk.missed_calls(history, lives),
        facts_record.promises(history, lives),
        facts_record.next_steps(history, lives),
        facts_record.stages(history, known),
        facts_record.debriefs(history),
        facts_record.answers(history),
    )
    joined = facts_deals.with_opening_values(history, deals)
    for number, part in enumerate(parts):
        joined = joined.left_join(history.keep(f"facts_part_{number}", part), "deal", rname="_{name}").drop("_deal")
    return facts_deals.finished(joined, known)


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
    written: _Written | None = None
    try:
        for first, last in history.ranges(RANGE) or [(0, 0)]:
            history.set_range(first, last)
            if written is None:
                written = _write_out(history, part, as_of)
            else:
                part.keep_again()
            made = history.con.con.sql(written.query).to_arrow_table()
            writer = writer or pq.ParquetWriter(target, made.schema, use_dictionary=_repeated(history, made.schema))
            writer.write_table(made, row_group_size=RANGE)
    finally:
        if writer is not None:
            writer.close()


@dataclass(frozen=True)
class _Written:
    """The facts as queries: what is kept on the way, by name and in order, and the rows."""

    kept: Mapping[str, str]
    query: str


_WRITTEN: dict[Hashable, _Written] = {}
MOST_WRITTEN = 64


def _write_out(history: History, part: History, as_of: datetime | None) -> _Written:
    """The queries for a range of a history, of which all that is kept is computed.

    Writing them out takes longer than a history of some ten thousand deals takes to be read, and they are the same
    for every history of the same shape, whatever its rows and its moment: those written last are remembered.
    """
    known = facts_record.known_stages(history)
    shape = _shape(history, known, as_of)
    written = _WRITTEN.get(shape)
    if written is not None:
        history.look_from(as_of or history.meta.frozen_at)
        part.keep_as(written.kept)
        return written
    query = history.con.compile(build(part, as_of, known))
    if len(_WRITTEN) >= MOST_WRITTEN:
        _WRITTEN.clear()
    _WRITTEN[shape] = written = _Written(dict(part.kept), query)
    return written


def _shape(history: History, known: tuple[Stage, ...], as_of: datetime | None) -> Hashable:
    """Everything that the facts' queries are made of."""
    meta = history.meta
    tables = tuple((name, tuple(history.table(name).schema().items())) for name in READ)
    said = (meta.timezone, meta.currency, meta.sources, meta.fields, known, facts_talk.any_plain(history))
    return (tables, said, as_of is not None)


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
