"""Views of the list of deals that people keep under a name."""

from django.db import models

from notyet.workspaces.scope import Scoped

LONGEST_QUERY = 4000


class SavedView(Scoped):
    """A person's view of the list: what it is filtered and sorted by, and its columns, as an address has them."""

    user_id = models.BigIntegerField()
    name = models.CharField(max_length=100)
    query = models.CharField(max_length=LONGEST_QUERY, blank=True)
    shared = models.BooleanField(default=False)
    """Whether everybody of the workspace who sees deals is offered it."""
    saved_by = models.CharField(max_length=300)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "user_id", "name"], name="view_name_once")]
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
