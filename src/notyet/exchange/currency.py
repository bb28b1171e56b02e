"""The workspace's currency, where a first import shows that it is another than assumed."""

from notyet.deals.models import Deal
from notyet.workspaces.models import CurrencyRate, Workspace


def adopt_currency(workspace: Workspace) -> str | None:
    """Make the one currency that all deals with an amount are in the workspace's own; returns it if that is a change.

    Nothing is changed where an amount is in the workspace's currency or none, where there are several currencies,
    or where rates have been set: then it was chosen.
    """
    if CurrencyRate.objects.exists():
        return None
    found = list(Deal.objects.filter(amount__isnull=False).order_by().values_list("currency", flat=True).distinct()[:2])
    if len(found) != 1 or found[0] in ("", workspace.currency):
        return None
    workspace.currency = str(found[0])
    workspace.save(update_fields=["currency"])
    return workspace.currency
