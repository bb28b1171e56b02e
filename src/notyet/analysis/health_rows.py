"""What is missing or odd in the rows about deals: conversations, stages, promises, next steps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from notyet.analysis.health_checks import Place
from notyet.analysis.history import History
from notyet.analysis.moments import DAY, end_of, epoch_us, is_plain

Rows = Callable[[ir.Table, History], ir.BooleanValue]


@dataclass(frozen=True)
class RowCheck:
    """One thing that may be missing or odd about a row of ``table``; the texts are as in ``health_checks.Check``."""

    key: str
    table: str
    field: str
    among: Rows
    odd: Rows
    text: str
    mend: str
    loses: str
    place: Place = "source"
    least: float = 0.0


def _every(rows: ir.Table, history: History) -> ir.BooleanValue:
    return rows.deal.notnull()


def _talk(rows: ir.Table, history: History) -> ir.BooleanValue:
    return (rows.channel != "note").fill_null(True)


def _early(rows: ir.Table, history: History) -> ir.BooleanValue:
    slack = ibis.cases((is_plain(rows, "conversations", "at"), DAY), else_=0)
    return epoch_us(rows["at"]) + slack + DAY < rows.opened_us


def _worked(rows: ir.Table, history: History) -> ir.BooleanValue:
    """Stages that lead to a decision; orders, payments and losses may well be entered after it."""
    after = [stage.label for stage in history.meta.stages if stage.kind in ("order", "paid", "lost")]
    return rows.closed_us.notnull() & (~rows.stage.isin(after) if after else ibis.literal(True))


def _unknown_kind(rows: ir.Table, history: History) -> ir.BooleanValue:
    kinds = {stage.label: stage.kind for stage in history.meta.stages}
    known = sorted(label for label, kind in kinds.items() if kind != "other")
    return ~rows.stage.isin(known) if known else ibis.literal(True)


CHECKS: tuple[RowCheck, ...] = (
    RowCheck(
        "talk_unknown_contact",
        "conversations",
        "contact",
        _talk,
        lambda rows, _: rows.contact.isnull(),
        "{n} of {of} conversations do not say with whom.",
        "Export the contact's name with each activity.",
        "Second contacts are not seen: they count as never met.",
        least=0.02,
    ),
    RowCheck(
        "talk_unknown_direction",
        "conversations",
        "direction",
        _talk,
        lambda rows, _: rows.direction.isnull(),
        "{n} of {of} conversations do not say who began.",
        "Export the direction of calls and e-mails (inbound or outbound).",
        "A reply cannot be told from an enquiry: first replies come out too late, or as never.",
    ),
    RowCheck(
        "talk_early",
        "conversations",
        "at",
        lambda rows, _: rows.opened_us.notnull(),
        _early,
        "{n} of {of} conversations are more than a day older than the opening of their deal.",
        "Map the first contact as the opening, if these belong to the deal; else leave it so.",
        "They count for no behaviour: the deal begins at its opening.",
        place="import",
        least=0.02,
    ),
    RowCheck(
        "talk_late",
        "conversations",
        "at",
        lambda rows, _: rows.closed_us.notnull(),
        lambda rows, _: epoch_us(rows["at"]) > rows.closed_us + DAY,
        "{n} of {of} conversations are after the close of their deal.",
        "Check that the close is the day of the decision and not an earlier one; thanks and orders are fine.",
        "They count for no behaviour: the deal has ended.",
        least=0.1,
    ),
    RowCheck(
        "stage_unknown_kind",
        "stage_changes",
        "stage",
        _every,
        _unknown_kind,
        "{n} of {of} entries are into stages of which nobody has said what they are.",
        "Name the kind of these stages in the mapping (enquiry, discovery, need, proposal, order, paid, lost).",
        "The funnel shows them by their own name and in the order found; a stage for lost deals may pass for work.",
        place="import",
    ),
    RowCheck(
        "stage_late",
        "stage_changes",
        "entered_at",
        _worked,
        lambda rows, _: epoch_us(rows.entered_at) > rows.closed_us + DAY,
        "{n} of {of} stages were entered after the close of their deal.",
        "Check that the close is the day of the decision; stages set in a clean-up afterwards say little.",
        "Where deals left is read from the last stage entered, which may be one of these.",
        least=0.02,
    ),
    RowCheck(
        "promise_undated",
        "promises",
        "due_at",
        _every,
        lambda rows, _: rows.due_at.isnull(),
        "{n} of {of} promises have no date.",
        "Say by when, as the promise is made.",
        "Whether they were kept cannot be told: they are in no figure.",
    ),
    RowCheck(
        "step_undated",
        "next_steps",
        "due_at",
        _every,
        lambda rows, _: rows.due_at.isnull(),
        "{n} of {of} next steps have no date.",
        "Give each next step a date.",
        "They count as no next step.",
    ),
)

TABLES = tuple(dict.fromkeys(check.table for check in CHECKS))
RowCounts = Mapping[str, Mapping[str, int]]
"""By data source: ``of:<check>`` and ``n:<check>``."""


def counted(history: History, table: str) -> RowCounts:
    """How many rows of a table each check is about, and of how many it holds, by data source."""
    deals = history.table("deals")
    lives = deals.select(
        "deal",
        "data_source",
        opened_us=epoch_us(deals.opened_at),
        closed_us=ibis.cases(
            (deals.outcome != "open", end_of(deals, "deals", "closed_at", history.meta.timezone)),
            else_=ibis.null("int64"),
        ),
    )
    rows = history.table(table).inner_join(lives, "deal")
    sums: dict[str, ir.Value] = {}
    for check in CHECKS:
        if check.table == table:
            among = check.among(rows, history)
            sums[f"of:{check.key}"] = rows.count(where=among)
            sums[f"n:{check.key}"] = rows.count(where=among & check.odd(rows, history))
    found = rows.group_by("data_source").aggregate(**sums).to_pyarrow().to_pylist()
    return {row["data_source"]: row for row in found}
