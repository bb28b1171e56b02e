"""One model a landmark: the deals still open then, all that was known by then, the contrasts first looked at there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from notyet.analysis.behaviours import OPENING, Landmark, Observed
from notyet.analysis.candidates import Attributes, belongs
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
from notyet.analysis.population import Flags, Floats, Ints, Population

PARTS_DIFFER = 0.05
PEOPLE_DIFFER = 0.1
"""How much, at least, the parts of a nested factor and people are taken to differ (standard deviations in log-odds)."""


@dataclass(frozen=True)
class Tested:
    """A contrast, the landmark at which it was looked at, and the deals that were open then."""

    contrast: Contrast
    landmark: Landmark
    keep: Flags


@dataclass(frozen=True)
class Setting:
    """What every landmark's model shares.

    ``factors`` and ``people`` with how far their groups differ (random effects); ``scores``: a column for each kind of
    people too many to have a column each (``many``: who they are); ``of_people``: for factors that people have (a
    team), how many people beyond the factor's levels there are to judge it by.
    """

    factors: tuple[Grouping, ...]
    people: tuple[Grouping, ...]
    adjusters: Floats
    scores: Floats
    many: tuple[Ints, ...]
    of_people: Mapping[str, int]


def prepare(population: Population, attributes: Attributes) -> Setting:
    """Learn, from models without them, how much people and the parts of nested factors differ."""
    n = population.n
    adjusters = beside([calendar(population.opened), *(size(one) for one in attributes.sizes)], n)
    everybody = [people_codes(population.levels(column)[0]) for column in attributes.people]
    of_people: dict[str, int] = {}
    for codes, groups in everybody:
        of_people |= _had_by(attributes, codes, groups)
    own = [factor_grouping(f) for f in attributes.factors if f.within is None and f.name not in of_people]
    surprise = rest = _surprise(population, build(own, adjusters))
    factors = tuple(
        factor_grouping(f, PRIOR_SD if f.within is None else spread(*surprise, f.codes, len(f.levels), PARTS_DIFFER))
        for f in attributes.factors
    )
    groupings = [
        Grouping(codes, groups, spread(*surprise, codes, groups, PEOPLE_DIFFER), random=True)
        for codes, groups in everybody
    ]
    few = [g for g in groupings if g.groups <= MOST_PEOPLE and n < SINGLE_PRECISION_FROM]
    many = [g for g in groupings if g.groups > MOST_PEOPLE or n >= SINGLE_PRECISION_FROM]
    if many and of_people:
        rest = _surprise(population, build([g for g in factors if not g.random], adjusters))
    scores = beside([PRIOR_SD * shrunken(*rest, g.codes, g.groups, g.sd)[:, None] for g in many], n)
    process = [_process(population)] if population.has("process_version") else []
    return Setting(factors, (*few, *process), adjusters, scores, tuple(g.codes for g in many), of_people)


def _surprise(population: Population, design: Design) -> tuple[Floats, Floats]:
    """Each outcome minus its chance by a model, and the variance that the model expects of it."""
    chance = special.expit(linear(design.x, sampled(design, population.won)))
    return population.won - chance, chance * (1 - chance)


def _had_by(attributes: Attributes, codes: Ints, groups: int) -> dict[str, int]:
    """The factors that each person has one level of, and how many more people there are than levels."""
    named = {f.name: belongs(codes, groups, f) for f in attributes.factors if len(f.levels) <= groups}
    people = len(np.unique(codes))
    return {name: max(1, people - len(set(levels))) for name, levels in named.items() if levels is not None}


def _process(population: Population) -> Grouping:
    """The version of the process a deal was worked by: no candidate (who works by it is chosen), but adjusted for."""
    codes, groups = people_codes(population.levels("process_version")[0])
    return Grouping(codes, groups, PRIOR_SD)


def opening(population: Population, attributes: Attributes, setting: Setting) -> tuple[Tested, ...]:
    """The contrasts of what was known at the opening, over all closed deals.

    What people have (a team) is looked at without their scores, which would take its effect away; the errors are
    clustered by person.
    """
    found = _look(population, attributes, setting, OPENING, ())
    if not setting.scores.shape[1] or not setting.of_people:
        return found
    bare = replace(setting, scores=setting.scores[:, :0])
    again = _look(population, attributes, bare, OPENING, (), (population.accounts, *setting.many))
    kept = [one for one in found if one.contrast.factor.name not in setting.of_people]
    return (*kept, *(one for one in again if one.contrast.factor.name in setting.of_people))


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
    clusters: Sequence[Ints] = (),
) -> tuple[Tested, ...]:
    keep = landmark.open(population)
    behaviours = [one.factor.rows(keep) for one in observed]
    now = {one.factor.name for one in observed if one.landmark == landmark}
    groupings = [
        *(_rows(g, keep) for g in setting.factors),
        *(factor_grouping(f) for f in behaviours),
        *(_rows(g, keep) for g in setting.people),
    ]
    beside_them = beside([setting.adjusters[keep], setting.scores[keep]], int(keep.sum()))
    design = build(groupings, beside_them)
    fitted = fit(design, population.won[keep], [codes[keep] for codes in clusters or (population.accounts,)])
    found: list[Tested] = []
    factors = [*(f.rows(keep) for f in attributes.factors), *behaviours]
    for factor, block in zip(factors, design.blocks, strict=False):
        if landmark == OPENING or factor.name in now:
            means, gradient = group_means(design, block, fitted.theta, factor.among)
            freedom = setting.of_people.get(factor.name)
            found += [Tested(one, landmark, keep) for one in compare(factor, fitted, means, gradient, freedom)]
    return tuple(found)


def _rows(grouping: Grouping, keep: Flags) -> Grouping:
    return replace(grouping, codes=grouping.codes[keep])


def candidates_only(attributes: Attributes, observed: Sequence[Observed], rows: Ints) -> Floats:
    """The matrix of all candidates, without anything that is only adjusted for, of some of the deals."""
    factors = [*attributes.factors, *(one.factor for one in observed)]
    groupings = [Grouping(f.codes[rows], len(f.levels), PRIOR_SD) for f in factors if f.tested]
    return build(groupings, np.zeros((len(rows), 0))).x
