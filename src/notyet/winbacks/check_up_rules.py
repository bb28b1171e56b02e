"""When to ask a buyer again. Pure; days are calendar days in the workspace's time zone."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from notyet.workspaces.models import TermRule

USUAL_TERM_MONTHS = 12
"""Taken where no term was pitched, or one of no months: what is bought is usually bought for a year."""
LONGEST_WAIT_MONTHS = 36
"""However long the contract elsewhere, a buyer is asked within three years: people and needs change sooner."""
SHORTEST_WAIT_DAYS = 30
"""Nobody is asked again within a month of a no, unless he asked for it."""
BUDGET_REASONS = frozenset({"Budget frozen"})
_DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Loss:
    """What is known of a lost deal that decides when to ask again.

    ``pitched_on`` is the day of the proposal; ``reason`` the label of the deciding reason; ``wish_on`` what the buyer
    asked for; ``never`` that he asked to be left alone, on this deal or on any other of his.
    """

    closed_on: date
    pitched_on: date | None = None
    term_months: int | None = None
    reason: str = ""
    wish_on: date | None = None
    never: bool = False


@dataclass(frozen=True)
class Proposal:
    """A day to ask again, where it comes from (``wish``, ``reason`` or ``term``), and why in words."""

    on: date
    origin: str
    why: str


def when_to_ask(loss: Loss, rule: TermRule = TermRule.THREE_QUARTERS, budget_month: int = 1) -> Proposal | None:
    """The day on which to ask again; ``None`` where the buyer said never.

    The buyer's wish wins, if it lies after the close. Then the reason: a frozen budget is asked about when the
    next budget year begins (``budget_month``: its first month). Then the term pitched, counted from the proposal,
    else from the close: three quarters of it, or three months before its end. What the rules give is never sooner
    than a month after the close and never later than three years.
    """
    if loss.never:
        return None
    if loss.wish_on is not None and loss.wish_on > loss.closed_on:
        return Proposal(loss.wish_on, "wish", "The buyer asked to be asked then")
    if loss.reason in BUDGET_REASONS:
        return Proposal(_budget_year(loss.closed_on, budget_month), "reason", "A new budget year begins")
    return _by_term(loss, rule)


def add_months(day: date, months: float) -> date:
    """So many months later: whole ones by the calendar (a 31st becomes the last of a short month), the rest in days."""
    whole = int(months)
    number = day.year * 12 + day.month - 1 + whole
    year, month = divmod(number, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last)) + timedelta(days=round((months - whole) * _DAYS_A_MONTH))


def _by_term(loss: Loss, rule: TermRule) -> Proposal:
    pitched = loss.pitched_on if loss.pitched_on and loss.pitched_on <= loss.closed_on else None
    start, term = pitched or loss.closed_on, loss.term_months or USUAL_TERM_MONTHS
    months = 0.75 * term if rule is TermRule.THREE_QUARTERS else max(term - 3, 0)
    wanted = add_months(start, min(months, LONGEST_WAIT_MONTHS))
    on = min(max(wanted, loss.closed_on + timedelta(days=SHORTEST_WAIT_DAYS)), _latest(loss.closed_on))
    what = f"A {term}-month contract was pitched" if loss.term_months else "No term was pitched; a year is usual"
    since = "the proposal" if pitched else "the close"
    part = "three quarters of it" if rule is TermRule.THREE_QUARTERS else "three months before its end"
    return Proposal(on, "term", f"{what}; {_bound(on, wanted, months) or f'{part} from {since}'}")


def _bound(on: date, wanted: date, months: float) -> str:
    """Which bound moved the day, in words; empty where none did."""
    if months > LONGEST_WAIT_MONTHS or on < wanted:
        return "asked within three years"
    return "asked a month after the no" if on > wanted else ""


def _latest(closed: date) -> date:
    return add_months(closed, LONGEST_WAIT_MONTHS)


def _budget_year(closed: date, month: int) -> date:
    """The first day of the next budget year that lies at least the shortest wait after the close."""
    earliest = closed + timedelta(days=SHORTEST_WAIT_DAYS)
    year = earliest.year if (earliest.month, earliest.day) <= (month, 1) else earliest.year + 1
    return date(year, month, 1)
