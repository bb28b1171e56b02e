"""What reaches people outside the application: their switches, what is and was sent, what they heard about today."""

from django.core.validators import MaxValueValidator
from django.db import models

from notyet.workspaces.models import Membership
from notyet.workspaces.scope import Scoped


class Channel(models.TextChoices):
    """How a message reaches somebody."""

    DIGEST = "digest", "E-mail"
    CHAT = "chat", "Chat"


class PushState(models.TextChoices):
    """How a message stands."""

    DUE = "due", "Waiting to be sent"
    CLAIMED = "claimed", "Being sent"
    SENT = "sent", "Sent"
    EMPTY = "empty", "There was nothing to say"
    UNKNOWN = "unknown", "May or may not have gone out"
    FAILED = "failed", "Not sent"


class Delivery(Scoped):
    """A person's switches: what reaches her where. All are off until she turns them on."""

    membership = models.OneToOneField(Membership, models.CASCADE, related_name="delivery")
    digest = models.BooleanField(default=False)
    digest_hour = models.PositiveSmallIntegerField(default=8, validators=[MaxValueValidator(23)])
    """The hour of the workspace's clock from which on the day's digest is sent."""
    chat = models.BooleanField(default=False)
    chat_address = models.TextField(blank=True)
    """The address for apprise as ``chat_address.seal`` keeps it: encrypted."""
    chat_refused = models.CharField(max_length=300, blank=True)
    """Why the chat was switched off by itself."""
    calendar = models.BooleanField(default=False)
    calendar_generation = models.PositiveIntegerField(default=1)
    """Counts the addresses made; one of an earlier generation leads nowhere."""
    calendar_issued_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"what reaches {self.membership.user}"


class Push(Scoped):
    """A message to one person: planned once, claimed by one worker, sent, settled.

    Moments of the machinery (``not_before``, ``claimed_at``, ``sending_at``) are of the machine's own clock, which
    ``NOTYET_CLOCK`` does not move.
    """

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="pushes")
    channel = models.CharField(max_length=6, choices=Channel.choices)
    day = models.DateField()
    """The day in the workspace's time zone."""
    slot = models.CharField(max_length=20, blank=True)
    """Which of the day's: empty for the digest, a number in chat, ``trial-1`` … for one asked for on the page."""
    state = models.CharField(max_length=8, choices=PushState.choices, default=PushState.DUE)
    planned_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=64, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sending_at = models.DateTimeField(null=True, blank=True)
    """Set just before the message leaves; a claim without it has certainly sent nothing."""
    settled_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    """Why it was not sent, or why that is not known; a sentence of ours, never the service's own words."""
    subject = models.CharField(max_length=200, blank=True)
    things = models.PositiveIntegerField(default=0)
    """How many things it is about."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["membership", "channel", "day", "slot"], name="push_once_a_day_and_slot")
        ]
        indexes = [
            models.Index(fields=["workspace", "state"], name="push_by_state"),
            models.Index(fields=["workspace", "day"], name="push_by_day"),
        ]
        ordering = ["-day", "-pk"]

    def __str__(self) -> str:
        return f"{self.channel} of {self.day} {self.slot}: {self.state}"


class Nag(Scoped):
    """A person was, or is about to be, told of a thing on a day: once over all channels."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    thing = models.CharField(max_length=260)
    """The key of the thing, as the room ``today`` names it."""
    push = models.ForeignKey(Push, models.CASCADE, related_name="nags")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["membership", "day", "thing"], name="nag_once_a_day")]

    def __str__(self) -> str:
        return f"{self.thing} on {self.day}"


class CalendarEntry(Scoped):
    """What a person's calendar feed last said of a thing, so that a change raises its number and moment."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="+", db_index=False)
    thing = models.CharField(max_length=260)
    content = models.CharField(max_length=64, blank=True)
    """A digest of what was said; empty once the thing is gone."""
    sequence = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["membership", "thing"], name="calendar_entry_once")]

    def __str__(self) -> str:
        return f"{self.thing}: {self.sequence}"
