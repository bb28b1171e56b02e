"""Decisions about how the history is read."""

from django.db import models

from notyet.workspaces.scope import Scoped


class LeakVerdict(models.TextChoices):
    """What the owner of the analysis decided about a suspected field."""

    LEAK = "leak", "A leak: known only at the close"
    FINE = "fine", "Fine: known before the close"


class LeakDecision(Scoped):
    """One decision about one field of the deals."""

    field = models.CharField(max_length=500)
    verdict = models.CharField(max_length=4, choices=LeakVerdict.choices)
    decided_by = models.CharField(max_length=300)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "field"], name="leak_decided_once")]

    def __str__(self) -> str:
        return f"{self.field}: {self.verdict}"
