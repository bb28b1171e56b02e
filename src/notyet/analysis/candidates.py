"""Which fields may be named as drivers, and which are only adjusted for or left alone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from notyet.analysis.factors import Factor, from_flag, from_levels, from_number
from notyet.analysis.meta import Control, Field, Meta
from notyet.analysis.population import Floats, Ints, Population
from notyet.analysis.settings import Settings
from notyet.analysis.tables import ATTRIBUTE_PREFIX

CONTROLS: dict[str, Control] = {
    "source": "shared",
    "campaign": "shared",
    "message": "shared",
    "persona": "shared",
    "segment": "shared",
    "region": "theirs",
    "product": "shared",
    "competitor": "theirs",
    "team": "ours",
    "contract_term_months": "shared",
}
"""The columns of the exchange format that are candidates, and whose they are to change."""

WIN_BACK = "reopened_from"

_PERSON = re.compile(
    r"\b(owner|manager|rep|representative|agent|seller|sdr|bdr|ae|csm|salesperson|sales ?(man|woman|person)|"
    r"account executive|account exec|assigned|assignee|created by|modified by|closer|advisor|consultant)s?\b"
)
_IDENTIFIER = re.compile(r"\b(id|number|no|nr|key|code|uuid|guid)\b")


def words(header: str) -> str:
    """A header as lower-case words: ``LastNotableActivity``, ``last_notable_activity`` -> ``last notable activity``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", header)
    return " ".join(re.sub(r"[^0-9a-zà-ÿ%#]+", " ", spaced.lower()).split())


def is_person(field: Field) -> bool:
    """Whether a field's values are people: said so, or by its header (people are no drivers)."""
    by_name = field.kind in ("category", "text") and _PERSON.search(words(field.source_column)) is not None
    return field.person or field.column == "owner" or by_name


@dataclass(frozen=True)
class Attributes:
    """The fields of a history by their part: ``factors`` are candidates; ``people`` and ``sizes`` only adjusted for."""

    factors: tuple[Factor, ...]
    people: tuple[str, ...]
    sizes: tuple[Floats, ...]


def known_fields(columns: Iterable[str], meta: Meta) -> tuple[Field, ...]:
    """The fields that the facts hold: those of the history, and exchange columns that it does not list."""
    present = list(columns)
    listed = {field.column for field in meta.fields}
    more = [
        Field(name, name, name, "number" if name == "contract_term_months" else "category")
        for name in (*CONTROLS, "owner")
        if name in present and name not in listed
    ]
    return tuple(field for field in (*meta.fields, *more) if field.column in present)


def is_candidate(field: Field) -> bool:
    """Whether a field is of the kind that can be a driver: known at the opening, no person, no identifier, no time."""
    known = field.column in CONTROLS or field.column.startswith(ATTRIBUTE_PREFIX)
    return known and field.kind in ("category", "number", "flag") and not is_person(field)


def attributes(
    population: Population, meta: Meta, settings: Settings, left_out: frozenset[str], smallest: int
) -> Attributes:
    """The attributes known at the opening, without the columns ``left_out`` (leaks and suspects).

    ``smallest``: how many deals a group needs inside and outside to be tested.
    """
    fields = [f for f in known_fields(population.table.column_names, meta) if f.column not in left_out]
    fields = [f for f in fields if population.has(f.column)]
    value = population.numbers("value")
    sized = "value" not in left_out
    sizes = [value] if sized and np.isfinite(value).any() else []
    factors: list[Factor] = []
    for field in fields:
        if not is_candidate(field):
            continue
        numbers = population.numbers(field.column) if field.kind == "number" else None
        if numbers is not None and follows(numbers, value):
            sizes += [numbers] if sized else []
            continue
        factor = _factor(population, field, numbers, settings, smallest)
        if factor is not None:
            factors.append(factor)
    win_back = _win_back(population, settings, smallest)
    people = tuple(f.column for f in fields if is_person(f))
    return Attributes(tuple(nest([*factors, *([win_back] if win_back else [])])), people, tuple(sizes))


