"""What the record itself says beside the reasons of a debrief. Pure but for ``deal_and_team``."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.db.models import Q

from notyet.deals.models import Conversation, Deal, Direction, Outcome, Promise
from notyet.debriefs.likeness import Tally

TEAM_DEALS = 200
"""A deal is held against so many of its team's that ended last."""
FEWEST = 5


@dataclass(frozen=True)
class Said:
    """A conversation as answers are counted: when, whether the buyer began it, whether it was missed."""

    at: datetime
    inbound: bool
    missed: bool = False


@dataclass(frozen=True)
class Evidence:
    """What a deal's record says. Hours are calendar hours; ``None`` where the record cannot say.

    ``replies``: how many of the buyer's messages and missed calls there were, ``answered`` within 24 hours;
    ``reply_hours`` the median of those that were answered at all, ``team_reply_hours`` that of the team's deals.
    ``promises`` made and due, ``kept`` in time; ``people``: how many at the buyer's took part.
    """

    replies: int
    answered: int
    missed_unreturned: int
    reply_hours: float | None
    team_reply_hours: float | None
    promises: int
    kept: int
    people: int


def waits(talks: Sequence[Said]) -> list[float | None]:
    """For each time that the buyer waited for an answer, the hours until our next word; ``None``: none came.

    Messages that follow one another before we answer are one wait, counted from the first.
    """
    found: list[float | None] = []
    since: datetime | None = None
    for one in sorted(talks, key=lambda said: said.at):
        if one.inbound:
            since = since or one.at
        elif not one.missed and since is not None:
            found.append((one.at - since).total_seconds() / 3600)
            since = None
    return [*found, None] if since is not None else found


def deal_and_team(deal: Deal) -> Evidence:
    """The evidence of a deal, and its team's usual reply over the deals that ended last."""
    talks = _said([deal.pk]).get(deal.pk, [])
    waited = waits(talks)
    hours = [one for one in waited if one is not None]
    promises = list(Promise.objects.filter(deal=deal, due_at__isnull=False).values_list("due_at", "kept_at"))
    ended = deal.closed_at
    due = [(at, kept) for at, kept in promises if ended is None or at <= ended or kept]
    return Evidence(
        replies=len(waited),
        answered=sum(one <= 24 for one in hours),
        missed_unreturned=_unreturned(talks),
        reply_hours=median(hours) if hours else None,
        team_reply_hours=_team_hours(deal),
        promises=len(due),
        kept=sum(kept is not None and kept.date() <= at.date() for at, kept in due),
        people=Conversation.objects.filter(deal=deal).exclude(contact="").values("contact").distinct().count(),
    )


@dataclass(frozen=True)
class Worked:
    """Of some deals, how many had every reply within 24 hours, and how many every promise kept in time.

    Deals in which nothing was to be answered, or nothing promised, are not counted.
    """

    answered: Tally
    kept: Tally


def worked(deals: Sequence[int]) -> Worked:
    """How these deals were worked: two queries."""
    answered = [
        all(one is not None and one <= 24 for one in found) for found in map(waits, _said(deals).values()) if found
    ]
    promises: dict[int, list[bool]] = defaultdict(list)
    rows = Promise.objects.filter(deal__in=deals, due_at__isnull=False).values_list(
        "deal", "due_at", "kept_at", "deal__closed_at"
    )
    for deal, due, kept, ended in rows:
        if kept or ended is None or due <= ended:
            promises[deal].append(kept is not None and kept.date() <= due.date())
    kept_all = [all(one) for one in promises.values()]
    return Worked(Tally(sum(answered), len(answered)), Tally(sum(kept_all), len(kept_all)))


def _said(deals: Iterable[int]) -> dict[int, list[Said]]:
    """What was said in each deal and asks for an answer or is one: no notes; the buyer's calls only where missed."""
    rows = (
        Conversation.objects.filter(deal__in=deals)
        .exclude(channel="note")
        .exclude(Q(direction=Direction.IN) & Q(channel__in=("call", "meeting")) & ~Q(missed=True))
        .values_list("deal", "at", "direction", "missed")
    )
    found: dict[int, list[Said]] = defaultdict(list)
    for deal, at, direction, missed in rows:
        found[deal].append(Said(at, direction == Direction.IN, bool(missed)))
    return found


def _team_hours(deal: Deal) -> float | None:
    """The median reply over the last deals of the same team that ended; ``None`` below five of them."""
    others = Deal.objects.filter(team=deal.team).exclude(outcome=Outcome.OPEN).exclude(pk=deal.pk)
    keys = list(others.order_by("-closed_at").values_list("pk", flat=True)[:TEAM_DEALS])
    by_deal = [[one for one in waits(talks) if one is not None] for talks in _said(keys).values()]
    answered = [hours for hours in by_deal if hours]
    if len(answered) < FEWEST:
        return None
    return median(one for hours in answered for one in hours)


def _unreturned(talks: Sequence[Said]) -> int:
    """Missed calls of the buyer after which nothing came from us."""
    ours = [one.at for one in talks if not one.inbound and not one.missed]
    return sum(one.inbound and one.missed and not any(at > one.at for at in ours) for one in talks)
