"""The report as plain text: what a person reads on a terminal."""

from collections.abc import Iterator

from notyet.analysis.debriefed import MADE_OF_DEBRIEFS, debriefed
from notyet.analysis.results import Driver, Figure, ReasonRow, Report
from notyet.core.money import readable

_REASONS = 12


def as_text(report: Report) -> str:
    """The report's head figures, reasons, drivers and warnings, each with its certainty."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield f"{report.workspace}: {_counts(report)}"
    yield from _window(report)
    told = _debriefed(report)
    figures = [
        figure_line(one, report.currency) + (f"; {told}" if told and one.n and one.key in MADE_OF_DEBRIEFS else "")
        for one in report.figures
        if not one.by
    ]
    yield from _section("Figures", figures)
    reasons = [_reason(row, report.currency) for row in report.reasons[:_REASONS]]
    said = f"Reasons for losses, by what sellers said{f'; {told}' if told else ''}"
    yield from _section(said, reasons)
    title = f"What goes with winning ({len(report.drivers)} of {report.tested} looked at)"
    yield from _section(title, [_driver(one, report.currency) for one in report.drivers])
    warnings = [f"{one.kind}{f' ({one.field})' if one.field else ''}: {one.text}" for one in report.warnings]
    yield from _section("Warnings", warnings)


def _debriefed(report: Report) -> str:
    """How many closed deals were debriefed: said beside what is made of debriefs."""
    found = debriefed(report.figures)
    return found.words(f"{found.share * 100:.1f} %") if found else ""


def _counts(report: Report) -> str:
    deals = report.deals
    parts = [f"{deals.closed:,} closed", f"{deals.won:,} won", f"{deals.lost:,} lost"]
    more = (
        (deals.no_decision, "no decision"),
        (deals.disqualified, "disqualified"),
        (deals.ordered_unpaid, "ordered, unpaid"),
        (deals.open, "open"),
    )
    return ", ".join(parts + [f"{count:,} {name}" for count, name in more if count])


def _window(report: Report) -> Iterator[str]:
    shown = report.selection
    if shown.since or shown.until:
        yield f"closed from {shown.since or 'the beginning'} to {shown.until or 'now'}"
    for field, values in shown.where:
        yield f"{field}: {' or '.join(values)}"


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield title
        yield from (f"  {line}" for line in lines)


def figure_line(figure: Figure, currency: str) -> str:
    """``Win rate: 31.4 % (28.9 to 34.0), n 1,284``, or why the figure is withheld."""
    if figure.value is None:
        return f"{figure.label}: withheld, {(figure.withheld or 'not recorded').replace('_', ' ')} (n {figure.n:,})"
    interval = ""
    if figure.low is not None and figure.high is not None:
        interval = f" ({_value(figure.low, figure, currency)} to {_value(figure.high, figure, currency)})"
    return f"{figure.label}: {_value(figure.value, figure, currency)}{interval}, n {figure.n:,}"


def _value(value: float, figure: Figure, currency: str) -> str:
    if figure.unit == "share":
        return f"{value * 100:.1f} %"
    if figure.unit == "points":
        return f"{value * 100:+.1f} points"
    if figure.unit == "money":
        return readable(value, currency)
    return f"{value:,.1f} {figure.unit}" if figure.unit in ("days", "hours") else f"{value:,.1f}"


def _reason(row: ReasonRow, currency: str) -> str:
    value = f", {readable(row.seller.value, currency)}" if row.seller.value else ""
    buyers = f"; buyers: {row.buyer.deals:,}" if row.buyer.deals is not None else ""
    return f"{row.reason} [{row.control}]: {row.seller.deals or 0:,} deals{value}{buyers}"


def _driver(driver: Driver, currency: str) -> str:
    stake = f", {readable(driver.at_stake, currency)} a year at stake" if driver.at_stake else ""
    return (
        f"{driver.name} [{driver.control}]: {driver.effect * 100:+.0f} points "
        f"({driver.low * 100:+.0f} to {driver.high * 100:+.0f}), n {driver.n:,}{stake}; {driver.landmark}"
    )
