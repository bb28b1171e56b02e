"""Drivers: what goes with winning and losing, other things equal, at a false discovery rate of 10 %."""

from collections.abc import Sequence

import ibis
import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from notyet.analysis import leaks as leak_checks
from notyet.analysis import models, results, signal
from notyet.analysis.behaviours import BEHAVIOUR_COLUMNS, OPENING, Observed, Skipped, observe
from notyet.analysis.candidates import Attributes, attributes, known_fields
from notyet.analysis.contrasts import false_discovery
from notyet.analysis.factors import NOT_COMPARED
from notyet.analysis.meta import Meta
from notyet.analysis.population import Floats, Population, closed_deals
from notyet.analysis.results import Driver, DriverResult
from notyet.analysis.settings import Settings
from notyet.analysis.stakes import at_stake

ALWAYS_READ = (
    "deal",
    "account",
    "value",
    "opened_at",
    "closed_at",
    "process_version",
    "reopened_from",
)
DISCOVERY_RATE = 0.075
GLOBAL_LEVEL = 0.025
FEWEST_CLOSED = 60
FEWEST_OUTCOME = 10


def find(
    facts: pa.Table | ibis.Table,
    meta: Meta,
    settings: Settings | None = None,
    *,
    leaks: Sequence[results.Warning] | None = None,
) -> DriverResult:
    """The drivers among the closed deals of ``facts`` (as filtered by the caller).

    ``leaks``: what ``leaks.find`` said of the whole history, so that a filter changes no verdict; where ``None`` it is
    asked for these deals, and its warnings are part of the result.
    """
    settings = settings or Settings()
    population = closed_deals(facts, _needed(facts, meta))
    said: tuple[results.Warning, ...] = ()
    if leaks is None:
        said = leak_checks.find(facts, None, meta, settings)
        leaks = said
    won = int(population.won.sum())
    if population.n < FEWEST_CLOSED or min(won, population.n - won) < FEWEST_OUTCOME:
        return DriverResult((), 0, (*said, _small(population.n, won)))
    with threadpool_limits(1):
        result = _look(population, meta, settings, leak_checks.left_out(leaks, meta))
    return DriverResult(result.drivers, result.tested, (*said, *result.warnings))


def _needed(facts: pa.Table | ibis.Table, meta: Meta) -> list[str]:
    columns = facts.column_names if isinstance(facts, pa.Table) else facts.columns
    return [*ALWAYS_READ, *BEHAVIOUR_COLUMNS, *(field.column for field in known_fields(columns, meta))]


