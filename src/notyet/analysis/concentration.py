"""How many accounts the won value rests on."""

import ibis.expr.types as ir

from notyet.analysis.figures import Counted, figure, first_row
from notyet.analysis.intervals import NOTHING, Estimate
from notyet.analysis.registry import BY_KEY
from notyet.analysis.results import Figure


def effective_accounts(rows: ir.Table, smallest: int) -> Figure:
    """The effective number of accounts among the won deals of ``rows``: 1 / Σ share²; n counts accounts."""
    won = rows.filter(BY_KEY["effective_accounts"].of(rows) & (rows.value_final > 0))
    accounts = won.group_by("account").aggregate(value=won.value_final.sum())
    row = first_row(
        accounts.aggregate(n=accounts.count(), total=accounts.value.sum(), squares=(accounts.value**2).sum())
    )
    estimate = Estimate(row["total"] ** 2 / row["squares"]) if row["n"] else NOTHING
    return figure(BY_KEY["effective_accounts"], Counted(estimate, row["n"]), smallest)
