"""Working days and hours, quarters and months, over arrays of seconds since 1970 (UTC).

People work Monday to Friday from 7:00 to 17:30 UTC; nobody has holidays.
"""

import numpy as np

from notyet.simulator.shares import Flags, Floats, Ints

MINUTE, HOUR, DAY = 60, 3600, 86400
MORNING, EVENING = 7 * HOUR, 17 * HOUR + 30 * MINUTE
DAYS_A_MONTH = 30.44


def weekday(moments: Ints) -> Ints:
    """0 for Monday to 6 for Sunday."""
    return (moments // DAY + 3) % 7


def month(moments: Ints) -> Ints:
    """Months since January 1970; modulo 12 it is the month of the year, from 0."""
    return moments.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)


def quarter_end(moments: Ints) -> Ints:
    """Midnight at the beginning of the last day of the quarter."""
    next_quarter = (month(moments) // 3 + 1) * 3
    return next_quarter.astype("datetime64[M]").astype("datetime64[s]").astype(np.int64) - DAY


def is_working(moments: Ints) -> Flags:
    """Whether somebody is at work."""
    hour = moments % DAY
    return np.asarray((weekday(moments) < 5) & (hour >= MORNING) & (hour <= EVENING), dtype=np.bool_)


def at_work(moments: Ints) -> Ints:
    """The same moments squeezed into working hours: a Saturday becomes its Friday, a Sunday its Monday."""
    day = weekday(moments)
    shifted = moments // DAY - (day == 5) + (day == 6)
    return np.asarray(shifted * DAY + MORNING + (moments % DAY) * (EVENING - MORNING) // DAY, dtype=np.int64)


def next_at_work(moments: Ints, delay: Floats) -> Ints:
    """The moment itself in working hours, else ``delay`` seconds into the next working morning."""
    hour = moments % DAY
    late = hour > EVENING
    day = moments // DAY + late
    off = late | (hour < MORNING)
    hour = np.where(off, MORNING + delay.astype(np.int64), hour)
    of_week = (day + 3) % 7
    shift = np.where(of_week == 5, 2, np.where(of_week == 6, 1, 0))
    second = np.where(shift > 0, MORNING + delay.astype(np.int64), hour)
    return np.asarray((day + shift) * DAY + second, dtype=np.int64)


def weekday_before(moments: Ints) -> Ints:
    """The same hour on the Friday before, where it is a weekend."""
    return np.asarray(moments - np.maximum(weekday(moments) - 4, 0) * DAY, dtype=np.int64)


def weekday_after(moments: Ints) -> Ints:
    """The same hour on the Monday after, where it is a weekend."""
    day = weekday(moments)
    return np.asarray(moments + np.where(day >= 5, 7 - day, 0) * DAY, dtype=np.int64)
