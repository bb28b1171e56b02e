"""When and with what to ask again."""

from django.db import models

from notyet.deals.models import Deal, DealRow
from notyet.winbacks.parting_models import (  # noqa: F401 - Django looks for a room's models here
    CheckUp,
    CheckUpOrigin,
    Letter,
    LetterState,
    LetterTemplate,
    Offer,
    Parting,
    StayInTouch,
    Trigger,
    TriggerKind,
    Waking,
)


class WinBackResult(models.TextChoices):
    """What came of asking again."""

    WAITING = "waiting", "Waiting"
    NO = "no", "No"
    REOPENED = "reopened", "Reopened"


class WinBack(DealRow):
    """A lost deal that is, or was, to be asked again."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="win_backs")
    due_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    offer = models.TextField(blank=True)
    result = models.CharField(max_length=8, choices=WinBackResult.choices, blank=True)
    new_deal_id = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"Win-back of {self.deal}"
