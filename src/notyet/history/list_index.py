"""Finding deals in the list's index: which, in what order, how many. It knows nothing of who may see them."""

import json
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from notyet.analysis.selection import NOT_RECORDED
from notyet.history.list_making import MISSING_TIME, FieldKind, words

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int32]
BLOCK = 65_536
AFTER_EVERY_LETTER = "\U0010ffff"


class UnknownListField(ValueError):
    """The list has no field of that name, or none that can be used like this."""


@dataclass(frozen=True)
class Wanted:
    """What is asked of the list.

    ``text``: every word of it begins a word of the deal's name, buyer or id (a single letter or digit is a whole
    word). ``among``: of each field the levels that will do, ``NOT_RECORDED`` for none. ``between``: of a number or
    time (microseconds since 1970, UTC) the least that will do and the first that is too much. ``order``: a field,
    with a minus for descending; what is missing comes last either way.
    """

    text: str = ""
    among: tuple[tuple[str, tuple[str, ...]], ...] = ()
    between: tuple[tuple[str, float | None, float | None], ...] = ()
    order: str = "-closed_at"


class Found:
    """The deals found, in order. Nothing is put in order but the page that is asked for."""

    def __init__(self, deals: npt.NDArray[np.int64], order: Rows, kept: Mask | None) -> None:
        self._deals, self._order, self._kept = deals, order, kept
        self._count = len(order) if kept is None else int(np.count_nonzero(kept))

    def __len__(self) -> int:
        return self._count

    def page(self, start: int, size: int) -> list[int]:
        """The numbers (primary keys) of the deals from ``start`` on, ``size`` at most."""
        end = min(start + size, len(self))
        if start >= end:
            return []
        if self._kept is None:
            rows = self._order[start:end]
        elif start > len(self) // 2:
            rows = self._walk(self._order[::-1], self._kept, len(self) - end, len(self) - start)[::-1]
        else:
            rows = self._walk(self._order, self._kept, start, end)
        return [int(deal) for deal in self._deals[rows]]

    def _walk(self, order: Rows, kept: Mask, start: int, end: int) -> Rows:
        """What is kept of ``order`` from place ``start`` to ``end``, looking no further than that."""
        parts, passed = [], 0
        for begin in range(0, len(order), BLOCK):
            rows = order[begin : begin + BLOCK]
            rows = rows[kept[rows]]
            parts.append(rows[max(start - passed, 0) : max(end - passed, 0)])
            passed += len(rows)
            if passed >= end:
                break
        return np.concatenate(parts)


class ListField:
    """One field of the list: its values by row, its levels, and the rows in its order."""

    def __init__(self, stem: Path, name: str, kind: FieldKind, missing: int) -> None:
        self.name, self.kind, self.missing = name, kind, missing
        self._stem = stem

    @cached_property
    def values(self) -> npt.NDArray[Any]:
        """By row the place of its level, the number, or the time."""
        return _array(self._stem.with_suffix(".npy"))

    @cached_property
    def order(self) -> Rows:
        """All rows, the lowest first, those without a value last."""
        path = self._stem.with_suffix(".order.npy")
        return _array(path) if path.exists() else np.argsort(self.values, kind="stable").astype(np.int32)

    @cached_property
    def levels(self) -> pa.Array:
        """The levels in order, as an Arrow array of texts."""
        return _texts(self._stem.with_suffix(".levels")) if self.kind == "level" else pa.array([], pa.string())

    def levels_in(self, rows: Rows | None) -> list[str]:
        """The levels that the rows (``None``: all) have, in order."""
        if rows is None:
            return [str(level) for level in self.levels]
        places = np.unique(self.values[rows])
        return [str(self.levels[int(place)]) for place in places if place < len(self.levels)]

    def among(self, wanted: Sequence[str]) -> Mask:
        """The rows with one of the levels. A level that nothing has is had by none."""
        chosen = np.zeros(len(self.levels) + 1, dtype=np.bool_)
        for level in wanted:
            place = len(self.levels) if level == NOT_RECORDED else pc.index(self.levels, level).as_py()
            if place >= 0:
                chosen[place] = True
        places = np.flatnonzero(chosen)
        found: Mask = self.values == places[0] if len(places) == 1 else chosen[self.values]
        return found

    def between(self, low: float | None, high: float | None) -> Mask:
        """The rows from ``low`` on and below ``high``; those without a value are in no span."""
        end = np.inf if high is None else high
        if self.kind == "time":
            end = MISSING_TIME if high is None else int(high)
        within: Mask = self.values < end
        return within if low is None else within & (self.values >= low)


class ListIndex:
    """An index on disk, mapped into memory: what is not asked for is not read. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        head = json.loads((folder / "fields.json").read_text(encoding="utf-8"))
        self.fields = {
            one["name"]: ListField(folder / f"field{number}", one["name"], one["kind"], one["missing"])
            for number, one in enumerate(head["fields"])
        }
        self.deals: npt.NDArray[np.int64] = _array(folder / "deal.npy")
        self._words = _texts(folder / "words")
        self._ends = _array(folder / "word_ends.npy")
        self._rows = _array(folder / "word_rows.npy")

    def __len__(self) -> int:
        return len(self.deals)

    def find(self, wanted: Wanted) -> Found:
        """The deals that are like that, in order. Raises ``UnknownListField``."""
        order = self._ordered(wanted.order)
        masks = [self._field(name, "level").among(levels) for name, levels in wanted.among]
        masks += [self._field(name, "number", "time").between(low, high) for name, low, high in wanted.between]
        masks += [self._with_word(word) for word in words(pa.array([wanted.text]))[0].as_py() if word]
        return Found(self.deals, order, reduce(np.logical_and, masks) if masks else None)

    def rows(self, among: Sequence[tuple[str, tuple[str, ...]]]) -> Rows | None:
        """The rows that have these levels, in no order; ``None``, for all, where nothing is asked."""
        if not among:
            return None
        masks = [self._field(name, "level").among(levels) for name, levels in among]
        return np.flatnonzero(reduce(np.logical_and, masks)).astype(np.int32)

    def _field(self, name: str, *kinds: FieldKind) -> ListField:
        field = self.fields.get(name)
        if field is None or field.kind not in kinds:
            raise UnknownListField(name)
        return field

    def _ordered(self, order: str) -> Rows:
        field = self._field(order.removeprefix("-"), "name", "level", "number", "time")
        if not order.startswith("-"):
            return field.order
        known = len(field.order) - field.missing
        return np.concatenate((field.order[:known][::-1], field.order[known:]))

    def _with_word(self, beginning: str) -> Mask:
        """The rows that have a word with this beginning; a single letter is meant as a whole word."""
        end = beginning + (AFTER_EVERY_LETTER if len(beginning) > 1 else "\0")
        first, last = (bisect_left(self._words, text, key=str) for text in (beginning, end))
        found = np.zeros(len(self), dtype=np.bool_)
        if first < last:
            found[self._rows[int(self._ends[first - 1]) if first else 0 : int(self._ends[last - 1])]] = True
        return found


def _array(path: Path) -> npt.NDArray[Any]:
    # An empty file cannot be mapped.
    made: npt.NDArray[Any] = np.load(path, mmap_mode="r") if path.stat().st_size > 128 else np.load(path)
    return np.asarray(made)


def _texts(path: Path) -> pa.Array:
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).get_batch(0).column(0)
