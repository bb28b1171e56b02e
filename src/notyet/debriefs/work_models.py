"""A debrief while it is written, what preparation is asked about, and the actions that come of it."""

from django.db import models

from notyet.deals.closing_models import Closing
from notyet.deals.models import Deal
from notyet.workspaces.scope import Scoped


class DebriefWork(Scoped):
    """The debrief of one closing, saved as it is typed. Finished, it is a row of the record (``debrief``).

    A deal that came closed with an import has no closing and can be debriefed all the same.
    """

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="debrief_works")
    closing = models.OneToOneField(Closing, models.CASCADE, null=True, blank=True, related_name="debrief_work")
    content = models.JSONField(default=dict)
    """See ``debriefs.content``: reasons, turning point, what could have made up for it, what to do the same again."""
    revision = models.PositiveIntegerField(default=1)
    """Counts the saves, so that a second window is told."""
    saved_at = models.DateTimeField()
    saved_by = models.CharField(max_length=300)
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = models.CharField(max_length=300, blank=True)
    debrief = models.OneToOneField("debriefs.Debrief", models.SET_NULL, null=True, blank=True, related_name="work")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deal"], condition=models.Q(closing__isnull=True), name="debrief_without_closing_once"
            )
        ]

    def __str__(self) -> str:
        return f"Debrief of {self.deal}"


class PreparationItem(Scoped):
    """A tick about how a deal was prepared, such as "planned before the first call"."""

    key = models.SlugField(max_length=60)
    text = models.CharField(max_length=200)
    position = models.PositiveIntegerField(default=0)
    retired = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="preparation_once")]
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.text


class ActionScope(models.TextChoices):
    """Where the cause lies that an action is to change."""

    PERSON = "person", "For the person"
    ORGANISATION = "organisation", "For the organisation"


class Action(Scoped):
    """A tangible step that came of a debrief: what, who, by when, and what became of it."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="actions")
    work = models.ForeignKey(DebriefWork, models.SET_NULL, null=True, blank=True, related_name="actions")
    text = models.CharField(max_length=1000)
    owner = models.CharField(max_length=300)
    """The name that deals carry for whoever does it."""
    due_on = models.DateField()
    scope = models.CharField(max_length=12, choices=ActionScope.choices, default=ActionScope.PERSON)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=300)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=300, blank=True)
    dropped = models.BooleanField(default=False)
    word = models.CharField(max_length=1000, blank=True)
    """What came of it, or why it was dropped."""

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["workspace", "settled_at", "due_on"], name="action_by_due")]

    def __str__(self) -> str:
        return self.text
