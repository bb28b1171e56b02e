"""One model a landmark: the deals still open then, all that was known by then, the contrasts first looked at there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from notyet.analysis.behaviours import OPENING, Landmark, Observed
from notyet.analysis.candidates import Attributes
from notyet.analysis.contrasts import Contrast, compare
from notyet.analysis.design_matrix import (
    MOST_PEOPLE,
    PRIOR_SD,
    SINGLE_PRECISION_FROM,
    Design,
    Grouping,
    beside,
    build,
    calendar,
    factor_grouping,
    people_codes,
    shrunken,
    size,
    spread,
)
from notyet.analysis.effects import fit, group_means, linear, sampled
from notyet.analysis.factors import Factor
from notyet.analysis.population import Floats, Ints, Population


@dataclass(frozen=True)
class Tested:
    """A contrast and the landmark at which it was looked at."""

    contrast: Contrast
    landmark: Landmark


@dataclass(frozen=True)
class Setting:
    """What every landmark's model shares: how far nested groups and people differ, and what is adjusted for."""

    factors: tuple[Grouping, ...]
    people: tuple[Grouping, ...]
    adjusters: Floats
    clusters: tuple[Ints, ...]


def prepare(population: Population, attributes: Attributes) -> Setting:
    """Learn, from a model without them, how much people and the parts of nested factors differ (random effects)."""
    n = population.n
    adjusters = beside([calendar(population.opened), *(size(one) for one in attributes.sizes)], n)
    plain = [factor_grouping(f) for f in attributes.factors if f.within is None]
    design = build(plain, adjusters)
    chance = special.expit(linear(design.x, sampled(design, population.won)))
    residual, weight = population.won - chance, chance * (1 - chance)
    factors = tuple(
        factor_grouping(f, PRIOR_SD if f.within is None else spread(residual, weight, f.codes, len(f.levels)))
        for f in attributes.factors
    )
    people = [_process(population)] if population.has("process_version") else []
    clusters = [population.accounts]
    for column in attributes.people:
        codes, groups = people_codes(population.levels(column)[0])
        sd = spread(residual, weight, codes, groups)
        if groups <= MOST_PEOPLE and n < SINGLE_PRECISION_FROM:
            people.append(Grouping(codes, groups, sd))
        else:
            effect = PRIOR_SD * shrunken(residual, weight, codes, groups, sd)
            adjusters = beside([adjusters, effect[:, None]], n)
            clusters.append(codes)
    return Setting(factors, tuple(people), adjusters, tuple(clusters))


def _process(population: Population) -> Grouping:
    """The version of the process a deal was worked by: no candidate (who works by it is chosen), but adjusted for."""
    codes, groups = people_codes(population.levels("process_version")[0])
    return Grouping(codes, groups, PRIOR_SD)


def opening(population: Population, attributes: Attributes, setting: Setting) -> tuple[Tested, ...]:
    """The contrasts of what was known at the opening, over all closed deals."""
    return _look(population, attributes, setting, OPENING, ())


def at_landmarks(
    population: Population, attributes: Attributes, setting: Setting, observed: Sequence[Observed]
) -> tuple[Tested, ...]:
    """The contrasts of behaviours, each over the deals still open at its landmark."""
    found: list[Tested] = []
    for landmark in landmarks(observed):
        known = [one for one in observed if one.landmark.hours <= landmark.hours]
        found += _look(population, attributes, setting, landmark, known)
    return tuple(found)


def landmarks(observed: Sequence[Observed]) -> list[Landmark]:
    """The landmarks looked at, the earliest first."""
    return sorted({one.landmark for one in observed}, key=lambda one: (one.hours, not one.enquiry))


def _look(
    population: Population,
    attributes: Attributes,
    setting: Setting,
    landmark: Landmark,
    observed: Sequence[Observed],
) -> tuple[Tested, ...]:
    keep = landmark.open(population)
    behaviours = [one.factor.rows(keep) for one in observed]
    now = {one.factor.name for one in observed if one.landmark == landmark}
    factors: list[Factor] = [f.rows(keep) for f in attributes.factors] + behaviours
    groupings = [
        *(Grouping(g.codes[keep], g.groups, g.sd) for g in setting.factors),
        *(factor_grouping(f) for f in behaviours),
        *(Grouping(g.codes[keep], g.groups, g.sd) for g in setting.people),
    ]
    design = build(groupings, beside([setting.adjusters[keep]], int(keep.sum())))
    fitted = fit(design, population.won[keep], [codes[keep] for codes in setting.clusters])
    found: list[Tested] = []
    for factor, block in zip(factors, design.blocks, strict=False):
        if landmark == OPENING or factor.name in now:
            means, gradient = group_means(design, block, fitted.theta, factor.among)
            found += [Tested(one, landmark) for one in compare(factor, fitted, means, gradient)]
    return tuple(found)


def candidates_only(attributes: Attributes, observed: Sequence[Observed]) -> Design:
    """The matrix of all candidates without anything that is only adjusted for."""
    factors = [*attributes.factors, *(one.factor for one in observed)]
    n = len(factors[0].codes)
    return build([factor_grouping(f) for f in factors], np.zeros((n, 0)))
