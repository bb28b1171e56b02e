"""Deviations from the process against doing as it says, other things equal.

One logistic model a step, over the closed deals that were still open at its landmark: what was known of the deal at
its opening, its people, the calendar and its size (as for drivers), how long it took to the stage, and which of the
steps that were due before this one were done in time. Errors are clustered by account.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from notyet.analysis import facts, leaks, models
from notyet.analysis.candidates import attributes, known_fields
from notyet.analysis.conformance_rules import IN_TIME, LATE, OUT_OF_ORDER, SKIPPED
from notyet.analysis.conformance_sample import WAYS, Part, Sample, due_before
from notyet.analysis.contrasts import false_discovery
from notyet.analysis.design_matrix import PRIOR_SD, Grouping, beside, build, size
from notyet.analysis.drivers import ALWAYS_READ, DISCOVERY_RATE, FEWEST_CLOSED, FEWEST_OUTCOME, smallest_group
from notyet.analysis.effects import Effect, contrast, fit, group_means
from notyet.analysis.history import History
from notyet.analysis.moments import DAY
from notyet.analysis.population import Floats, Ints, Population, closed_deals
from notyet.analysis.settings import Settings

DEVIATIONS = tuple(int(way) for way in (LATE, SKIPPED, OUT_OF_ORDER))


@dataclass(frozen=True)
class Chosen:
    """A step of a sample (by its number in it) and which of its landmarks is compared at."""

    number: int
    landmark: int


@dataclass(frozen=True)
class Standing:
    """The effect of a deviation, and the false discovery rate at which it stands among all that were looked at."""

    effect: Effect
    q: float

    @property
    def stands(self) -> bool:
        """Whether it is told as a difference."""
        return self.q <= DISCOVERY_RATE


Key = tuple[int, int, int]
"""The sample, the step in it, and the deviation."""


@dataclass(frozen=True)
class _Compared:
    """The closed deals that are compared and what all the models share."""

    population: Population
    setting: models.Setting
    smallest: int


def effects(
    history: History, settings: Settings, part: Part, samples: Sequence[tuple[Sample, Sequence[Chosen]]]
) -> Mapping[Key, Standing]:
    """The effect of every deviation of every step chosen that enough deals tell; nothing where too few are closed."""
    compared = _compared(history, settings, part)
    if compared is None:
        return {}
    found: dict[Key, Effect] = {}
    with threadpool_limits(1):
        for place, (sample, chosen) in enumerate(samples):
            row = np.searchsorted(sample.deal, compared.population.numbers("deal").astype(np.int64))
            for one in chosen:
                of_step = _of_step(compared, sample, row, one)
                found |= {(place, one.number, deviation): effect for deviation, effect in of_step.items()}
    q = false_discovery(np.array([effect.p for effect in found.values()]))
    return {key: Standing(effect, float(rate)) for (key, effect), rate in zip(found.items(), q, strict=True)}


def _compared(history: History, settings: Settings, part: Part) -> _Compared | None:
    known, meta = facts.read(history), history.meta
    leaking = leaks.find(known, history.table("field_changes"), meta, settings)
    columns = [*ALWAYS_READ, *(field.column for field in known_fields(known.columns, meta))]
    population = closed_deals(part.filtered(known), columns)
    won = int(population.won.sum())
    if population.n < FEWEST_CLOSED or min(won, population.n - won) < FEWEST_OUTCOME:
        return None
    smallest = smallest_group(population.n)
    with threadpool_limits(1):
        fields = attributes(population, meta, settings, leaks.left_out(leaking, meta), smallest)
        return _Compared(population, models.prepare(population, fields), smallest)


def _of_step(compared: _Compared, sample: Sample, row: Ints, chosen: Chosen) -> dict[int, Effect]:
    """The effects of a step's deviations; none where too few deals did as the process says."""
    judged = sample.judged[chosen.number]
    group = judged.groups[chosen.landmark][row]
    keep = np.flatnonzero(group >= 0)
    counts = np.bincount(group[keep], minlength=WAYS)
    asked = [one for one in DEVIATIONS if min(counts[one], counts[IN_TIME]) >= compared.smallest]
    won = compared.population.won[keep]
    if not asked or min(won.sum(), len(won) - won.sum()) < FEWEST_OUTCOME:
        return {}
    rows = row[keep]
    pace = (judged.entered - sample.opened)[rows] / DAY
    step = Grouping(group[keep].astype(np.int64), WAYS, PRIOR_SD)
    others = (Grouping(one[rows], 3, PRIOR_SD) for one in due_before(sample, chosen.number))
    setting = compared.setting
    known = (replace(g, codes=g.codes[keep]) for g in (*setting.factors, *setting.people))
    groupings = [step, *known, *(one for one in others if np.ptp(one.codes))]
    adjusters = [setting.adjusters[keep], setting.scores[keep], size(_known(pace))]
    design = build(groupings, beside(adjusters, len(keep)))
    fitted = fit(design, won, [compared.population.accounts[keep]])
    means, gradient = group_means(design, design.blocks[0], fitted.theta)
    return {one: contrast(fitted, means, gradient, _against(one)) for one in asked}


def _against(deviation: int) -> Floats:
    weights = np.zeros(WAYS)
    weights[deviation], weights[IN_TIME] = 1.0, -1.0
    return weights


def _known(days: Floats) -> Floats:
    """Days from the opening; a deal without an opening, and one that was in the stage before, has none."""
    return np.where((days >= 0) & (days < 36_525), days, np.nan)
