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

CHUNK = 16_384
MOST_STEPS = 5
START_FROM = 100_000
ENOUGH = 200_000
"""So many deals tell an average or a variance as well as all do: beyond it these are taken over a part of the deals."""


@dataclass(frozen=True)
class Fit:
    """A fitted model: intercept first in ``theta`` (on the design's scale), and two covariances of it.

    ``model`` trusts the model and the prior; ``clustered`` is the sandwich over each set of clusters given.
    """

    theta: Floats
    model: Floats
    clustered: tuple[Floats, ...]
    clusters: int


def fit(design: Design, won: Flags, clusters: Sequence[Ints]) -> Fit:
    """Fit the coefficients and form their covariances.

    scikit-learn fits (Newton's steps; penalty: the design's prior), beyond 200,000 deals on a part of them, from which
    Newton's steps over all deals go on to the same optimum. The sandwich is Liang and Zeger's with the
    penalty's own variance in the middle, so that columns with a narrow prior (people) count as random effects;
    small-sample factor G/(G-1) · (n-1)/(n-k).
    """
    n, k = design.x.shape
    penalty = np.eye(k + 1)
    penalty[0, 0] = 0.0
    theta = sampled(design, won)
    bread, residual = _curvature(design.x, won, theta, penalty)
    for _ in range(MOST_STEPS if n > START_FROM else 0):
        step = bread @ (_gradient(design.x, residual) - penalty @ theta)
        theta = theta + step
        if (step**2 < 0.05 * np.sqrt(np.diag(bread))).all():
            residual = won - special.expit(linear(design.x, theta))
            break
        bread, residual = _curvature(design.x, won, theta, penalty)
    clustered: list[Floats] = []
    fewest = n
    for codes in clusters:
        scores, groups = _scores(design.x, residual, codes)
        factor = groups / max(1, groups - 1) * (n - 1) / max(1, n - k - 1)
        clustered.append(bread @ (factor * scores + penalty) @ bread)
        fewest = min(fewest, groups, max(2, n - k))
    return Fit(theta, bread, tuple(clustered), fewest)


def sampled(design: Design, won: Flags) -> Floats:
    """The coefficients by the library, from all deals, or from 100,000 spread evenly where there are more."""
    x = design.x
    if len(won) > START_FROM:
        rows = np.linspace(0, len(won) - 1, START_FROM).astype(np.int64)
        x, won = x[rows], won[rows]
    model = LogisticRegression(C=1.0, solver="newton-cholesky", max_iter=50, tol=1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x, won.astype(x.dtype))
    return np.array([*model.intercept_, *model.coef_[0]], dtype=np.float64)


def linear(x: Floats, theta: Floats) -> Floats:
    """The log-odds of each deal."""
    slopes: Floats = np.asarray(x @ theta[1:].astype(x.dtype), dtype=np.float64)
    return slopes + float(theta[0])


def _curvature(x: Floats, won: Flags, theta: Floats, penalty: Floats) -> tuple[Floats, Floats]:
    """The inverse of the penalised log-likelihood's curvature, and each outcome minus its chance."""
    n, k = x.shape
    chance = special.expit(linear(x, theta))
    weight = (chance * (1 - chance)).astype(x.dtype)
    hessian = np.zeros((k + 1, k + 1))
    for at in range(0, n, CHUNK):
        part = x[at : at + CHUNK]
        weighted = part * weight[at : at + CHUNK, None]
        hessian[1:, 1:] += part.T @ weighted
        hessian[0, 1:] += weighted.sum(axis=0, dtype=float)
    hessian[1:, 0] = hessian[0, 1:]
    hessian[0, 0] = weight.sum(dtype=float)
    return np.asarray(np.linalg.inv(hessian + penalty), dtype=np.float64), won - chance


def _gradient(x: Floats, residual: Floats) -> Floats:
    slopes = np.zeros(x.shape[1])
    for at in range(0, len(x), CHUNK):
        slopes += residual[at : at + CHUNK].astype(x.dtype) @ x[at : at + CHUNK]
    return np.concatenate([[residual.sum()], slopes])


def _scores(x: Floats, residual: Floats, codes: Ints) -> tuple[Floats, int]:
    """Sum over clusters of the outer product of the cluster's summed scores, and how many clusters there are.

    Of more than 200,000 deals in many clusters, whole clusters are drawn and the sum is scaled up.
    """
    used = np.bincount(codes) > 0
    groups, n = int(used.sum()), len(codes)
    if n > ENOUGH and groups > ENOUGH / 20:
        drawn = np.flatnonzero(codes % -(-n // ENOUGH) == 0)
        total, _ = _scores(x[drawn], residual[drawn], codes[drawn])
        return total * (n / len(drawn)), groups
    cluster = (np.cumsum(used) - 1)[codes]
    member = sparse.csr_matrix((residual.astype(x.dtype), (cluster, np.arange(n))), shape=(groups, n))
    ones = np.bincount(cluster, weights=residual, minlength=groups)
    summed = np.column_stack([ones, np.asarray(member @ x, dtype=np.float64)])
    return summed.T @ summed, groups


def group_means(design: Design, block: Block, theta: Floats, among: Flags | None = None) -> tuple[Floats, Floats]:
    """The win rate expected if every deal (of ``among``) were in each group of a block, and its gradient.

    Of more than 200,000 deals an even part is taken. Gives the means (groups) and their gradients by ``theta``
    (groups × (1 + columns)): what the delta method needs for average marginal effects as discrete changes.
    """
    rows = np.arange(len(block.codes)) if among is None else np.flatnonzero(among)
    rows = rows[:: -(-len(rows) // ENOUGH)]
    x, codes = (design.x, block.codes) if len(rows) == len(block.codes) else (design.x[rows], block.codes[rows])
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
