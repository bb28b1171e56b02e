"""What was learned after the close: debriefs, buyers' answers, and asking again."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from notyet.analysis.tables import WIN_BACK_RESULTS
from notyet.simulator import columns, names
from notyet.simulator import company as catalogue
from notyet.simulator.effects import IDLE_CHANGE, NEED_CHANGE
from notyet.simulator.openings import Openings
from notyet.simulator.reasons import LABELS, NONE, answer_chance, filed_reasons
from notyet.simulator.shares import Flags, Ints, chance, stream
from notyet.simulator.truth import TriedChange
from notyet.simulator.worktime import DAY, DAYS_A_MONTH, HOUR, MORNING, at_work, weekday_after

_WAITING, _NO, _REOPENED = (WIN_BACK_RESULTS.index(result) for result in ("waiting", "no", "reopened"))


@dataclass(frozen=True)
class Ended:
    """The deals that had ended by ``until``: rows, close, whether won, true and filed reason (``NONE``: none)."""

    deal: Ints
    closed: Ints
    won: Flags
    true: Ints
    filed: Ints
    until: int


@dataclass(frozen=True)
class Answers:
    """Buyers' invitations and answers, one entry for each deal invited; ``again`` in seconds, 0 for no wish."""

    deal: Ints
    again: Ints
    never: Flags
    table: pa.Table


def debrief_table(seed: int, ended: Ended, planted: bool) -> pa.Table:
    """Debriefs of about half the closed deals; with time to think a fifth of the sellers correct their reason."""
    rng = stream(seed, "debriefs")
    n = len(ended.deal)
    at = at_work(ended.closed + (rng.gamma(1.5, 1.3, n) * DAY).astype(np.int64) + 2 * HOUR)
    at = np.maximum(at, ended.closed + HOUR)
    reason = np.where(chance(rng, 0.2, n), ended.true, ended.filed)
    other = filed_reasons(rng, ended.true, planted)
    lesson = columns.text(names.LESSONS, rng.integers(0, len(names.LESSONS), n), chance(rng, 0.4, n))
    order = np.flatnonzero(chance(rng, 0.52, n) & (at <= ended.until))
    no_reason = ended.won | (reason == NONE)
    no_other = no_reason | (other == reason) | (other == NONE) | chance(rng, 0.3, n)
    return columns.table(
        "debriefs",
        {
            "deal_id": columns.deal_ids(ended.deal[order]),
            "at": columns.times(at[order]),
            "deciding_reason": columns.text(LABELS, np.maximum(reason, 0)[order], no_reason[order]),
            "contributing_reasons": columns.text(LABELS, np.maximum(other, 0)[order], no_other[order]),
            "preparation": columns.numbers(np.round(rng.beta(4, 2.5, n), 2)[order]),
            "lesson": lesson.take(pa.array(order)),
        },
    )


