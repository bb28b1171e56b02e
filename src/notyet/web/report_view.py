"""A report cut into the panels that the page and the report in one file both draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from notyet.analysis.debriefed import MADE_OF_DEBRIEFS, debriefed
from notyet.analysis.results import DealCounts, Figure, Report
from notyet.analysis.results import Warning as ReportWarning
from notyet.analysis.tables import DEALS
from notyet.web import numbers
from notyet.web.analysis_view import DriverRow, FunnelRow, Group, Trend, driver_rows, funnel_rows, group, trend
from notyet.web.drawing import symmetric
from notyet.web.figure_view import FigureView, Linker, view
from notyet.web.filters import field_label
from notyet.web.reason_view import Matrix, Measure, ReasonBars, matrix, reason_bars

WIN_RATE, COHORTS = "win_rate", "cohort_win_rate"
HEADS = ("win_rate", "lost_in_our_control", "agreement", "won_back_value")
WORKED = (
    ("First reply within 24 hours", "replied_24h", "replied_24h_difference"),
    ("Missed calls returned within 24 hours", "missed_returned", "missed_returned_difference"),
    ("Promises kept", "promises_kept", "promises_kept_difference"),
    ("A second contact within a week", "second_contact_7d", "second_contact_7d_difference"),
    ("A next step dated within a week", "", "next_step_7d_difference"),
)
OUTCOMES = {
    "won": "won",
    "lost": "lost",
    "no_decision": "without a decision",
    "disqualified": "disqualified",
    "ordered_unpaid": "ordered, not paid",
    "open": "open",
}
CLOSED_QUARTER, OPENED_QUARTER = "closed_quarter", "opened_quarter"
WARNING_TITLES = {
    "leak": "Left out: known only at the close",
    "no_signal": "No signal",
    "drift": "Drift",
    "small_sample": "Small sample",
    "answer_bias": "Who answers",
    "data_quality": "The record",
}
WARNING_ORDER = tuple(WARNING_TITLES)


@dataclass(frozen=True)
class WarningGroup:
    """Warnings of one kind under their title."""

    kind: str
    title: str
    warnings: list[ReportWarning]


@dataclass(frozen=True)
class WorkedRow:
    """How often something was done, and how the win rates with and without it differ."""

    label: str
    often: FigureView | None
    difference: FigureView


@dataclass(frozen=True)
class OutcomeCount:
    """How many deals of the selection stand so."""

    label: str
    deals: int
    url: str


@dataclass(frozen=True)
class ReportView:
    """All panels of a report."""

    report: Report
    outcomes: list[OutcomeCount]
    heads: list[FigureView]
    worked: list[WorkedRow]
    others: list[FigureView]
    missing: list[str]
    reasons: ReasonBars
    matrix: Matrix | None
    drivers: list[DriverRow]
    funnel: list[FunnelRow]
    groups: list[Group]
    own_groups: list[Group]
    asked_again: str
    trend: Trend | None
    cohorts: Trend | None
    warnings: list[WarningGroup]
    debriefed: str
    """How many closed deals were debriefed: said beside what is made of debriefs."""


def report_view(report: Report, link: Linker, measure: Measure = "value") -> ReportView:
    """Cut a report into panels; ``link`` makes the addresses of the deals behind figures.

    Groups by a source's own columns are kept apart: only a report with drivers knows which of them are leaks.
    """
    currency = report.currency
    whole = {figure.key: figure for figure in report.figures if not figure.by}
    told = share_debriefed(report)
    heads = [_beside(view(whole[key], currency, link), told) for key in HEADS if key in whole]
    shown = {*HEADS, *(key for _, *keys in WORKED for key in keys)}
    others = [_beside(view(one, currency, link), told) for key, one in whole.items() if key not in shown]
    missing = [one.label for one in others if not one.n]
    by_field = _by_field(report.figures, WIN_RATE)
    cohorts = _by_field(report.figures, COHORTS).get(OPENED_QUARTER, [])
    late = {one.field for one in report.warnings if one.kind == "leak"}
    groups = [
        group(field, field_label(field), figures, currency, link)
        for field, figures in by_field.items()
        if field != CLOSED_QUARTER and field not in late and len(figures) > 1
    ]
    return ReportView(
        report=report,
        outcomes=_outcomes(report.deals, link),
        heads=heads,
        worked=_worked(whole, currency, link),
        others=[one for one in others if one.n],
        missing=missing,
        reasons=reason_bars(report.reasons, measure, currency, link),
        matrix=matrix(report.agreement),
        drivers=driver_rows(report.drivers, currency, link),
        funnel=funnel_rows(report.funnel, link),
        groups=[one for one in groups if one.field in DEALS.names],
        own_groups=[one for one in groups if one.field not in DEALS.names],
        asked_again=_asked_again(whole, currency, link),
        trend=trend(CLOSED_QUARTER, by_field.get(CLOSED_QUARTER, []), currency, link),
        cohorts=trend(OPENED_QUARTER, cohorts, currency, link),
        warnings=warning_groups(report.warnings),
        debriefed=told,
    )


def share_debriefed(report: Report) -> str:
    """How many of a report's closed deals were debriefed, in words; empty where none was closed."""
    found = debriefed(report.figures)
    return found.words(numbers.percent(found.share)) if found else ""


def _beside(figure: FigureView, told: str) -> FigureView:
    return replace(figure, debriefed=told) if figure.key in MADE_OF_DEBRIEFS and figure.n else figure


def _outcomes(deals: DealCounts, link: Linker) -> list[OutcomeCount]:
    counts = [(name, label, int(getattr(deals, name))) for name, label in OUTCOMES.items()]
    return [OutcomeCount(label, n, link("outcome", {"outcome": name})) for name, label, n in counts if n]


def _worked(whole: Mapping[str, Figure], currency: str, link: Linker) -> list[WorkedRow]:
    known = [one for _, _, key in WORKED if (one := whole.get(key)) and one.value is not None]
    scale = symmetric([end for one in known for end in (one.low, one.high) if end is not None])
    return [
        WorkedRow(
            label,
            view(whole[often], currency, link) if often in whole else None,
            view(whole[difference], currency, link, scale),
        )
        for label, often, difference in WORKED
        if difference in whole and (whole[difference].n or (often in whole and whole[often].n))
    ]


def _asked_again(whole: Mapping[str, Figure], currency: str, link: Linker) -> str:
    figure = whole.get("won_back_share")
    if figure is None or not figure.n:
        return ""
    shown = view(figure, currency, link)
    return f"{shown.basis} asked again" + (f" · {shown.value} ({shown.interval})" if shown.value else "")


def _by_field(figures: Sequence[Figure], key: str) -> dict[str, list[Figure]]:
    found: dict[str, list[Figure]] = {}
    for figure in figures:
        if figure.key == key and len(figure.by) == 1:
            found.setdefault(next(iter(figure.by)), []).append(figure)
    return found


def warning_groups(warnings: Sequence[ReportWarning]) -> list[WarningGroup]:
    """Warnings by kind, what changes the reading most first."""
    return [
        WarningGroup(kind, WARNING_TITLES[kind], found)
        for kind in WARNING_ORDER
        if (found := [one for one in warnings if one.kind == kind])
    ]
