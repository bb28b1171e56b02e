"""Which closed deals owe a debrief: by team, never by person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from notyet.deals.closing_models import Closing
from notyet.deals.queries import visible_deals
from notyet.workspaces.access import Actor

DUE_AFTER = timedelta(hours=48)
"""A debrief is owed so long after the deal was closed here."""


@dataclass(frozen=True)
class TeamLedger:
    """A team's closings: how many, how many of them are debriefed, and how many owe one for longer than 48 hours."""

    team: str
    closed: int
    debriefed: int
    overdue: int

    @property
    def owed(self) -> int:
        """How many are not debriefed yet."""
        return self.closed - self.debriefed

    @property
    def share(self) -> float:
        """The share that is debriefed, from 0 to 1; a team stands in the ledger because it closed something."""
        return self.debriefed / self.closed


def standing_closings(actor: Actor) -> QuerySet[Closing]:
    """The closings that hold of the deals that the actor sees; those that came with an import are none."""
    found: QuerySet[Closing] = Closing.objects.filter(reopening=None, deal__in=visible_deals(actor))
    return found


def owed(actor: Actor) -> QuerySet[Closing]:
    """The closings without a finished debrief, the longest owed first."""
    found = standing_closings(actor).exclude(debrief_work__debrief__isnull=False)
    return found.select_related("deal__account").order_by("made_at", "pk")


def ledger(actor: Actor, now: datetime) -> tuple[TeamLedger, ...]:
    """The ledger by team, by name; deals without a team come under an empty one."""
    done = Q(debrief_work__debrief__isnull=False)
    late = ~done & Q(made_at__lt=now - DUE_AFTER)
    rows = (
        standing_closings(actor)
        .order_by()
        .values("deal__team")
        .annotate(closed=Count("pk"), debriefed=Count("pk", filter=done), overdue=Count("pk", filter=late))
    )
    found: Iterable[TeamLedger] = (
        TeamLedger(row["deal__team"], row["closed"], row["debriefed"], row["overdue"]) for row in rows
    )
    return tuple(sorted(found, key=lambda one: one.team.casefold()))
