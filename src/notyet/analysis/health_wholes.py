"""What is odd about a data source as a whole: one outcome, one day, deals entered twice."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from notyet.analysis.health_costs import Cost
from notyet.analysis.health_results import Counts, Finding
from notyet.analysis.meta import Meta
from notyet.analysis.moments import DAY, epoch_us, local_date, microseconds
from notyet.analysis.registry import BY_KEY

FEWEST = 20
OLD_DAYS = 60
ONE_DAY_SHARE = 0.15


def totals(rows: ir.Table) -> dict[str, ir.Value]:
    """The counts that are read here, to be aggregated by data source."""
    known, valued = rows.value_final.notnull(), rows.value_final > 0
    return {
        "deals": rows.count(),
        "closed": rows.count(where=rows.is_closed),
        "won": rows.count(where=rows.is_won),
        "lost": rows.count(where=rows.is_lost),
        "won_valued": rows.count(where=rows.is_won & valued),
        "lost_valued": rows.count(where=rows.is_lost & valued),
        "won_known": rows.count(where=rows.is_won & known),
        "lost_known": rows.count(where=rows.is_lost & known),
    }


def findings(rows: ir.Table, meta: Meta, counts: Counts) -> Iterator[Finding]:
    """What is found, by data source."""
    yield from _one_outcome(counts)
    yield from _valued_for_one_outcome(counts, meta)
    yield from _one_day(rows, meta)
    yield from _old(rows, meta)
    yield from _twice(rows)


def _one_outcome(counts: Counts) -> Iterator[Finding]:
    for source, row in counts.items():
        if row["closed"] < FEWEST or (row["won"] and row["lost"]):
            continue
        has, lacks = ("won", "lost") if row["won"] else ("lost", "won")
        yield Finding(
            source,
            "one_outcome",
            "outcome",
            "outcome",
            f"All {row['closed']:,} closed deals are {has}.",
            row["closed"],
            row["closed"],
            f"Export the {lacks} deals too (a filter on the stage may leave them out), or map the words for {lacks}.",
            "import",
            "A win rate, and everything that tells won from lost, needs both.",
        )


def _valued_for_one_outcome(counts: Counts, meta: Meta) -> Iterator[Finding]:
    valued = {side: sum(row[f"{side}_known"] for row in counts.values()) for side in ("won", "lost")}
    withheld = (valued["won"] == 0) != (valued["lost"] == 0)
    metric = BY_KEY["win_rate_by_value"]
    for source, row in counts.items():
        known, unknown = ("won", "lost") if row["won_valued"] else ("lost", "won")
        if not row["won"] or not row["lost"] or not row[f"{known}_valued"] or row[f"{unknown}_valued"]:
            continue
        n, could = row[f"{known}_valued"], row[f"{known}_valued"] + row[unknown]
        yield Finding(
            source,
            "valued_for_one_outcome",
            "amount",
            meta.source_column("amount"),
            f"None of {row[unknown]:,} {unknown} deals has an amount above zero; the {known} ones do.",
            row[unknown],
            row["won"] + row["lost"],
            "Export what was offered too (amount, not revenue): every deal has one from the proposal on.",
            "source",
            "The amount tells the outcome: win rates by value, and the money lost, mean nothing.",
            (Cost(metric.key, metric.label, n, could, True, None),) if withheld else (),
        )


def _one_day(rows: ir.Table, meta: Meta) -> Iterator[Finding]:
    ended = rows.filter((rows.outcome != "open") & rows.closed_at.notnull())
    by_day = ended.group_by([ended.data_source, local_date(ended.closed_at, meta.timezone).name("day")]).aggregate(
        deals=ended.count()
    )
    busiest = by_day.group_by("data_source").aggregate(
        most=by_day.deals.max(), day=by_day.day.argmax(by_day.deals), of=by_day.deals.sum(), days=by_day.count()
    )
    for row in _rows(busiest):
        if row["of"] < FEWEST or row["most"] < FEWEST / 2 or row["most"] < ONE_DAY_SHARE * row["of"]:
            continue
        yield Finding(
            row["data_source"],
            "one_day",
            "closed_at",
            meta.source_column("closed_at"),
            f"{row['most']:,} of {row['of']:,} closes are on one day, {row['day']:%-d %b %Y}.",
            row["most"],
            row["of"],
            "If they were closed in a clean-up or by an import, export the day of the decision instead.",
            "source",
            "Cycles end on that day rather than with the decision, and its quarter is not like the others.",
        )


def _old(rows: ir.Table, meta: Meta) -> Iterator[Finding]:
    now = microseconds(meta.frozen_at)
    opened, closed = (epoch_us(at) for at in (rows.opened_at, rows.closed_at))
    last = ibis.greatest(opened.max(where=opened <= now), closed.max(where=closed <= now))
    for row in _rows(rows.group_by("data_source").aggregate(last=last, of=rows.count())):
        if row["last"] is None or now - row["last"] < OLD_DAYS * DAY:
            continue
        day = datetime.fromtimestamp(row["last"] / 1e6, meta.zone)
        yield Finding(
            row["data_source"],
            "old",
            "closed_at",
            meta.source_column("closed_at"),
            f"Nothing has been opened or closed since {day:%-d %b %Y}.",
            row["of"],
            row["of"],
            "Import a newer export, from time to time or by itself.",
            "import",
            "Figures speak of that time; open deals cannot be told from forgotten ones.",
        )


def _twice(rows: ir.Table) -> Iterator[Finding]:
    """Deals of one source with the same buyer, name, amount and opening."""
    known = rows.filter(rows.account.notnull() & rows.name.notnull() & rows.opened_at.notnull())
    same = known.group_by(["data_source", "account", "name", "value_final", "opened_at"]).aggregate(n=known.count())
    again = same.group_by("data_source").aggregate(more=(same.n - 1).sum(), of=same.n.sum())
    for row in _rows(again):
        if row["more"]:
            yield Finding(
                row["data_source"],
                "twice",
                "deal_id",
                "deal_id",
                f"{row['more']:,} of {row['of']:,} deals have the buyer, name, amount and opening of another one.",
                row["more"],
                row["of"],
                "Delete the doubles where they come from; if two exports overlap, import them as one source.",
                "source",
                "They count twice: every interval that they are in is narrower than it should be.",
            )


def _rows(query: ir.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = query.order_by(ibis.desc("of"), "data_source").to_pyarrow().to_pylist()
    return found
