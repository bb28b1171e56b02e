"""The matrix that a logistic model is fitted on: factors as columns, and what is only adjusted for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from notyet.analysis.factors import Factor
from notyet.analysis.population import YEAR, Floats, Ints

PRIOR_SD = 2.0
"""Standard deviation (in log-odds) that a candidate's column is drawn to zero with: hardly at all, but no level
that was always won takes the fit to infinity."""

MOST_PEOPLE = 60
SINGLE_PRECISION_FROM = 100_000
CHUNK = 16_384


@dataclass(frozen=True)
class Block:
    """A grouping's columns: level ``i`` has column ``columns[i]`` (-1: the reference level), of value ``scale``."""

    codes: Ints
    columns: Ints
    scale: float


@dataclass(frozen=True)
class Grouping:
    """A grouping to be coded: each deal's group, how many groups, and the prior standard deviation of its effects.

    ``random``: its groups are draws (people), each with its column; otherwise the most frequent one is the reference.
    """

    codes: Ints
    groups: int
    sd: float
    random: bool = False


@dataclass(frozen=True)
class Design:
    """The matrix (deals × columns) and where each grouping's columns are.

    Every column is scaled by its prior standard deviation, so that a penalty of one half of the squared length of
    the coefficients is the prior. The intercept is no column.
    """

    x: Floats
    blocks: tuple[Block, ...]


def factor_grouping(factor: Factor, sd: float = PRIOR_SD) -> Grouping:
    """A factor as a grouping; the parts of a coarser factor are draws."""
    return Grouping(factor.codes, len(factor.levels), sd, random=factor.within is not None)


def build(groupings: Sequence[Grouping], adjusters: Floats) -> Design:
    """Code the groupings and put the adjusters (deals × columns) beside them."""
    n = len(adjusters)
    blocks: list[Block] = []
    start = 0
    for grouping in groupings:
        groups = _shown(grouping)
        columns = np.full(grouping.groups, -1, dtype=np.int64)
        columns[groups] = start + np.arange(len(groups))
        blocks.append(Block(grouping.codes, columns, grouping.sd))
        start += len(groups)
    x = np.zeros((n, start + adjusters.shape[1]), dtype=np.float32 if n >= SINGLE_PRECISION_FROM else np.float64)
    for at in range(0, n, CHUNK):
        part = x[at : at + CHUNK]
        part[:, start:] = adjusters[at : at + CHUNK]
        for block in blocks:
            columns = block.columns[block.codes[at : at + CHUNK]]
            rows = np.flatnonzero(columns >= 0)
            part[rows, columns[rows]] = block.scale
    return Design(x, tuple(blocks))


def _shown(grouping: Grouping) -> Ints:
    count = np.bincount(grouping.codes, minlength=grouping.groups)
    used = np.flatnonzero(count)
    return used if grouping.random else used[used != count.argmax()]


def calendar(opened: Floats) -> Floats:
    """Calendar time of the opening: a line with bends at the tertiles, and quarters of the year where there are enough.

    ``opened`` in seconds since 1970 (NaN: unknown). Gives deals × columns, without an intercept.
    """
    known = np.isfinite(opened)
    if known.sum() < 30 or np.ptp(opened[known]) < YEAR / 12:
        return np.zeros((len(opened), 0))
    knots = np.quantile(opened[known], (1 / 3, 2 / 3))
    lines = [opened, *(np.maximum(opened - knot, 0) for knot in knots)]
    columns = [_standard(np.where(known, line, np.nan)) for line in lines]
    if np.ptp(opened[known]) >= 1.5 * YEAR:
        quarter = np.floor(np.where(known, opened, 0) / YEAR % 1 * 4)
        columns += [np.where(known & (quarter == q), 1.0, 0.0) for q in (1, 2, 3)]
    if not known.all():
        columns.append((~known).astype(float))
    return np.column_stack(columns)


def size(value: Floats) -> Floats:
    """A deal's size: its logarithm with a bend at the median, and whether it is known. Gives deals × columns."""
    known = np.isfinite(value)
    logs = np.log1p(np.where(known, np.maximum(value, 0), np.nan))
    if known.sum() < 30 or np.nanmax(logs) == np.nanmin(logs):
        return np.zeros((len(value), 0))
    bend = np.maximum(logs - np.nanmedian(logs), 0)
    columns = [_standard(logs), _standard(bend)]
    if 0 < known.sum() < len(value):
        columns.append((~known).astype(float))
    return np.column_stack(columns)


def _standard(line: Floats) -> Floats:
    spread = float(np.nanstd(line)) or 1.0
    return PRIOR_SD * np.nan_to_num((line - np.nanmean(line)) / spread)


def beside(parts: Sequence[Floats], n: int) -> Floats:
    """Put adjusters side by side (deals × columns)."""
    return np.column_stack([np.zeros((n, 0)), *parts])


def people_codes(codes: Ints, smallest: int = 5) -> tuple[Ints, int]:
    """People's deals by person: those with fewer than ``smallest`` deals, and deals of nobody, share a group each."""
    counts = np.bincount(codes[codes >= 0], minlength=int(codes.max(initial=-1)) + 1)
    frequent = np.flatnonzero(counts >= smallest)
    lookup = np.full(len(counts) + 1, len(frequent), dtype=np.int64)
    lookup[frequent] = np.arange(len(frequent))
    lookup[-1] = len(frequent) + 1
    return lookup[codes], len(frequent) + 2


def spread(residual: Floats, weight: Floats, codes: Ints, groups: int, floor: float) -> float:
    """How much groups differ: the standard deviation of their effects in log-odds, by the method of moments.

    ``residual`` is outcome minus expected, ``weight`` the variance of the outcome. With a group's summed residual S
    and summed weight I, the variance is sum(S² - I) / sum(I²) (DerSimonian and Laird's idea for scores). Never below
    ``floor``.
    """
    total = np.bincount(codes, weights=residual, minlength=groups)
    information = np.bincount(codes, weights=weight, minlength=groups)
    square = float((total**2 - information).sum() / max(float((information**2).sum()), 1e-9))
    return float(np.sqrt(max(square, floor**2)))


def shrunken(residual: Floats, weight: Floats, codes: Ints, groups: int, sd: float) -> Floats:
    """Each deal's group effect in log-odds, drawn to zero (empirical Bayes; one step from the expected outcome)."""
    total = np.bincount(codes, weights=residual, minlength=groups)
    information = np.bincount(codes, weights=weight, minlength=groups)
    return (total / (information + 1 / sd**2))[codes]
