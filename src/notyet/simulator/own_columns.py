"""The source's own columns of a deal, among them such as are known only at or after the close."""

import numpy as np
import pyarrow as pa

from notyet.simulator import columns
from notyet.simulator import company as catalogue
from notyet.simulator.openings import Openings
from notyet.simulator.outcomes import OPEN, WON, Endings
from notyet.simulator.shares import Flags, Ints, chance, labels, pick, stream
from notyet.simulator.worktime import DAY

_LAST_ACTIVITIES = ("Call", "E-mail", "Meeting", "Contract sent", "Thank-you")
_TEMPERATURES = ("Hot", "Warm", "Cold")


def known_at_opening(seed: int, deals: Openings) -> dict[str, pa.Array]:
    """What is known of the buyer; none of it has an effect."""
    rng = stream(seed, "own columns")
    n = len(deals.opened)
    return {
        "Industry": columns.text(labels(catalogue.INDUSTRIES), deals.industry, chance(rng, 0.01, n)),
        "Headcount": columns.numbers(deals.headcount, chance(rng, 0.03, n)),
        "Sites": columns.numbers(deals.sites),
        "Language": columns.text(labels(catalogue.LANGUAGES), deals.language),
    }


def known_after_close(
    seed: int, deals: Openings, endings: Endings, outcome: Ints, planted: bool
) -> dict[str, pa.Array]:
    """Columns that a seller could only know at or after the close.

    Where nothing is planted they are filled by chance, but two still speak of the whole life by their nature.
    """
    rng, n = stream(seed, "after the close"), len(outcome)
    closed = outcome != OPEN
    won = outcome == WON
    side = won if planted else closed & chance(rng, 0.3, n)
    surveyed = closed & ~won if planted else closed
    life = np.array([[0.05, 0.10, 0.05, 0.75, 0.05], [0.30, 0.28, 0.05, 0.02, 0.35], [0.4, 0.3, 0.2, 0.05, 0.05]])
    row = np.where(closed, np.where(won, 0, 1), 2) if planted else np.full(n, 2)
    heat = np.array([[0.80, 0.17, 0.03], [0.04, 0.22, 0.74], [0.2, 0.5, 0.3]])
    return {
        "Invoice number": _invoices(rng, n, ~side),
        "Loss survey sent": columns.flags(np.ones(n, dtype=np.bool_), ~(surveyed & chance(rng, 0.7, n))),
        "Probability": columns.numbers(_probabilities(rng, won, closed, planted)),
        "Deal temperature": columns.text(_TEMPERATURES, pick(rng, heat, row)),
        "Days to close": columns.numbers((endings.closed - deals.opened) // DAY, ~closed),
        "Last activity type": columns.text(_LAST_ACTIVITIES, pick(rng, life, row)),
    }


def _invoices(rng: np.random.Generator, n: int, missing: Flags) -> pa.Array:
    numbers = columns.numbers(10_000 + np.cumsum(rng.integers(1, 4, n)), missing).cast(pa.string())
    return pa.compute.binary_join_element_wise("R", numbers, "-")


def _probabilities(rng: np.random.Generator, won: Flags, closed: Flags, planted: bool) -> Ints:
    guess = np.array([20, 40, 60])[rng.integers(0, 3, len(won))]
    return np.where(closed, np.where(won, 100, 0), guess) if planted else guess
