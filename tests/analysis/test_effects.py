"""Marginal effects and their errors, against statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose
from statsmodels.stats.multitest import multipletests

from notyet.analysis import effects
from notyet.analysis.contrasts import false_discovery
from notyet.analysis.design_matrix import Design, Grouping, build, shrunken, spread
from notyet.analysis.effects import contrast, fit, group_means

NEARLY_FLAT = 50.0
"""A prior so wide that it is none, to compare with an unpenalised fit."""


def _sample(n: int = 2_000, seed: int = 3) -> tuple[Design, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    two, three = rng.integers(0, 2, n), rng.choice(3, n, p=[0.5, 0.3, 0.2])
    line = rng.normal(size=n)
    odds = -0.4 + 0.6 * (two == 0) - 0.5 * (three == 2) + 0.3 * line
    won = rng.random(n) < 1 / (1 + np.exp(-odds))
    design = build([Grouping(two, 2, NEARLY_FLAT), Grouping(three, 3, NEARLY_FLAT)], NEARLY_FLAT * line[:, None])
    return design, won, rng.integers(0, n // 4, n), three


def test_a_discrete_change_is_that_of_statsmodels() -> None:
    """Effect and delta-method error of one group against the other."""
    design, won, _, _ = _sample()
    fitted = fit(design, won, [np.arange(len(won))])
    oracle = _oracle(design, won).get_margeff(at="overall", dummy=True)
    means, gradient = group_means(design, design.blocks[0], fitted.theta)
    column = int(design.blocks[0].columns.max())
    weights = np.where(design.blocks[0].columns >= 0, 1.0, -1.0)
    assert_allclose(contrast(fitted, means, gradient, weights).value, oracle.margeff[column], atol=1e-4)
    model_only = np.sqrt(weights @ gradient @ fitted.model @ gradient.T @ weights)
    assert_allclose(model_only, oracle.margeff_se[column], rtol=0.01)


def test_expected_win_rates_of_three_groups_are_those_of_statsmodels() -> None:
    """Everybody put into each group in turn, the rest as it is."""
    design, won, _, _ = _sample()
    oracle = _oracle(design, won)
    block = design.blocks[1]
    means, _ = group_means(design, block, fit(design, won, []).theta)
    for group, column in enumerate(block.columns):
        x = design.x / NEARLY_FLAT
        x[:, block.columns[block.columns >= 0]] = 0.0
        if column >= 0:
            x[:, column] = 1.0
        assert_allclose(means[group], oracle.predict(sm.add_constant(x, has_constant="add")).mean(), atol=1e-4)


def _oracle(design: Design, won: np.ndarray) -> sm.Logit:
    return sm.Logit(won.astype(float), sm.add_constant(design.x / NEARLY_FLAT)).fit(disp=0)


def test_the_clustered_covariance_is_that_of_statsmodels() -> None:
    """Liang and Zeger's sandwich with its small-sample factor."""
    design, won, clusters, _ = _sample()
    fitted = fit(design, won, [clusters])
    x = sm.add_constant(design.x / NEARLY_FLAT)
    oracle = sm.Logit(won.astype(float), x).fit(disp=0, cov_type="cluster", cov_kwds={"groups": clusters})
    scale = np.r_[1.0, np.full(design.x.shape[1], NEARLY_FLAT)]
    ours = fitted.clustered[0] * np.outer(scale, scale)
    assert_allclose(np.sqrt(np.diag(ours)), oracle.bse, rtol=0.02)


def test_beyond_the_part_that_the_library_fits_the_optimum_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Newton's steps over all deals, from a fit of some, end where the library would."""
    design, won, clusters, _ = _sample(6_000)
    whole = fit(design, won, [clusters])
    monkeypatch.setattr(effects, "START_FROM", 500)
    in_parts = fit(design, won, [clusters])
    error = np.sqrt(np.diag(whole.model))
    assert (np.abs(in_parts.theta - whole.theta) < 0.05 * error).all()


def test_a_part_of_the_deals_tells_average_and_variance(monkeypatch: pytest.MonkeyPatch) -> None:
    """What very many deals are spared gives the same within a few in a hundred."""
    design, won, clusters, _ = _sample(20_000)
    weights = np.array([-1.0, 0.0, 1.0])
    results = []
    for enough in (200_000, 8_000):
        monkeypatch.setattr(effects, "ENOUGH", enough)
        fitted = fit(design, won, [clusters])
        results.append(contrast(fitted, *group_means(design, design.blocks[1], fitted.theta), weights))
    assert_allclose(results[0].value, results[1].value, atol=0.1 * results[0].error)
    assert_allclose(results[0].error, results[1].error, rtol=0.1)


def test_a_group_that_was_always_won_stays_finite() -> None:
    """Separation: the prior keeps the effect and its error on earth."""
    _design, won, clusters, three = _sample(400)
    won = won | (three == 2)
    build_again = build([Grouping(three, 3, 2.0)], np.zeros((400, 0)))
    fitted = fit(build_again, won, [clusters])
    effect = contrast(
        fitted, *group_means(build_again, build_again.blocks[0], fitted.theta), np.array([-0.6, -0.4, 1.0])
    )
    assert 0.3 < effect.value < 0.7
    assert 0.01 < effect.error < 0.2


def test_q_values_are_benjamini_and_hochbergs() -> None:
    """Against statsmodels."""
    p = np.random.default_rng(1).random(40) ** 3
    assert_allclose(false_discovery(p), multipletests(p, method="fdr_bh")[1])


def test_how_much_people_differ_is_recovered() -> None:
    """The spread of forty sellers' effects, and their shrunken effects."""
    rng = np.random.default_rng(5)
    owner = rng.integers(0, 40, 20_000)
    true = rng.normal(0, 0.5, 40)
    chance = 1 / (1 + np.exp(-true[owner]))
    residual, weight = (rng.random(20_000) < chance) - 0.5, np.full(20_000, 0.25)
    sd = spread(residual, weight, owner, 40, 0.1)
    assert 0.35 < sd < 0.6
    guessed = np.array([shrunken(residual, weight, owner, 40, sd)[owner == i][0] for i in range(40)])
    assert np.corrcoef(guessed, true)[0, 1] > 0.95
    assert spread(np.zeros(20_000), weight, owner, 40, 0.1) == 0.1
