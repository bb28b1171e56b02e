"""What the list of deals is filtered and sorted by, and its columns: read from an address and written to one."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone

from notyet.core.texts import looked_for
from notyet.history.list_index import ListIndex, Wanted
from notyet.web.deal_columns import LABELS, USUAL, chosen
from notyet.web.filters import field_label

USUAL_ORDER = "-closed_at"
Span = tuple[str, str, str]
"""A field, the first and the last of it that will do, as typed; empty for no limit."""


@dataclass(frozen=True)
class Chip:
    """A filter in force, and the address without it."""

    text: str
    without: str


@dataclass(frozen=True)
class ListFilters:
    """What somebody asks of the list. ``days`` are inclusive local days; ``problems`` say what was left out."""

    text: str = ""
    among: tuple[tuple[str, tuple[str, ...]], ...] = ()
    days: tuple[Span, ...] = ()
    numbers: tuple[Span, ...] = ()
    order: str = USUAL_ORDER
    columns: tuple[str, ...] = USUAL
    problems: tuple[str, ...] = ()

    @property
    def narrowed(self) -> bool:
        """Whether anything is filtered."""
        return bool(self.text or self.among or self.days or self.numbers)

    @property
    def wanted(self) -> Wanted:
        """The same for the index; a day is one of the present time zone's."""
        days = tuple((field, _midnight(low, 0), _midnight(high, 1)) for field, low, high in self.days)
        numbers = tuple((field, _number(low), _above(_number(high))) for field, low, high in self.numbers)
        return Wanted(self.text, self.among, days + numbers, self.order)

    def filter_pairs(self) -> Iterator[tuple[str, str]]:
        """The filters as parameters of an address."""
        if self.text:
            yield "q", self.text
        for field, levels in self.among:
            yield from ((field, level) for level in levels)
        for field, low, high in (*self.days, *self.numbers):
            yield from ((f"{field}.{side}", value) for side, value in (("from", low), ("to", high)) if value)

    def look_pairs(self) -> Iterator[tuple[str, str]]:
        """The order and the columns as parameters, where they are not the usual ones."""
        if self.order != USUAL_ORDER:
            yield "sort", self.order
        if self.columns != USUAL:
            yield from (("column", name) for name in self.columns)

    def query(self) -> str:
        """The whole of it as the part of an address after ``?``; the same for the same list."""
        return urlencode([*self.filter_pairs(), *self.look_pairs()])

    def chips(self) -> list[Chip]:
        """What narrows the list, each with the way to take it away."""
        found = [(f"“{self.text}”", replace(self, text=""))] if self.text else []
        for field, levels in self.among:
            found += [(f"{label(field)}: {_level(field, one)}", self._without(field, one)) for one in levels]
        for field, low, high in (*self.days, *self.numbers):
            span = f"{low} – {high}" if low and high else f"from {low}" if low else f"up to {high}"
            found.append((f"{label(field)}: {span}", self._without(field)))
        return [Chip(text, f"?{left.query()}") for text, left in found]

    def _without(self, field: str, level: str = "") -> "ListFilters":
        among = ((name, tuple(v for v in levels if (name, v) != (field, level))) for name, levels in self.among)
        return replace(
            self,
            among=tuple((name, levels) for name, levels in among if levels),
            days=tuple(span for span in self.days if span[0] != field),
            numbers=tuple(span for span in self.numbers if span[0] != field),
        )


def read(query: QueryDict, index: ListIndex) -> ListFilters:
    """The filters of an address. What is no field of the list is left out; so is a limit that cannot be read."""
    among, spans, problems = [], {"time": [], "number": []}, []  # type: ignore[var-annotated]
    for name, field in index.fields.items():
        if field.kind == "level" and (levels := tuple(dict.fromkeys(v for v in query.getlist(name) if v))):
            among.append((name, levels))
        elif field.kind in spans:
            low, high = (query.get(f"{name}.{side}", "").strip() for side in ("from", "to"))
            wrong = [value for value in (low, high) if value and not _readable(field.kind, value)]
            problems += [f"{label(name)}: “{value}” is no {_SORTS[field.kind]}, so it was left out." for value in wrong]
            low, high = ("" if value in wrong else value for value in (low, high))
            if low or high:
                spans[field.kind].append((name, low, high))
    order = query.get("sort", USUAL_ORDER)
    return ListFilters(
        text=looked_for(query.get("q", "")),
        among=tuple(among),
        days=tuple(spans["time"]),
        numbers=tuple(spans["number"]),
        order=order if order.removeprefix("-") in index.fields else USUAL_ORDER,
        columns=chosen(index, query.getlist("column")),
        problems=tuple(problems),
    )


_SORTS = {"time": "day like 2026-01-31", "number": "number"}


def label(field: str) -> str:
    """A field's name as a person reads it."""
    return LABELS.get(field) or field_label(field)


def _level(field: str, level: str) -> str:
    return level.replace("_", " ") if field == "outcome" else level


def _readable(kind: str, text: str) -> bool:
    return _number(text) is not None if kind == "number" else _day(text) is not None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(text: str, later: int) -> float | None:
    """The local midnight ``later`` days after the day, in microseconds since 1970 UTC."""
    day = _day(text)
    if day is None or (later and day == date.max):
        return None
    start = datetime.combine(day + timedelta(days=later), time(), timezone.get_current_timezone())
    return (start - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _above(number: float | None) -> float | None:
    """The next number: the last one that will do is included."""
    return None if number is None else math.nextafter(number, math.inf)
