"""Which groups stand out, and against whom."""

import numpy as np

from notyet.analysis.contrasts import Contrast, compare
from notyet.analysis.design_matrix import build, factor_grouping
from notyet.analysis.effects import fit, group_means
from notyet.analysis.factors import Factor, from_levels


def _compared(rates: list[float], sizes: list[int], seed: int = 1) -> dict[str, Contrast]:
    rng = np.random.default_rng(seed)
    codes = rng.permutation(np.repeat(np.arange(len(rates)), sizes))
    won = rng.random(len(codes)) < np.array(rates)[codes]
    factor = from_levels("P", "persona", "shared", codes, tuple("ABCDEF"[: len(rates)]), 30, 50)
    assert factor is not None
    return {one.factor.label(one.level): one for one in _look(factor, won)}


def _look(factor: Factor, won: np.ndarray) -> tuple[Contrast, ...]:
    design = build([factor_grouping(factor)], np.zeros((len(won), 0)))
    fitted = fit(design, won, [np.arange(len(won))])
    return compare(factor, fitted, *group_means(design, design.blocks[0], fitted.theta))


def test_one_bad_group_does_not_make_the_others_look_good() -> None:
    """It alone stands out; the others are compared among themselves."""
    found = _compared([0.15, 0.4, 0.4, 0.4], [1500] * 4)
    assert found["P: A"].effect.p < 1e-6
    assert abs(found["P: A"].effect.value + 0.25) < 0.04
    assert all(found[f"P: {name}"].effect.p > 0.01 for name in "BCD")


def test_two_bad_groups_are_each_held_against_the_rest() -> None:
    """Neither hides in the other's comparison."""
    found = _compared([0.2, 0.3, 0.45, 0.45, 0.45], [2000] * 5)
    assert abs(found["P: A"].effect.value + 0.25) < 0.04
    assert abs(found["P: B"].effect.value + 0.15) < 0.04
    assert all(found[f"P: {name}"].effect.p > 0.01 for name in "CDE")


def test_each_fact_is_told_once() -> None:
    """Of two groups, and of the last two that are left, one is named."""
    assert set(_compared([0.3, 0.5], [1200, 800])) == {"P: B"}
    assert len(_compared([0.1, 0.4, 0.4], [1000] * 3)) == 2


def test_parts_of_a_group_are_compared_within_it() -> None:
    """What is true of the whole source is not said again of each of its campaigns."""
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 4, 8000)
    won = rng.random(8000) < np.where(codes < 2, 0.5, np.where(codes == 2, 0.2, 0.3))
    whole = Factor("S", "source", "shared", codes // 2, ("X", "Y"), (0,), single=True)
    parts = Factor("C", "campaign", "shared", codes, tuple("abcd"), (0, 1, 2, 3), within=(0, 0, 1, 1))
    design = build([factor_grouping(whole), factor_grouping(parts, 0.5)], np.zeros((8000, 0)))
    fitted = fit(design, won, [np.arange(8000)])
    found = compare(parts, fitted, *group_means(design, design.blocks[1], fitted.theta))
    p = {tuple(sorted((one.level, *one.rest))): one.effect.p for one in found}
    assert p[(0, 1)] > 0.05
    assert p[(2, 3)] < 0.001
