"""The orders that wait for their payment for too long, to be asked about."""

from dataclasses import dataclass
from datetime import datetime

from notyet.analysis.pipeline import Outlook
from notyet.core.clock import now
from notyet.deals.models import Deal
from notyet.deals.queries import visible_deals
from notyet.pipeline import queries
from notyet.pipeline.queries import Asked
from notyet.web import moments
from notyet.web.shown import whole_amount
from notyet.workspaces.access import Actor, Permission

LISTED = 8


@dataclass(frozen=True)
class LateOrder:
    """An order: the deal, its amount, and for how long it has waited."""

    deal: Deal
    amount: str
    ordered: str
    days: int


def late_orders(actor: Actor, asked: Asked, seen: Outlook) -> list[LateOrder]:
    """The oldest of them; none for those who may not see deals."""
    if not seen.late.deals or not actor.may(Permission.SEE_DEALS):
        return []
    wanted = [int(deal) for deal in queries.deals_of(actor, asked, "late")[:LISTED]]
    found = visible_deals(actor).select_related("account", "workspace").in_bulk(wanted)
    return [_late(found[pk]) for pk in wanted if pk in found]


def _late(deal: Deal) -> LateOrder:
    at: datetime | None = deal.ordered_at or deal.closed_at
    days = (now() - at).days if at else 0
    return LateOrder(deal, whole_amount(deal), moments.day(at) if at else "", days)
