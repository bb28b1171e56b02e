"""Why deals were lost: by count, by value, by control; what sellers said and what buyers said, never mixed."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import ibis.expr.types as ir

from notyet.analysis.readings import Reasons
from notyet.analysis.results import ReasonRow, ReasonSide
from notyet.analysis.selection import NOT_RECORDED
from notyet.analysis.weighting import Weighted


@dataclass(frozen=True)
class Pair:
    """Losses with the same wordings of seller and buyer (``None``: none recorded): how many, and their value."""

    seller: str | None
    buyer: str | None
    deals: int
    value: float


@dataclass
class _Tally:
    deals: dict[str | None, int] = field(default_factory=lambda: defaultdict(int))
    value: dict[str | None, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, reason: str | None, deals: int, value: float) -> None:
        self.deals[reason] += deals
        self.value[reason] += value


def pairs(rows: ir.Table) -> tuple[Pair, ...]:
    """The losses among ``rows`` (facts ``with_readings``) by the seller's and the buyer's wording."""
    lost = rows.filter(rows.is_lost)
    grouped = lost.group_by("seller_reason", "buyer_reason").aggregate(
        deals=lost.count(), value=lost.value_final.sum().fill_null(0.0)
    )
    found: list[dict[str, Any]] = grouped.to_pyarrow().to_pylist()
    return tuple(Pair(row["seller_reason"], row["buyer_reason"], row["deals"], row["value"]) for row in found)


def reason_rows(
    found: tuple[Pair, ...], reasons: Reasons, weighted: dict[str, Weighted], smallest: int
) -> tuple[ReasonRow, ...]:
    """One row for each wording that a seller or a buyer used, most value lost first.

    A buyers' value is withheld where fewer than ``smallest`` answers named the reason, and everything buyers said
    where there are fewer answers than that in all: neither may tell what one buyer answered.
    """
    seller, buyer = _Tally(), _Tally()
    for pair in found:
        seller.add(pair.seller, pair.deals, pair.value)
        if pair.buyer is not None:
            buyer.add(pair.buyer, pair.deals, pair.value)
    worded = {text for text in (*seller.deals, *buyer.deals) if text is not None}
    texts: list[str | None] = [*worded, *([None] if worded and None in seller.deals else [])]
    answers = sum(buyer.deals.values())
    rows = [_row(text, seller, buyer, answers, reasons, weighted, smallest) for text in texts]
    return tuple(sorted(rows, key=lambda row: (-(row.seller.value or 0), -(row.seller.deals or 0), row.reason)))


def _row(
    text: str | None,
    seller: _Tally,
    buyer: _Tally,
    answers: int,
    reasons: Reasons,
    weighted: dict[str, Weighted],
    smallest: int,
) -> ReasonRow:
    entry = reasons.entry(text)
    said = ReasonSide(seller.deals.get(text, 0), seller.value.get(text, 0.0))
    told = _buyers(text, buyer, answers, weighted, smallest)
    return ReasonRow(NOT_RECORDED if text is None else text, entry.label, entry.control, said, told)


def _buyers(text: str | None, buyer: _Tally, answers: int, weighted: dict[str, Weighted], smallest: int) -> ReasonSide:
    if 0 < answers < smallest:
        return ReasonSide(None, None, "below_five")
    deals = buyer.deals.get(text, 0)
    if 0 < deals < smallest:
        return ReasonSide(deals, None, "below_five")
    estimate = weighted.get(text or "")
    if estimate is None:
        return ReasonSide(deals, buyer.value.get(text, 0.0))
    return ReasonSide(
        deals=deals,
        value=buyer.value.get(text, 0.0),
        share=estimate.share.value,
        low=estimate.share.low,
        high=estimate.share.high,
        estimate=estimate.losses,
        estimate_value=estimate.value,
    )
