"""Which groups of a factor stand out, each against those that do not."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from notyet.analysis.effects import Effect, Fit, contrast
from notyet.analysis.factors import NOT_COMPARED, Factor
from notyet.analysis.population import Floats

WITHIN_FACTOR = 0.05


@dataclass(frozen=True)
class Contrast:
    """A level of a factor, the levels it was compared with, and the effect."""

    factor: Factor
    level: int
    rest: tuple[int, ...]
    effect: Effect


def compare(
    factor: Factor, fitted: Fit, means: Floats, gradient: Floats, freedom: int | None = None
) -> tuple[Contrast, ...]:
    """One contrast for each tested level of a factor.

    A level is compared with the rest of its factor (weighted by their deals), without the levels that themselves
    stand out: the level with the largest |z| is set apart in turn, as long as it clears 5 % after Bonferroni within the
    factor, so that one bad group does not make all the others look good. Two groups are one question.
    """
    counts = np.bincount(factor.codes, minlength=len(factor.levels)).astype(float)
    judge = _Judge(factor, fitted, means, gradient, counts, freedom)
    recorded = [i for i, level in enumerate(factor.levels) if level not in NOT_COMPARED and counts[i] > 0]
    if not factor.tested:
        return ()
    if factor.single:
        rest = [i for i in recorded if i != factor.tested[0]]
        return (judge.against(factor.tested[0], rest),) if rest and counts[factor.tested[0]] else ()
    within = factor.within or (0,) * len(factor.levels)
    found: list[Contrast] = []
    for group in sorted(set(within)):
        members = [i for i in recorded if within[i] == group]
        tested = [i for i in members if i in factor.tested]
        if len(members) > 1 and tested:
            found += _step_down(judge, members, tested)
    return tuple(found)


@dataclass(frozen=True)
class _Judge:
    factor: Factor
    fitted: Fit
    means: Floats
    gradient: Floats
    counts: Floats
    freedom: int | None

    def against(self, level: int, rest: list[int]) -> Contrast:
        weights = np.zeros(len(self.counts))
        weights[rest] = -self.counts[rest] / self.counts[rest].sum()
        weights[level] = 1.0
        return Contrast(
            self.factor, level, tuple(rest), contrast(self.fitted, self.means, self.gradient, weights, self.freedom)
        )


def _step_down(judge: _Judge, members: list[int], tested: list[int]) -> list[Contrast]:
    first = {i: abs(judge.against(i, [m for m in members if m != i]).effect.z) for i in tested}
    rest, left, apart = list(members), list(tested), []
    while left and len(rest) > 1:
        if len(rest) == 2 and len(left) == 2:
            left = [min(left, key=lambda i: (-round(first[i], 6), judge.counts[i]))]
        shown = [judge.against(i, [m for m in rest if m != i]) for i in left]
        best = max(shown, key=lambda one: abs(one.effect.z))
        if abs(best.effect.z) < stats.norm.isf(WITHIN_FACTOR / 2 / len(left)):
            break
        apart.append(best.level)
        rest.remove(best.level)
        left.remove(best.level)
    if len(rest) == 1:
        left = []
    standing = [judge.against(i, rest) for i in apart]
    return standing + [judge.against(i, [m for m in rest if m != i]) for i in left]


def false_discovery(p: Floats) -> Floats:
    """Benjamini and Hochberg's q-values (the smallest rate at which each test would stand)."""
    return np.asarray(stats.false_discovery_control(p)) if len(p) else p
