"""When each deal entered the stages of its process and did the steps: one wide row a deal, read range by range.

Moments are microseconds since 1970, ``NEVER`` where there is none. A time that came as a plain date is a span: from
its first moment to its last (``…_until``), so that a deal can be given the benefit of the doubt.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

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
from notyet.analysis.working import NEVER

RANGE = 122_880
OPENING = ""
"""The key of a stage that every deal enters when it is opened."""
LABELS, WORDINGS = "conformance_labels", "conformance_wordings"


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

    ``entered`` (deals × stages of the plan) is the first entry of each stage, ``done`` (deals × steps) when each step
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


def read(history: History, plan: Plan) -> Iterator[Ways]:
    """The ways of all deals, a range of some hundred thousand deals at a time."""
    part = history.in_ranges()
    _name_maps(part, plan)
    query = part.con.compile(_wide(part, plan))
    for first, last in history.ranges(RANGE):
        part.set_range(first, last)
        yield _ways(part.con.con.sql(query).to_arrow_table(), plan)


def first_on_record(history: History, plan: Plan) -> tuple[Ints, Ints]:
    """From when on stages (versions × stages) and steps (versions × steps) are written down; ``NEVER``: not at all.

    A stage since it was first entered, a step since the stage was entered by a deal for which it was then done (the
    first stage: since such a deal was opened). Of deals that came there before, nothing can be told.
    """
    _name_maps(history, plan)
    base = _base(history, plan)
    entries, steps = _entries(history, base), _steps(history, base)
    entered = entries.group_by("deal", "place").aggregate(entered=entries["at"].min())
    begun = steps.left_join(entered, [steps.deal == entered.deal, steps.stage == entered.place], rname="_{name}")
    opened = ibis.cases((begun.first, begun.opened), else_=ibis.null("int64"))
    begun = begun.mutate(at=ibis.coalesce(ibis.least(begun.entered, opened), begun["at"]))
    return (
        _firsts(entries, (len(plan.versions), len(plan.stages))),
        _firsts(begun, (len(plan.versions), len(plan.steps))),
    )


def _firsts(rows: ir.Table, shape: tuple[int, int]) -> Ints:
    found = np.full(shape, NEVER)
    for row in rows.group_by("version", "place").aggregate(since=rows["at"].min()).to_pyarrow().to_pylist():
        found[row["version"], row["place"]] = row["since"]
    return found


def _name_maps(history: History, plan: Plan) -> None:
    """Put what recorded labels and wordings mean, version by version, beside the history's tables.

    ``place`` is a stage's or step's column; of a step ``stage`` is its stage's, and ``first`` whether deals are opened
    in that.
    """
    labels: list[dict[str, Any]] = []
    wordings: list[dict[str, Any]] = []
    for number, one in enumerate(plan.versions):
        of_step = {step.key: stage.key for stage in one.stages for step in stage.steps}
        opening = one.stages[0].key if plan.ordered and one.stages else OPENING
        for text, key in one.labels:
            if key in plan.stages:
                labels.append({"version": number, "text": text, "place": plan.stages.index(key)})
        for text, key in one.wordings:
            if key in of_step:
                stage = of_step[key]
                row = {"version": number, "text": text, "place": plan.steps.index(key)}
                wordings.append(row | {"stage": plan.stages.index(stage), "first": stage == opening})
    columns = [("version", pa.int64()), ("text", pa.string()), ("place", pa.int64())]
    history.con.con.register(LABELS, pa.Table.from_pylist(labels, pa.schema(columns)))
    columns += [("stage", pa.int64()), ("first", pa.bool_())]
    history.con.con.register(WORDINGS, pa.Table.from_pylist(wordings, pa.schema(columns)))


def _base(history: History, plan: Plan) -> ir.Table:
    """The deals with the version that each is worked by: the one it names, else the one in force at its opening."""
    deals, zone = as_known(history, None), history.meta.timezone
    opened = epoch_us(deals.opened_at)
    named = [(deals.process_version.strip() == one.name, place) for place, one in enumerate(plan.versions)]
    since = [(place, one.published_at) for place, one in enumerate(plan.versions)]
    in_force = [(opened >= microseconds(at), place) for place, at in reversed(since) if at is not None]
    return deals.select(
        "deal",
        "outcome",
        version=ibis.cases(*named, *in_force, else_=0).cast("int64"),
        opened=opened,
        opened_until=end_of(deals, "deals", "opened_at", zone),
        ended=epoch_us(deals.closed_at),
    )


def _entries(history: History, base: ir.Table) -> ir.Table:
    return _told(history, base, "stage_changes", "entered_at", "stage", LABELS)


def _steps(history: History, base: ir.Table) -> ir.Table:
    return _told(history, base, "steps_done", "done_at", "step", WORDINGS)


def _told(history: History, base: ir.Table, table: str, time: str, text: str, names: str) -> ir.Table:
    """The rows of a table that mean a stage or step of their deal's version, until the history was frozen."""
    rows = history.table(table)
    rows = rows.select(
        "deal", text=rows[text], at=epoch_us(rows[time]), until=end_of(rows, table, time, history.meta.timezone)
    )
    rows = rows.filter(rows["at"] <= microseconds(history.meta.frozen_at))
    known = history.con.table(names)
    return rows.inner_join(base.select("deal", "version", "opened"), "deal").inner_join(known, ["version", "text"])