def smallest_group(closed: int) -> int:
    """How many deals a group needs inside and outside: 30, fewer where fewer than 300 deals are closed; of very many
    deals one in 2,000."""
    return max(30, closed // 2_000) if closed >= 300 else max(15, closed // 10)


def _look(population: Population, meta: Meta, settings: Settings, left_out: frozenset[str]) -> DriverResult:
    smallest = smallest_group(population.n)
    known = attributes(population, meta, settings, left_out, smallest)
    observed, skipped = observe(population, settings.controls, settings.landmark_days, smallest)
    notes = _skipped(skipped)
    if not known.factors and not observed:
        return DriverResult((), 0, (*notes, _nothing_recorded()))
    setting = models.prepare(population, known)
    tested = [
        *(models.opening(population, known, setting) if known.factors else ()),
        *models.at_landmarks(population, known, setting, observed),
    ]
    tested = [one for one in tested if _by_enough_accounts(population, one)]
    if not tested:
        return DriverResult((), 0, (*notes, _nothing_recorded()))
    q = false_discovery(np.array([one.contrast.effect.p for one in tested]))
    unseen = _unseen(population, known, observed)
    if not _tells(q, unseen):
        return DriverResult((), len(tested), (*notes, _no_signal(len(tested), unseen)))
    value = np.full(population.n, np.nan) if "value" in left_out else population.numbers("value")
    standing = [(one, rate) for one, rate in zip(tested, q, strict=True) if rate <= DISCOVERY_RATE]
    standing.sort(key=lambda pair: -abs(pair[0].contrast.effect.value))
    drivers = tuple(_driver(population, one, float(rate), value) for one, rate in standing)
    return DriverResult(drivers, len(tested), notes)


def _unseen(population: Population, known: Attributes, observed: Sequence[Observed]) -> signal.Signal | None:
    """The model of all candidates, on the deals still open at the last landmark."""
    last = models.landmarks(observed)[-1] if observed else OPENING
    rows = np.flatnonzero(last.open(population))
    rows = rows[signal.part(len(rows))]
    x = models.candidates_only(known, observed, rows)
    return signal.measure(x, population.won[rows], population.closed[rows], population.accounts[rows])


def _tells(q: Floats, unseen: signal.Signal | None) -> bool:
    """Whether anything tells won from lost.

    A model does better than the base rate on unseen deals, or, since the unseen deals of a small history can hardly
    tell, "nothing does" is rejected at 2.5 % (Simes' test over all candidates).
    """
    better = unseen is not None and unseen.gain > 0
    return bool(q.min() <= (DISCOVERY_RATE if better else GLOBAL_LEVEL))


FEWEST_ACCOUNTS = 10


def _by_enough_accounts(population: Population, one: models.Tested) -> bool:
    """A group that is a few accounts' deals says something of these accounts, not of the group."""
    fewest = min(FEWEST_ACCOUNTS, smallest_group(population.n))
    factor = one.contrast.factor
    for levels in ((one.contrast.level,), one.contrast.rest):
        member = np.zeros(len(factor.levels), dtype=bool)
        member[list(levels)] = True
        inside = member[factor.codes]
        if inside.sum() >= fewest * population.largest_account:
            continue
        if np.count_nonzero(np.bincount(population.accounts[one.keep][inside])) < fewest:
            return False
    return True


def _driver(population: Population, one: models.Tested, q: float, value: Floats) -> Driver:
    contrast, effect = one.contrast, one.contrast.effect
    factor = contrast.factor
    inside = np.zeros(population.n, dtype=bool)
    outside = np.zeros(population.n, dtype=bool)
    inside[one.keep] = factor.codes == contrast.level
    others = [i for i, level in enumerate(factor.levels) if level not in NOT_COMPARED and i != contrast.level]
    outside[one.keep] = np.isin(factor.codes, others)
    stake = at_stake(
        value, population.closed, outside if effect.value > 0 else inside, effect.value, effect.low, effect.high
    )
    name = factor.label(contrast.level)
    return Driver(
        name=name,
        control=factor.control,
        effect=effect.value,
        low=max(-1.0, effect.low),
        high=min(1.0, effect.high),
        q=q,
        n=int(inside.sum()),
        at_stake=stake.amount if stake else None,
        landmark=one.landmark.label,
        field=factor.field,
        level=None if factor.single else factor.levels[contrast.level],
        direction=1 if effect.value > 0 else -1,
        reading=_reading(name, effect.value),
        at_stake_low=stake.low if stake else None,
        at_stake_high=stake.high if stake else None,
        deals_with=int(inside.sum()),
        deals_without=int(outside.sum()),
    )


def _reading(name: str, effect: float) -> str:
    points = abs(round(100 * effect))
    more = "more" if effect > 0 else "less"
    return f"“{name}” goes with {points} {'point' if points == 1 else 'points'} {more} win rate, other things equal."


def _small(closed: int, won: int) -> results.Warning:
    text = (
        f"{closed} closed deals ({won} won) are too few to look for drivers: it takes {FEWEST_CLOSED}, "
        f"and {FEWEST_OUTCOME} won and not won."
    )
    return results.Warning("small_sample", None, text)


def _skipped(skipped: Sequence[Skipped]) -> tuple[results.Warning, ...]:
    if not skipped:
        return ()
    names = ", ".join(f"“{one.name}”" for one in skipped)
    least = min(one.lost_share for one in skipped)
    why = f"by then {least:.0%} of the deals or more had closed, or the times that it takes are missing"
    text = f"Not looked at: {names}, because {why}."
    return (results.Warning("data_quality", None, text),)


def _nothing_recorded() -> results.Warning:
    return results.Warning(
        "data_quality", None, "No attribute or behaviour is recorded for enough deals to be looked at as a driver."
    )


def _no_signal(tested: int, unseen: signal.Signal | None) -> results.Warning:
    text = f"Of {tested} candidates looked at, nothing recorded at that point tells won from lost"
    if unseen is None:
        return results.Warning("no_signal", None, f"{text}; too few deals to try it on unseen ones.")
    if unseen.low > 0:
        why = "by itself: a model of all of them does better than the base rate on unseen deals, but none stands out"
        text = f"{text} {why} ({unseen.validation})."
    else:
        text += f": a model of all of them does no better than the base rate on unseen deals ({unseen.validation})."
    evidence = (
        f"log-loss gained over the base rate: {unseen.gain:.5f} a deal "
        f"(95 % interval {unseen.low:.5f} to {unseen.high:.5f})",
        f"on {unseen.n:,} deals not seen by the model, {unseen.validation}",
    )
    return results.Warning("no_signal", None, text, evidence)
