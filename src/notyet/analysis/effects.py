"""Average marginal effects of groups in a penalised logistic model, with clustered standard errors."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse, special, stats
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from notyet.analysis.design_matrix import Block, Design
from notyet.analysis.population import Flags, Floats, Ints

CHUNK = 65_536
START_FROM = 100_000


@dataclass(frozen=True)
class Fit:
    """A fitted model: intercept first in ``theta`` (on the design's scale), and two covariances of it.

    ``model`` trusts the model and the prior; ``clustered`` is the sandwich over each set of clusters given.
    """

    theta: Floats
    model: Floats
    clustered: tuple[Floats, ...]
    clusters: int


def fit(design: Design, won: Flags, clusters: Sequence[Ints], start: Floats | None = None) -> Fit:
    """Fit by scikit-learn's Newton steps (penalty: the design's prior) and form the covariances.

    The sandwich is Liang and Zeger's with the penalty's own variance in the middle, so that columns
    with a narrow prior (people) count as random effects; small-sample factor G/(G-1) · (n-1)/(n-k).
    """
    if start is None and len(won) > 2 * START_FROM:
        start = sampled(design, won)
    theta = _solve(design.x, won.astype(design.x.dtype), start)
    n, k = design.x.shape
    hessian, residual = _curvature(design.x, won, theta)
    penalty = np.eye(k + 1)
    penalty[0, 0] = 0.0
    bread = np.asarray(np.linalg.inv(hessian + penalty), dtype=np.float64)
    clustered: list[Floats] = []
    fewest = n
    for codes in clusters:
        scores, groups = _scores(design.x, residual, codes)
        factor = groups / max(1, groups - 1) * (n - 1) / max(1, n - k - 1)
        clustered.append(bread @ (factor * scores + penalty) @ bread)
        fewest = min(fewest, groups)
    return Fit(theta, bread, tuple(clustered), fewest)


def sampled(design: Design, won: Flags) -> Floats:
    """The coefficients alone, from at most 100,000 deals spread evenly over the rows."""
    n = len(won)
    if n <= START_FROM:
        return _solve(design.x, won.astype(design.x.dtype), None)
    rows = np.linspace(0, n - 1, START_FROM).astype(np.int64)
    return _solve(design.x[rows], won[rows].astype(design.x.dtype), None)


def _solve(x: Floats, y: Floats, start: Floats | None) -> Floats:
    model = LogisticRegression(C=1.0, solver="newton-cholesky", warm_start=start is not None, max_iter=50, tol=1e-4)
    if start is not None:
        model.classes_ = np.array([0.0, 1.0], dtype=y.dtype)
        model.coef_ = start[None, 1:].astype(x.dtype)
        model.intercept_ = start[:1].astype(x.dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x, y)
    return np.array([*model.intercept_, *model.coef_[0]], dtype=np.float64)


def linear(x: Floats, theta: Floats) -> Floats:
    """The log-odds of each deal."""
    slopes: Floats = np.asarray(x @ theta[1:].astype(x.dtype), dtype=np.float64)
    return slopes + float(theta[0])


def _curvature(x: Floats, won: Flags, theta: Floats) -> tuple[Floats, Floats]:
    n, k = x.shape
    chance = special.expit(linear(x, theta))
    weight = chance * (1 - chance)
    hessian = np.zeros((k + 1, k + 1))
    for at in range(0, n, CHUNK):
        part, w = x[at : at + CHUNK], weight[at : at + CHUNK].astype(x.dtype)
        weighted = part * w[:, None]
        hessian[1:, 1:] += part.T @ weighted
        hessian[0, 1:] += weighted.sum(axis=0, dtype=float)
    hessian[1:, 0] = hessian[0, 1:]
    hessian[0, 0] = weight.sum()
    return hessian, won - chance


def _scores(x: Floats, residual: Floats, codes: Ints) -> tuple[Floats, int]:
    """Sum over clusters of the outer product of the cluster's summed scores, and how many clusters there are."""
    names, codes = np.unique(codes, return_inverse=True)
    n, k = x.shape
    if len(names) == n:
        total = np.zeros((k + 1, k + 1))
        for at in range(0, n, CHUNK):
            scores = _with_ones(x[at : at + CHUNK]) * residual[at : at + CHUNK, None]
            total += scores.T @ scores
        return total, n
    member = sparse.csr_matrix((residual, (codes, np.arange(n))), shape=(len(names), n))
    summed = np.column_stack([np.asarray(member @ np.ones(n)), np.asarray(member @ x)])
    return summed.T @ summed, len(names)


def _with_ones(x: Floats) -> Floats:
    return np.column_stack([np.ones(len(x), dtype=x.dtype), x])


def group_means(design: Design, block: Block, theta: Floats, among: Flags | None = None) -> tuple[Floats, Floats]:
    """The win rate expected if every deal (of ``among``) were in each group of a block, and its gradient.

    Gives the means (groups) and their gradients by ``theta`` (groups × (1 + columns)): what the delta method needs for
    average marginal effects as discrete changes.
    """
    x = design.x if among is None else design.x[among]
    codes = block.codes if among is None else block.codes[among]
    own = np.where(block.columns >= 0, block.scale * theta[1:][block.columns], 0.0)
    base = linear(x, theta) - own[codes]
    groups, n = len(own), len(x)
    means = np.zeros(groups)
    gradient = np.zeros((groups, x.shape[1] + 1))
    for at in range(0, n, CHUNK):
        chance = special.expit(base[at : at + CHUNK, None] + own[None, :])
        slope = chance * (1 - chance)
        means += chance.sum(axis=0)
        gradient[:, 0] += slope.sum(axis=0)
        gradient[:, 1:] += (x[at : at + CHUNK].T @ slope.astype(x.dtype)).T
    columns = block.columns[block.columns >= 0]
    gradient[:, 1 + columns] = 0.0
    for group, column in enumerate(block.columns):
        if column >= 0:
            gradient[group, 1 + column] = block.scale * gradient[group, 0]
    return means / n, gradient / n


@dataclass(frozen=True)
class Effect:
    """A difference of expected win rates with its standard error, 95 % interval and two-sided p-value."""

    value: float
    error: float
    low: float
    high: float
    p: float

    @property
    def z(self) -> float:
        """The difference in standard errors."""
        return self.value / self.error


def contrast(fitted: Fit, means: Floats, gradient: Floats, weights: Floats, freedom: int | None = None) -> Effect:
    """The weighted sum of group means as an effect; the larger of the model's and the clustered errors is taken.

    ``freedom``: degrees of freedom of Student's t where they are fewer than the clusters' (G - 1).
    """
    value = float(weights @ means)
    slope = weights @ gradient
    variances = [float(slope @ v @ slope) for v in (fitted.model, *fitted.clustered)]
    error = float(np.sqrt(max(*variances, 1e-18)))
    freedom = max(1, min(fitted.clusters - 1, freedom or fitted.clusters))
    reach = float(stats.t.ppf(0.975, freedom)) * error
    p = float(2 * stats.t.sf(abs(value) / error, freedom))
    return Effect(value, error, value - reach, value + reach, p)
