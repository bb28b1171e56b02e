"""What the sellers wrote down while a deal was open: stages, steps, promises, next steps."""

import numpy as np
import pyarrow as pa

from notyet.simulator import columns, names
from notyet.simulator.company import STAGES
from notyet.simulator.openings import Openings
from notyet.simulator.outcomes import Endings
from notyet.simulator.reasons import CODE, leaving_stages
from notyet.simulator.shares import Flags, Ints, chance, stream
from notyet.simulator.worktime import DAY, HOUR, MINUTE, at_work, weekday_after

STEPS = ("Call back", "Ask who else decides", "Need in writing", "Reference named", "Proposal walked through")
_STEP_STAGE = (0, 1, 2, 2, 3)
_PROPOSAL, _ORDER, _PAID = 3, 4, 5
NEVER = np.iinfo(np.int64).max


def stage_entries(seed: int, deals: Openings, endings: Endings, true: Ints, planted: bool) -> Ints:
    """When each deal enters each stage (deals × 6, seconds; ``NEVER`` where it does not), whole life long."""
    rng, n = stream(seed, "stages"), len(true)
    depth = np.where(endings.won, _PROPOSAL, leaving_stages(rng, true, planted))
    gaps = rng.gamma(1.6, 1.0, (n, 4)) + 0.05
    steps = np.cumsum(gaps, axis=1)
    share = steps / steps[np.arange(n), depth][:, None]
    life = (endings.closed - deals.opened)[:, None]
    entered = at_work((deals.opened[:, None] + (share[:, :3] * life).astype(np.int64)).ravel()).reshape(n, 3)
    entered = np.clip(entered, deals.opened[:, None] + MINUTE, endings.closed[:, None] - MINUTE)
    entries = np.full((n, len(STAGES)), NEVER)
    entries[:, 0] = deals.opened
    entries[:, 1:4] = np.where(np.arange(1, 4) <= depth[:, None], np.maximum.accumulate(entered, axis=1), NEVER)
    skip = chance(rng, np.where(deals.new_process, 0.08, 0.22), n)
    if planted:
        skip |= (true == CODE["Need not uncovered"]) & chance(rng, 0.5, n)
    entries[skip & (depth == _PROPOSAL), 2] = NEVER
    entries[:, _ORDER] = np.where(endings.won, endings.closed, NEVER)
    entries[:, _PAID] = np.where(endings.won & (endings.paid > 0), endings.paid, NEVER)
    return entries


def stage_table(entries: Ints, until: int) -> pa.Table:
    """The entries of stages up to ``until``."""
    deal, stage = np.nonzero(entries <= until)
    return columns.table(
        "stage_changes",
        {
            "deal_id": columns.deal_ids(deal),
            "stage": columns.text([label for label, _ in STAGES], stage),
            "entered_at": columns.times(entries[deal, stage]),
        },
    )


def steps_table(seed: int, deals: Openings, entries: Ints, ends: Ints) -> pa.Table:
    """Steps of the process that were done, each some time after its stage was entered and before the deal ended."""
    rng, n = stream(seed, "steps"), len(ends)
    done = np.full((n, len(STEPS)), NEVER)
    for step, stage in enumerate(_STEP_STAGE):
        entered = entries[:, stage]
        share = np.where(deals.new_process, 0.82, 0.35) if STEPS[step] == "Need in writing" else np.full(n, 0.6)
        doing = (entered < ends) & chance(rng, share, n)
        entered = np.where(doing, entered, deals.opened)
        span = ends - entered
        at = at_work(entered + (rng.random(n) * np.minimum(span, 6 * DAY)).astype(np.int64))
        done[doing, step] = np.clip(at, entered, ends)[doing]
    deal, code = np.nonzero(done < NEVER)
    return columns.table(
        "steps_done",
        {
            "deal_id": columns.deal_ids(deal),
            "step": columns.text(STEPS, code),
            "done_at": columns.times(done[deal, code]),
        },
    )