def _factor(
    population: Population, field: Field, numbers: Floats | None, settings: Settings, smallest: int
) -> Factor | None:
    control = settings.controls.get(field.name, CONTROLS.get(field.column, "unknown"))
    name = shown_name(field)
    if numbers is not None:
        return None if _identifies(field, numbers) else from_number(name, field.column, control, numbers, smallest)
    if field.kind == "flag":
        return from_flag(name, field.column, control, population.numbers(field.column), smallest)
    codes, levels = population.levels(field.column)
    return from_levels(name, field.column, control, codes, levels, smallest, settings.most_levels)


def shown_name(field: Field) -> str:
    """How a field is called in a driver's name: the source's own header as it is, a column of ours as words."""
    return field.name.replace("_", " ").capitalize() if field.name == field.column else field.name


def _win_back(population: Population, settings: Settings, smallest: int) -> Factor | None:
    if not population.has(WIN_BACK):
        return None
    name = "Asked again after a loss"
    reopened = population.table[WIN_BACK].is_valid().to_numpy().astype(float)
    return from_flag(name, WIN_BACK, settings.controls.get(name, "unknown"), reopened, smallest)


def _identifies(field: Field, numbers: Floats) -> bool:
    """Whole numbers that (nearly) never repeat, under a header that speaks of an identifier."""
    known = numbers[np.isfinite(numbers)]
    whole = bool((known == np.round(known)).all())
    repeats = len(np.unique(known)) < 0.98 * known.size
    return whole and not repeats and _IDENTIFIER.search(words(field.source_column)) is not None


def follows(numbers: Floats, value: Floats) -> bool:
    """Whether a number is the deal's size in other words, as bins of the amount are (rank correlation above 0.9)."""
    both = np.isfinite(numbers) & np.isfinite(value)
    if int(both.sum()) < max(30, int(np.isfinite(numbers).sum()) // 2):
        return False
    sample = np.flatnonzero(both)
    sample = sample[:: max(1, len(sample) // 20_000)]
    if np.ptp(numbers[sample]) == 0 or np.ptp(value[sample]) == 0:
        return False
    return abs(float(stats.spearmanr(numbers[sample], value[sample]).statistic)) > 0.9


def nest(factors: list[Factor]) -> list[Factor]:
    """Tell finer factors from coarser ones that they only split, and drop those that say the same as an earlier one.

    A campaign that always belongs to one source is compared with the other campaigns of that source, so that what
    is true of the source is said once.
    """
    kept: list[Factor] = []
    for factor in factors:
        if any(determines(other, factor) is not None and determines(factor, other) is not None for other in kept):
            continue
        kept.append(factor)
    return [_placed(factor, kept) for factor in kept]


def _placed(factor: Factor, factors: list[Factor]) -> Factor:
    coarser = [other for other in factors if len(other.levels) < len(factor.levels)]
    for other in sorted(coarser, key=lambda one: -len(one.levels)):
        groups = determines(factor, other)
        if groups is not None:
            return _split(factor, groups)
    return factor


def _split(factor: Factor, groups: tuple[int, ...]) -> Factor:
    """Compare within the coarser factor's groups; a level that fills its group says nothing of its own."""
    tested = tuple(i for i in factor.tested if sum(groups[i] == groups[j] for j in range(len(groups))) > 1)
    return replace(factor, within=groups, tested=tested)


def determines(fine: Factor, coarse: Factor) -> tuple[int, ...] | None:
    """For each level of ``fine`` the one level of ``coarse`` that (nearly) all its deals are in, if that is so."""
    return belongs(fine.codes, len(fine.levels), coarse)


def belongs(codes: Ints, groups: int, coarse: Factor) -> tuple[int, ...] | None:
    """For each group the one level of ``coarse`` that (nearly) all its deals are in; ``None`` where that is not so."""
    cells = np.bincount(codes * len(coarse.levels) + coarse.codes, minlength=groups * len(coarse.levels))
    table = cells.reshape(groups, len(coarse.levels))
    total = float(table.sum())
    unexplained = total - float(table.max(axis=1).sum())
    if unexplained > 0.02 * (total - float(table.sum(axis=0).max())):
        return None
    return tuple(int(i) for i in table.argmax(axis=1))
