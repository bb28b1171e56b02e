"""What was agreed on parting, why a check-up is when it is, what wakes a loss, and letters to buyers."""

from django.db import models

from notyet.deals.models import Deal
from notyet.workspaces.scope import Scoped


class StayInTouch(models.TextChoices):
    """How the buyer agreed to be kept in touch with."""

    EMAIL = "email", "By e-mail"
    CALL = "call", "By telephone"
    MESSAGE = "message", "By message"
    MEETING = "meeting", "In person"
    NEVER = "never", "Never again"
    OPEN = "", "Not agreed"


class Parting(Scoped):
    """How one parted with a buyer over a deal: the channel agreed, and when he wishes to be asked again."""

    deal = models.OneToOneField(Deal, models.CASCADE, related_name="parting")
    channel = models.CharField(max_length=8, choices=StayInTouch.choices, blank=True, default=StayInTouch.OPEN)
    wish_on = models.DateField(null=True, blank=True)
    """The day on which the buyer asked to be asked again; it beats every rule of ours."""
    thanked_at = models.DateTimeField(null=True, blank=True)
    noted_at = models.DateTimeField()
    noted_by = models.CharField(max_length=300)

    def __str__(self) -> str:
        return f"Parting over {self.deal}"


class CheckUpOrigin(models.TextChoices):
    """Where the date of a check-up comes from."""

    TERM = "term", "The term of the contract pitched"
    REASON = "reason", "The reason of the loss"
    WISH = "wish", "The buyer's wish"
    TRIGGER = "trigger", "Something changed"
    PERSON = "person", "Set by hand"


class CheckUp(Scoped):
    """Why a win-back is due when it is, and how often it was followed up."""

    win_back = models.OneToOneField("winbacks.WinBack", models.CASCADE, related_name="check_up")
    origin = models.CharField(max_length=8, choices=CheckUpOrigin.choices)
    why = models.CharField(max_length=500)
    follow_up_on = models.DateField(null=True, blank=True)
    follow_ups = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.why


class TriggerKind(models.TextChoices):
    """What changed, so that a no may have become a perhaps."""

    SHIPPED = "shipped", "We shipped what was missing"
    COMPETITOR = "competitor", "A competitor changed"
    BUDGET_YEAR = "budget_year", "A new budget year"
    NEW_CONTACT = "new_contact", "A new contact at the buyer's"


class Trigger(Scoped):
    """Something changed that concerns past losses."""

    kind = models.CharField(max_length=12, choices=TriggerKind.choices)
    text = models.CharField(max_length=500)
    """What happened, as it is said to whoever calls the buyer."""
    reasons = models.JSONField(default=list)
    """Labels of the loss reasons that it concerns; empty: any."""
    words = models.CharField(max_length=200, blank=True)
    """A product, feature or competitor that the deal must name; empty: any."""
    account = models.ForeignKey("deals.Account", models.CASCADE, null=True, blank=True, related_name="+")
    """The buyer that a new contact belongs to."""
    happened_on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=300)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.text


class Waking(Scoped):
    """A trigger woke a loss: once, whatever is run again."""

    trigger = models.ForeignKey(Trigger, models.CASCADE, related_name="wakings")
    deal = models.ForeignKey(Deal, models.CASCADE, related_name="wakings")
    win_back = models.ForeignKey("winbacks.WinBack", models.SET_NULL, null=True, blank=True, related_name="wakings")
    was = models.JSONField(null=True, blank=True)
    """How the check-up stood before, where there was one: ``due_on``, ``origin``, ``why``."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trigger", "deal"], name="woken_once")]

    def __str__(self) -> str:
        return f"{self.deal}: {self.trigger}"


class Offer(Scoped):
    """What to bring when asking again, by the reason of the loss."""

    reason = models.CharField(max_length=200)
    """The label of a loss reason; empty: whatever the reason."""
    text = models.CharField(max_length=300)
    position = models.PositiveIntegerField(default=0)
    retired = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "reason", "text"], name="offer_once")]
        ordering = ["reason", "position", "pk"]

    def __str__(self) -> str:
        return self.text


class LetterState(models.TextChoices):
    """Where a letter is on its way."""

    DRAFT = "draft", "Draft"
    DUE = "due", "To be sent"
    CLAIMED = "claimed", "Being sent"
    SENT = "sent", "Sent"
    UNKNOWN = "unknown", "May or may not have gone out"
    FAILED = "failed", "Not sent"
    COPIED = "copied", "Copied by hand"


class Letter(Scoped):
    """A letter to a buyer: written, looked at, then sent once or copied."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="letters")
    to = models.EmailField(max_length=254, blank=True)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    language = models.CharField(max_length=5, default="en")
    state = models.CharField(max_length=8, choices=LetterState.choices, default=LetterState.DRAFT)
    written_at = models.DateTimeField()
    written_by = models.CharField(max_length=300)
    due_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=64, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    """When it is tried again. This, ``claimed_at`` and ``sending_at`` are of the machine's own clock."""
    sending_at = models.DateTimeField(null=True, blank=True)
    """Set just before it leaves; a claim without it has certainly sent nothing."""
    settled_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)
    """Why it was not sent, without addresses or text."""

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"], name="letter_by_state")]

    def __str__(self) -> str:
        return f"Letter about {self.deal}"


class LetterTemplate(Scoped):
    """A workspace's own wording of a letter, by outcome and language."""

    outcome = models.CharField(max_length=12)
    language = models.CharField(max_length=5)
    subject = models.CharField(max_length=300)
    body = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "outcome", "language"], name="letter_wording_once")]

    def __str__(self) -> str:
        return f"{self.outcome} ({self.language})"
