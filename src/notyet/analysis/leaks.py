"""Leaks: fields that can only be known at or after the close, and suspects that their owner decides on."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import ibis
import pyarrow as pa

from notyet.analysis import leaks_by_name, leaks_by_time, leaks_by_value, results
from notyet.analysis.candidates import CONTROLS, is_candidate, known_fields
from notyet.analysis.meta import Field, Meta
from notyet.analysis.population import Population, closed_deals
from notyet.analysis.settings import Settings
from notyet.analysis.tables import ATTRIBUTE_PREFIX

AMOUNT = "amount"
VALUE = "value"
CURRENCY = "currency"
ALWAYS_READ = ("deal", CURRENCY, "opened_at", "closed_at")
AHEAD = 0.78
AHEAD_BY = 0.12


@dataclass(frozen=True)
class _Found:
    field: Field
    evidence: tuple[str, ...] = ()
    suspicion: str | None = None
    auc: float = 0.5


def find(
    facts: pa.Table | ibis.Table,
    field_changes: pa.Table | ibis.Table | None,
    meta: Meta,
    settings: Settings | None = None,
) -> tuple[results.Warning, ...]:
    """A warning for each field that is a leak or suspect, with its evidence; fields judged ``fine`` by their owner not.

    Ask it of the whole history rather than of a selection. ``field_changes`` as in the frozen history.
    """
    settings = settings or Settings()
    fields = _checked(facts, meta)
    population = closed_deals(facts, [*ALWAYS_READ, *(_column(field) for field in fields)])
    changes = leaks_by_time.written(facts, field_changes) if field_changes is not None else {}
    found = [
        _examine(population, field, changes) for field in fields if settings.leaks.get(field.source_column) != "fine"
    ]
    rest = [one.auc for one in found if not one.evidence and not one.suspicion and one.auc < AHEAD]
    best = max(rest, default=0.5)
    warnings = [_warning(_far_ahead(one, best), settings, best) for one in found]
    return tuple(warning for warning in warnings if warning is not None)


def left_out(leaks: Iterable[results.Warning], meta: Meta) -> frozenset[str]:
    """The columns of the facts that warnings of leaks speak of (``value`` for the amount): no candidates."""
    named = {warning.field for warning in leaks if warning.kind == "leak"}
    columns = {field.column for field in meta.fields if field.source_column in named}
    columns |= {column for column in (*CONTROLS, VALUE) if column in named}
    return frozenset(columns | ({VALUE} if AMOUNT in columns or AMOUNT in named else set()))


def _checked(facts: pa.Table | ibis.Table, meta: Meta) -> list[Field]:
    columns = list(facts.column_names if isinstance(facts, pa.Table) else facts.columns)
    amount = next((f for f in meta.fields if f.column in (AMOUNT, VALUE)), Field(AMOUNT, AMOUNT, AMOUNT, "number"))
    fields = [f for f in known_fields(columns, meta) if f.column in CONTROLS or f.column.startswith(ATTRIBUTE_PREFIX)]
    return [*fields, *([amount] if VALUE in columns else [])]


def _column(field: Field) -> str:
    return VALUE if field.column == AMOUNT else field.column


def _examine(population: Population, field: Field, changes: dict[str, leaks_by_time.Written]) -> _Found:
    column = _column(field)
    late = [changes[name] for name in {field.name, field.column, field.source_column} if name in changes]
    written = tuple(one.evidence(population.n) for one in late if column != VALUE)
    if not population.has(column):
        return _Found(field, tuple(one for one in written if one))
    values = leaks_by_value.read(population, field, column)
    auc, good = leaks_by_value.too_good(values, population.won)
    if field.kind in ("text", "time"):
        good = None
    length, follows = _length(population, field)
    late_by_length = follows if length >= leaks_by_value.FOLLOWS else None
    evidence = [leaks_by_value.one_outcome_only(values, population.won), *written, late_by_length, good]
    named = is_candidate(field) or column == VALUE
    suspicion = leaks_by_name.suspicion(field.source_column) if named and field.column not in CONTROLS else None
    suspicion = f"its name {suspicion}" if suspicion else follows
    if column == VALUE and _one_currency(population):
        suspicion = suspicion or leaks_by_value.made_exact(population.numbers(VALUE), population.won)
    return _Found(field, tuple(one for one in evidence if one), suspicion, auc)


def _length(population: Population, field: Field) -> tuple[float, str | None]:
    if field.kind != "number" or not field.column.startswith(ATTRIBUTE_PREFIX):
        return 0.0, None
    return leaks_by_value.follows_life(population.numbers(field.column), population.closed - population.opened)


def _far_ahead(found: _Found, best: float) -> _Found:
    """Suspect a field that tells much more than any other, though not more than could be known early."""
    ahead = found.auc >= max(AHEAD, best + AHEAD_BY) and is_candidate(found.field)
    if not ahead or found.evidence or found.suspicion:
        return found
    return replace(found, suspicion=f"alone it tells won from lost with an AUC of {found.auc:.2f} on deals not seen")


def _one_currency(population: Population) -> bool:
    return not population.has(CURRENCY) or len(population.levels(CURRENCY)[1]) == 1


def _warning(found: _Found, settings: Settings, best: float) -> results.Warning | None:
    header = found.field.source_column
    decided = settings.leaks.get(header) == "leak"
    evidence = [*found.evidence, *([found.suspicion] if found.suspicion else [])]
    if not evidence and not decided:
        return None
    if any("AUC" in one for one in evidence):
        evidence.append(f"the best other field reaches an AUC of {best:.2f}")
    if decided:
        text = f"“{header}” is left out: its owner says that it is known only at or after the close."
    elif found.evidence:
        text = f"“{header}” can hardly have been known before the close, and is left out: {evidence[0]}."
    else:
        text = f"“{header}” is suspected of being known only late, and left out until its owner decides: {evidence[0]}."
    return results.Warning("leak", header, text, tuple(evidence))
