"""Items as a person reads them: one a line, or many of a group in one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from notyet.deals.duplicates import kept
from notyet.deals.merge_models import MergeKind
from notyet.deals.models import Deal
from notyet.today.models import DueItem, Group
from notyet.today.wording import MANY, Due, Seen, Wording, due, worded


@dataclass(frozen=True)
class Line:
    """One item. ``key`` names it for ever, ``came_up`` is what it dates from."""

    key: str
    kind: str
    group: str
    ref: str
    deal: int
    deal_id: str
    deal_name: str
    buyer: str
    owner: str
    wording: Wording
    when: Due
    due_at: datetime | None
    whole_day: bool
    shows_at: datetime
    came_up: datetime | None
    stage: str
    amount: float | None
    currency: str
    loss: float

    @property
    def text(self) -> str:
        """The sentence."""
        return self.wording.text

    @property
    def place(self) -> tuple[float, datetime, str]:
        """Sorts what is lost fastest first, then what is due first."""
        return (-self.loss, self.due_at or self.shows_at, self.key)


@dataclass(frozen=True)
class Fold:
    """Many items of a group in one line; ``capped``: there are more than ``count``. ``first`` is the first of them."""

    group: str
    count: int
    capped: bool
    first: Line

    @property
    def number(self) -> str:
        """The count as it is shown."""
        return f"{self.count}+" if self.capped else f"{self.count}"

    @property
    def text(self) -> str:
        """``214 deals have no dated next step``."""
        return f"{self.number} {MANY[self.group]}"

    @property
    def place(self) -> tuple[float, datetime, str]:
        """That of its first item."""
        return self.first.place


def lines(items: Iterable[DueItem], seen: Seen) -> Iterator[Line]:
    """Items (read with their deals and accounts) as lines, in the same order, with the buyers' names as they count."""
    names = kept(MergeKind.ACCOUNT)
    return (_line(item, names, seen) for item in items)


def key_of(deal: int, kind: str, ref: str) -> str:
    """What names an item for ever."""
    return f"{kind}:{deal}:{ref}"


def _line(item: DueItem, names: Mapping[str, str], seen: Seen) -> Line:
    deal = item.deal
    buyer = _buyer(deal, names)
    return Line(
        key=key_of(item.deal_id, item.kind, item.ref),
        kind=item.kind,
        group=item.group,
        ref=item.ref,
        deal=item.deal_id,
        deal_id=deal.deal_id,
        deal_name=deal.name.replace(buyer, "").strip(" ,:–-") if buyer else deal.name,
        buyer=buyer,
        owner=item.owner if item.group == Group.ACTION else deal.owner,
        wording=worded(item, buyer, seen),
        when=due(item, seen),
        due_at=item.due_at,
        whole_day=item.whole_day,
        shows_at=item.shows_at,
        came_up=item.since,
        stage=item.stage,
        amount=None if deal.amount is None else float(deal.amount),
        currency=deal.currency,
        loss=item.loss,
    )


def _buyer(deal: Deal, names: Mapping[str, str]) -> str:
    if deal.account is None:
        return deal.name or deal.deal_id
    return names.get(deal.account.name, deal.account.name)
