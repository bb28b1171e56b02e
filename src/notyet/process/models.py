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


class ProcessVersion(Scoped):
    """The sales process as it was published at a moment; never changed afterwards."""

    number = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    """What ``Deal.process_version`` carries."""
    definition = models.JSONField()
    """Stages, questions, steps: see ``definition.Definition``."""
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=300)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="process_number_once"),
            models.UniqueConstraint(fields=["workspace", "name"], name="process_name_once"),
        ]
        ordering = ["number"]

    def __str__(self) -> str:
        return self.name


class ProcessDraft(Scoped):
    """The next version while it is edited: at most one a workspace."""

    definition = models.JSONField()
    base = models.ForeignKey(ProcessVersion, models.SET_NULL, null=True, blank=True, related_name="+")
    revision = models.PositiveIntegerField(default=1)
    """Counts the saves, so that two people who edit it at once are told."""
    edited_at = models.DateTimeField()
    edited_by = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace"], name="process_draft_once")]

    def __str__(self) -> str:
        return f"draft {self.revision}"


class QuestionAnswer(Scoped):
    """A buyer's question at a stage was answered."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="question_answers")
    stage = models.CharField(max_length=100)
    """The stage's key in the deal's version."""
    question = models.CharField(max_length=100)
    answered_at = models.DateTimeField()
    answered_by = models.CharField(max_length=300)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "stage", "question"], name="answer_once")]

    def __str__(self) -> str:
        return f"{self.stage}: {self.question}"


class DeviationNote(Scoped):
    """Why a deal went another way than its process, in the seller's words."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="deviation_notes")
    stage = models.CharField(max_length=100)
    step = models.CharField(max_length=100, blank=True)
    """The step's key, or the name of the need that was not met on entering."""
    kind = models.CharField(max_length=20)
    why = models.TextField()
    at = models.DateTimeField()
    by = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "stage", "step", "kind"], name="deviation_note_once")]

    def __str__(self) -> str:
        return f"{self.stage} {self.step}: {self.kind}"


class StepDone(DealRow):
    """A step of the process was done for a deal."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="steps_done")
    step = models.TextField()
    done_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.step
