"""Reading the planned files into the staging, batch by batch."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa

from notyet.analysis.tables import TABLES
from notyet.exchange.check import Reading, check_batch
from notyet.exchange.errors import FileRefused, ImportFailed
from notyet.exchange.event_log import EventRows
from notyet.exchange.lookups import kind_of, near_keys
from notyet.exchange.mapping import Lookup, TableMapping
from notyet.exchange.mapping_file import toml_text
from notyet.exchange.plan import Plan
from notyet.exchange.refusals import Refusal, RefusalLog
from notyet.exchange.rows import RowSource
from notyet.exchange.staging import Staging
from notyet.exchange.transform import LookupTable, Transform

Progress = Callable[[int, int | None, str], None]
MAX_LOOKUP_ROWS = 5_000_000


class Intake:
    """Takes the files of a plan in, one after another."""

    def __init__(self, staged: Staging, log: RefusalLog, zone: str, progress: Progress) -> None:
        self._staged, self._log, self._zone, self._progress = staged, log, zone, progress
        self.remarks: list[str] = []
        staged.db.execute("CREATE TABLE refused_deals (file INTEGER, line BIGINT, deal_id VARCHAR)")

    def read(self, plan: Plan) -> None:
        """Stage the good rows of every file and note the others; deals first."""
        mapping = plan.mapping
        naive = mapping.time_zone or (self._zone if mapping.guessed else None)
        self._log.add(plan.refusals)
        if mapping.events is not None:
            with EventRows(plan.files[mapping.events.file], mapping.events, self._staged.folder, self._zone) as events:
                for table, rows in events.tables():
                    self._table(table, rows, (), self._reading(table, naive))
        order = list(TABLES)
        for table in sorted(mapping.tables, key=lambda one: order.index(one.table)):
            lookups = _lookups(plan, mapping.lookups) if table.table == "deals" else ()
            whole = replace(table, looked_up=frozenset(name for one in lookups for name in one.columns))
            self._table(whole, plan.files[table.file], lookups, self._reading(whole, naive))
        self._staged.seal()

    def _reading(self, table: TableMapping, naive: str | None) -> Reading:
        return Reading(table, self._zone, None if table.strict else naive)

    def _table(
        self, mapping: TableMapping, rows: RowSource, lookups: tuple[LookupTable, ...], reading: Reading
    ) -> None:
        number = self._staged.number_of(mapping)
        transform = Transform(mapping, lookups)
        done = 0
        try:
            for batch in rows.batches():
                checked = check_batch(batch, transform(batch), reading)
                self._log.add(checked.refusals)
                if checked.refused_ids is not None:
                    self._note_refused(number, checked.refused_lines, checked.refused_ids)
                if checked.rows.num_rows:
                    self._staged.add(mapping.table, checked.rows, number)
                done += batch.size + len(batch.broken)
                self._progress(done, None, f"reading {mapping.file}")
            self.remarks += [remark for lookup in lookups if (remark := _unknown(lookup, mapping))]
            if not done:
                self.remarks.append(f"{mapping.file} has a header and no rows")
        except FileRefused as error:
            self._log.add([Refusal(mapping.file, error.line, "", "", str(error), mapping.table)])

    def _note_refused(self, number: int, lines: "np.ndarray[tuple[int], np.dtype[np.int64]]", ids: pa.Array) -> None:
        frame = pa.table({"file": pa.repeat(pa.scalar(number, pa.int32()), len(ids)), "line": lines, "deal_id": ids})
        self._staged.db.register("refused_batch", frame)
        self._staged.db.execute("INSERT INTO refused_deals FROM refused_batch")
        self._staged.db.unregister("refused_batch")


def _unknown(table: LookupTable, mapping: TableMapping) -> str:
    """What a lookup did not know, and what may have been meant; empty where it knew all."""
    lookup, unknown = table.lookup, table.unknown
    if not unknown:
        return ""
    shown = ", ".join(f"{value} ({rows:,} rows)" for value, rows in unknown.most_common(3))
    more = f" and {len(unknown) - 3:,} more" if len(unknown) > 3 else ""
    said = f"{lookup.on}: {lookup.file} does not know {shown}{more}"
    column = next((name for name, header in mapping.columns.items() if header == lookup.on), "")
    near = near_keys(lookup.file, unknown, table.keys.drop_null().to_pylist(), kind_of(column))
    if not near:
        return said
    pairs = ", ".join(f"{toml_text(one.value)} = {toml_text(one.key)}" for one in near[:5])
    return f"{said}. Where one means the other, say so beside the columns, or in a mapping file: same = {{ {pairs} }}"


def _lookups(plan: Plan, lookups: tuple[Lookup, ...]) -> tuple[LookupTable, ...]:
    return tuple(_lookup(plan.files[one.file], one) for one in lookups)


def _lookup(rows: RowSource, lookup: Lookup) -> LookupTable:
    """Read a lookup whole. Raises ``ImportFailed`` where it is too large for that or broken."""
    names = [lookup.key, *lookup.columns]
    parts: dict[str, list[pa.Array]] = {name: [] for name in names}
    size = 0
    try:
        for batch in rows.batches():
            size += batch.size
            if size > MAX_LOOKUP_ROWS:
                raise ImportFailed(
                    f"{lookup.file} has more than {MAX_LOOKUP_ROWS:,} rows, too many to look things up in"
                )
            for name in names:
                parts[name].append(batch.column(name))
    except FileRefused as error:
        raise ImportFailed(str(error)) from error
    whole = {name: pa.concat_arrays(parts[name]) if parts[name] else pa.array([], pa.string()) for name in names}
    columns = {label: whole[header] for header, label in lookup.columns.items()}
    return LookupTable(lookup, whole[lookup.key], columns)
