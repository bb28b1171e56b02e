"""Drawing at random: a stream for each part of the history, and labels by their shares."""

import zlib

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Shares = tuple[tuple[str, float], ...]


def stream(seed: int, part: str) -> np.random.Generator:
    """The random numbers of one part of the history, so that a change in one part leaves the others alone.

    Raises ``ValueError`` where the seed is negative.
    """
    return np.random.default_rng([seed, zlib.crc32(part.encode())])


def labels(shares: Shares) -> tuple[str, ...]:
    """The labels, in order: a drawn code is an index into them."""
    return tuple(label for label, _ in shares)


def is_label(codes: Ints, shares: Shares, label: str) -> Flags:
    """Which codes stand for the label. Raises ``ValueError`` where it is none of them."""
    return np.asarray(codes == labels(shares).index(label), dtype=np.bool_)


def draw(rng: np.random.Generator, shares: Shares, n: int) -> Ints:
    """``n`` codes of labels, drawn by their shares (which need not sum to one)."""
    return pick(rng, np.array([[share for _, share in shares]]), np.zeros(n, dtype=np.int64))


def pick(rng: np.random.Generator, weights: Floats, rows: Ints) -> Ints:
    """For each entry of ``rows`` a column of ``weights`` (rows × columns), drawn by that row's weights."""
    edges = np.cumsum(weights, axis=1)
    edges = edges / edges[:, -1:]
    uniform = rng.random(len(rows))
    codes = np.zeros(len(rows), dtype=np.int64)
    for column in range(weights.shape[1] - 1):
        codes += uniform >= edges[rows, column]
    return codes


def chance(rng: np.random.Generator, probability: float | Floats, n: int) -> Flags:
    """``n`` flags, each true with its probability."""
    return np.asarray(rng.random(n) < probability, dtype=np.bool_)
