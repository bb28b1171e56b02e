"""Working time: which days and hours are worked, and what so many of them from a moment on are.

Weekends, holidays and nights never count. Moments are aware and come back in UTC; days and hours are those of the
zone, so that a day keeps its hours when the clocks are put forward or back.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SEARCHED_DAYS = 3_660
MONDAY_TO_FRIDAY = frozenset(range(5))


class NeverWorked(ValueError):
    """There is no working day to be found: no day of the week is worked, or all are closed for ten years."""


@dataclass(frozen=True)
class WorkingTime:
    """The days (0 is Monday) worked from ``starts`` to ``ends`` by the zone's clocks, without the ``closed`` dates.

    Raises ``NeverWorked`` where no day of the week is worked, and ``ValueError`` where a day ends before it starts.
    """

    zone: ZoneInfo
    days: frozenset[int] = MONDAY_TO_FRIDAY
    starts: time = time(9)
    ends: time = time(17)
    closed: frozenset[date] = field(default=frozenset())

    def __post_init__(self) -> None:
        if not self.days & frozenset(range(7)):
            raise NeverWorked("no day of the week is a working day")
        if self.starts >= self.ends:
            raise ValueError(f"a working day cannot start at {self.starts} and end at {self.ends}")

    def is_working(self, day: date) -> bool:
        """Whether the day is worked."""
        return day.weekday() in self.days and day not in self.closed

    def day_of(self, at: datetime) -> date:
        """The zone's date at a moment."""
        return at.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """The first moment of a day."""
        return self._at(day, time())

    def day_starts(self, day: date) -> datetime:
        """When work begins on a day, if it is worked."""
        return self._at(day, self.starts)

    def day_ends(self, day: date) -> datetime:
        """When work ends on a day, if it is worked."""
        return self._at(day, self.ends)

    def on_or_before(self, day: date) -> date:
        """The day itself, or the last working day before it. Raises ``NeverWorked``."""
        return self._working_day(day, -1)

    def on_or_after(self, day: date) -> date:
        """The day itself, or the next working day. Raises ``NeverWorked``."""
        return self._working_day(day, 1)

    def add_hours(self, at: datetime, hours: float) -> datetime:
        """The first moment by which so many working hours have passed since ``at``; ``at`` itself for none.

        Raises ``ValueError`` for less than none.
        """
        if hours < 0:
            raise ValueError("working hours are counted forward")
        left, since = timedelta(hours=hours), at.astimezone(UTC)
        if not left:
            return since
        day = self.day_of(since)
        while True:
            day = self.on_or_after(day)
            begins, ends = max(since, self.day_starts(day)), self.day_ends(day)
            if begins + left <= ends:
                return begins + left
            left -= max(ends - begins, timedelta())
            day += timedelta(days=1)

    def add_days(self, at: datetime, days: int) -> datetime:
        """The end of work on the ``days``-th working day after the day of ``at``.

        For no days: the end of the day itself while its work lasts, else of the next working day. Raises
        ``ValueError`` for less than none.
        """
        if days < 0:
            raise ValueError("working days are counted forward")
        day = self.day_of(at)
        if days == 0:
            day = self.on_or_after(day)
            ends = self.day_ends(day)
            return ends if at < ends else self.add_days(at, 1)
        for _ in range(days):
            day = self.on_or_after(day + timedelta(days=1))
        return self.day_ends(day)

    def hours_between(self, begin: datetime, end: datetime) -> float:
        """Working hours from one moment to another; negative when the second is the earlier."""
        if end < begin:
            return -self.hours_between(end, begin)
        day, last, passed = self.day_of(begin), self.day_of(end), timedelta()
        while day <= last:
            if self.is_working(day):
                passed += max(min(end, self.day_ends(day)) - max(begin, self.day_starts(day)), timedelta())
            day += timedelta(days=1)
        return passed / timedelta(hours=1)

    def _working_day(self, day: date, step: int) -> date:
        for passed in range(_SEARCHED_DAYS):
            found = day + timedelta(days=step * passed)
            if self.is_working(found):
                return found
        raise NeverWorked(f"there is no working day within ten years of {day}")

    def _at(self, day: date, clock: time) -> datetime:
        # A time that the clocks skip moves on by what they skip; of one that they repeat the first is meant.
        return datetime.combine(day, clock, self.zone).astimezone(UTC)
