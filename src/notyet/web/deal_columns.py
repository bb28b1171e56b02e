"""The columns that the list of deals can have, and what stands in them: on the page, and in a file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from notyet.analysis.tables import ATTRIBUTE_PREFIX
from notyet.deals.models import Deal
from notyet.history.list_index import ListIndex
from notyet.web import moments
from notyet.web.filters import field_label
from notyet.web.shown import TAGS, standing, whole_amount
from notyet.web.spreadsheet import harmless

ALWAYS = "name"
USUAL = ("account", "owner", "amount", "outcome", "opened_at", "closed_at")
TIMES = ("opened_at", "closed_at", "ordered_at", "paid_at")
LABELS = {
    "name": "Deal",
    "account": "Buyer",
    "deal_id": "Deal id",
    "opened_at": "Opened",
    "closed_at": "Closed",
    "ordered_at": "Ordered",
    "paid_at": "Paid",
    "contract_term_months": "Contract (months)",
    "loss_reason": "Reason given",
}
OWN = (
    *USUAL,
    "team",
    "persona",
    "product",
    "source",
    "campaign",
    "message",
    "segment",
    "region",
    "competitor",
    "lost_to",
    "loss_reason",
    "ordered_at",
    "paid_at",
    "contract_term_months",
    "process_version",
    "data_source",
    "deal_id",
)
Kept = Mapping[str, Mapping[str, str]]
"""By kind (``account``, ``product``): each merged name -> the name it counts as."""


@dataclass(frozen=True)
class ListColumn:
    """A column: its name in addresses and its heading."""

    name: str

    @property
    def label(self) -> str:
        """The heading."""
        return LABELS.get(self.name) or field_label(self.name)

    def shown(self, deal: Deal, kept: Kept) -> str:
        """What stands on the page; empty where the record holds nothing."""
        if self.name == "amount":
            return whole_amount(deal)
        if self.name in TIMES:
            at = getattr(deal, self.name)
            return moments.day(at) if at else ""
        return _text(self.name, deal, kept)

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings in a file: an amount is a number, and its currency stands beside it."""
        return ("Amount", "Currency") if self.name == "amount" else (harmless(self.label),)

    def exported(self, deal: Deal, kept: Kept) -> tuple[str, ...]:
        """What stands in a file that is safe to open in a spreadsheet; as many as ``headings``."""
        if self.name == "amount":
            known = deal.amount is not None
            return (f"{deal.amount:f}" if known else "", deal.currency or (deal.workspace.currency if known else ""))
        if self.name in TIMES:
            moment = moments.of(deal, "deals", self.name)
            if moment is None:
                return ("",)
            local = timezone.localtime(moment.at)
            return (f"{local:%Y-%m-%d}" if moment.plain else local.isoformat(timespec="seconds"),)
        return (harmless(_text(self.name, deal, kept)),)


def _text(name: str, deal: Deal, kept: Kept) -> str:
    if name.startswith(ATTRIBUTE_PREFIX):
        value = deal.attributes.get(name.removeprefix(ATTRIBUTE_PREFIX))
        return "" if value is None else str(value)
    return _SPECIAL[name](deal, kept) if name in _SPECIAL else str(getattr(deal, name) or "")


_SPECIAL: dict[str, Callable[[Deal, Kept], str]] = {
    "name": lambda deal, _: str(deal),
    "account": lambda deal, kept: kept["account"].get(deal.account.name, deal.account.name) if deal.account else "",
    "product": lambda deal, kept: kept["product"].get(deal.product, deal.product),
    "outcome": lambda deal, _: TAGS[standing(deal)][1],
}


def choosable(index: ListIndex) -> list[ListColumn]:
    """Every column but the deal's name, the sources' own after ours."""
    own = [name for name in index.fields if name.startswith(ATTRIBUTE_PREFIX)]
    return [ListColumn(name) for name in (*OWN, *own)]


def chosen(index: ListIndex, names: Sequence[str]) -> tuple[str, ...]:
    """Of ``names`` those that are columns, in the order of all columns; the usual ones where none is named."""
    return tuple(one.name for one in choosable(index) if one.name in names) or USUAL
