"""Losses that were asked again, and what came back."""

import ibis.expr.types as ir

from notyet.analysis.figures import Counted, figure, first_row
from notyet.analysis.history import History
from notyet.analysis.intervals import Estimate, share
from notyet.analysis.moments import epoch_us, microseconds
from notyet.analysis.registry import BY_KEY
from notyet.analysis.results import Figure


def won_back(history: History, facts: ir.Table, rows: ir.Table, smallest: int) -> tuple[Figure, Figure]:
    """How many of the losses among ``rows`` that were asked again were reopened, and the paid value that came of it.

    ``facts``: those of the whole history, in which the deals that came back are found.
    """
    lost = rows.filter(rows.is_lost).select("deal", "data_source", "deal_id")
    asked = _asked(history, lost)
    back = _returned(history, facts, lost)
    counts = first_row(asked.aggregate(n=asked.count(), reopened=asked.count(where=asked.reopened)))
    money = first_row(back.aggregate(n=back.count(), value=back.value_final.sum().fill_null(0.0)))
    returned = Counted(share(counts["reopened"], counts["n"]), counts["n"], counts["reopened"])
    value = Counted(Estimate(float(money["value"])), money["n"])
    return (
        figure(BY_KEY["won_back_share"], returned, smallest),
        figure(BY_KEY["won_back_value"], value, smallest),
    )


def asked_again(history: History) -> ir.Table:
    """The win-backs whose buyer had been asked by the moment that the history is known up to."""
    rows = history.table("win_backs")
    seen = (epoch_us(rows.asked_at) <= microseconds(history.meta.frozen_at)).fill_null(False)
    return rows.filter(seen)


def _asked(history: History, lost: ir.Table) -> ir.Table:
    """One row for each loss that was asked again: whether it was reopened."""
    rows = asked_again(history).semi_join(lost, "deal")
    reopened = ((rows.result == "reopened") | rows.new_deal_id.notnull()).fill_null(False)
    return rows.group_by("deal").aggregate(reopened=reopened.any())


def _returned(history: History, facts: ir.Table, lost: ir.Table) -> ir.Table:
    """The won deals that reopened one of the losses, by either record of it, each once."""
    won = facts.filter(facts.outcome == "won")
    asked = asked_again(history).filter(lambda rows: rows.new_deal_id.notnull()).select("deal", "new_deal_id")
    named = asked.inner_join(lost, "deal").select("data_source", "new_deal_id")
    origin = won.filter(won.reopened_from.notnull())
    by_name = won.semi_join(named, ["data_source", (won.deal_id, named.new_deal_id)])
    by_origin = origin.semi_join(lost, ["data_source", (origin.reopened_from, lost.deal_id)])
    back = [rows.select("deal", "value_final") for rows in (by_name, by_origin)]
    return back[0].union(back[1], distinct=True)
