"""A factor: one recorded fact of the world, cut into the groups that are compared."""

import math
from dataclasses import dataclass, replace

import numpy as np

from notyet.analysis.meta import Control
from notyet.analysis.population import Flags, Floats, Ints

YES = frozenset({"yes", "true", "y", "1", "ja", "oui", "si", "sí", "x"})
NO = frozenset({"no", "false", "n", "0", "nein", "non"})
MISSING = "(not recorded)"
OTHER = "(others)"
NOT_THE_CASE = "(not the case)"
NOT_COMPARED = (MISSING, NOT_THE_CASE)


@dataclass(frozen=True)
class Factor:
    """Groups of deals by one field or behaviour.

    ``codes`` gives each deal's index into ``levels``. ``tested`` are the levels that may be named as a driver:
    the others (not recorded, pooled rare ones) are only adjusted for. ``single``: two sides of one question, of
    which the first of ``tested`` is named. ``within``: for a finer factor nested in another, each level's group;
    a level is then compared with the levels of its own group. ``among``: the deals that the comparison is about.
    """

    name: str
    field: str
    control: Control
    codes: Ints
    levels: tuple[str, ...]
    tested: tuple[int, ...]
    single: bool = False
    within: tuple[int, ...] | None = None
    among: Flags | None = None

    def label(self, level: int) -> str:
        """How the driver made of this level is called."""
        return self.levels[level] if self.single else f"{self.name}: {self.levels[level]}"

    def rows(self, keep: Flags) -> "Factor":
        """The same factor for some of the deals only."""
        among = None if self.among is None else self.among[keep]
        return replace(self, codes=self.codes[keep], among=among)


def from_levels(
    name: str, field: str, control: Control, codes: Ints, levels: tuple[str, ...], smallest: int, most: int
) -> Factor | None:
    """A factor of a category: levels with at least ``smallest`` deals inside and outside are tested, rarer ones pooled.

    ``None`` where fewer than two groups remain, or where the field is an identifier rather than a category (more
    than ``most`` levels that do not hold most of the deals).
    """
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    recorded = int(counts.sum())
    frequent = [int(i) for i in np.argsort(-counts, kind="stable") if counts[i] >= smallest][:most]
    if not frequent or (len(levels) > most and counts[frequent].sum() < recorded / 2):
        return None
    lookup = np.full(len(levels) + 1, len(frequent), dtype=np.int64)
    lookup[frequent] = np.arange(len(frequent))
    lookup[-1] = len(frequent) + 1
    coded = lookup[codes]
    names = (*(levels[i] for i in frequent), OTHER, MISSING)
    tested = tuple(i for i in range(len(frequent)) if recorded - counts[frequent[i]] >= smallest)
    if not tested:
        return None
    return _sided(_without_empty(Factor(name, field, control, coded, names, tested)))


def _without_empty(factor: Factor) -> Factor:
    used = np.bincount(factor.codes, minlength=len(factor.levels)) > 0
    lookup = np.cumsum(used) - 1
    levels = tuple(level for level, kept in zip(factor.levels, used, strict=True) if kept)
    return replace(
        factor, codes=lookup[factor.codes], levels=levels, tested=tuple(int(lookup[i]) for i in factor.tested)
    )


def _sided(factor: Factor) -> Factor:
    """Two groups are one question: name the yes, else the rarer side."""
    recorded = [i for i, level in enumerate(factor.levels) if level != MISSING]
    if len(recorded) != 2 or len(factor.tested) != 2:
        return factor
    words = [factor.levels[i].strip().lower() for i in recorded]
    counts = np.bincount(factor.codes, minlength=len(factor.levels))
    if {words[0] in YES, words[1] in YES} == {True, False} and (words[0] in NO or words[1] in NO):
        named = recorded[0] if words[0] in YES else recorded[1]
    else:
        named = min(recorded, key=lambda i: (counts[i], i))
    levels = tuple(f"{factor.name}: {level}" for level in factor.levels)
    return replace(factor, levels=levels, tested=(named,), single=True)


def from_flag(name: str, field: str, control: Control, values: Floats, smallest: int) -> Factor | None:
    """A factor of a yes-or-no field (1, 0, NaN): the yes side is the one named; ``None`` where a side is too small."""
    yes, no = int((values == 1).sum()), int((values == 0).sum())
    if min(yes, no) < smallest:
        return None
    codes = np.where(np.isnan(values), 2, np.where(values == 1, 0, 1)).astype(np.int64)
    levels = (f"{name}: yes", f"{name}: no", MISSING)
    return _without_empty(Factor(name, field, control, codes, levels, (0,), single=True))


def from_number(name: str, field: str, control: Control, values: Floats, smallest: int) -> Factor | None:
    """A factor of a number, cut where a person would cut it: at a round number near the median."""
    known = values[np.isfinite(values)]
    if len(known) < 2 * smallest:
        return None
    if np.isin(known, (0.0, 1.0)).all():
        return from_flag(name, field, control, values, smallest)
    cut = round_cut(known)
    above = values >= cut
    if cut <= known.min() or min(int(above.sum()), int((known < cut).sum())) < smallest:
        return None
    codes = np.where(np.isnan(values), 2, np.where(above, 0, 1)).astype(np.int64)
    shown = shown_number(cut, year="year" in name.lower())
    levels = (f"{name}: {shown} and more", f"{name}: below {shown}", MISSING)
    return _without_empty(Factor(name, field, control, codes, levels, (0,), single=True))


def round_cut(known: Floats) -> float:
    """The roundest number between the 40 % and 60 % quantiles, the nearest to the median of these.

    Where many share one value, the value (among those that occur) that parts the deals most evenly.
    Never looks at the outcome.
    """
    low, middle, high = (float(q) for q in np.quantile(known, (0.4, 0.5, 0.6)))
    share = np.mean(known < middle)
    if high > low and share >= 0.2:
        whole = bool((known == np.round(known)).all())
        for step in _round_steps(max(abs(low), abs(high))):
            if whole and step != round(step):
                continue
            nearest = round(middle / step) * step
            first = math.ceil(low / step - 1e-9) * step
            within = nearest if low <= nearest <= high else first
            if low <= within <= high and 0.2 <= np.mean(known < within) <= 0.8:
                return float(f"{within:.12g}")
    values, counts = np.unique(known, return_counts=True)
    below = np.cumsum(counts) - counts
    return float(values[np.argmin(np.abs(below / len(known) - 0.5))])


def _round_steps(size: float) -> list[float]:
    top = math.ceil(math.log10(size)) if size > 0 else 0
    return [multiple * 10.0**power for power in range(top, top - 7, -1) for multiple in (10, 5, 2.5, 2)]


def shown_number(value: float, *, year: bool = False) -> str:
    """A cut as it is written: thousands with a comma, but not in a year."""
    if value == int(value):
        return str(int(value)) if year else f"{int(value):,}"
    return f"{value:,.6g}"
