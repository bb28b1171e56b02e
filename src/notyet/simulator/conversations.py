"""Calls, e-mails, meetings and messages of each deal.

In the first week every deal has as many conversations as its luck gives it: whether the reply was fast
or a second contact took part changes when and with whom they are, never how many. After it they come
at one rate a day while the deal is open, whatever its outcome: totals over a deal's life therefore go
with winning only because won deals live longer.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from notyet.analysis.tables import CHANNELS, DIRECTIONS
from notyet.simulator import columns
from notyet.simulator.company import Company
from notyet.simulator.names import PEOPLE, SUMMARIES, contacts
from notyet.simulator.openings import Openings
from notyet.simulator.shares import Flags, Floats, Ints, chance, pick, stream
from notyet.simulator.worktime import DAY, HOUR, MINUTE, at_work

CALL, EMAIL, MEETING, MESSAGE, NOTE = range(5)
IN, OUT = 0, 1
WEEK = 7 * DAY
_FIRST_WEEK = 3
_PART = 100_000
"""So many deals are drawn at a time, which bounds the memory."""
_EXTRA_IN_FIRST_WEEK = 0.8
_MIX = np.array([[0.38, 0.34, 0.16, 0.12]])


@dataclass(frozen=True)
class _Rows:
    """Conversations: ``deal`` and ``at`` sorted later; ``contact`` is 0 or 1, the deal's first or second."""

    deal: Ints
    at: Ints
    channel: Ints
    direction: Ints
    missed: Flags
    contact: Ints


def conversation_table(seed: int, deals: Openings, ends: Ints, mean_days: float, company: Company) -> pa.Table:
    """All conversations up to ``ends`` (a second a deal); ``mean_days`` is how long a closed deal lives."""
    rate = (company.conversations - _FIRST_WEEK - _EXTRA_IN_FIRST_WEEK) / max(mean_days - 7, 1)
    parts = []
    for begin in range(0, len(ends), _PART):
        rows = slice(begin, begin + _PART)
        rng = stream(seed, f"conversations from {begin}")
        parts.append(_part(rng, deals.part(rows), ends[rows], max(rate, 0.0), begin))
    return pa.concat_tables(parts)


def _part(rng: np.random.Generator, deals: Openings, ends: Ints, rate: float, begin: int) -> pa.Table:
    rows = _joined(_first_week(rng, deals) + _later(rng, deals, ends, rate))
    order = np.flatnonzero(rows.at <= ends[rows.deal])
    order = order[np.lexsort((rows.at[order], rows.deal[order]))]
    return _table(rng, rows, order, deals, begin)


def _first_week(rng: np.random.Generator, deals: Openings) -> list[_Rows]:
    """The enquiry, the first reply, one conversation that a second contact may join, and a few more."""
    n = len(deals.opened)
    every = np.arange(n, dtype=np.int64)
    first, second = np.zeros(n, dtype=np.int64), deals.second_early.astype(np.int64)
    late = deals.replied - deals.opened > WEEK
    met = _in_first_week(deals, every, rng.uniform(30 * HOUR, 160 * HOUR, n))
    more = np.repeat(every, rng.poisson(_EXTRA_IN_FIRST_WEEK, n))
    extra = _in_first_week(deals, more, rng.uniform(HOUR, WEEK, len(more)))
    joined = deals.second_early[more] & (extra > met[more]) & chance(rng, 0.5, len(more))
    chasing = every[late]
    chaser = _in_first_week(deals, chasing, rng.uniform(2 * DAY, 6 * DAY, len(chasing)))
    asked = pick(rng, np.array([[0.3, 0.5, 0.0, 0.2]]), first)
    answered = pick(rng, np.array([[0.55, 0.40, 0.0, 0.05]]), first)
    return [
        _rows(every, deals.enquired, asked, np.full(n, IN), first),
        _rows(every, deals.replied, answered, np.full(n, OUT), first),
        _rows(every, met, pick(rng, _MIX, first), _after_reply(rng, deals, every, met), second),
        _rows(more, extra, pick(rng, _MIX, more * 0), _after_reply(rng, deals, more, extra), joined.astype(np.int64)),
        _rows(chasing, chaser, np.full(len(chasing), EMAIL), np.full(len(chasing), IN), chasing * 0),
    ]


