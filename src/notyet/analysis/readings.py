"""The facts with what figures read off them: whose reason it was, what was still open when, in which quarter.

Every figure's population is one of the conditions here, so that what is counted and what opens behind it agree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import ibis
import ibis.expr.types as ir

from notyet.analysis.meta import Control, Meta, ReasonEntry
from notyet.analysis.moments import DAY, HOUR, epoch_us
from notyet.analysis.selection import NOT_RECORDED, midnight
from notyet.analysis.settings import Settings
from notyet.analysis.tables import TABLES

Condition = Callable[[ir.Table], ir.BooleanValue]

CLOSED = ("won", "lost", "no_decision")
NOT_WON = ("lost", "no_decision")


@dataclass(frozen=True)
class Reasons:
    """The mapping of reasons: by their wording, the label they are compared under and whose they are to change."""

    entries: dict[str, ReasonEntry]

    @classmethod
    def of(cls, meta: Meta, settings: Settings) -> "Reasons":
        """The workspace's decisions before those of the history."""
        return cls({entry.text: entry for entry in (*meta.reasons, *settings.reasons)})

    def entry(self, text: str | None) -> ReasonEntry:
        """The entry of a wording; one that nobody mapped stands for itself, and is nobody's known."""
        if text is None:
            return ReasonEntry(NOT_RECORDED, NOT_RECORDED, "unknown")
        return self.entries.get(text) or ReasonEntry(text, text, "unknown")

    def worded(self, control: Control) -> list[str]:
        """The wordings of a control."""
        return sorted(text for text, entry in self.entries.items() if entry.control == control)


def with_readings(facts: ir.Table, reasons: Reasons) -> ir.Table:
    """The facts with columns that figures share.

    ``ours``: the seller's reason is ours to change. ``open_days``: how long the deal was open, the day of a plain
    close date included; ``open_hours``: how long after the buyer's enquiry. ``talked``: a conversation is recorded.
    """
    plain = (facts.plain_dates & (1 << TABLES["deals"].times.index("closed_at"))) != 0
    closed = epoch_us(facts.closed_at) + ibis.cases((plain, DAY), else_=0)
    ours = reasons.worded("ours")
    return facts.mutate(
        is_closed=facts.outcome.isin(CLOSED),
        is_won=facts.outcome == "won",
        is_lost=facts.outcome.isin(NOT_WON),
        ours=facts.seller_reason.isin(ours).fill_null(False) if ours else ibis.literal(False),
        open_days=(closed - epoch_us(facts.opened_at)) / float(DAY),
        open_hours=(closed - epoch_us(facts.enquiry_at)) / float(HOUR),
        talked=(facts.conversations > 0) | (facts.missed_calls > 0),
        calls_judged=facts.missed_returned + facts.missed_unreturned,
    )


def quarter(moment: ir.Value, meta: Meta, span: tuple[datetime, datetime]) -> ir.Value:
    """The quarter of the workspace's calendar that a moment falls in, as ``2026-Q1``; missing for a missing moment.

    ``span``: the first and the last moment there are. Quarters are told by their limits, since asking the time zone
    for each row would take longer than the figures do.
    """
    first, last = (moment.astimezone(meta.zone).date() for moment in span)
    limits = [(f"{y}-Q{q + 1}", date(y, 3 * q + 1, 1)) for y in range(first.year, last.year + 1) for q in range(4)]
    at = epoch_us(moment)
    begun = [(at >= midnight(begins, meta), name) for name, begins in reversed(limits) if begins <= last]
    return ibis.cases(*begun, else_=ibis.null("string"))


def quarter_end(name: str) -> date:
    """The first day after a quarter called ``2026-Q1``."""
    year, number = int(name[:4]), int(name[-1])
    return date(year + 1, 1, 1) if number == 4 else date(year, 3 * number + 1, 1)
