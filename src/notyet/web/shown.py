"""Parts of the record as a page shows them: amounts, outcomes."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from notyet.core.money import readable
from notyet.deals.models import Deal, Outcome

TAGS = {
    "won": ("won", "Won"),
    "lost": ("lost", "Lost"),
    "no_decision": ("lost", "No decision"),
    "disqualified": ("unknown", "Disqualified"),
    "open": ("theirs", "Open"),
    "ordered_unpaid": ("ask", "Ordered, not paid"),
}


def whole_amount(deal: Deal) -> str:
    """The deal's amount in its own currency (the workspace's where it names none); empty where unknown."""
    if deal.amount is None:
        return ""
    return readable(float(deal.amount), deal.currency or deal.workspace.currency, compact=False)


def standing(deal: Deal) -> str:
    """The deal's outcome, or ``ordered_unpaid`` for a win whose payment its source would know of and does not."""
    since = deal.data_source.payments_from
    if deal.outcome != Outcome.WON or deal.paid_at is not None or since is None:
        return str(deal.outcome)
    return "ordered_unpaid" if deal.closed_at is not None and deal.closed_at >= since else str(deal.outcome)


def outcome_tag(deal: Deal) -> SafeString:
    """The deal's standing as a small coloured word."""
    kind, label = TAGS[standing(deal)]
    return format_html('<span class="tag {}">{}</span>', kind, label)
