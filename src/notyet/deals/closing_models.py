"""How a deal was closed here, each time it was."""

from django.db import models

from notyet.workspaces.scope import Scoped


class Closing(Scoped):
    """A deal was closed by a person. Reopening ends it and keeps it; the next closing is a row of its own.

    Deals that came closed with an import have none.
    """

    deal = models.ForeignKey("deals.Deal", models.CASCADE, related_name="closings")
    outcome = models.CharField(max_length=12)
    """As ``Outcome``; ``won`` is ordered, and counts as won once it is paid."""
    closed_at = models.DateTimeField()
    lost_to = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    """The deciding reason as it was given at the close."""
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=300)
    user_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["workspace", "made_at"], name="closing_by_time")]

    def __str__(self) -> str:
        return f"{self.deal}: {self.outcome} {self.closed_at:%Y-%m-%d}"


class Reopening(Scoped):
    """A deal was opened again: its last closing no longer holds, and stays what happened."""

    deal = models.ForeignKey("deals.Deal", models.CASCADE, related_name="reopenings")
    closing = models.OneToOneField(Closing, models.CASCADE, null=True, blank=True, related_name="reopening")
    """Nothing where the deal had come closed with an import."""
    why = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=300)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.deal} reopened {self.at:%Y-%m-%d}"
