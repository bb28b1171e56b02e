"""Every figure's definition, once: the question it answers, of which deals, how it is reached, what was rejected.

The engine in ``figures`` computes from these, the pages and the documentation are written from these, and the
deals that a figure opens are those of its ``of``.
"""

from dataclasses import dataclass

import ibis.expr.types as ir

from notyet.analysis.readings import Condition
from notyet.analysis.results import Unit

OPEN_DAYS_OF_PROMISES = 14


@dataclass(frozen=True)
class Share:
    """Of the deals ``of``, the share for which ``when`` holds. Wilson's interval."""

    when: Condition


@dataclass(frozen=True)
class Difference:
    """Of the deals ``of``, the win rate of those for which ``when`` holds minus that of the others. Newcombe's
    interval.
    """

    when: Condition


@dataclass(frozen=True)
class Ratio:
    """Over the deals ``of``, the sum of column ``part`` (where ``when`` holds) divided by the sum of ``whole``."""

    part: str
    whole: str
    when: Condition | None = None


@dataclass(frozen=True)
class Median:
    """The median of a column over the deals ``of``; with ``never`` a missing value counts as longer than any."""

    column: str
    never: bool = False


@dataclass(frozen=True)
class Mean:
    """The mean of a column over the deals ``of`` that have it."""

    column: str


@dataclass(frozen=True)
class Total:
    """The sum of a column over the deals ``of`` that have it: what was recorded, so it has no interval."""

    column: str


@dataclass(frozen=True)
class Apart:
    """Computed by a module of its own."""

    module: str


Shape = Share | Difference | Ratio | Median | Mean | Total | Apart


@dataclass(frozen=True)
class Metric:
    """A figure's definition. The texts are for readers; ``of`` and ``shape`` are what is computed."""

    key: str
    label: str
    unit: Unit
    question: str
    population: str
    method: str
    rejected: str
    of: Condition
    shape: Shape
    window: str = "Deals closed in the chosen period."
    exclusions: str = "Open, disqualified and ordered but unpaid deals."
    grouped: bool = False


def closed(rows: ir.Table) -> ir.BooleanValue:
    """Closed: won, lost, or ended without a decision."""
    return rows.is_closed


def won(rows: ir.Table) -> ir.BooleanValue:
    """Won: ordered and, where payments are known, paid."""
    return rows.is_won


def lost(rows: ir.Table) -> ir.BooleanValue:
    """Closed and not won."""
    return rows.is_lost


def known_value(condition: Condition) -> Condition:
    """Narrow a condition to deals whose value is known."""
    return lambda rows: condition(rows) & rows.value_final.notnull()


def spoken(rows: ir.Table) -> ir.BooleanValue:
    """Closed, with an opening and a conversation on record."""
    return rows.is_closed & rows.opened_at.notnull() & rows.talked


def open_at(condition: Condition, days: float) -> Condition:
    """Narrow a condition to deals that were still open so many days after their opening."""
    return lambda rows: condition(rows) & (rows.open_days > days)


def open_a_day_after_enquiry(rows: ir.Table) -> ir.BooleanValue:
    """Spoken with, and still open 24 hours after the buyer's enquiry."""
    return spoken(rows) & (rows.open_hours > 24)


def replied_in_a_day(rows: ir.Table) -> ir.BooleanValue:
    """First answered within 24 hours of the enquiry."""
    return (rows.first_reply_hours <= 24).fill_null(False)


def second_contact_in_a_week(rows: ir.Table) -> ir.BooleanValue:
    """A second named contact took part within seven days of the opening."""
    return (rows.second_contact_hours <= 7 * 24).fill_null(False)


def missed_in_a_week(rows: ir.Table) -> ir.BooleanValue:
    """Spoken with, with a missed call that was due a return by day seven, when the deal was still open."""
    return spoken(rows) & (rows.open_days > 7) & (rows.first_missed_hours <= 6 * 24).fill_null(False)


def none_unreturned_in_a_week(rows: ir.Table) -> ir.BooleanValue:
    """No missed call had stayed unreturned for 24 hours by day seven."""
    return ~(rows.first_unreturned_hours <= 7 * 24).fill_null(False)


def promised_in_two_weeks(rows: ir.Table) -> ir.BooleanValue:
    """With a promise due by day fourteen, when the deal was still open."""
    due = (rows.first_promise_due_hours <= OPEN_DAYS_OF_PROMISES * 24).fill_null(False)
    return rows.is_closed & (rows.open_days > OPEN_DAYS_OF_PROMISES) & due


def none_broken_in_two_weeks(rows: ir.Table) -> ir.BooleanValue:
    """No promise had been broken by day fourteen."""
    return ~(rows.first_broken_hours <= OPEN_DAYS_OF_PROMISES * 24).fill_null(False)


def next_step_in_a_week(rows: ir.Table) -> ir.BooleanValue:
    """A next step was dated within seven days of the opening."""
    return (rows.next_step_hours <= 7 * 24).fill_null(False)


def invited(rows: ir.Table) -> ir.BooleanValue:
    """Closed deals whose buyer was invited to answer."""
    return rows.is_closed & rows.invited_at.notnull()
