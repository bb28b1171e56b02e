"""Drift: a win rate or a mix of deals that changes over the history, so that one figure hides two times."""

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import stats

from notyet.analysis import results
from notyet.analysis.candidates import is_candidate, known_fields
from notyet.analysis.meta import Field, Meta
from notyet.analysis.population import DAY, Flags, Floats, Ints, Population, closed_deals

QUARTER = 91.3125 * DAY
FEWEST_IN_QUARTER = 30
CHANCE = 0.001
LEAST_SPREAD = 0.08
LARGE_SHIFT = 0.25
MOST_PENDING = 0.1


def find(
    facts: pa.Table | ibis.Table, meta: Meta, left_out: frozenset[str] = frozenset()
) -> tuple[results.Warning, ...]:
    """Warnings where the win rate differs between quarters of closing beyond chance, or fields' mix shifts over time.

    ``left_out``: columns not looked at (leaks).
    """
    population = closed_deals(facts)
    dated = np.isfinite(population.closed)
    if dated.sum() < 2 * FEWEST_IN_QUARTER:
        return ()
    found = [win_rate(population.closed[dated], population.won[dated], _pending(facts))]
    fields = known_fields(population.table.column_names, meta)
    order = population.opened if np.isfinite(population.opened).mean() > 0.9 else population.closed
    late = order > np.nanmedian(order)
    for field in fields:
        if is_candidate(field) and field.column not in left_out and population.has(field.column):
            found.append(mix(population, field, late, np.isfinite(order)))
    return tuple(one for one in found if one is not None)


def _pending(facts: pa.Table | ibis.Table) -> Floats:
    """When the deals were closed that are ordered but not paid."""
    waiting = facts.filter(facts["outcome"] == "ordered_unpaid") if isinstance(facts, ibis.Table) else facts
    table = waiting.select("outcome", "closed_at").to_pyarrow() if isinstance(waiting, ibis.Table) else waiting
    found = Population(table.filter(pc.equal(table["outcome"], "ordered_unpaid"))).closed
    return found[np.isfinite(found)]


def win_rate(closed: Floats, won: Flags, pending: Floats) -> results.Warning | None:
    """The win rate by quarter of closing: chi-squared over quarters with 30 closes, p < 0.001, and 8 points apart.

    A quarter in which more than a tenth of the orders still wait for their payment (``pending``: their closes) is not
    compared: its losses are known and its wins are not.
    """
    quarter = ((closed - closed.min()) // QUARTER).astype(np.int64)
    n = np.bincount(quarter)
    wins = np.bincount(quarter, weights=won)
    waits = np.maximum(0, (pending - closed.min()) // QUARTER).astype(np.int64)
    unpaid = np.bincount(waits, minlength=len(n))[: len(n)]
    usable = (n >= FEWEST_IN_QUARTER) & (unpaid <= MOST_PENDING * (wins + unpaid))
    n, wins = n[usable], wins[usable]
    if len(n) < 2 or wins.sum() in (0, n.sum()):
        return None
    rates = wins / n
    chance = stats.chi2_contingency(np.stack([wins, n - wins]), correction=False).pvalue
    if chance >= CHANCE or np.ptp(rates) < LEAST_SPREAD:
        return None
    text = (
        f"The win rate is not one: over {len(n)} quarters of closing it runs from {rates.min():.0%} to "
        f"{rates.max():.0%}, more than chance allows ({rates[0]:.0%} in the first, {rates[-1]:.0%} in the last)."
    )
    return results.Warning(
        "drift", None, text, (f"chi-squared over quarters with at least {FEWEST_IN_QUARTER} closes: p = {chance:.2g}",)
    )


def mix(population: Population, field: Field, late: Flags, known: Flags) -> results.Warning | None:
    """Whether the later half's mix of a field differs greatly from the earlier's (stability index above 0.25)."""
    codes, levels = _levels(population, field)
    if not 2 <= len(levels) <= 50:
        return None
    early_n = np.bincount(codes[known & ~late] + 1, minlength=len(levels) + 1).astype(float)
    late_n = np.bincount(codes[known & late] + 1, minlength=len(levels) + 1).astype(float)
    used = early_n + late_n > 0
    early_n, late_n = early_n[used], late_n[used]
    if min(early_n.sum(), late_n.sum()) < FEWEST_IN_QUARTER or used.sum() < 2:
        return None
    before = (early_n + 0.5) / (early_n + 0.5).sum()
    after = (late_n + 0.5) / (late_n + 0.5).sum()
    index = float(((after - before) * np.log(after / before)).sum())
    chance = stats.chi2_contingency(np.stack([early_n, late_n]), correction=False).pvalue
    if index < LARGE_SHIFT or chance >= CHANCE:
        return None
    most = int(np.abs(after - before).argmax())
    name = ("(not recorded)", *levels)[int(np.flatnonzero(used)[most])]
    text = (
        f"The mix of “{field.source_column}” has shifted: “{name}” is {before[most]:.0%} of the earlier half "
        f"of the deals and {after[most]:.0%} of the later."
    )
    return results.Warning("drift", field.source_column, text, (f"population stability index {index:.2f}",))


def _levels(population: Population, field: Field) -> tuple[Ints, tuple[str, ...]]:
    if field.kind != "number":
        return population.levels(field.column)
    numbers = population.numbers(field.column)
    edges = np.unique(np.nanquantile(numbers, (0.2, 0.4, 0.6, 0.8)))
    codes = np.where(np.isfinite(numbers), np.searchsorted(edges, numbers, side="right"), -1)
    names = (f"below {edges[0]:g}", *(f"{edge:g} and more" for edge in edges))
    return codes, names