def buyer_answers(seed: int, ended: Ended, planted: bool) -> Answers:
    """Invitations 14 to 21 days after the close, and who answers what.

    The chance to answer depends on the outcome and the true reason, where that is planted.
    """
    rng, n = stream(seed, "answers"), len(ended.deal)
    invited = weekday_after((ended.closed + rng.integers(14, 22, n) * DAY) // DAY * DAY + MORNING + 2 * HOUR)
    answered = invited + (np.minimum(rng.gamma(1.2, 8, n), 70) * DAY).astype(np.int64)
    answered = np.maximum(at_work(answered), invited + HOUR)
    answers = chance(rng, answer_chance(ended.true, ended.won, planted), n) & (answered <= ended.until)
    said = np.where(chance(rng, 0.93, n), ended.true, filed_reasons(rng, ended.true, planted=False))
    wishes = answers & ~ended.won & chance(rng, 0.35, n)
    never = wishes & chance(rng, 0.12, n)
    again = np.where(wishes & ~never, answered + rng.integers(90, 400, n) * DAY, 0)
    wish = columns.text(("never",), np.zeros(n, dtype=np.int64), ~never)
    dates = columns.days(again, again == 0)
    order = np.flatnonzero(chance(rng, 0.94, n) & (invited <= ended.until))
    silent = ~answers
    table = columns.table(
        "buyer_answers",
        {
            "deal_id": columns.deal_ids(ended.deal),
            "invited_at": columns.times(invited),
            "answered_at": columns.times(answered, silent),
            "deciding_reason": columns.text(LABELS, np.maximum(said, 0), silent | ended.won | (said == NONE)),
            "text": columns.text(names.ANSWERS, rng.integers(0, len(names.ANSWERS), n), silent | chance(rng, 0.4, n)),
            "ask_again": pa.compute.coalesce(wish, dates),
            "signed": columns.flags(chance(rng, 0.3, n), silent),
        },
    ).take(pa.array(order))
    return Answers(ended.deal[order], again[order], never[order], table)


@dataclass(frozen=True)
class WinBacks:
    """Who is asked again, when, with what result; ``came_back`` and ``new_deal`` pair the deals that were reopened."""

    table: pa.Table
    came_back: Ints
    new_deal: Ints


def win_backs(seed: int, deals: Openings, ended: Ended, answers: Answers) -> WinBacks:
    """Ask again at three quarters of the pitched term, or when the buyer wished; never where he asked for that.

    A reopened deal is the next one of the history that opens after the question.
    """
    rng, n = stream(seed, "win-backs"), len(deals.opened)
    wish, never = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.bool_)
    wish[answers.deal], never[answers.deal] = answers.again, answers.never
    term = np.array([int(label) for label, _ in catalogue.TERMS])[deals.term[ended.deal]]
    due = ended.closed + (0.75 * term * DAYS_A_MONTH * DAY).astype(np.int64)
    due = weekday_after(np.where(wish[ended.deal] > 0, wish[ended.deal], due) // DAY * DAY + 9 * HOUR)
    asking = ~ended.won & (ended.true != NONE) & ~never[ended.deal] & chance(rng, 0.78, len(due))
    deal, due = ended.deal[asking], due[asking]
    m = len(deal)
    asked = at_work(due + (rng.gamma(1.2, 3, m) * DAY).astype(np.int64))
    was_asked = (asked <= ended.until) & chance(rng, 0.86, m)
    result = np.where(was_asked & chance(rng, 0.8, m), _NO, _WAITING)
    wanted = np.flatnonzero(was_asked & chance(rng, 0.14, m))
    follow = np.searchsorted(deals.opened, asked[wanted] + 2 * DAY)
    _, once = np.unique(follow, return_index=True)
    once = once[follow[once] < n]
    back, new = wanted[once], follow[once]
    result[back] = _REOPENED
    new_deal = np.zeros(m, dtype=np.int64)
    new_deal[back] = new
    table = columns.table(
        "win_backs",
        {
            "deal_id": columns.deal_ids(deal),
            "due_at": columns.times(due),
            "asked_at": columns.times(asked, ~was_asked),
            "offer": columns.text(names.OFFERS, rng.integers(0, len(names.OFFERS), m), ~was_asked),
            "result": columns.text(WIN_BACK_RESULTS, result),
            "new_deal_id": columns.deal_ids(new_deal, result != _REOPENED),
        },
    )
    return WinBacks(table, deal[back], new)


def reopen(deals: Openings, back: WinBacks) -> Openings:
    """The deals, those that were won back belonging to the account that once was lost."""
    moved = {}
    for name in ("account", "region", "segment", "industry", "language", "headcount", "sites"):
        values = getattr(deals, name).copy()
        for old, new in zip(back.came_back.tolist(), back.new_deal.tolist(), strict=True):
            values[new] = values[old]
        moved[name] = values
    return replace(deals, **moved)


def change_table(tried: tuple[TriedChange, ...], until: int) -> pa.Table:
    """The changes to the process that were tried, as far as they had begun."""
    begun = [change for change in tried if change.started_at <= datetime.fromtimestamp(until, UTC)]
    texts = {
        NEED_CHANGE: "The need is written down and agreed before a proposal is sent.",
        IDLE_CHANGE: "A call with a customer is offered with the proposal.",
    }
    return columns.table(
        "changes",
        {
            "change": pa.array([change.change for change in begun], pa.string()),
            "started_at": pa.array([change.started_at for change in begun], pa.timestamp("us", tz="UTC")),
            "team": pa.array([change.team for change in begun], pa.string()),
            "smallest_effect": pa.array([0.05] * len(begun), pa.float64()),
            "text": pa.array([texts[change.change] for change in begun], pa.string()),
        },
    )
