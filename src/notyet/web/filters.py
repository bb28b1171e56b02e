"""The selection of deals as it stands in an address: period and dimensions, and the way back to an address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import QueryDict

from notyet.analysis.selection import Selection

RESERVED = ("period", "since", "until", "measure", "with", "figure", "by", "q", "outcome", "sort", "page")
Where = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Filters:
    """What a reader chose. ``since`` and ``until`` are inclusive days; ``problem`` says what could not be read."""

    period: str
    since: date | None
    until: date | None
    where: Where = ()
    problem: str = ""

    @property
    def selection(self) -> Selection:
        """The same for the analysis."""
        return Selection(since=self.since, until=self.until, where=self.where)

    def query(self, **more: str) -> str:
        """The filters as the part of an address after ``?``; ``more`` adds to it."""
        pairs = [("period", self.period)] if self.period != "last4q" else []
        if self.period == "custom":
            pairs += [(name, day.isoformat()) for name, day in (("since", self.since), ("until", self.until)) if day]
        pairs += [(_parameter(field), value) for field, values in self.where for value in values]
        return urlencode([*pairs, *more.items()])

    def without(self, field: str, value: str) -> "Filters":
        """The filters with one value of one field taken away."""
        kept = ((f, tuple(v for v in values if (f, v) != (field, value))) for f, values in self.where)
        return replace(self, where=tuple((f, values) for f, values in kept if values))


def read(query: QueryDict, dimensions: Mapping[str, Sequence[str]], last_close: date | None) -> Filters:
    """The filters of an address. Fields that are no dimension are left out; so is a day that cannot be read."""
    where = tuple(
        (field, tuple(dict.fromkeys(value for value in query.getlist(_parameter(field)) if value)))
        for field in dimensions
        if any(query.getlist(_parameter(field)))
    )
    period = query.get("period", "")
    if period == "custom":
        since, first = _day(query.get("since", ""))
        until, second = _day(query.get("until", ""))
        return Filters("custom", since, until, where, first or second or _order(since, until))
    if last_close is None or period == "all":
        return Filters("all" if period == "all" or last_close is None else "last4q", None, None, where)
    if period == "year":
        return Filters("year", date(last_close.year, 1, 1), date(last_close.year, 12, 31), where)
    return Filters("last4q", *last_four_quarters(last_close), where)


def last_four_quarters(day: date) -> tuple[date, date]:
    """The first and the last day of the four quarters that end with the one of ``day``."""
    number = day.year * 4 + (day.month - 1) // 3
    following = number + 1
    end = date(following // 4, following % 4 * 3 + 1, 1) - timedelta(days=1)
    first = number - 3
    return date(first // 4, first % 4 * 3 + 1, 1), end


def _day(text: str) -> tuple[date | None, str]:
    if not text:
        return None, ""
    try:
        return date.fromisoformat(text), ""
    except ValueError:
        return None, f"“{text}” is not a day like 2026-01-31, so it was left out."


def _order(since: date | None, until: date | None) -> str:
    return "The first day lies after the last one." if since and until and since > until else ""


def _parameter(field: str) -> str:
    """A field's name in an address; a source's own column that is called like one of ours gets a prefix."""
    return f"field.{field}" if field in RESERVED else field


def parameter(field: str) -> str:
    """The same, for forms."""
    return _parameter(field)


def field_label(field: str) -> str:
    """A field's name as a person reads it: ``lost_to`` is “Lost to”; a source's own columns stay as they are."""
    own = field.removeprefix("attr.")
    return own.replace("_", " ").capitalize() if own.islower() else own
