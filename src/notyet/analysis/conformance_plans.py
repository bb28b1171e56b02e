"""By what a history's deals are judged: the versions of its process, and steps that are only on record."""

from datetime import UTC, datetime, timedelta

from notyet.analysis.conformance_record import Plan, Ways, read
from notyet.analysis.conformance_recorded import as_recorded
from notyet.analysis.conformance_rules import IN_TIME, OUT_OF_ORDER, SKIPPED, Judge
from notyet.analysis.conformance_sample import Tally
from notyet.analysis.figures import first_row
from notyet.analysis.history import History
from notyet.analysis.moments import epoch_us, microseconds
from notyet.analysis.working import Calendar

LONGEST = timedelta(days=365 * 40)
AHEAD = timedelta(days=2 * 365)
FEWEST_SHARE = 0.05


def plans(history: History) -> tuple[Plan, ...]:
    """The versions of the process, if there are any, and then the steps that none of them knows, if there are any."""
    recorded = as_recorded(history)
    known = (Plan(history.meta.process),) if history.meta.process else ()
    return (*known, recorded) if recorded is not None else known


def followed(history: History, plan: Plan) -> tuple[tuple[Ways, ...], Judge]:
    """The ways of all deals as a plan reads them, and what they are judged by."""
    calendar = _calendar(history)
    every = tuple(read(history, plan, calendar))
    return every, Judge.of(plan, calendar, microseconds(history.meta.frozen_at), every)


def landmark(tally: Tally, smallest: int) -> int:
    """The first landmark with enough deals on both sides, chosen without a look at the outcome."""
    enough: list[int] = []
    for number, cells in enumerate(tally.at_landmarks):
        done, undone = int(cells[[IN_TIME, OUT_OF_ORDER]].sum()), int(cells[SKIPPED].sum())
        if min(done, undone) >= smallest:
            enough.append(number)
            if min(done, undone) >= FEWEST_SHARE * (done + undone):
                return number
    return enough[0] if enough else 0


def _calendar(history: History) -> Calendar:
    """The days from the first entry of a stage on, and some beyond the record for what is still to come."""
    now, zone = history.meta.frozen_at, history.meta.zone
    rows, deals = history.table("stage_changes"), history.table("deals")
    row = first_row(rows.aggregate(first=epoch_us(rows.entered_at).min()))
    opened = first_row(deals.aggregate(first=epoch_us(deals.opened_at).min()))
    known = [one["first"] for one in (row, opened) if one["first"] is not None]
    first = _moment(min(known, default=microseconds(now)))
    first = min(max(first, now - LONGEST), now)
    return Calendar.of(
        history.meta.working,
        zone,
        (first - timedelta(days=2)).astimezone(zone).date(),
        (now + AHEAD).astimezone(zone).date(),
    )


def _moment(at: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
