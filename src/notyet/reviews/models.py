"""The changes that a team tries."""

from django.db import models

from notyet.deals.models import DataSource
from notyet.workspaces.scope import Scoped


class Change(Scoped):
    """A change to the sales process whose effect is to be judged."""

    data_source = models.ForeignKey(DataSource, models.CASCADE, related_name="changes")
    row_id = models.CharField(max_length=500, blank=True)
    digest = models.BigIntegerField(default=0)
    plain_dates = models.PositiveSmallIntegerField(default=0)
    change = models.TextField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    team = models.TextField(blank=True)
    smallest_effect = models.FloatField(null=True, blank=True)
    text = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.change
