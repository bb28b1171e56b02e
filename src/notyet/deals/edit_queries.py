"""What was changed in a deal's record by people, and whom and what is like what somebody types."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet
from rapidfuzz import fuzz, process, utils

from notyet.deals.duplicates import kept
from notyet.deals.edit_models import Edit
from notyet.deals.likeness import WHYS, closeness
from notyet.deals.merge_models import LONGEST_NAME, MergeKind
from notyet.deals.models import Account, Deal
from notyet.deals.names import form
from notyet.deals.queries import visible_deals
from notyet.workspaces.access import Actor, visible_owner_filter
from notyet.workspaces.models import Membership

MOST_ALIKE = 5
_LOOKED_AT = 50
_ALIKE_ENOUGH = 75.0


def edits(deal: Deal) -> QuerySet[Edit]:
    """What people changed in the record of a deal in scope, the newest first."""
    found: QuerySet[Edit] = Edit.objects.filter(deal=deal).order_by("-pk")
    return found


def last_edit(deal: Deal) -> Edit | None:
    """The last of them."""
    return edits(deal).first()


def contact_names(deal: Deal) -> list[str]:
    """Who spoke in the deal's conversations and has no part in it yet, those heard last first."""
    counts_as = kept(MergeKind.CONTACT)
    spoken = deal.conversations.exclude(contact="").order_by("-at", "-pk").values_list("contact", flat=True)
    names = dict.fromkeys(counts_as.get(name, name) for name in spoken if len(name) <= LONGEST_NAME)
    parts = deal.deal_contacts.values_list("contact__name", flat=True)
    known = {counts_as.get(name, name).casefold() for name in parts}
    return [name for name in names if name.casefold() not in known]


def own_addresses(actor: Actor) -> frozenset[str]:
    """The e-mail addresses of the workspace's own people, in small letters: what they send goes out."""
    people = Membership.objects.filter(workspace=actor.workspace).values_list("user__email", "user__username")
    return frozenset(text.lower() for pair in people for text in pair if "@" in text)


@dataclass(frozen=True)
class SimilarAccount:
    """A buyer that may be meant: its name, in how many deals the actor sees it, and why, in words."""

    name: str
    deals: int
    why: str


def similar_accounts(actor: Actor, name: str) -> list[SimilarAccount]:
    """Buyers of deals that the actor sees whose names are like one that is typed, the likest first.

    Empty where a buyer of exactly that name is known: that one is taken. Raises ``Denied``.
    """
    deals = visible_deals(actor)
    accounts = Account.objects.filter(workspace=actor.workspace)
    if visible_owner_filter(actor):
        accounts = accounts.filter(deals__in=deals)
    names = list(dict.fromkeys(accounts.values_list("name", flat=True)))
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name or name in names or name in kept(MergeKind.ACCOUNT):
        return []
    near = process.extract(
        name,
        names,
        scorer=fuzz.token_set_ratio,
        processor=utils.default_process,
        score_cutoff=_ALIKE_ENOUGH,
        limit=_LOOKED_AT,
    )
    typed, order = form(name, "account"), list(WHYS.values())
    found = []
    for other, score, _ in near:
        there = form(other, "account")
        why = "letters" if there.key == typed.key else closeness(typed, there, "account")
        place = order.index(WHYS[why]) if why else len(order)
        found.append((place, -score, other, WHYS[why] if why else "some of the same words"))
    used = deals.filter(account__name__in=[other for _, _, other, _ in found]).order_by().values_list("account__name")
    counted = dict(used.annotate(deals=Count("pk")))
    similar = [SimilarAccount(other, counted[other], why) for _, _, other, why in sorted(found) if other in counted]
    return similar[:MOST_ALIKE]
