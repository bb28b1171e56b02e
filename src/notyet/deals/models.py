"""The record: buyers, deals, their stages, conversations and promises."""

from django.db import models

from notyet.core.fields import AmountField
from notyet.deals.closing_models import Closing, Reopening  # noqa: F401
from notyet.deals.contact_models import Contact, ContactRole, DealContact  # noqa: F401 - Django looks for a room's models here
from notyet.deals.edit_models import ChangedDeal, Edit, EditedField, RemovedRow  # noqa: F401
from notyet.deals.merge_models import Alias, Apart, Merge  # noqa: F401
from notyet.deals.view_models import SavedView  # noqa: F401
from notyet.workspaces.scope import Scoped


class Outcome(models.TextChoices):
    """How a deal stands. Won counts only when ordered *and* paid; ``rules.standing`` decides."""

    OPEN = "open", "Open"
    WON = "won", "Won"
    LOST = "lost", "Lost"
    NO_DECISION = "no_decision", "No decision"
    DISQUALIFIED = "disqualified", "Disqualified"


class DataSource(Scoped):
    """Where deals come from: a CRM's export, the sample, this application."""

    key = models.SlugField(max_length=100)
    name = models.CharField(max_length=200)
    payments_from = models.DateTimeField(null=True, blank=True)
    """From when on this source knows payments; ``None`` where it knows none."""
    payments_set = models.BooleanField(default=False)
    """Whether a person set ``payments_from``, which an import then leaves alone."""
    columns = models.JSONField(default=dict, blank=True)
    """A deal's field -> the header it had in the source's own file."""
    last_number = models.PositiveIntegerField(default=1_000)
    """Of deals made here: the number of the last one, so that none is given twice."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="data_source_once")]

    def __str__(self) -> str:
        return self.name


class Account(Scoped):
    """A buyer's organisation."""

    name = models.CharField(max_length=500)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="account_once")]

    def __str__(self) -> str:
        return self.name


class Deal(Scoped):
    """One possible sale, as its source tells it."""

    workspace = models.ForeignKey("workspaces.Workspace", models.CASCADE, related_name="+", db_index=False)
    data_source = models.ForeignKey(DataSource, models.CASCADE, related_name="deals")
    deal_id = models.CharField(max_length=500)
    account = models.ForeignKey(Account, models.SET_NULL, null=True, blank=True, related_name="deals")
    name = models.TextField(blank=True)
    owner = models.TextField(blank=True)
    team = models.TextField(blank=True)
    amount = AmountField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    contract_term_months = models.IntegerField(null=True, blank=True)
    source = models.TextField(blank=True)
    campaign = models.TextField(blank=True)
    message = models.TextField(blank=True)
    persona = models.TextField(blank=True)
    segment = models.TextField(blank=True)
    region = models.TextField(blank=True)
    product = models.TextField(blank=True)
    competitor = models.TextField(blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    lost_to = models.TextField(blank=True)
    ordered_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    loss_reason = models.TextField(blank=True)
    process_version = models.TextField(blank=True)
    reopened_from = models.CharField(max_length=500, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    """The source's own further columns, as text: header -> value."""
    plain_dates = models.PositiveSmallIntegerField(default=0)
    """Bit *i*: the *i*-th time column of the table came as a date without a time."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["data_source", "deal_id"], name="deal_once_in_its_source")]
        indexes = [
            models.Index(fields=["workspace", "closed_at"], name="deal_by_close"),
            models.Index(fields=["workspace", "outcome"], name="deal_by_outcome"),
        ]

    def __str__(self) -> str:
        return self.name or self.deal_id


class DealRow(Scoped):
    """A row about a deal. Without an ``id`` of its own in the source it is its content."""

    # Rows are reached by their deal; a second index would slow every import for nothing.
    workspace = models.ForeignKey("workspaces.Workspace", models.CASCADE, related_name="+", db_index=False)
    row_id = models.CharField(max_length=500, blank=True)
    digest = models.BigIntegerField(default=0)
    """The first eight bytes of the content's SHA-256, signed: tells equal rows without comparing them."""
    plain_dates = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True


class FieldChange(DealRow):
    """What a field of a deal held from ``at`` on."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="field_changes")
    field = models.TextField()
    value = models.TextField(blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.field} from {self.at:%Y-%m-%d}"


class NextStep(DealRow):
    """A dated next step."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="next_steps")
    due_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    text = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.text


class StageChange(DealRow):
    """A deal enters a stage, by the stage's label in its source."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="stage_changes")
    stage = models.TextField()
    entered_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.stage


class Channel(models.TextChoices):
    """How a conversation was held."""

    CALL = "call", "Call"
    EMAIL = "email", "E-mail"
    MEETING = "meeting", "Meeting"
    MESSAGE = "message", "Message"
    NOTE = "note", "Note"


class Direction(models.TextChoices):
    """Who began it: ``in`` is the buyer."""

    IN = "in", "From the buyer"
    OUT = "out", "From us"


class Conversation(DealRow):
    """A call, e-mail, meeting, message or note."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="conversations")
    at = models.DateTimeField()
    channel = models.CharField(max_length=8, choices=Channel.choices, blank=True)
    direction = models.CharField(max_length=3, choices=Direction.choices, blank=True)
    missed = models.BooleanField(null=True, blank=True)
    contact = models.TextField(blank=True)
    minutes = models.FloatField(null=True, blank=True)
    summary = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.channel} {self.at:%Y-%m-%d}"


class Promise(DealRow):
    """What we promised a buyer."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="promises")
    made_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    kept_at = models.DateTimeField(null=True, blank=True)
    text = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.text
