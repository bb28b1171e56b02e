"""Who asked to be left alone. Every list of buyers to ask, and everything that writes to one, goes through here."""

from collections.abc import Iterable
from dataclasses import dataclass

from notyet.deals.duplicates import kept
from notyet.deals.merge_models import MergeKind
from notyet.deals.models import Deal
from notyet.feedback.models import BuyerAnswer
from notyet.winbacks.parting_models import Parting, StayInTouch

NEVER = "never"


class LeftAlone(Exception):
    """The buyer asked never to be approached again; nothing is sent to him and no date is set."""


@dataclass(frozen=True)
class Silence:
    """The buyers who said never, by the names that they count as, and the deals of those without a buyer's name."""

    buyers: frozenset[str]
    deals: frozenset[int]
    counted_as: dict[str, str]

    def covers(self, deal: Deal) -> bool:
        """Whether the deal's buyer is to be left alone, whichever of his deals he said it on."""
        return self.covers_buyer(deal.pk, deal.account.name if deal.account else None)

    def covers_buyer(self, deal: int, buyer: str | None) -> bool:
        """The same by the deal's key and its buyer's name as the source writes it."""
        if deal in self.deals:
            return True
        return buyer is not None and self.counted_as.get(buyer, buyer) in self.buyers


def silence() -> Silence:
    """Who is to be left alone, in the workspace in scope: agreed on parting, or said in an answer."""
    counted = kept(MergeKind.ACCOUNT)
    parted = Parting.objects.filter(channel=StayInTouch.NEVER).values_list("deal", "deal__account__name")
    answered = BuyerAnswer.objects.filter(ask_again__iexact=NEVER).values_list("deal", "deal__account__name")
    said: Iterable[tuple[int, str | None]] = [*parted, *answered]
    return Silence(
        buyers=frozenset(counted.get(buyer, buyer) for _, buyer in said if buyer),
        deals=frozenset(deal for deal, _ in said),
        counted_as=counted,
    )


def refuse_silenced(deal: Deal) -> None:
    """Raise ``LeftAlone`` where the deal's buyer said never."""
    if silence().covers(deal):
        raise LeftAlone(f"{deal.account or deal} asked never to be approached again")
