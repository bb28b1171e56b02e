"""The health of the record: what is missing or odd, by source and field, what it costs, and how it is mended.

Counts are of deals and rows, never of people.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import ibis.expr.types as ir

from notyet.analysis import facts, health_costs, health_fields, health_findings, health_wholes
from notyet.analysis.health_checks import CHECKS, usual
from notyet.analysis.health_results import Counts, Filled, Finding, Health, SourceHealth
from notyet.analysis.history import History
from notyet.analysis.meta import Meta
from notyet.analysis.readings import Reasons, with_readings
from notyet.analysis.settings import Settings
from notyet.analysis.tables import ATTRIBUTE_PREFIX, DEALS

NOT_LISTED = ("deal_id", "outcome", "process_version", "reopened_from", "ordered_at", "name")
"""Columns of the deals that are always there, or whose absence says something."""


Headers = Mapping[str, Mapping[str, str]]
"""By data source: field -> the header it has there, as far as it is known."""


def examine(history: History, settings: Settings | None = None, headers: Headers | None = None) -> Health:
    """Look through a history for what is missing or odd in it; ``headers`` name the fields as their sources do."""
    settings, meta = settings or Settings(), history.meta
    reasons = Reasons.of(meta, settings)
    rows = with_readings(facts.read(history), reasons)
    wanted = health_costs.needs(rows)
    listed = _listed(rows, meta)
    sums = health_wholes.totals(rows) | health_costs.asked(wanted, rows) | _filling(rows, listed)
    known = usual(rows, meta, reasons)
    for check in CHECKS:
        among = check.among(rows)
        sums[f"of:{check.key}"] = rows.count(where=among)
        sums[f"odd:{check.key}"] = rows.count(where=among & check.odd(rows, known))
    found = rows.group_by("data_source").aggregate(**sums).to_pyarrow().to_pylist()
    counts: Counts = {row["data_source"]: row for row in found}
    named = history.named("health", rows)
    values = health_fields.values(history, named, health_fields.examined_fields(meta, rows.columns))
    lost = health_costs.costs(wanted, counts, settings.smallest_group)
    findings = [
        *health_findings.of_deals(counts, lost, meta),
        *health_findings.of_rows(history),
        *health_wholes.findings(named, meta, counts),
        *health_findings.of_values(values, counts, meta),
    ]
    keys = sorted(counts, key=lambda key: (-counts[key]["deals"], key))
    sources = (_source(key, counts, listed, findings, settings, meta) for key in keys)
    named_so = tuple(_with_headers(one, (headers or {}).get(one.key, {})) for one in sources)
    return Health(meta.frozen_at, meta.workspace, named_so)


def _with_headers(source: SourceHealth, headers: Mapping[str, str]) -> SourceHealth:
    """The same with its own headers; a finding about several fields names them already."""
    fields = tuple(replace(one, column=headers.get(one.field, one.column)) for one in source.fields)
    findings = tuple(
        one if one.key == "field_empty" else replace(one, column=headers.get(one.field, one.column))
        for one in source.findings
    )
    return replace(source, fields=fields, findings=findings)


def _listed(rows: ir.Table, meta: Meta) -> dict[str, str]:
    """The fields that are listed with how well they are filled: name -> header, those of the exchange format first."""
    own = {name: meta.source_column(name) for name in DEALS.names if name not in NOT_LISTED}
    attributes = {f.name: f.source_column for f in meta.fields if f.column.startswith(ATTRIBUTE_PREFIX)}
    return own | {name: header for name, header in attributes.items() if ATTRIBUTE_PREFIX + name in rows.columns}


def _filling(rows: ir.Table, listed: Iterable[str]) -> dict[str, ir.Value]:
    """Of each listed field, by data source: the deals that should have it, those that do, the won and the lost ones."""
    sums: dict[str, ir.Value] = {}
    for name in listed:
        among, there = _expected(rows, name), _there(rows, name)
        sums[f"expected:{name}"] = rows.count(where=among)
        sums[f"filled:{name}"] = rows.count(where=among & there)
        sums[f"won:{name}"] = rows.count(where=rows.is_won & there)
        sums[f"lost:{name}"] = rows.count(where=rows.is_lost & there)
    return sums


def _expected(rows: ir.Table, name: str) -> ir.BooleanValue:
    if name == "closed_at":
        return rows.outcome != "open"
    if name == "paid_at":
        return rows.outcome.isin(("won", "ordered_unpaid"))
    if name in ("loss_reason", "lost_to"):
        return rows.is_lost
    if name == "currency":
        return rows.value_final.notnull() | rows.unrated
    return rows.deal.notnull()


def _there(rows: ir.Table, name: str) -> ir.BooleanValue:
    if name == "amount":
        return rows.value_final.notnull() | rows.unrated
    if name == "loss_reason":
        return rows.seller_reason.notnull()
    return rows[name if name in DEALS.names else ATTRIBUTE_PREFIX + name].notnull()


def _source(
    key: str, counts: Counts, listed: dict[str, str], found: list[Finding], settings: Settings, meta: Meta
) -> SourceHealth:
    row = counts[key]
    filled = {n: Filled(n, header, row[f"filled:{n}"], row[f"expected:{n}"]) for n, header in listed.items()}
    mine = _said_once([one for one in found if one.source == key])
    mine += health_findings.of_gaps(key, row, settings, meta)
    told = tuple(one for one in filled.values() if one.filled)
    absent = tuple(one.column for one in filled.values() if one.of and not one.filled)
    ordered = sorted(mine, key=lambda one: (*(-part for part in one.weight), one.key, one.field))
    return SourceHealth(key, row["deals"], row["closed"], told, absent, tuple(ordered))


def _said_once(found: list[Finding]) -> list[Finding]:
    """Without what another finding of the same source says better."""
    if any(one.key == "valued_for_one_outcome" for one in found):
        return [one for one in found if one.key not in ("zero", "no_amount")]
    return found
