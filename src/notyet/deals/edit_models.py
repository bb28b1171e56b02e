"""What people changed in the record: each edit with its before and after, and what imports must leave alone."""

from django.db import models

from notyet.workspaces.scope import Scoped


class Edit(Scoped):
    """One change by a person to a deal or to a row about it: who, when, before, after."""

    deal = models.ForeignKey("deals.Deal", models.SET_NULL, null=True, related_name="edits")
    """Nothing where the making of a deal was undone."""
    at = models.DateTimeField()
    by = models.CharField(max_length=300)
    user_id = models.BigIntegerField(null=True, blank=True)
    action = models.CharField(max_length=40)
    """The action's name: ``edit deal``, ``add conversation``, ``keep promise`` …"""
    table = models.CharField(max_length=40)
    """``deals``, a table of rows about deals, or ``contacts``."""
    row = models.BigIntegerField()
    """The key of the row changed; the deal's own for ``deals``."""
    before = models.JSONField(null=True, blank=True)
    """What the fields held, as texts; ``None`` where the row was made."""
    after = models.JSONField(null=True, blank=True)
    """What they hold since; ``None`` where the row was removed."""
    more = models.JSONField(default=dict, blank=True)
    """``made`` and ``gone``: the rows that it made and took away, whole, so that undoing it does the reverse."""
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=300, blank=True)
    undoes = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="undone_in")

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["table", "row"], name="edit_by_row")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by}: {self.action}"


class EditedField(Scoped):
    """A field that a person set here, so that it stands when an import says something else."""

    deal = models.ForeignKey("deals.Deal", models.CASCADE, related_name="edited_fields")
    table = models.CharField(max_length=40)
    row = models.BigIntegerField()
    """The key of the row: the deal's own for ``deals``."""
    field = models.CharField(max_length=100, blank=True)
    """The field of the deal; empty for a row about it, which stands as a whole."""
    at = models.DateTimeField()
    by = models.CharField(max_length=300)
    source_value = models.TextField(blank=True)
    """What the source said last, as text."""
    differs = models.BooleanField(default=False)
    """Whether the source last said something else than what stands here."""
    settled = models.BooleanField(default=False)
    """Whether somebody decided to keep what stands here, so that it is not listed while the source says the same."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table", "row", "field"], name="edited_field_once")]

    def __str__(self) -> str:
        return f"{self.table} {self.row} {self.field}"


class RemovedRow(Scoped):
    """A row about a deal that a person removed here, so that no import brings it back."""

    deal = models.ForeignKey("deals.Deal", models.CASCADE, related_name="removed_rows")
    table = models.CharField(max_length=40)
    row_id = models.CharField(max_length=500, blank=True)
    digest = models.BigIntegerField(default=0)
    at = models.DateTimeField()
    by = models.CharField(max_length=300)

    class Meta:
        indexes = [models.Index(fields=["deal", "table"], name="removed_row_by_deal")]

    def __str__(self) -> str:
        return f"{self.table} {self.row_id or self.digest}"


class ChangedDeal(Scoped):
    """A deal changed since what is due was last worked out; without a deal: any of them may have."""

    deal = models.ForeignKey("deals.Deal", models.CASCADE, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"deal {self.deal_id or 'any'}"
