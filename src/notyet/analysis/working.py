"""Working hours and days counted for many moments at once, over a table with one row a day.

Moments are whole microseconds since 1970. The rules are those of the workspace's working time: hours pass on working
days between their start and end only; a day keeps its hours when the clocks change.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from notyet.analysis.moments import DAY, HOUR, microseconds
from notyet.analysis.population import Flags, Ints
from notyet.analysis.process import Due, Working

NEVER = int(np.iinfo(np.int64).max)
"""Stands for a moment that does not come, after every other."""
MOST_DAYS = 36_525


@dataclass(frozen=True)
class Calendar:
    """The days of a zone from the first on, without gaps, and those of them that are worked.

    ``midnights`` is when each day begins; ``passed`` how many working days there are up to and with each day.
    ``starts`` and ``ends`` are of the working days alone, ``before`` the work done before each of them.
    """

    midnights: Ints
    passed: Ints
    starts: Ints
    ends: Ints
    before: Ints

    @classmethod
    def of(cls, working: Working, zone: ZoneInfo, first: date, last: date) -> "Calendar":
        """The calendar from ``first`` to ``last`` (a hundred years at most: later moments are never)."""
        count = min((last - first).days + 1, MOST_DAYS)
        days = [first + timedelta(days=number) for number in range(max(count, 1))]
        closed, week = frozenset(working.closed), frozenset(working.days)
        worked = [day.weekday() in week and day not in closed for day in days]
        of_work = [day for day, works in zip(days, worked, strict=True) if works]
        starts = _clocks(of_work, working.starts, zone)
        # Where the clocks skip the whole of a day's work there is none.
        ends = np.maximum(_clocks(of_work, working.ends, zone), starts)
        lengths = ends - starts
        before = np.cumsum(lengths) - lengths
        return cls(_clocks(days, time(), zone), np.cumsum(worked, dtype=np.int64), starts, ends, before)

    def after(self, moments: Ints, due: Due, times: int = 1) -> Ints:
        """The moments by which what is due has passed since, or so many ``times`` of it; ``NEVER`` beyond the calendar.

        What is due at once or on the same day takes a working day for its second time.
        """
        if due.amount == 0:
            at_once = due.unit == "hours" and times == 1
            return np.where(self._known(moments), moments, NEVER) if at_once else self.after_days(moments, times - 1)
        amount = due.amount * times
        return self.after_hours(moments, amount) if due.unit == "hours" else self.after_days(moments, amount)

    def after_hours(self, moments: Ints, hours: float) -> Ints:
        """The first moments by which so many working hours (more than none) have passed."""
        known = self._known(moments)
        wanted = self._worked(moments[known]) + round(hours * HOUR)
        # The first working day by whose end so much has been worked.
        place = np.searchsorted(self.before + (self.ends - self.starts), wanted, side="left")
        there = place < len(self.starts)
        day = place[there]
        found = np.full(len(wanted), NEVER)
        found[there] = self.starts[day] + wanted[there] - self.before[day]
        return _filled(known, found)

    def after_days(self, moments: Ints, days: int) -> Ints:
        """The end of work on the so-many-th working day after each moment's day.

        For no days: of the day itself while its work lasts, else of the next working day.
        """
        known = self._known(moments)
        since = moments[known]
        passed = self.passed[np.searchsorted(self.midnights, since, side="right") - 1]
        place = passed + days - 1
        if days == 0 and len(self.ends):
            lasts = (passed > 0) & (since < self.ends[np.clip(passed - 1, 0, None)])
            place = np.where(lasts, passed - 1, passed)
        there = (place >= 0) & (place < len(self.ends))
        found = np.full(len(since), NEVER)
        found[there] = self.ends[place[there]]
        return _filled(known, found)

    def last_of_day(self, moments: Ints) -> Ints:
        """The last microsecond of each moment's day; outside the calendar the moments themselves."""
        following = np.searchsorted(self.midnights, moments, side="right")
        inside = (following > 0) & (following < len(self.midnights))
        return np.where(inside, self.midnights[np.where(inside, following, 0)] - 1, moments)

    def _worked(self, moments: Ints) -> Ints:
        """The work done from the beginning of the calendar to each moment."""
        if not len(self.starts):
            return np.zeros(len(moments), dtype=np.int64)
        place = np.searchsorted(self.starts, moments, side="right") - 1
        day = np.clip(place, 0, None)
        done = np.clip(moments - self.starts[day], 0, self.ends[day] - self.starts[day])
        return np.where(place < 0, 0, self.before[day] + done)

    def _known(self, moments: Ints) -> Flags:
        """Which moments lie on a day of the calendar."""
        return np.asarray((moments >= self.midnights[0]) & (moments < self.midnights[-1] + DAY))


def _filled(known: Flags, found: Ints) -> Ints:
    filled = np.full(len(known), NEVER)
    filled[known] = found
    return filled


def _clocks(days: list[date], clock: time, zone: ZoneInfo) -> Ints:
    # A time that the clocks skip moves on by what they skip; of one that they repeat the first is meant.
    moments = (datetime.combine(day, clock, zone).astimezone(UTC) for day in days)
    return np.fromiter((microseconds(moment) for moment in moments), dtype=np.int64, count=len(days))
