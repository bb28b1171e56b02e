"""The losses of a selection with what became of them: whether and when they were asked again, and came back."""

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt

from notyet.analysis.history import History
from notyet.analysis.moments import DAY, epoch_us, microseconds, text_at_last
from notyet.analysis.readings import Reasons
from notyet.analysis.winbacks import asked_again

DAYS_A_MONTH = 365.25 / 12
_MONTH = DAY * DAYS_A_MONTH

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Losses:
    """Lost deals (lost or no decision), one row each, in the order of ``deal``. Months are of 30.44 days.

    ``reason``: the label that the seller's reason is compared under, empty where none was given. ``seen_months``: how
    long after the close the record is known. ``returned_months``: from the close to the opening of the deal that
    reopened it (where only the answer is known, to the asking); NaN where it has not come back. ``asked_months``: from
    the close to the first time that the buyer was asked again; NaN where he was not. ``offer``: what was brought when
    he was asked last. ``won``: the deal that reopened it was ordered; ``paid``: and counts as won; ``value``: what was
    paid, in the workspace's currency.
    """

    reason: Texts
    offer: Texts
    seen_months: Floats
    asked_months: Floats
    returned_months: Floats
    won: Flags
    paid: Flags
    value: Floats

    @property
    def n(self) -> int:
        """How many losses."""
        return len(self.seen_months)

    @property
    def asked(self) -> Flags:
        """Which were asked again."""
        return ~np.isnan(self.asked_months)

    @property
    def returned(self) -> Flags:
        """Which came back to the table."""
        return ~np.isnan(self.returned_months)


def losses(history: History, facts: ir.Table, rows: ir.Table, reasons: Reasons) -> Losses:
    """The losses among ``rows`` (facts ``with_readings``), with the deals of the whole history that reopened them."""
    lost = rows.filter(rows.is_lost & rows.closed_at.notnull())
    lost = lost.select("deal", "data_source", "deal_id", "seller_reason", closed=epoch_us(lost.closed_at))
    asked = _asked(history, lost)
    back = _back(history, facts, lost)
    told = lost.left_join(asked, "deal", rname="_{name}").drop("_deal")
    told = told.left_join(back, "deal", rname="_{name}").drop("_deal")
    answered = ibis.cases((told.reopened, told.answered), else_=ibis.null("int64"))
    now = microseconds(history.meta.frozen_at)
    table = (
        told.select(
            "deal",
            "seller_reason",
            "offer",
            seen=(now - told.closed) / _MONTH,
            asked=(told.first_asked - told.closed) / _MONTH,
            returned=(ibis.coalesce(told.opened, answered) - told.closed) / _MONTH,
            won=told.won.fill_null(False),
            paid=told.paid.fill_null(False),
            value=told.value.fill_null(0.0),
        )
        .order_by("deal")
        .to_pyarrow()
    )
    columns = {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}
    labels = {text: reasons.entry(text).label for text in set(columns["seller_reason"]) - {None}}
    numbers = {name: np.asarray(columns[name], dtype=float) for name in ("seen", "asked", "returned", "value")}
    return Losses(
        reason=np.array([labels.get(text, "") for text in columns["seller_reason"]], dtype=object),
        offer=np.array([text or "" for text in columns["offer"]], dtype=object),
        seen_months=np.maximum(numbers["seen"], 0.0),
        asked_months=np.maximum(numbers["asked"], 0.0),
        returned_months=np.maximum(numbers["returned"], 0.0),
        won=np.asarray(columns["won"], dtype=bool),
        paid=np.asarray(columns["paid"], dtype=bool),
        value=numbers["value"],
    )


def _asked(history: History, lost: ir.Table) -> ir.Table:
    """By loss: when it was asked first and last, what was brought last, and whether it was reopened."""
    rows = asked_again(history).semi_join(lost, "deal")
    at = epoch_us(rows.asked_at)
    reopened = ((rows.result == "reopened") | rows.new_deal_id.notnull()).fill_null(False)
    return rows.group_by("deal").aggregate(
        first_asked=at.min(), answered=at.max(), offer=text_at_last(rows.offer, at), reopened=reopened.any()
    )


def _back(history: History, facts: ir.Table, lost: ir.Table) -> ir.Table:
    """By loss: the first deal that reopened it, by either record of it: when it was opened and what became of it."""
    deals = facts.select("data_source", "deal_id", "outcome", "value_final", "opened_at", "reopened_from", new="deal")
    named = asked_again(history).filter(lambda rows: rows.new_deal_id.notnull()).select("deal", "new_deal_id")
    named = named.inner_join(lost.select("deal", "data_source"), "deal")
    by_name = deals.inner_join(named, ["data_source", (deals.deal_id, named.new_deal_id)])
    origin = lost.select("deal", "data_source", lost_id="deal_id")
    by_origin = deals.inner_join(origin, ["data_source", (deals.reopened_from, origin.lost_id)])
    columns = ("deal", "new", "outcome", "value_final", "opened_at")
    both = by_name.select(*columns).union(by_origin.select(*columns), distinct=True)
    opened = epoch_us(both.opened_at)
    known = both.mutate(opened=opened).filter(lambda rows: rows.opened <= microseconds(history.meta.frozen_at))
    return known.group_by("deal").aggregate(
        opened=known.opened.min(),
        won=known.outcome.isin(["won", "ordered_unpaid"]).any(),
        paid=(known.outcome == "won").any(),
        value=known.value_final.sum(where=known.outcome == "won"),
    )