def _wide(history: History, plan: Plan) -> ir.Table:
    base = _base(history, plan)
    entered = _first_by_place(_entries(history, base), len(plan.stages), "e")
    done = _first_by_place(_steps(history, base), len(plan.steps), "d")
    wide = base.left_join(entered, "deal", rname="_{name}").drop("_deal")
    wide = wide.left_join(done, "deal", rname="_{name}").drop("_deal")
    return wide.order_by("deal")


def _first_by_place(rows: ir.Table, places: int, prefix: str) -> ir.Table:
    firsts: dict[str, ir.Value] = {}
    for place in range(places):
        firsts[f"{prefix}{place}"] = rows["at"].min(where=rows.place == place)
        firsts[f"{prefix}{place}u"] = rows.until.min(where=rows.place == place)
    return rows.group_by("deal").aggregate(**firsts)


def _ways(rows: pa.Table, plan: Plan) -> Ways:
    outcome = rows["outcome"]
    opened, ended = _moments(rows, ["opened"])[:, 0], _moments(rows, ["ended"])[:, 0]
    entered = _moments(rows, [f"e{place}" for place in range(len(plan.stages))])
    entered_until = _moments(rows, [f"e{place}u" for place in range(len(plan.stages))])
    version = rows["version"].to_numpy()
    if OPENING in plan.stages:
        entered[:, plan.stages.index(OPENING)] = opened
    if plan.ordered:
        until = _moments(rows, ["opened_until"])[:, 0]
        _open_in_the_first(plan, version, (opened, until), (entered, entered_until))
    return Ways(
        deal=rows["deal"].to_numpy(),
        version=version,
        closed=np.asarray(pc.is_in(outcome, value_set=pa.array(CLOSED)).to_numpy(), dtype=bool),
        won=np.asarray(pc.equal(outcome, "won").to_numpy(), dtype=bool),
        opened=opened,
        ended=ended,
        entered=entered,
        entered_until=entered_until,
        done=_moments(rows, [f"d{place}" for place in range(len(plan.steps))]),
        done_until=_moments(rows, [f"d{place}u" for place in range(len(plan.steps))]),
    )


def _moments(rows: pa.Table, names: list[str]) -> Ints:
    columns = [np.asarray(pc.fill_null(rows[name], NEVER).to_numpy(), dtype=np.int64) for name in names]
    return np.stack(columns, axis=1) if columns else np.zeros((rows.num_rows, 0), dtype=np.int64)


def _open_in_the_first(plan: Plan, version: Ints, opened: tuple[Ints, Ints], entered: tuple[Ints, Ints]) -> None:
    """Let the opening enter the first stage of a deal's version, where no entry says so by then."""
    earliest = entered[0].min(axis=1, initial=NEVER)
    for number, one in enumerate(plan.versions):
        if not one.stages:
            continue
        first = plan.stages.index(one.stages[0].key)
        says_so = (entered[0][:, first] == earliest) & (earliest < NEVER)
        begins = (version == number) & (opened[0] < earliest) & ~says_so
        for column, moment in zip(entered, opened, strict=True):
            column[begins, first] = moment[begins]