def promise_table(seed: int, deals: Openings, ends: Ints) -> pa.Table:
    """One promise due in the first week for most deals; others from day 15 on, at one rate while the deal is open."""
    rng, n = stream(seed, "promises"), len(ends)
    early = np.flatnonzero(deals.promised_early)
    due = weekday_after(deals.opened[early] // DAY * DAY + rng.integers(2, 5, len(early)) * DAY + 16 * HOUR)
    made = at_work(due - (rng.uniform(0.3, 1.5, len(early)) * DAY).astype(np.int64))
    made = np.clip(made, deals.opened[early] + 20 * MINUTE, due - 30 * MINUTE)
    room = np.maximum(ends - deals.opened - 15 * DAY, 0)
    later = np.repeat(np.arange(n), rng.poisson(0.012 * room / DAY))
    made_later = at_work(deals.opened[later] + 15 * DAY + (rng.random(len(later)) * room[later]).astype(np.int64))
    made_later = np.maximum(made_later, deals.opened[later] + 15 * DAY)
    due_later = weekday_after(made_later // DAY * DAY + rng.integers(1, 7, len(later)) * DAY + 16 * HOUR)
    broken = np.concatenate([deals.broken_early[early], chance(rng, 0.15, len(later))])
    return _promises(
        rng,
        np.concatenate([early, later]),
        np.concatenate([made, made_later]),
        np.concatenate([due, due_later]),
        broken,
        ends,
    )


def _promises(rng: np.random.Generator, deal: Ints, made: Ints, due: Ints, broken: Flags, ends: Ints) -> pa.Table:
    n = len(deal)
    kept = np.clip(at_work(made + (rng.uniform(0.2, 0.95, n) * (due - made)).astype(np.int64)), made, due)
    late = weekday_after(at_work(due + (rng.uniform(1.6, 6, n) * DAY).astype(np.int64)))
    at = np.where(broken, late, kept)
    absent = (broken & chance(rng, 0.55, n)) | (at > ends[deal])
    order = np.lexsort((made, deal))
    order = order[made[order] <= ends[deal[order]]]
    return columns.table(
        "promises",
        {
            "deal_id": columns.deal_ids(deal[order]),
            "made_at": columns.times(made[order]),
            "due_at": columns.times(due[order]),
            "kept_at": columns.times(at[order], absent[order]),
            "text": columns.text(names.PROMISES, rng.integers(0, len(names.PROMISES), len(order))),
        },
    )


def next_step_table(seed: int, deals: Openings, ends: Ints, still_open: Flags) -> pa.Table:
    """A first dated step for most deals, and a coming one for most that are still open."""
    rng, n = stream(seed, "next steps"), len(ends)
    first = np.flatnonzero(chance(rng, 0.85, n))
    due = weekday_after(deals.opened[first] // DAY * DAY + rng.integers(1, 11, len(first)) * DAY + 9 * HOUR)
    done = due + (rng.uniform(-0.2, 2.0, len(first)) * DAY).astype(np.int64)
    coming = np.flatnonzero(still_open & chance(rng, 0.72, n))
    next_due = weekday_after(ends[coming] // DAY * DAY + rng.integers(-3, 15, len(coming)) * DAY + 9 * HOUR)
    next_due = np.maximum(next_due, deals.opened[coming] + HOUR)
    deal = np.concatenate([first, coming])
    at = np.concatenate([due, next_due])
    finished = np.concatenate([np.maximum(done, deals.opened[first] + HOUR), np.full(len(coming), NEVER)])
    undone = (finished > ends[deal]) | chance(rng, 0.1, len(deal))
    order = np.lexsort((at, deal))
    return columns.table(
        "next_steps",
        {
            "deal_id": columns.deal_ids(deal[order]),
            "due_at": columns.times(at[order]),
            "done_at": columns.times(np.where(undone, 0, finished)[order], undone[order]),
            "text": columns.text(names.NEXT_STEPS, rng.integers(0, len(names.NEXT_STEPS), len(order))),
        },
    )
