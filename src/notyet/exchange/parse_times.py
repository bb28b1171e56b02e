"""Reading times: a whole column at once where values are canonical, exactly one by one where they are not."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

FIRST_YEAR, LAST_YEAR = 1900, 2199
_YEAR = r"(?:19|20|21)\d\d"
_CANONICAL_TIME = (
    rf"^{_YEAR}-[01]\d-[0-3]\d[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:\.\d{{1,6}})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$"
)
_CANONICAL_DATE = rf"^{_YEAR}-[01]\d-[0-3]\d$"
_ISO_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d|\d{8})[Tt ](\d\d:?\d\d(?::?\d\d(?:[.,]\d{1,9})?)?) ?(Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{8}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

ACCEPTED_TIME = (
    f"a time in ISO 8601 with an offset (2026-01-31T09:30:00+01:00) or a date (2026-01-31), "
    f"of the years {FIRST_YEAR} to {LAST_YEAR}"
)


@dataclass(frozen=True)
class TimeRule:
    """How a column's times are written.

    ``zone`` is the time zone whose days plain dates are. ``naive_zone``, where given, is that of times
    without an offset, which are refused otherwise. ``formats`` are ``strptime`` formats beside ISO 8601,
    or ``epoch_s`` and ``epoch_ms``. ``days_only``: the time of day is an artefact of the export, a
    time means its day.
    """

    zone: str
    naive_zone: str | None = None
    formats: tuple[str, ...] = ()
    days_only: bool = False


@dataclass(frozen=True)
class Times:
    """Microseconds since 1970 in UTC, which of them are plain dates, which are missing, which unreadable."""

    micros: npt.NDArray[np.int64]
    plain: npt.NDArray[np.bool_]
    missing: npt.NDArray[np.bool_]
    bad: npt.NDArray[np.bool_]

    def to_arrow(self) -> pa.TimestampArray:
        """The times as Arrow timestamps; missing and unreadable ones are null."""
        return pa.array(self.micros, pa.int64(), mask=self.missing | self.bad).cast(pa.timestamp("us", "UTC"))


def parse_times(texts: pa.StringArray, rule: TimeRule) -> Times:
    """Read a column of times."""
    size = len(texts)
    micros, plain = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=bool)
    missing = np.asarray(texts.is_null())
    if rule.days_only or rule.formats:
        done = missing.copy()
    else:
        whole = _fast(texts, _CANONICAL_TIME, micros, _cast_times)
        plain = _fast(texts, _CANONICAL_DATE, micros, lambda found: _cast_dates(found, rule.zone))
        done = whole | plain | missing
    bad = np.zeros(size, dtype=bool)
    rest = np.flatnonzero(~done)
    known: dict[str, tuple[int, bool] | None] = {}
    for index, text in zip(rest, texts.take(pa.array(rest)).to_pylist(), strict=True):
        read = known[text] if text in known else known.setdefault(text, read_time(text, rule))
        if read is None:
            bad[index] = True
        else:
            micros[index], plain[index] = read
    return Times(micros, plain, missing, bad)


def _fast(texts: pa.StringArray, pattern: str, micros: npt.NDArray[np.int64], cast: object) -> npt.NDArray[np.bool_]:
    """Fill in the values that match the pattern and can be cast at once; says which were."""
    found = np.asarray(pc.match_substring_regex(texts, pattern).fill_null(False))
    if not found.any():
        return found
    try:
        values = cast(texts if found.all() else texts.filter(pa.array(found)))  # type: ignore[operator]
    except pa.ArrowInvalid:
        return np.zeros(len(found), dtype=bool)
    micros[found] = values.cast(pa.int64()).to_numpy()
    return found


def _cast_times(texts: pa.StringArray) -> pa.TimestampArray:
    return texts.cast(pa.timestamp("us", "UTC"))


def _cast_dates(texts: pa.StringArray, zone: str) -> pa.TimestampArray:
    # Arrow knows no summer time after 2037, so each distinct day is placed by Python's own zones.
    coded = texts.dictionary_encode()
    starts = [start_of_day(day, zone) for day in coded.dictionary.cast(pa.date32()).to_pylist()]
    return pa.array(starts, pa.int64()).take(coded.indices)


def read_time(text: str, rule: TimeRule) -> tuple[int, bool] | None:
    """One time as microseconds since 1970 and whether it is a plain date; ``None`` where it cannot be read."""
    text = text.strip()
    try:
        moment = _iso(text, rule)
        for form in rule.formats if moment is None else ():
            moment = _formatted(text, form, rule)
            if moment is not None:
                break
    except (ValueError, OverflowError):
        return None
    if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return None
    if not isinstance(moment, datetime):
        return start_of_day(moment, rule.zone), True
    if rule.days_only:
        return start_of_day(moment.date(), rule.zone), True
    return (moment - _EPOCH) // timedelta(microseconds=1), False


def _iso(text: str, rule: TimeRule) -> date | None:
    if _ISO_DATE.fullmatch(text):
        if len(text) == 8 and rule.formats:
            return None
        return date.fromisoformat(text)
    match = _ISO_TIME.fullmatch(text)
    if not match:
        return None
    day, clock, offset = match.groups()
    clock = re.sub(r"[.,](\d{1,6})\d*", lambda digits: "." + digits[1], clock)
    if clock.startswith("24"):
        return None
    offset = {None: "", "z": "Z", "UTC": "Z", "GMT": "Z"}.get(offset, offset or "")
    return _placed(_joined(day, clock, offset), rule)


def _joined(day: str, clock: str, offset: str) -> datetime:
    digits = clock.replace(":", "")
    clock = ":".join(filter(None, (digits[:2], digits[2:4], digits[4:])))
    if len(day) == 8:
        day = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    return datetime.fromisoformat(f"{day}T{clock}{offset}")


def _formatted(text: str, form: str, rule: TimeRule) -> date | None:
    if form in ("epoch_s", "epoch_ms"):
        if not re.fullmatch(r"-?\d{1,15}", text, re.ASCII):
            return None
        return _EPOCH + timedelta(milliseconds=int(text) * (1 if form == "epoch_ms" else 1000))
    try:
        moment = datetime.strptime(text, form)  # noqa: DTZ007 - its zone is settled below
    except ValueError:
        return None
    if not any(part in form for part in ("%H", "%I", "%X", "%c")):
        return moment.date()
    return _placed(moment, rule)


def _placed(moment: datetime, rule: TimeRule) -> datetime | None:
    """A time without an offset in the zone that the rule gives for such; ``None`` where it gives none."""
    if moment.tzinfo is not None:
        return moment
    if rule.days_only:
        return moment.replace(tzinfo=UTC)
    return None if rule.naive_zone is None else moment.replace(tzinfo=ZoneInfo(rule.naive_zone))


def local_day(micros: int, zone: str) -> date:
    """The day in a time zone at a moment in microseconds since 1970."""
    return (_EPOCH + timedelta(microseconds=micros)).astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=20_000)
def start_of_day(day: date, zone: str) -> int:
    """The first moment of a day in a time zone, as microseconds since 1970."""
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    moment = local.astimezone(UTC)
    if moment.astimezone(local.tzinfo).date() != day or moment.astimezone(local.tzinfo).hour:
        moment = _after_gap(day, zone)
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _after_gap(day: date, zone: str) -> datetime:
    """The day's first moment where the clock jumps over midnight."""
    info = ZoneInfo(zone)
    low = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=26)
    high = low + timedelta(hours=52)
    while high - low > timedelta(microseconds=1):
        middle = low + (high - low) // 2
        if middle.astimezone(info).date() < day:
            low = middle
        else:
            high = middle
    return high
