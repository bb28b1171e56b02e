"""What is missing or odd about deals, one check an entry: where it is looked for, what it costs, how it is mended."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import ibis
import ibis.expr.types as ir

from notyet.analysis.health_costs import GAPS
from notyet.analysis.meta import Meta
from notyet.analysis.moments import DAY, epoch_us, local_date, microseconds
from notyet.analysis.readings import Reasons

Place = Literal["source", "import", "rates", "reasons", "duplicates", "debriefs"]
"""Where it is mended: in the system that the rows come from, by importing otherwise, or on a page of ours."""

WEEKEND_SHARE = 0.2
SAME_DAY_SHARE = 0.5
LONG_OPEN = 2.0
HUGE = 100.0


@dataclass(frozen=True)
class Usual:
    """What deals are held against: the history's moment (microseconds) and zone, and what is usual in it.

    ``last``: the last opening or close before that moment; an export may be old. ``long_cycle``: days that 95 % of
    closed deals ended within. ``amount``: the median of those above zero. ``told_reasons``: the wordings of which it
    is known whose they are to change.
    """

    now: int
    last: int
    zone: str
    long_cycle: float | None
    amount: float | None
    told_reasons: tuple[str, ...]


def usual(rows: ir.Table, meta: Meta, reasons: Reasons) -> Usual:
    """What is usual in a history, from its facts ``with_readings``."""
    now = microseconds(meta.frozen_at)
    found = rows.aggregate(
        cycle=rows.cycle_days.quantile(0.95, where=rows.is_closed),
        amount=rows.value_final.median(where=rows.value_final > 0),
        opened=_last(rows.opened_at, now),
        closed=_last(rows.closed_at, now),
    )
    row = found.to_pyarrow().to_pylist()[0]
    told = tuple(sorted(text for text, entry in reasons.entries.items() if entry.control != "unknown"))
    last = max((at for at in (row["opened"], row["closed"]) if at is not None), default=now)
    return Usual(now, last, meta.timezone, row["cycle"], row["amount"], told)


def _last(moment: ir.Value, now: int) -> ir.Value:
    at = epoch_us(moment)
    return at.max(where=at <= now)


Among = Callable[[ir.Table], ir.BooleanValue]
Odd = Callable[[ir.Table, Usual], ir.BooleanValue]


@dataclass(frozen=True)
class Check:
    """One thing that may be missing or odd about a deal.

    ``text`` is the sentence, with ``{n}``, ``{of}``, ``{share}`` and ``{currency}`` in it; ``loses`` what it costs
    beside the figures that ``gap`` names; ``mend`` the shortest way to put it right; ``loses_all`` and ``mend_all`` the
    same where it is so for every deal. It is said from the share ``least`` on.
    """

    key: str
    field: str
    among: Among
    odd: Odd
    text: str
    mend: str
    place: Place = "source"
    mend_all: str = ""
    loses: str = ""
    loses_all: str = ""
    gap: str | None = None
    least: float = 0.0


def _missing(gap: str) -> Odd:
    return lambda rows, _: GAPS[gap](rows)


def _every(rows: ir.Table) -> ir.BooleanValue:
    return rows.deal.notnull()


def _closed(rows: ir.Table) -> ir.BooleanValue:
    return rows.is_closed


def _lost(rows: ir.Table) -> ir.BooleanValue:
    return rows.is_lost


def _ended_on(rows: ir.Table) -> ir.BooleanValue:
    return (rows.outcome != "open") & rows.closed_at.notnull()


def _open_since(rows: ir.Table) -> ir.BooleanValue:
    return (rows.outcome == "open") & rows.opened_at.notnull()


def _valued(rows: ir.Table) -> ir.BooleanValue:
    return rows.is_closed & rows.value_final.notnull()


def _too_long(rows: ir.Table, known: Usual) -> ir.BooleanValue:
    if not known.long_cycle:
        return ibis.literal(False)
    return known.last - epoch_us(rows.opened_at) > known.long_cycle * LONG_OPEN * DAY


def _huge(rows: ir.Table, known: Usual) -> ir.BooleanValue:
    return rows.value_final > HUGE * known.amount if known.amount else ibis.literal(False)


def _untold(rows: ir.Table, known: Usual) -> ir.BooleanValue:
    return ~rows.seller_reason.isin(known.told_reasons) if known.told_reasons else ibis.literal(True)


def _same_day(rows: ir.Table, known: Usual) -> ir.BooleanValue:
    return local_date(rows.opened_at, known.zone) == local_date(rows.closed_at, known.zone)


CHECKS: tuple[Check, ...] = (
    Check(
        "no_opening",
        "opened_at",
        _every,
        _missing("opened_at"),
        "{n} of {of} deals have no opening date.",
        "Fill it in for these deals where they come from, and import the file again.",
        mend_all="Add the column with the date of creation to the export: nearly every system keeps it by itself.",
        loses="Drivers made of behaviour leave these deals out.",
        gap="opened_at",
    ),
    Check(
        "opened_later",
        "opened_at",
        lambda rows: rows.opened_at.notnull(),
        lambda rows, known: epoch_us(rows.opened_at) > known.now,
        "{n} of {of} openings lie in the future.",
        "Look for day and month exchanged; name the format of dates in the mapping and import again.",
        place="import",
        loses="Nothing can be known of these deals yet: no figure looks that far.",
    ),
    Check(
        "no_close",
        "closed_at",
        lambda rows: rows.outcome != "open",
        _missing("closed_at"),
        "{n} of {of} ended deals have no close date.",
        "Fill it in for these deals where they come from, and import the file again.",
        mend_all="Add the column with the date of the close to the export (the actual one, not the expected one).",
        loses="Wherever a period is chosen these deals are left out.",
        gap="closed_at",
    ),
    Check(
        "closed_later",
        "closed_at",
        _ended_on,
        lambda rows, known: epoch_us(rows.closed_at) > known.now,
        "{n} of {of} deals that have ended close in the future.",
        "Map the actual close date rather than the expected one, and import again.",
        place="import",
        loses="Periods and cycles take the hoped-for day for what happened.",
    ),
    Check(
        "overdue",
        "closed_at",
        lambda rows: (rows.outcome == "open") & rows.closed_at.notnull(),
        lambda rows, known: epoch_us(rows.closed_at) < known.last,
        "{n} of {of} open deals with an expected close are past it.",
        "Close those that are lost, and give the others a new date.",
        loses="Those that are lost already are missing from the win rate, which is too high for it.",
    ),
    Check(
        "long_open",
        "outcome",
        _open_since,
        _too_long,
        "{n} of {of} open deals have been open for more than twice as long as 95 % of closed deals took.",
        "Go through them once: close those that are over as lost or without a decision.",
        loses="Those that are lost already are missing from the win rate, which is too high for it.",
    ),
    Check(
        "same_day",
        "opened_at",
        lambda rows: rows.is_closed & rows.opened_at.notnull() & rows.closed_at.notnull(),
        _same_day,
        "{n} of {of} closed deals were opened on the day of their close, as if entered when they were over.",
        "Map the day of the first contact or enquiry as the opening; where there is none, enter deals as they come.",
        loses="Cycles come out near zero, and whatever is compared at a landmark leaves these deals out.",
        least=SAME_DAY_SHARE,
    ),
    Check(
        "weekend",
        "closed_at",
        _ended_on,
        lambda rows, known: local_date(rows.closed_at, known.zone).day_of_week.index() >= 5,
        "{n} of {of} closes ({share}) fall on a weekend.",
        "Check the workspace's time zone, and whether this is the day of the close or of a clean-up by a machine.",
        place="import",
        loses="Days may be shifted by one, and quarters with them.",
        least=WEEKEND_SHARE,
    ),
    Check(
        "no_amount",
        "amount",
        _closed,
        _missing("amount"),
        "{n} of {of} closed deals have no amount.",
        "Fill in what was offered, for lost deals too, and import the file again.",
        mend_all="Add the column with the amount to the export.",
        gap="amount",
    ),
    Check(
        "no_rate",
        "currency",
        lambda rows: _closed(rows) & (rows.value_final.notnull() | rows.unrated),
        _missing("currency"),
        "{n} of {of} amounts are in a currency that has no rate.",
        "Give the currency a rate with the command rates.",
        place="rates",
        gap="currency",
    ),
    Check(
        "no_currency",
        "currency",
        _valued,
        lambda rows, _: rows.currency.isnull(),
        "{n} of {of} amounts name no currency.",
        "If they are all in {currency} leave it so; else add the column with the currency to the export.",
        place="import",
        loses="They are taken for {currency}.",
    ),
    Check(
        "zero",
        "amount",
        _valued,
        lambda rows, _: rows.value_final == 0,
        "{n} of {of} amounts are zero.",
        "If zero means not known, empty the field for these deals, or fill in what was offered.",
        loses="Money counts these deals as worth nothing: medians and what was lost come out too low.",
    ),
    Check(
        "negative",
        "amount",
        _valued,
        lambda rows, _: rows.value_final < 0,
        "{n} of {of} amounts are below zero.",
        "Keep credits and refunds out of the export: they are no deals.",
        loses="Sums of money are too low by twice these amounts.",
    ),
    Check(
        "huge",
        "amount",
        _valued,
        _huge,
        "{n} of {of} amounts are more than a hundred times the usual one.",
        "Look for a point or comma too many, or another currency; if it is right, read figures in money with care.",
        loses="One such deal decides every figure in money, and widens its interval.",
    ),
    Check(
        "no_account",
        "account",
        _every,
        _missing("account"),
        "{n} of {of} deals name no buyer.",
        "Fill in the buyer for these deals, and import the file again.",
        mend_all="Add the column with the buyer's company to the export.",
        loses="Deals of one buyer are taken for independent of each other: intervals of drivers may be too narrow.",
        gap="account",
    ),
    Check(
        "no_owner",
        "owner",
        _every,
        lambda rows, _: rows.owner.isnull(),
        "{n} of {of} deals have no owner.",
        "Give them an owner where they come from, and import the file again.",
        mend_all="Add the column with the owner to the export. No figure names people.",
        loses="Drivers cannot allow for who sold, and a seller who sees her own deals only does not see these.",
    ),
    Check(
        "no_reason",
        "loss_reason",
        _lost,
        _missing("loss_reason"),
        "{n} of {of} losses have no reason.",
        "Name a reason for each loss as it is closed; one of the list takes seconds, and unknown is one of them.",
        mend_all="Add the column with the reason of the loss to the export; if there is none, begin to ask for it.",
        loses="They count as not ours to change: the share lost to what is ours may be too low by up to {share}.",
        loses_all="Nothing can be said of why deals are lost, nor what of it is ours to change.",
        gap="loss_reason",
    ),
    Check(
        "reason_unmapped",
        "loss_reason",
        lambda rows: _lost(rows) & rows.seller_reason.notnull(),
        _untold,
        "{n} of {of} reasons are of the kind that nobody has said whose they are to change.",
        "Say on the page of reasons what these wordings mean; it takes a minute and holds for every import.",
        place="reasons",
        loses="They count as not ours to change: the share lost to what is ours may be too low by up to {share}.",
    ),
    Check(
        "unpaid",
        "paid_at",
        lambda rows: rows.outcome.isin(("won", "ordered_unpaid")),
        lambda rows, _: rows.outcome == "ordered_unpaid",
        "{n} of {of} orders have no payment, though their source knows payments.",
        "Import the latest payments. If the source no longer records them, say so when importing (payments-from).",
        place="import",
        loses="They are pending: no win until they are paid, and in no rate.",
    ),
    Check(
        "no_talk",
        "conversations",
        _closed,
        _missing("conversations"),
        "{n} of {of} closed deals have no conversation on record.",
        "Log calls, or have the mailbox and the calendar logged by the system; then import the activities again.",
        place="source",
        mend_all="Export the activities (calls, e-mails, meetings) too; they are imported as the table conversations.",
        loses="Drivers made of behaviour take these buyers for never answered.",
        gap="conversations",
    ),
    Check(
        "no_stage",
        "stage_changes",
        _closed,
        lambda rows, _: rows.stages_entered == 0,
        "{n} of {of} closed deals have no stage on record.",
        "Import the stages' history of these deals again.",
        place="import",
        mend_all="Export the history of the stages too; it is imported as the table stage_changes.",
        loses="The funnel does not see where they left.",
    ),
    Check(
        "no_debrief",
        "debriefs",
        _closed,
        _missing("debriefs"),
        "{n} of {of} closed deals have no debrief that says how well they were prepared.",
        "Debrief the next ones as they close, won or lost: two minutes for a small deal.",
        place="debriefs",
        gap="debriefs",
    ),
)