def _later(rng: np.random.Generator, deals: Openings, ends: Ints, rate: float) -> list[_Rows]:
    """From day 7 to the end at a constant rate; some are missed calls, most of which are returned within a day."""
    life = np.maximum(ends - deals.opened - WEEK, 0)
    deal = np.repeat(np.arange(len(ends), dtype=np.int64), rng.poisson(rate * life / DAY))
    n = len(deal)
    begin = deals.opened[deal] + WEEK
    at = at_work(begin + (rng.random(n) * life[deal]).astype(np.int64))
    at = np.maximum(np.minimum(at, ends[deal] - MINUTE), begin + MINUTE)
    channel = pick(rng, np.array([[0.37, 0.34, 0.15, 0.09, 0.05]]), deal * 0)
    missed = (channel == CALL) & chance(rng, 0.16, n)
    direction = np.where(missed, IN, np.where(channel == NOTE, -1, chance(rng, 0.58, n)))
    waits_for_reply = (direction == OUT) & (at < deals.replied[deal])
    direction = np.where(waits_for_reply, IN, direction)
    open_to_second = chance(rng, np.where(deals.second_early, 0.45, 0.16), len(ends))[deal]
    contact = (open_to_second & chance(rng, 0.5, n)).astype(np.int64)
    back = missed & chance(rng, 0.72, n) & (at > deals.replied[deal])
    returned = at[back] + (rng.uniform(0.3, 22, int(back.sum())) * HOUR).astype(np.int64)
    count = len(returned)
    return [
        _Rows(deal, at, channel, direction, missed, contact),
        _rows(deal[back], returned, np.full(count, CALL), np.full(count, OUT), contact[back]),
    ]


def _in_first_week(deals: Openings, rows: Ints, offset: Floats) -> Ints:
    """Working moments at about ``offset`` seconds after the opening, all within the first week."""
    at = at_work(deals.opened[rows] + offset.astype(np.int64))
    return np.clip(at, deals.opened[rows] + 10 * MINUTE, deals.opened[rows] + WEEK - HOUR)


def _after_reply(rng: np.random.Generator, deals: Openings, rows: Ints, at: Ints) -> Ints:
    """Before we have replied only the buyer speaks; afterwards both do."""
    return np.where(at < deals.replied[rows], IN, chance(rng, 0.5, len(rows)))


def _rows(deal: Ints, at: Ints, channel: Ints, direction: Ints, contact: Ints) -> _Rows:
    return _Rows(deal, at, channel, direction, np.zeros(len(deal), dtype=np.bool_), contact)


def _joined(blocks: list[_Rows]) -> _Rows:
    return _Rows(
        np.concatenate([b.deal for b in blocks]),
        np.concatenate([b.at for b in blocks]),
        np.concatenate([b.channel for b in blocks]),
        np.concatenate([b.direction for b in blocks]),
        np.concatenate([b.missed for b in blocks]),
        np.concatenate([b.contact for b in blocks]),
    )


def _table(rng: np.random.Generator, rows: _Rows, order: Ints, deals: Openings, begin: int) -> pa.Table:
    deal, channel, missed = rows.deal[order], rows.channel[order], rows.missed[order]
    first, second = contacts(rng, len(deals.opened))
    person = np.where(rows.contact[order] == 1, second[deal], first[deal])
    in_first_week = rows.at[order] - deals.opened[deal] <= WEEK
    nameless = (channel == NOTE) | (~in_first_week & chance(rng, 0.03, len(order)))
    spoken = np.isin(channel, (CALL, MEETING)) & ~missed
    minutes = np.ceil(np.exp(rng.normal(np.where(channel == MEETING, 3.9, 2.3), 0.6, len(order))))
    silent = missed | chance(rng, 0.6, len(order))
    direction = np.maximum(rows.direction[order], 0)
    return columns.table(
        "conversations",
        {
            "deal_id": columns.deal_ids(deal + begin),
            "at": columns.times(rows.at[order]),
            "channel": columns.text(CHANNELS, channel),
            "direction": columns.text(DIRECTIONS, direction, channel == NOTE),
            "missed": columns.flags(missed),
            "contact": columns.text(PEOPLE, person, nameless),
            "minutes": columns.numbers(minutes, ~spoken),
            "summary": columns.text(SUMMARIES, rng.integers(0, len(SUMMARIES), len(order)), silent),
        },
    )
