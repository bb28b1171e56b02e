"""How a deal should go: the stages and what was done of the steps."""

from django.db import models

from notyet.deals.models import Deal, DealRow
from notyet.workspaces.scope import Scoped


class StageKind(models.TextChoices):
    """What a stage is, whatever a company calls it."""

    ENQUIRY = "enquiry", "Enquiry"
    DISCOVERY = "discovery", "Discovery"
    NEED = "need", "Need agreed"
    PROPOSAL = "proposal", "Proposal"
    ORDER = "order", "Order placed"
    PAID = "paid", "Paid"
    LOST = "lost", "Lost"
    OTHER = "other", "Other"


class Stage(Scoped):
    """A stage by the label that deals carry, with its kind and place in the order."""

    label = models.CharField(max_length=300)
    kind = models.CharField(max_length=12, choices=StageKind.choices, default=StageKind.OTHER)
    position = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "label"], name="stage_once")]
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.label


class StepDone(DealRow):
    """A step of the process was done for a deal."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="steps_done")
    step = models.TextField()
    done_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.step
