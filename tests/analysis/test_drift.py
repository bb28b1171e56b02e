"""Drift: one figure that hides two times."""

import numpy as np

from notyet.analysis import drift
from tests.analysis.planted import Drawn, World, draw


def _with_outcomes(drawn: Drawn, chance: np.ndarray) -> Drawn:
    won = np.random.default_rng(3).random(len(chance)) < chance
    at = drawn.facts.column_names.index("outcome")
    return Drawn(drawn.facts.set_column(at, "outcome", [np.where(won, "won", "lost").tolist()]), drawn.meta, {})


def _age(drawn: Drawn) -> np.ndarray:
    opened = drawn.facts["closed_at"].to_numpy().astype("int64").astype(float)
    return (opened - opened.min()) / np.ptp(opened)


def test_a_steady_history_has_none() -> None:
    """Over many seeds hardly ever."""
    said = 0
    for seed in range(25):
        drawn = draw(seed)
        steady = _with_outcomes(drawn, np.full(drawn.facts.num_rows, 0.35))
        said += bool(drift.find(steady.facts, steady.meta))
    assert said <= 1


def test_a_win_rate_that_moves_is_said() -> None:
    """With where it began and ended."""
    drawn = draw(1)
    moving = _with_outcomes(drawn, 0.2 + 0.3 * _age(drawn))
    (said,) = drift.find(moving.facts, moving.meta)
    assert said.kind == "drift"
    assert said.field is None
    assert "quarters of closing" in said.text


def test_a_mix_that_shifts_is_said() -> None:
    """By the source's own name of the field, unless the field is left out."""
    drawn = draw(1, World(deals=1_000))
    steady = _with_outcomes(drawn, np.full(1_000, 0.35))
    channel = np.where(np.random.default_rng(1).random(1_000) < 0.15 + 0.7 * _age(drawn), "Online", "Office")
    shifted = steady.with_column("Lead channel", channel, "category")
    (said,) = drift.find(shifted.facts, shifted.meta)
    assert said.field == "Lead channel"
    assert "of the earlier half" in said.text
    assert drift.find(shifted.facts, shifted.meta, frozenset({"attr.Lead channel"})) == ()


def test_undated_deals_have_none() -> None:
    """There is no earlier and later."""
    drawn = draw(1)
    assert drift.find(drawn.facts.drop_columns(["closed_at", "opened_at"]), drawn.meta) == ()
