"""Reading the record, as far as who asks may see it."""

from django.db.models import Q, QuerySet

from notyet.deals.duplicates import kept
from notyet.deals.merge_models import MergeKind
from notyet.deals.models import Deal
from notyet.workspaces.access import Actor, Permission, visible_owner_filter


def visible_deals(actor: Actor) -> QuerySet[Deal]:
    """The deals of the actor's workspace that the actor may see. Raises ``Denied`` where the role sees none."""
    actor.require(Permission.SEE_DEALS)
    deals: QuerySet[Deal] = Deal.objects.filter(workspace=actor.workspace)
    limit = visible_owner_filter(actor)
    return deals.filter(**limit) if limit else deals


def find_deal(actor: Actor, pk: int) -> Deal:
    """One visible deal with its account and source. Raises ``Deal.DoesNotExist``."""
    return visible_deals(actor).select_related("account", "data_source").get(pk=pk)


def search_deals(deals: QuerySet[Deal], text: str, outcome: str) -> QuerySet[Deal]:
    """Of ``deals`` those whose name, account or id contains ``text`` and that ended as ``outcome`` (empty: any).

    An account is found by what its source calls it and by the name that it counts as.
    """
    if text:
        written = [name for name, root in kept(MergeKind.ACCOUNT).items() if text.casefold() in root.casefold()]
        account = Q(account__name__icontains=text) | Q(account__name__in=written)
        deals = deals.filter(Q(name__icontains=text) | account | Q(deal_id__icontains=text))
    return deals.filter(outcome=outcome) if outcome else deals


def earlier_and_later(actor: Actor, deal: Deal) -> tuple[Deal | None, list[Deal]]:
    """The deal that this one reopened, and those that reopened it, among what the actor may see."""
    same = visible_deals(actor).filter(data_source=deal.data_source_id)
    earlier = same.filter(deal_id=deal.reopened_from).first() if deal.reopened_from else None
    return earlier, list(same.filter(reopened_from=deal.deal_id).exclude(pk=deal.pk).order_by("opened_at", "pk"))
