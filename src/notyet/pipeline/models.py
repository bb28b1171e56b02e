"""Targets: how much is to be paid in a period, by everybody, a team or one person."""

from django.db import models

from notyet.core.fields import AmountField
from notyet.workspaces.scope import Scoped


class TargetScope(models.TextChoices):
    """Whose target it is."""

    EVERYBODY = "everybody", "Everybody"
    TEAM = "team", "A team"
    PERSON = "person", "One person"


class Target(Scoped):
    """An amount in the workspace's currency that is to be paid from ``since`` to ``until`` (both days in it)."""

    scope = models.CharField(max_length=9, choices=TargetScope.choices)
    name = models.CharField(max_length=300, blank=True)
    """The team's name, or the owner's name on the deals of the person; empty for everybody."""
    since = models.DateField()
    until = models.DateField()
    amount = AmountField()
    set_by = models.CharField(max_length=300)
    set_at = models.DateTimeField()

    class Meta:
        ordering = ["-since", "until", "scope", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "scope", "name", "since", "until"], name="target_once")
        ]

    def __str__(self) -> str:
        return f"{self.name or 'Everybody'}, {self.since} to {self.until}"
