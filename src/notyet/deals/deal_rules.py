"""What of a deal is edited by hand, and what its fields must not say together. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from notyet.deals.values import ATTRIBUTE, LONGEST_ATTRIBUTE, BadValue, Value, held
from notyet.deals.when import When

if TYPE_CHECKING:
    from notyet.deals.models import Deal

DEAL_FIELDS = (
    *("account", "name", "owner", "team", "amount", "currency", "contract_term_months", "source", "campaign"),
    *("message", "persona", "segment", "region", "product", "competitor", "opened_at", "ordered_at", "paid_at"),
    "reopened_from",
)
"""The fields that people set; the outcome and the close are set by how a deal ends."""
CREATED_WITH = frozenset({"stage", "next_step", "next_step_due"})

TRACKED = frozenset(DEAL_FIELDS) - {
    "account",
    "name",
    "currency",
    "opened_at",
    "ordered_at",
    "paid_at",
    "reopened_from",
}
"""The fields whose value at the opening is asked for later, so that their changes are kept."""


def is_attribute(field: str) -> bool:
    """Whether it is one of the source's own columns, like ``attr.Lead Quality``."""
    name = field.removeprefix(ATTRIBUTE)
    return name != field and 0 < len(name) <= LONGEST_ATTRIBUTE and name.isprintable()


def check_deal(deal: "Deal", now: datetime) -> None:
    """Raise ``BadValue`` where a time of the deal is yet to come, or it was closed before it was opened."""
    tomorrow = now + timedelta(days=1)
    for field in ("opened_at", "ordered_at", "paid_at"):
        at = getattr(deal, field)
        if at and at > tomorrow:
            raise BadValue(field, "this is yet to come")
    opened, closed = held(deal, "opened_at"), held(deal, "closed_at")
    if isinstance(opened, When) and isinstance(closed, When) and _before(closed, opened, deal.workspace.time_zone):
        raise BadValue("opened_at", "the deal was closed before that")
    if not deal.account_id and not deal.name:
        raise BadValue("account", "say who the buyer is, or give the deal a name")


def check_amount(values: Mapping[str, Value]) -> None:
    """Raise ``BadValue`` where an amount below nothing is given by hand; one that an import brought stays."""
    amount = values.get("amount")
    if isinstance(amount, Decimal) and amount < 0:
        raise BadValue("amount", "a deal is not worth less than nothing: write the amount without the minus")


def _before(closed: When, opened: When, zone: str) -> bool:
    """Whether a close came first; where one of them is a plain date the day decides."""
    if closed.plain or opened.plain:
        return closed.at.astimezone(ZoneInfo(zone)).date() < opened.at.astimezone(ZoneInfo(zone)).date()
    return closed.at < opened.at
