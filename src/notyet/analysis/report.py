"""Everything that is said about a selection of a history, in one frozen report."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from typing import Any

import ibis.expr.types as ir

from notyet.analysis import drift, facts, leaks, quality, reasons, results, weighting
from notyet.analysis import drivers as driver_search
from notyet.analysis.agreement import agreement
from notyet.analysis.cohorts import cohort_win_rates
from notyet.analysis.concentration import effective_accounts
from notyet.analysis.facts_record import known_stages
from notyet.analysis.figures import figures, first_row
from notyet.analysis.funnel import funnel
from notyet.analysis.groups import QUARTER, Levels, dimensions, levels, win_rates
from notyet.analysis.history import History
from notyet.analysis.meta import Meta, iso
from notyet.analysis.readings import Reasons, quarter, with_readings
from notyet.analysis.registry import BY_KEY
from notyet.analysis.results import Agreement, DealCounts, DriverResult, Figure, Report, SelectionShown
from notyet.analysis.selection import Selection, filtered, selected
from notyet.analysis.settings import Settings
from notyet.analysis.winbacks import won_back

LEAVING_BY = ("persona", "source", "segment", "product", "region", "campaign")
ANSWERING_BY = ("persona", "segment", "region", "product", "source")
OUTCOMES = ("won", "lost", "no_decision", "disqualified", "ordered_unpaid", "open")


def analyse(
    history: History, settings: Settings | None = None, selection: Selection | None = None, *, drivers: bool = True
) -> Report:
    """The report on a selection of a history, by a workspace's settings.

    Without ``drivers`` the slow part (drivers, leaks and drift) is left out. Raises ``UnknownField`` for a filter on a
    field that there is not.
    """
    settings, selection = settings or Settings(), selection or Selection()
    known = _Known.of(history, settings, selection)
    rows, smallest = known.rows, settings.smallest_group
    counts = deal_counts(rows, known.meta)
    names = dimensions(known.meta, settings, rows)
    result = _drivers(history, known, settings) if drivers else DriverResult((), 0)
    found = _levels(history, rows, _known_early(names, known.meta, result), known.meta, settings)
    pairs = reasons.pairs(rows)
    agreed = agreement(pairs, known.reasons, smallest)
    made = (
        *figures(rows, smallest),
        _agreement_figure(agreed),
        *won_back(history, known.facts, rows, smallest),
        effective_accounts(rows, smallest),
        *win_rates(found, smallest),
        *cohort_win_rates(known.unwindowed, known.meta, settings, known.meta.frozen_at),
    )
    return Report(
        as_of=known.meta.frozen_at,
        workspace=known.meta.workspace,
        currency=known.meta.currency,
        selection=SelectionShown(selection.since, selection.until, selection.where),
        deals=counts,
        figures=made,
        reasons=reasons.reason_rows(pairs, known.reasons, _weighted(known, names, found, settings), smallest),
        agreement=agreed,
        funnel=funnel(rows, known_stages(history), _some(names, LEAVING_BY, found, 2), smallest),
        drivers=result.drivers,
        tested=result.tested,
        warnings=_warnings(known, counts, made, found, result),
    )


@dataclass(frozen=True)
class _Known:
    """The facts as known at the selection's moment: all, those that pass the filters, those of the selection."""

    meta: Meta
    reasons: Reasons
    facts: ir.Table
    unwindowed: ir.Table
    rows: ir.Table

    @classmethod
    def of(cls, history: History, settings: Settings, selection: Selection) -> "_Known":
        meta = history.meta if selection.as_of is None else replace(history.meta, frozen_at=selection.as_of)
        all_facts = facts.read(history, selection.as_of)
        mapped = Reasons.of(meta, settings)
        unwindowed = history.named("unwindowed", with_readings(filtered(all_facts, meta, selection), mapped))
        rows = history.named("selected", with_readings(selected(all_facts, meta, selection), mapped))
        return cls(meta, mapped, all_facts, unwindowed, rows)


def deal_counts(rows: ir.Table, meta: Meta) -> DealCounts:
    """How many deals ended how."""
    row = first_row(rows.aggregate(**{name: rows.count(where=rows.outcome == name) for name in OUTCOMES}))
    known = [source.payments_from for source in meta.sources if source.payments_from is not None]
    closed = row["won"] + row["lost"] + row["no_decision"]
    return DealCounts(closed=closed, **row, payment_known_from=min(known, default=None))


def _known_early(names: dict[str, str], meta: Meta, result: DriverResult) -> dict[str, str]:
    """The dimensions without the suspected leaks: a win rate by what is known only at the close says nothing."""
    late = {one.field for one in result.warnings if one.kind == "leak"}
    return {name: column for name, column in names.items() if meta.source_column(column) not in late}


def _levels(history: History, rows: ir.Table, names: dict[str, str], meta: Meta, settings: Settings) -> Levels:
    columns = {name: rows[column] for name, column in names.items()}
    span = first_row(rows.aggregate(first=rows.closed_at.min(), last=rows.closed_at.max()))
    if span["first"] is not None:
        columns[QUARTER] = quarter(rows.closed_at, meta, (span["first"], span["last"]))
    return levels(history, rows, columns, settings.most_levels)


def _agreement_figure(agreed: Agreement) -> Figure:
    metric = BY_KEY["agreement"]
    return Figure(
        metric.key,
        metric.label,
        metric.unit,
        agreed.share,
        agreed.low,
        agreed.high,
        agreed.n,
        withheld=agreed.withheld,
    )


def _some(names: dict[str, str], preferred: tuple[str, ...], found: Levels, most: int) -> dict[str, str]:
    """The first of the preferred fields that have more than one level here."""
    usable = [name for name in preferred if name in names and len(found.get(name, ())) > 1]
    return {name: names[name] for name in usable[:most]}


def _weighted(known: _Known, names: dict[str, str], found: Levels, settings: Settings) -> dict[str, weighting.Weighted]:
    counts = {names[name]: len(rows) for name, rows in found.items() if name in names}
    columns = weighting.attributes(known.rows, counts, ANSWERING_BY)
    return weighting.weighted(known.rows, columns, known.reasons, settings.smallest_group)


def _drivers(history: History, known: _Known, settings: Settings) -> DriverResult:
    changes = history.table("field_changes")
    leaking = leaks.find(known.facts, changes, known.meta, settings)
    result = driver_search.find(known.rows, known.meta, settings, leaks=leaking)
    drifted = drift.find(known.rows, known.meta, leaks.left_out(leaking, known.meta))
    return replace(result, warnings=(*leaking, *result.warnings, *drifted))


def _warnings(
    known: _Known, counts: DealCounts, made: tuple[Figure, ...], found: Levels, result: DriverResult
) -> tuple[results.Warning, ...]:
    said = (
        *result.warnings,
        *quality.small_sample(made, counts.closed),
        *quality.answer_bias(found, known.meta),
        *quality.data_quality(known.rows, known.meta, made),
    )
    return tuple(dict.fromkeys(said))


def to_json(report: Report) -> dict[str, Any]:
    """The object that ``notyet report --format json`` prints; its keys are those of the exchange format."""
    found: dict[str, Any] = _plain(report)
    return {**found, "experiments": []}


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple) else value
