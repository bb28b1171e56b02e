"""Everything that is said about a scope's pipeline: what comes, what is missing, what it rests on, where time went."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt

from notyet.analysis import facts
from notyet.analysis.concentration import Basket, basket
from notyet.analysis.effort import OUTCOMES, Effort, effort
from notyet.analysis.facts_record import known_stages
from notyet.analysis.given_away import GivenAway, Judged, given_away, judge
from notyet.analysis.history import History
from notyet.analysis.intervals import Estimate
from notyet.analysis.moments import DAY, epoch_us, microseconds
from notyet.analysis.pipeline_book import MONTH, Book, Floats, Period, Scope, read
from notyet.analysis.pipeline_openings import Openings, openings
from notyet.analysis.prospects import Ending, Evidence, Need, Why, ending, evidence, needed, plain, spread
from notyet.analysis.readings import NOT_WON

CHANCE = 0.8
MONTHS = 12


@dataclass(frozen=True)
class Question:
    """What is asked of a pipeline: whose, for which period, held against which target (``None``: none is set).

    ``chance``: how surely the target shall be reached. ``months``: how far one looks back. ``unpaid_days``: from when
    on an order without payment is late.
    """

    scope: Scope
    period: Period
    target: float | None = None
    chance: float = CHANCE
    months: int = MONTHS
    unpaid_days: int = 60


@dataclass(frozen=True)
class Money:
    """Deals and what they are worth together (``None``: none has a value)."""

    deals: int
    value: float


@dataclass(frozen=True)
class Outlook:
    """What a period is likely to bring. Sums are in the workspace's currency.

    ``paid``: payments that came in the period, whenever they were ordered. ``unpaid``: all orders that wait for
    their payment; ``late`` of them for longer than the question allows. Towards the target count the period's own
    orders: ``counted`` are paid, ``waiting`` are not yet.

    ``need``: the prospects that what is missing takes; ``plain``: target / (win rate × mean value). Each is ``None``
    without a target, or says why there is none.
    """

    asked_at: datetime
    live: Money
    paid: Money
    unpaid: Money
    late: Money
    counted: Money
    waiting: Money
    seen: Evidence
    need: Need | Why | None
    plain: Estimate | None
    basket: Basket | None
    ending: Ending | Why
    openings: Openings
    payments_known: bool


@dataclass(frozen=True)
class Spending:
    """Where time and deals went, over deals that ended from ``since`` to ``until``."""

    since: date
    until: date
    given: GivenAway
    effort: Effort | None


def outlook(history: History, asked: Question, now: datetime) -> Outlook:
    """What is asked, as of ``now``."""
    book, today = read(history, asked.scope, now), microseconds(now) / DAY
    ahead = asked.period.limits(history.meta)
    seen = evidence(book, today, ahead, asked.months)
    inside = (book.ended >= ahead[0]) & (book.ended < ahead[1])
    live, orders = book.value[book.live], book.value[book.unpaid & inside]
    counted = _money(book, book.won & inside)
    need = arithmetic = a_week = None
    if asked.target is not None:
        need = _needed(seen, asked.target - counted.value, orders, len(live), asked.chance, still=today < ahead[1])
        draws = plain(seen, asked.target)
        if draws is not None:
            arithmetic, a_week = spread(draws), draws / asked.period.weeks
    return Outlook(
        asked_at=now,
        live=_money(book, book.live),
        paid=_money(book, paid_in(book, ahead)),
        unpaid=_money(book, book.unpaid),
        late=_money(book, late_orders(book, today, asked.unpaid_days)),
        counted=counted,
        waiting=_money(book, book.unpaid & inside),
        seen=seen,
        need=need,
        plain=arithmetic,
        basket=basket(book.deal[book.live], live),
        ending=ending(seen, counted.value, orders, live) if today < ahead[1] else "over",
        openings=openings(book.opened, today, book.last_event, a_week),
        payments_known=any(source.payments_from is not None for source in history.meta.sources),
    )


def _needed(seen: Evidence, missing: float, orders: Floats, live: int, chance: float, *, still: bool) -> Need | Why:
    """A period that is over was reached or was not; nothing can be added to it."""
    return needed(seen, missing, orders, live, chance) if still or missing <= 0 else "over"


def _money(book: Book, rows: npt.NDArray[np.bool_]) -> Money:
    return Money(int(rows.sum()), float(np.nansum(book.value[rows])))


def paid_in(book: Book, limits: tuple[float, float]) -> npt.NDArray[np.bool_]:
    """The won deals whose payment (or, where none is known, order) lies in the period."""
    return np.asarray(book.won & (book.paid >= limits[0]) & (book.paid < limits[1]), dtype=bool)


def late_orders(book: Book, today: float, days: int) -> npt.NDArray[np.bool_]:
    """The orders that have waited for their payment for longer than so many days."""
    return np.asarray(book.unpaid & (book.ended < today - days), dtype=bool)


def spending(history: History, asked: Question, now: datetime, support: Collection[str]) -> Spending:
    """Where time and deals went in the last months. ``support``: the reasons that say support let a buyer down."""
    everything = facts.read(history)
    ended = ended_rows(everything, asked, now)
    until = now.astimezone(history.meta.zone).date()
    since = datetime.fromtimestamp((microseconds(now) / DAY - asked.months * MONTH) * 86_400, history.meta.zone).date()
    judged = judged_losses(history, asked, now, support)
    return Spending(since, until, given_away(judged), effort(history, ended, known_stages(history)))


def ended_rows(everything: ir.Table, asked: Question, now: datetime) -> ir.Table:
    """The scope's deals that ended in the months looked back on: won, lost, undecided or disqualified."""
    rows = asked.scope.of(everything)
    closed, last = epoch_us(rows.closed_at), microseconds(now)
    first = last - int(asked.months * MONTH * DAY)
    return rows.filter(rows.outcome.isin(OUTCOMES), closed > first, closed <= last)


def judged_losses(history: History, asked: Question, now: datetime, support: Collection[str]) -> Judged:
    """The losses of those months, each judged given away or not."""
    everything = facts.read(history)
    ended = ended_rows(everything, asked, now)
    return judge(history, everything, ended.filter(ended.outcome.isin(NOT_WON)), support)
