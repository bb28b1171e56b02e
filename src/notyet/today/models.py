"""What is due, worked out from the record; what somebody put off, and why; how far the working out has come."""

from django.db import models

from notyet.workspaces.scope import Scoped

LONGEST_NAME = 300
"""Owners and teams are compared by so many characters: what is longer could not be indexed."""


class Kind(models.TextChoices):
    """What asks for something."""

    PROMISE = "promise", "Promise"
    MISSED_CALL = "missed_call", "Missed call"
    REPLY = "reply", "Reply"
    QUESTION = "question", "Buyer's question"
    STEP = "step", "Step"
    STALLED = "stalled", "Stalled deal"
    NEXT_STEP = "next_step", "Next step"
    DEBRIEF = "debrief", "Debrief"
    CHECK_UP = "check_up", "Check-up"
    ACTION = "action", "Action"


class Group(models.TextChoices):
    """Kinds as the list gathers them: what is settled alike, and worded alike where it is many."""

    PROMISE = "promise"
    MISSED_CALL = "missed_call"
    REPLY = "reply"
    QUESTION = "question"
    STEP = "step"
    UNPAID = "unpaid"
    STALLED = "stalled"
    NEXT_STEP = "next_step"
    NO_NEXT_STEP = "no_next_step"
    DEBRIEF = "debrief"
    CHECK_UP = "check_up"
    PROPOSED = "proposed"
    ACTION = "action"


class Clock(models.TextChoices):
    """The three clocks of a deal, each against won deals."""

    OPENING = "opening", "since the opening"
    STAGE = "stage", "since the last stage change"
    QUIET = "quiet", "since the last conversation"


class DueItem(Scoped):
    """Something that asks to be done about a deal: made of the record and the settings alone, and made again with them.

    It is known for ever by its deal, ``kind`` and ``ref``. What a person reads is worded when it is read.
    """

    workspace = models.ForeignKey("workspaces.Workspace", models.CASCADE, related_name="+", db_index=False)
    deal = models.ForeignKey("deals.Deal", models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    ref = models.CharField(max_length=210)
    """What of the deal it is about: the key of a row, of a step, the name of a clock."""
    group = models.CharField(max_length=12, choices=Group.choices)
    owner = models.CharField(max_length=LONGEST_NAME, blank=True)
    team = models.CharField(max_length=LONGEST_NAME, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    whole_day = models.BooleanField(default=False)
    """``due_at`` came as a date: it means the whole of its day."""
    shows_at = models.DateTimeField()
    """From when on it is in the list."""
    wakes_at = models.DateTimeField()
    """``shows_at``, or when it comes back after it was put off."""
    active = models.PositiveSmallIntegerField(default=0)
    """1 once ``wakes_at`` has passed: flipped by the passing of time, so that the list can be read from an index.

    A number, since SQLite finds no index for a condition that is a bare truth value.
    """
    loss = models.FloatField()
    """What is lost by a day of waiting, in the workspace's currency: the deal's value by the kind's share."""
    what = models.TextField(blank=True)
    """The words of the promise, step or question."""
    who = models.TextField(blank=True)
    """Who at the buyer's is waiting."""
    stage = models.TextField(blank=True)
    since = models.DateTimeField(null=True, blank=True)
    """When it began: the promise was made, the call came in, the clock started."""
    since_day = models.BooleanField(default=False)
    """``since`` came as a date."""
    times = models.PositiveIntegerField(default=1)
    """How often the buyer rang or wrote since."""
    clock = models.CharField(max_length=8, choices=Clock.choices, blank=True)
    median_hours = models.FloatField(null=True, blank=True)
    """What the clock shows for won deals."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "kind", "ref"], name="due_item_once")]
        indexes = [
            models.Index(fields=["workspace", "active", "wakes_at", "id"], name="due_by_waking"),
            models.Index(fields=["workspace", "active", "group", "-loss", "shows_at", "id"], name="due_by_group"),
            models.Index(
                fields=["workspace", "owner", "active", "group", "-loss", "shows_at", "id"], name="due_by_owner"
            ),
            models.Index(
                fields=["workspace", "team", "active", "group", "-loss", "shows_at", "id"], name="due_by_team"
            ),
            models.Index(fields=["workspace", "owner", "wakes_at", "id"], name="due_by_owner_waking"),
            models.Index(fields=["workspace", "team", "wakes_at", "id"], name="due_by_team_waking"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref} of deal {self.deal_id}"


class Snooze(Scoped):
    """Somebody put an item off, with a reason. Kept after it has ended."""

    deal = models.ForeignKey("deals.Deal", models.CASCADE, related_name="snoozes")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    ref = models.CharField(max_length=210)
    until = models.DateTimeField()
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.CharField(max_length=300)
    user_id = models.BigIntegerField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    """When it was taken back before its time, or another took its place."""
    ended_by = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref} until {self.until:%Y-%m-%d}"


class Upkeep(Scoped):
    """How far a workspace's items are worked out; locked while somebody works on them."""

    after = models.BigIntegerField(null=True, blank=True)
    """All deals are being gone through: up to this key they are done. ``None``: nobody is going through them."""
    covers = models.JSONField(default=list, blank=True)
    """Keys of the outbox's rows that ask for it, which go with its end."""
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    made_of = models.CharField(max_length=64, blank=True)
    """A digest of the settings that the items are made of; empty before they were made."""
    median_value = models.FloatField(null=True, blank=True)
    """What a deal without an amount counts as."""
    clocks = models.JSONField(default=list, blank=True)
    """The medians that deals are held against, by kind of stage."""
    clocks_of = models.CharField(max_length=64, blank=True)
    """The frozen history that they were read from."""
    clocks_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace"], name="upkeep_once")]

    def __str__(self) -> str:
        return f"items of {self.workspace}"
