"""What buyers say."""

from django.db import models

from notyet.deals.models import Deal, DealRow


class BuyerAnswer(DealRow):
    """An invitation to a buyer and, where there is one, the answer."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="buyer_answers")
    invited_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    deciding_reason = models.TextField(blank=True)
    contributing_reasons = models.TextField(blank=True)
    text = models.TextField(blank=True)
    ask_again = models.CharField(max_length=32, blank=True)
    """A date, or ``never``: the buyer's instruction, obeyed by every sender."""
    signed = models.BooleanField(null=True, blank=True)
    """The buyer let the answer be shown as his."""

    def __str__(self) -> str:
        return f"Invitation for {self.deal}"
