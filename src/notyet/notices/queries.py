"""What was sent, what was not, and what a person's mail would say now."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from notyet.core.clock import today as day_in
from notyet.notices import things
from notyet.notices.digest import Shown, shown_lines
from notyet.notices.models import Delivery, Nag, Push, PushState
from notyet.notices.rules import MANY
from notyet.workspaces.access import Actor, Permission

SHOWN = 200


@dataclass(frozen=True)
class Preview:
    """What the mail would say now, about how many things, and how many more were told of in chat today."""

    lines: list[Shown]
    things: int
    told: int


def preview(delivery: Delivery) -> Preview:
    """What the day's mail of this person would say if it were sent now."""
    member = delivery.membership
    day = day_in(member.workspace.time_zone)
    by_chat = set(Nag.objects.filter(membership=member, day=day, push__channel="chat").values_list("thing", flat=True))
    found = things.pushable_heads(member, MANY, by_chat)
    return Preview(shown_lines(found.things, found.counts), sum(found.counts.values()), found.without)


def own_messages(delivery: Delivery, most: int = 10) -> list[Push]:
    """The person's last messages, the newest first."""
    return list(Push.objects.filter(membership=delivery.membership).exclude(state=PushState.EMPTY)[:most])


def sent(actor: Actor, state: str = "") -> QuerySet[Push]:
    """What was sent and what was not, of everybody in the workspace, the newest first. Raises ``Denied``."""
    actor.require(Permission.SET_UP)
    found: QuerySet[Push] = Push.objects.select_related("membership__user")
    return found.filter(state=state) if state else found.exclude(state=PushState.EMPTY)


def counts(actor: Actor) -> dict[str, int]:
    """How many messages there are in each state. Raises ``Denied``."""
    actor.require(Permission.SET_UP)
    return dict(Push.objects.order_by().values_list("state").annotate(n=Count("pk")))
