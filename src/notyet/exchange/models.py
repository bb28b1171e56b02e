"""Imports as people follow them, and the mappings that they keep for the next one."""

import uuid

from django.db import models

from notyet.workspaces.scope import Scoped


class ImportState(models.TextChoices):
    """How far an import is. ``queued`` and ``running`` speak of its ``step``."""

    UPLOADED = "uploaded", "Files are here"
    PREVIEWED = "previewed", "Ready to import"
    QUEUED = "queued", "Waiting for the worker"
    RUNNING = "running", "At work"
    DONE = "done", "Imported"
    FAILED = "failed", "Stopped"
    UNDONE = "undone", "Undone"
    CANCELLED = "cancelled", "Cancelled"


class Step(models.TextChoices):
    """What the worker is asked to do for an import."""

    LOOK = "look", "Reading the files"
    CHECK = "check", "Trying it out"
    WRITE = "write", "Importing"
    UNDO = "undo", "Undoing"


def _new_folder() -> str:
    return uuid.uuid4().hex


class Import(Scoped):
    """One import: its files, what they were read as, what became of them.

    While the worker is at it, how far it is lies beside the files (see ``pulse``): the import itself is one
    transaction, and on SQLite nobody else can write meanwhile.
    """

    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.UPLOADED)
    step = models.CharField(max_length=6, choices=Step.choices, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    """Counts the times that a step was begun; only the last one may end it."""
    folder = models.CharField(max_length=32, default=_new_folder, editable=False)
    """The name of its folder below ``imports`` of the home folder."""
    source = models.CharField(max_length=100, default="default")
    files = models.JSONField(default=list)
    """``{"name", "size"}`` of each file, in the order in which they are read."""
    files_kept = models.BooleanField(default=False)
    """Whether the files are still in the folder."""
    mapping = models.TextField(blank=True)
    """A mapping file's text; empty where the files are in the exchange format, or were guessed by a command."""
    stages = models.JSONField(default=dict)
    """Stage label -> kind, as chosen for this import."""
    payments_from = models.CharField(max_length=10, blank=True)
    """A day, ``never``, or empty: find it in the data."""
    summary = models.JSONField(default=dict)
    """Counts, outcomes, warnings: see ``summary``."""
    error = models.TextField(blank=True)
    journal = models.JSONField(default=dict)
    """What it added to the record; with the rows of its folder all that is needed to undo it."""
    revision = models.PositiveBigIntegerField(null=True, blank=True)
    """The record's revision that it made: later imports have higher ones."""
    made_by = models.CharField(max_length=300)
    user_id = models.BigIntegerField(null=True, blank=True)
    made_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True)
    """When the worker was last asked to do something for it."""
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=300, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    @property
    def added(self) -> int:
        """The rows that it added, of all tables."""
        return sum(int(table["added"]) for table in self.summary.get("tables", ()))

    @property
    def updated(self) -> int:
        """The rows that it changed, of all tables."""
        return sum(int(table["updated"]) for table in self.summary.get("tables", ()))

    def __str__(self) -> str:
        return f"Import {self.pk}"


class SavedMapping(Scoped):
    """A mapping under a name, for the next export of the same shape."""

    name = models.CharField(max_length=100)
    text = models.TextField()
    saved_by = models.CharField(max_length=300)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="mapping_name_once")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
