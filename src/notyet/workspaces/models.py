"""People, teams, roles and the workspaces they belong to."""

from datetime import time

from django.conf import settings
from django.db import models

from notyet.core.clock import now
from notyet.core.fields import AmountField
from notyet.workspaces.scope import Scoped


class Role(models.TextChoices):
    """What somebody is in a workspace; ``access`` says what each may do."""

    SELLER = "seller", "Seller"
    MANAGER = "manager", "Manager"
    OWNER = "win_loss_owner", "Win/loss owner"
    MARKETING = "marketing", "Marketing"
    SUPPORT = "support", "Support"
    LEADERSHIP = "leadership", "Leadership"
    INTERVIEWER = "interviewer", "Interviewer"
    ADMINISTRATOR = "administrator", "Administrator"


class Visibility(models.TextChoices):
    """Which deals a seller sees in a workspace."""

    OWN = "own", "Their own"
    TEAM = "team", "Their team's"
    ALL = "all", "All"


class TermRule(models.TextChoices):
    """How the term of the contract that was pitched gives the day to ask a lost buyer again."""

    THREE_QUARTERS = "three_quarters", "Three quarters of it"
    THREE_MONTHS_BEFORE = "three_months_before", "Three months before its end"


def weekdays() -> list[int]:
    """Monday to Friday."""
    return [0, 1, 2, 3, 4]


class Workspace(models.Model):
    """One organisation's sales: its currency, time zone and rules."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64, default="UTC")
    visibility = models.CharField(max_length=8, choices=Visibility.choices, default=Visibility.ALL)
    country = models.CharField(max_length=2, blank=True)
    """ISO 3166 code of the country whose public holidays are no working days; empty: none are."""
    subdivision = models.CharField(max_length=10, blank=True)
    """The part of the country, by the code that the library ``holidays`` has for it."""
    working_days = models.JSONField(default=weekdays)
    """Days of the week that are worked: 0 is Monday."""
    day_starts = models.TimeField(default=time(9))
    day_ends = models.TimeField(default=time(17))
    closed_days = models.JSONField(default=list, blank=True)
    """Further days that are not worked: ``{"day": "2026-12-24", "name": "Christmas Eve"}``."""
    reply_hours = models.PositiveSmallIntegerField(default=4)
    """Working hours within which a missed call or a buyer's mail is answered."""
    stalled_factor = models.FloatField(default=1.5)
    """A deal is stalled when one of its clocks passes so many times the median of won deals."""
    unpaid_days = models.PositiveSmallIntegerField(default=60)
    """Days after which an order without payment is asked about."""
    big_sale = AmountField(null=True, blank=True)
    """From this amount on more is expected of a deal's record; empty: no sale is big."""
    term_rule = models.CharField(max_length=20, choices=TermRule.choices, default=TermRule.THREE_QUARTERS)
    """How the term pitched gives the day to ask a lost buyer again; see ``winbacks.check_up_rules``."""
    budget_month = models.PositiveSmallIntegerField(default=1)
    """The first month of the buyers' budget year (1 is January): a frozen budget is asked about then."""
    record_revision = models.PositiveBigIntegerField(default=0)
    """Counts the writes to the record; a frozen history says which one it holds."""
    created_at = models.DateTimeField(default=now, editable=False)

    def __str__(self) -> str:
        return self.name


class Team(Scoped):
    """A sales team, by the name that the deals carry."""

    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="team_name_once")]

    def __str__(self) -> str:
        return self.name


class Membership(Scoped):
    """A person in a workspace, with one role."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="members")
    seller_name = models.CharField(max_length=300, blank=True)
    """The owner's name that this person's deals carry in the record."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace}"


class CurrencyRate(Scoped):
    """From ``day`` on, one unit of ``currency`` is worth ``rate`` of the workspace's."""

    currency = models.CharField(max_length=3)
    day = models.DateField()
    rate = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "currency", "day"], name="rate_once_a_day")]

    def __str__(self) -> str:
        return f"{self.currency} {self.day}: {self.rate}"


class AuditEntry(Scoped):
    """Who did which named action when. Holds no notes and no answers."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=300)
    action = models.CharField(max_length=100)
    subject = models.CharField(max_length=300, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.action}"
