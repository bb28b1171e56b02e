"""Names that count as one: what was merged, by which names, and what was said to be apart."""

from django.db import models

from notyet.workspaces.scope import Scoped

LONGEST_NAME = 500


class MergeKind(models.TextChoices):
    """What bears the names."""

    ACCOUNT = "account", "Buyers"
    CONTACT = "contact", "Contacts"
    PRODUCT = "product", "Products"


class Merge(Scoped):
    """Somebody said that names are one. The row stays when it is split again: it is what happened."""

    kind = models.CharField(max_length=8, choices=MergeKind.choices)
    keep = models.CharField(max_length=LONGEST_NAME)
    others = models.JSONField()
    """The names that count as ``keep`` since, in the order given."""
    merged_at = models.DateTimeField()
    merged_by = models.CharField(max_length=300)
    split_at = models.DateTimeField(null=True, blank=True)
    split_by = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-merged_at", "-pk"]

    def __str__(self) -> str:
        return f"{', '.join(self.others)} as {self.keep}"


class Alias(Scoped):
    """While its merge stands, a name as sources say it, and the name it counts as.

    The record keeps what the sources say; aliases are applied where it is frozen and shown. So an import changes
    nothing about a merge, and a split leaves nothing behind.
    """

    merge = models.ForeignKey(Merge, models.CASCADE, related_name="aliases")
    kind = models.CharField(max_length=8, choices=MergeKind.choices)
    name = models.CharField(max_length=LONGEST_NAME)
    kept = models.CharField(max_length=LONGEST_NAME)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "kind", "name"], name="alias_once")]

    def __str__(self) -> str:
        return f"{self.name} as {self.kept}"


class Apart(Scoped):
    """Somebody said that two names are not the same, so that it is not proposed again. ``first`` < ``second``."""

    kind = models.CharField(max_length=8, choices=MergeKind.choices)
    first = models.CharField(max_length=LONGEST_NAME)
    second = models.CharField(max_length=LONGEST_NAME)
    said_at = models.DateTimeField()
    said_by = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "kind", "first", "second"], name="apart_once")]
        ordering = ["-said_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.first} is not {self.second}"
