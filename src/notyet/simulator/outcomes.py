"""The chance that a deal is won, what each planted cause contributes to it, and how deals end."""

from dataclasses import dataclass

import numpy as np

from notyet.analysis.tables import OUTCOMES
from notyet.simulator import company as catalogue
from notyet.simulator.company import Company, Plan
from notyet.simulator.openings import Openings
from notyet.simulator.shares import Flags, Floats, Ints, chance, stream
from notyet.simulator.worktime import DAY, EVENING, HOUR, MORNING, month, quarter_end, weekday_after, weekday_before

OPEN, WON, LOST, NO_DECISION, DISQUALIFIED = range(len(OUTCOMES))
_SUMMER = (6, 7)


@dataclass(frozen=True)
class Cause:
    """A planted cause: which deals have it and what it adds to the log-odds of winning."""

    field: str
    level: str
    name: str
    landmark_days: float
    logit: float
    on: Flags


@dataclass(frozen=True)
class Endings:
    """How each deal ends, as far into the future as that takes; what the history shows stops at ``until``.

    ``logit`` is the log-odds of winning. ``closed`` is the close that comes about; ``closed_won`` and
    ``closed_lost`` those that would, and ``paid`` the payment of an order (0: never).
    """

    logit: Floats
    won: Flags
    no_decision: Flags
    disqualified: Flags
    closed: Ints
    closed_won: Ints
    closed_lost: Ints
    paid: Ints

    @property
    def lost(self) -> Flags:
        """Neither won, disqualified nor left undecided."""
        return ~(self.won | self.no_decision | self.disqualified)


def causes(deals: Openings, plan: Plan) -> tuple[Cause, ...]:
    """The causes in the plan, also those that it sets to zero."""
    persona, competitor = catalogue.HARD_PERSONA, catalogue.HARD_COMPETITOR
    return (
        Cause("first_reply_hours", "<= 24", "First reply within 24 hours", 1, plan.fast_reply, deals.fast_reply),
        Cause("second_contact_hours", "<= 168", "Second contact by day 7", 7, plan.second_contact, deals.second_early),
        Cause("first_broken_hours", "<= 336", "A promise broken early", 14, plan.broken_promise, deals.broken_early),
        Cause("persona", persona, "IT generalist", 0, plan.persona, deals.hard_persona),
        Cause("competitor", competitor, "Halvorn in the room", 0, plan.competitor, deals.hard_competitor),
        Cause("source", catalogue.GOOD_SOURCE, "Came by referral", 0, plan.source, deals.good_source),
        Cause("process_version", "2", "Worked by the new process", 0, plan.new_process, deals.new_process),
    )


def end_deals(seed: int, deals: Openings, company: Company) -> Endings:
    """Draw the outcome of each deal from what is known by day 14, then when it closes and is paid."""
    plan, n = company.plan, len(deals.opened)
    rng = stream(seed, "outcomes")
    logit = _log_odds(seed, deals, company)
    won_if_fit = chance(rng, 1 / (1 + np.exp(-logit)), n)
    disqualified = chance(rng, 0.06, n)
    undecided = chance(rng, 0.24, n)
    closed_won = _closings(stream(seed, "lives"), deals, plan.won_days, plan.quarter_end_won)
    closed_lost = _closings(stream(seed, "lives"), deals, plan.lost_days, plan.quarter_end_lost)
    won = won_if_fit & ~disqualified
    return Endings(
        logit=logit,
        won=won,
        no_decision=~won & ~disqualified & undecided,
        disqualified=disqualified,
        closed=np.where(won, closed_won, closed_lost),
        closed_won=closed_won,
        closed_lost=closed_lost,
        paid=_payments(stream(seed, "payments"), closed_won),
    )


def outcome_codes(endings: Endings, until: int) -> Ints:
    """The outcome of each deal as known at ``until``: an index into ``OUTCOMES``."""
    ended = np.where(endings.no_decision, NO_DECISION, LOST)
    ended = np.where(endings.won, WON, np.where(endings.disqualified, DISQUALIFIED, ended))
    return np.where(endings.closed <= until, ended, OPEN)


def payments_known_from(deals: Openings) -> int:
    """The second from which on payments are entered: after the first year."""
    return deals.start + 365 * DAY


def counted(deals: Openings, endings: Endings) -> tuple[Flags, Flags]:
    """Whether each deal would count in the win rate by ``until`` if it were won, and if it were not."""
    paid = (endings.paid > 0) & (endings.paid <= deals.until)
    if_won = (endings.closed_won <= deals.until) & (paid | (endings.closed_won < payments_known_from(deals)))
    return if_won & ~endings.disqualified, (endings.closed_lost <= deals.until) & ~endings.disqualified


def _log_odds(seed: int, deals: Openings, company: Company) -> Floats:
    plan, rng = company.plan, stream(seed, "people")
    seller = rng.normal(0, 1, company.owners)
    for team in range(len(catalogue.TEAMS)):
        seller[team :: len(catalogue.TEAMS)] -= seller[team :: len(catalogue.TEAMS)].mean()
    buyer = rng.normal(0, plan.accounts, int(deals.account.max()) + 1)
    logit = plan.owners * seller[deals.owner] + buyer[deals.account]
    logit += plan.trend * (deals.years / company.years - 0.5)
    logit += plan.summer * np.isin(month(deals.opened) % 12, _SUMMER)
    for cause in causes(deals, plan):
        logit += cause.logit * cause.on
    return logit + _intercept(logit, company.win_rate)


def _intercept(logit: Floats, rate: float) -> float:
    """What must be added for the mean chance to be ``rate`` (bisection)."""
    low, high = -20.0, 20.0
    for _ in range(50):
        middle = (low + high) / 2
        if float(np.mean(1 / (1 + np.exp(-logit - middle)))) < rate:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _closings(rng: np.random.Generator, deals: Openings, median: float, quarter_end_share: float) -> Ints:
    """When deals close: 3 % within a fortnight whatever their outcome, the others from day 18 on.

    A share of what would close in the last month of a quarter is moved into its last week.
    Called with the same stream for both outcomes, so that only the median and that share differ.
    """
    n = len(deals.opened)
    days = 18 + median * np.exp(rng.normal(0, 0.62, n))
    early = chance(rng, 0.03, n)
    days = np.where(early, rng.uniform(1.2, 13.5, n), days)
    hour = rng.integers(MORNING + 2 * HOUR, EVENING, n)
    moment = (deals.opened + (days * DAY).astype(np.int64)) // DAY * DAY + hour
    end = quarter_end(moment)
    pulled = ~early & (end - moment < 28 * DAY) & chance(rng, quarter_end_share, n)
    last_week = end - rng.integers(0, 6, n) * DAY + hour
    closed = np.where(pulled, weekday_before(np.maximum(moment, last_week)), weekday_after(moment))
    return np.maximum(closed, deals.opened + DAY)


def _payments(rng: np.random.Generator, ordered: Ints) -> Ints:
    """When an order is paid: two weeks to two months after it; 4 % never are (0)."""
    n = len(ordered)
    lag = np.clip(14 + rng.gamma(2.2, 9, n), 14, 90)
    paid = weekday_after((ordered + (lag * DAY).astype(np.int64)) // DAY * DAY) + rng.integers(MORNING, EVENING, n)
    return np.where(chance(rng, 0.04, n), 0, paid)
