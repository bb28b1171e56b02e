"""How long won deals took by the three clocks: since the opening, in the stage, since the last conversation.

What a deal that is still open is held against: by the same clocks, in calendar hours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from notyet.analysis.facts_deals import as_known
from notyet.analysis.history import History
from notyet.analysis.meta import Stage
from notyet.analysis.moments import end_of, epoch_us, hours, microseconds

SMALLEST = 5
EVERY_STAGE = ""
_CLOCKS = ("opening_hours", "stage_hours", "quiet_hours")


@dataclass(frozen=True)
class StageClock:
    """Medians over the won deals that were in a stage of this kind, in calendar hours.

    ``opening_hours``: from the opening to leaving the stage. ``stage_hours``: the longest stay in it. ``quiet_hours``:
    the longest that the last conversation (before any, the opening) lay back while the deal was in it. ``n`` counts
    the deals; a clock that fewer than five of them tell is ``None``. The kind ``""`` is the fallback: from the opening
    to the close, the longest stay in any stage, the longest silence of the whole deal.
    """

    kind: str
    n: int
    opening_hours: float | None
    stage_hours: float | None
    quiet_hours: float | None


def stage_clocks(history: History) -> tuple[StageClock, ...]:
    """The clocks of the won deals by stage kind, the fallback first; none where nothing has been won yet."""
    won = history.keep("clocks_won", _won(history))
    stays = history.keep("clocks_stays", _stays(history, won))
    gaps = history.keep("clocks_gaps", _gaps(history, won))
    whole = won.select(
        "deal", kind=ibis.literal(EVERY_STAGE), entered="opened_us", ended="closed_us", opened_us="opened_us"
    )
    lasted = stays.group_by("deal").aggregate(stayed=(stays.ended - stays.entered).max())
    whole = whole.left_join(lasted, "deal", rname="_{name}").drop("_deal")
    each = stays.mutate(stayed=stays.ended - stays.entered)
    told = history.keep("clocks_told", _told(whole.union(each.select(whole.columns)), gaps))
    rows = _medians(told).to_pyarrow().to_pylist()
    return tuple(_clock(row) for row in sorted(rows, key=lambda row: str(row["kind"])) if row["n"])


def _won(history: History) -> ir.Table:
    """The won deals from their opening to their close, and to the payment where it is known; plain dates by their end
    but for the opening."""
    deals, zone = as_known(history), history.meta.timezone
    won = deals.filter(deals.outcome == "won")
    paid = end_of(won, "deals", "paid_at", zone)
    opened = epoch_us(won.opened_at)
    return won.select("deal", opened_us=opened, closed_us=won.closed_us, paid_us=paid)


def _stays(history: History, won: ir.Table) -> ir.Table:
    """Every stay of a won deal in a stage, from its entry to the next entry of another stage.

    The last stay ends with the close; in a stage of kind order, which begins about then, with the payment. What is
    not known to have ended is left out, as are stages of kind paid and lost: there is nothing left to wait for in them.
    """
    rows = history.table("stage_changes")
    rows = rows.select("deal", "stage", at=epoch_us(rows.entered_at)).inner_join(won, "deal")
    now = microseconds(history.meta.frozen_at)
    in_turn = ibis.window(group_by="deal", order_by=["at", "stage"])
    rows = rows.filter(rows["at"] <= now)
    rows = rows.mutate(before=rows.stage.lag().over(in_turn))
    # A stage that is entered again while the deal is in it has not been left.
    rows = rows.filter(~rows.before.identical_to(rows.stage))
    rows = rows.mutate(next_at=rows["at"].lead().over(in_turn), kind=_kind(rows.stage, history.meta.stages))
    last = ibis.cases((rows.kind == "order", rows.paid_us), else_=rows.closed_us)
    rows = rows.mutate(entered="at", ended=ibis.coalesce(rows.next_at, last))
    return rows.filter(rows.kind.notin(["paid", "lost"]), rows.ended >= rows.entered).select(
        "deal", "kind", "entered", "ended", "opened_us"
    )


def _kind(label: ir.Value, stages: tuple[Stage, ...]) -> ir.Value:
    if not stages:
        return ibis.literal("other")
    return ibis.cases(*((label == stage.label, stage.kind) for stage in stages), else_="other")


def _gaps(history: History, won: ir.Table) -> ir.Table:
    """The silences of a won deal: from each conversation (and from the opening) to the next, if there is one."""
    rows = history.table("conversations")
    talked = rows.filter(~rows.channel.identical_to("note"), ~rows.missed.identical_to(True))
    said = talked.select("deal", at=epoch_us(talked["at"])).semi_join(won, "deal")
    opened = won.filter(won.opened_us.notnull()).select("deal", at="opened_us")
    every = said.union(opened)
    in_turn = ibis.window(group_by="deal", order_by="at")
    return every.select("deal", since="at", until=every["at"].lead().over(in_turn))


def _told(stays: ir.Table, gaps: ir.Table) -> ir.Table:
    """By deal and kind: the hours of each clock."""
    met = stays.filter(stays.ended.notnull()).inner_join(gaps, "deal")
    met = met.filter(met.since < met.ended, met.until.isnull() | (met.until > ibis.coalesce(met.entered, met.since)))
    until = ibis.cases((met.until < met.ended, met.until), else_=met.ended)
    quiet = met.group_by("deal", "kind").aggregate(quiet=(until - met.since).max())
    lived = stays.group_by("deal", "kind").aggregate(
        opening=(stays.ended - stays.opened_us).max(), stayed=stays.stayed.max()
    )
    told = lived.left_join(quiet, ["deal", "kind"], rname="_{name}")
    return told.select(
        "kind", opening_hours=hours(told.opening), stage_hours=hours(told.stayed), quiet_hours=hours(told.quiet)
    )


def _medians(told: ir.Table) -> ir.Table:
    asked: dict[str, ir.Value] = {"n": told.count()}
    for name in _CLOCKS:
        asked[name] = told[name].median(where=told[name] >= 0)
        asked[f"n_{name}"] = told[name].count(where=told[name] >= 0)
    return told.group_by("kind").aggregate(**asked)


def _clock(row: Mapping[str, Any]) -> StageClock:
    shown = {name: row[name] if row[f"n_{name}"] >= SMALLEST else None for name in _CLOCKS}
    return StageClock(row["kind"], row["n"], **shown)
