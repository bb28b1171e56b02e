"""Why a deal ended: the table of reasons and the debriefs."""

from django.db import models

from notyet.deals.models import Deal, DealRow
from notyet.debriefs.work_models import Action, ActionScope, DebriefWork, PreparationItem  # noqa: F401
from notyet.workspaces.scope import Scoped


class Control(models.TextChoices):
    """Whose a reason is to change."""

    OURS = "ours", "Ours to change"
    SHARED = "shared", "Shared"
    THEIRS = "theirs", "Theirs"
    UNKNOWN = "unknown", "Unknown"


class LossReason(Scoped):
    """A reason of the workspace's own table. Retired ones stay for the deals that carry them."""

    label = models.CharField(max_length=200)
    control = models.CharField(max_length=8, choices=Control.choices)
    position = models.PositiveIntegerField(default=0)
    retired = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "label"], name="reason_once")]
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.label


class ReasonWording(Scoped):
    """A reason as a source words it, and the reason of the table that it means (or none yet)."""

    text = models.CharField(max_length=500)
    reason = models.ForeignKey(LossReason, models.CASCADE, null=True, blank=True, related_name="wordings")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "text"], name="wording_once")]

    def __str__(self) -> str:
        return self.text


class Debrief(DealRow):
    """What the team found when it looked back on a closed deal."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="debriefs")
    at = models.DateTimeField(null=True, blank=True)
    deciding_reason = models.TextField(blank=True)
    contributing_reasons = models.TextField(blank=True)
    """Separated by ``;``, as in the exchange format."""
    preparation = models.FloatField(null=True, blank=True)
    lesson = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"Debrief of {self.deal}"
