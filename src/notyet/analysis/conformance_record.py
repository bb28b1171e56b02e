"""When each deal entered the stages of its process and did the steps: a row a deal, a column a stage or step.

Moments are microseconds since 1970, ``NEVER`` where there is none. A time that came as a plain date is a span: from
its first moment to its last (``…_until``), so that a deal can be given the benefit of the doubt.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from notyet.analysis.facts_deals import as_known
from notyet.analysis.history import History
from notyet.analysis.moments import end_of, epoch_us, microseconds
from notyet.analysis.population import CLOSED, Flags, Ints
from notyet.analysis.process import ProcessVersion
from notyet.analysis.working import NEVER, Calendar

RANGE = 250_000
OPENING = ""
"""The key of a stage that every deal enters when it is opened."""
NOWHERE = -1
SPARSE = 8
"""Of numbers with larger gaps between them rows are searched for, rather than looked up in a table of all numbers."""


@dataclass(frozen=True)
class Plan:
    """The versions that deals are read by, and the keys of all their stages and steps, each of which is a column.

    ``ordered``: a deal goes through the stages in their order, from the first, in which its opening puts it.
    """

    versions: tuple[ProcessVersion, ...]
    ordered: bool = True

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """The keys of the stages of all versions."""
        return tuple(dict.fromkeys(stage.key for one in self.versions for stage in one.stages))

    @cached_property
    def steps(self) -> tuple[str, ...]:
        """The keys of the steps of all versions."""
        return tuple(dict.fromkeys(step.key for one in self.versions for stage in one.stages for step in stage.steps))


@dataclass(frozen=True)
class Ways:
    """The ways of some deals, in the order of ``deal``; ``version`` is the place of the one that each is worked by.

    ``entered`` (stages of the plan × deals) is the first entry of each stage, ``done`` (steps × deals) when each step
    was first done. ``won`` means something for those ``closed`` (won, lost, no decision).
    """

    deal: Ints
    version: Ints
    closed: Flags
    won: Flags
    opened: Ints
    ended: Ints
    entered: Ints
    entered_until: Ints
    done: Ints
    done_until: Ints

    def of_version(self, number: int) -> tuple[Ints, "Ways"]:
        """The deals that are worked by a version: their rows, and their ways."""
        rows = np.flatnonzero(self.version == number)
        if len(rows) == len(self.deal):
            return rows, self
        return rows, Ways(**{one.name: getattr(self, one.name)[..., rows] for one in fields(self)})


def read(history: History, plan: Plan, calendar: Calendar) -> Iterator[Ways]:
    """The ways of all deals, a range of some hundred thousand deals at a time."""
    part = history.in_ranges()
    deals = part.con.compile(_deals(part, plan))
    stages = _Names.of(plan.versions, plan.stages, "labels")
    steps = _Names.of(plan.versions, plan.steps, "wordings")
    entries = _told(part, "stage_changes", "entered_at", "stage", stages)
    done = _told(part, "steps_done", "done_at", "step", steps)
    for first, last in history.ranges(RANGE):
        part.set_range(first, last)
        known = part.con.con.sql(deals).to_arrow_table()
        row, version = _ints(known["deal"]), _ints(known["version"])
        entered = stages.spread(part.con.con.sql(entries).to_arrow_table(), row, version, calendar)
        yield _ways(known, plan, entered, steps.spread(part.con.con.sql(done).to_arrow_table(), row, version, calendar))


def _deals(history: History, plan: Plan) -> ir.Table:
    """The deals with the version that each is worked by: the one it names, else the one in force at its opening."""
    deals, zone = as_known(history), history.meta.timezone
    opened = epoch_us(deals.opened_at)
    named = [(deals.process_version.strip() == one.name, place) for place, one in enumerate(plan.versions)]
    since = [(place, one.published_at) for place, one in enumerate(plan.versions)]
    in_force = [(opened >= microseconds(at), place) for place, at in reversed(since) if at is not None]
    known = [*named, *in_force] if len(plan.versions) > 1 else []
    return deals.select(
        "deal",
        "outcome",
        version=(ibis.cases(*known, else_=0) if known else ibis.literal(0)).cast("int64"),
        opened=opened,
        opened_until=end_of(deals, "deals", "opened_at", zone),
        ended=epoch_us(deals.closed_at),
    ).order_by("deal")


def _told(history: History, table: str, time: str, text: str, names: "_Names") -> str:
    """The query for the rows of a table whose text means something in some version, until the history was frozen."""
    history.con.con.register(f"conformance_{table}", names.codes())
    rows, known = history.table(table), history.con.table(f"conformance_{table}")
    rows = rows.filter(epoch_us(rows[time]) <= microseconds(history.meta.frozen_at))
    rows = rows.inner_join(known, rows[text] == known.meaning)
    asked = rows.select("deal", "code", at=epoch_us(rows[time]), plain=rows.plain_dates)
    return str(history.con.compile(asked))


@dataclass(frozen=True)
class _Names:
    """What recorded texts mean: by version and text the column of a stage or step, ``NOWHERE`` where none."""

    texts: tuple[str, ...]
    places: Ints
    columns: int

    @classmethod
    def of(cls, versions: Sequence[ProcessVersion], keys: tuple[str, ...], kept: str) -> "_Names":
        texts = tuple(dict.fromkeys(text for one in versions for text, _ in getattr(one, kept)))
        code, column = ({text: number for number, text in enumerate(one)} for one in (texts, keys))
        places = np.full((len(versions), len(texts)), NOWHERE)
        for number, one in enumerate(versions):
            for text, key in getattr(one, kept):
                places[number, code[text]] = column.get(key, NOWHERE)
        return cls(texts, places, len(keys))

    def codes(self) -> pa.Table:
        """The texts with their numbers."""
        numbers = pa.array(range(len(self.texts)), pa.int64())
        return pa.table({"meaning": pa.array(self.texts, pa.string()), "code": numbers})

    def spread(self, rows: pa.Table, deal: Ints, version: Ints, calendar: Calendar) -> tuple[Ints, Ints]:
        """The first moment of each column and deal, and the end of the first span."""
        row, code = _rows_of(_ints(rows["deal"]), deal), _ints(rows["code"])
        place = self.places[version[row], code] if len(self.places) > 1 else self.places[0][code]
        at, plain = _ints(rows["at"]), _ints(rows["plain"]) & 1 == 1
        firsts = self._first(row, place, at, len(deal))
        if not plain.any():
            return firsts, firsts
        return firsts, self._first(row, place, np.where(plain, calendar.last_of_day(at), at), len(deal))

    def _first(self, row: Ints, place: Ints, at: Ints, deals: int) -> Ints:
        found = np.full(self.columns * deals, NEVER)
        cell, known = place * deals + row, place != NOWHERE
        if not known.all():
            cell, at = cell[known], at[known]
        np.minimum.at(found, cell, at)
        return found.reshape(self.columns, deals)


def _rows_of(wanted: Ints, deal: Ints) -> Ints:
    """The rows of deals, all of which are among ``deal`` (ascending)."""
    if not len(deal) or deal[-1] - deal[0] > SPARSE * len(deal):
        return np.searchsorted(deal, wanted)
    first = int(deal[0])
    if deal[-1] - first == len(deal) - 1:
        return np.asarray(wanted - first)
    row: Ints = np.zeros(int(deal[-1]) - first + 1, dtype=np.int64)
    row[deal - first] = np.arange(len(deal))
    return row[wanted - first]


def _ways(rows: pa.Table, plan: Plan, entered: tuple[Ints, Ints], done: tuple[Ints, Ints]) -> Ways:
    opened, version = _ints(rows["opened"]), _ints(rows["version"])
    if OPENING in plan.stages:
        entered[0][plan.stages.index(OPENING)] = opened
    if plan.ordered:
        entered = _open_in_the_first(plan, version, (opened, _ints(rows["opened_until"])), entered)
    return Ways(
        deal=_ints(rows["deal"]),
        version=version,
        closed=np.asarray(pc.is_in(rows["outcome"], value_set=pa.array(CLOSED)).to_numpy(), dtype=bool),
        won=np.asarray(pc.equal(rows["outcome"], "won").to_numpy(), dtype=bool),
        opened=opened,
        ended=_ints(rows["ended"]),
        entered=entered[0],
        entered_until=entered[1],
        done=done[0],
        done_until=done[1],
    )


def _ints(column: pa.ChunkedArray) -> Ints:
    return np.asarray(pc.fill_null(column, NEVER) if column.null_count else column, dtype=np.int64)


def _open_in_the_first(
    plan: Plan, version: Ints, opened: tuple[Ints, Ints], entered: tuple[Ints, Ints]
) -> tuple[Ints, Ints]:
    """Let the opening enter the first stage of a deal's version, where no entry says so by then."""
    earliest = entered[0].min(axis=0, initial=NEVER)
    by_day = bool((opened[0] != opened[1]).any())
    entries, until = entered[0], entered[1].copy() if by_day and entered[1] is entered[0] else entered[1]
    for number, one in enumerate(plan.versions):
        if not one.stages:
            continue
        first = plan.stages.index(one.stages[0].key)
        says_so = (entries[first] == earliest) & (earliest < NEVER)
        begins = (version == number) & (opened[0] < earliest) & ~says_so
        until[first, begins] = opened[1][begins]
        entries[first, begins] = opened[0][begins]
    return entries, until
