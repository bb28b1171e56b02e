"""The day's mail: what it says, plain and as HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.urls import reverse

from notyet.notices import links, rules
from notyet.notices.mail import Letter
from notyet.notices.models import Delivery
from notyet.notices.things import Thing

KINDS = {
    "promise": "Promise",
    "missed_call": "Missed call",
    "reply": "Mail to answer",
    "question": "Buyer’s question",
    "step": "Step",
    "stalled": "Stands still",
    "next_step": "Next step",
    "debrief": "Debrief",
    "check_up": "Check-up call",
    "action": "Action",
}
TRIAL = "A trial: "


@dataclass(frozen=True)
class Shown:
    """A line of the mail with its address."""

    thing: Thing | None
    kind_label: str
    text: str
    when: str
    late: bool
    url: str


def compose(
    delivery: Delivery, things: Sequence[Thing], told: int, at: datetime, message_id: str, *, trial: bool
) -> Letter:
    """The mail to one person about these things; ``told`` more she has heard of today by chat."""
    workspace, user = delivery.membership.workspace, delivery.membership.user
    zone = ZoneInfo(workspace.time_zone)
    subject = rules.digest_subject(len(things)) if things else "Nothing is due today"
    shown = [_shown(line, at, zone) for line in rules.lines(things)]
    to, off_url = (
        user.email or user.get_username(),
        links.absolute(reverse("notices_off", args=[links.off_token(delivery)])),
    )
    context = {
        "subject": subject,
        "greeting": f"{subject}.",
        "preheader": "; ".join(line.text for line in shown[:3]),
        "day": rules.local_day(workspace.time_zone, at),
        "lines": shown,
        "told": f"You heard about {told:,} more in chat today." if told else "",
        "today_url": links.today_url(),
        "settings_url": links.absolute(reverse("notices")),
        "off_url": off_url,
        "workspace": workspace.name,
        "hour": delivery.digest_hour,
        "to": to,
    }
    return Letter(
        to=to,
        subject=(TRIAL if trial else "") + subject,
        text=render_to_string("notices/digest.txt", context),
        html=render_to_string("notices/digest.html", context),
        message_id=message_id,
        off_url=off_url,
    )


def _shown(line: rules.Line, at: datetime, zone: ZoneInfo) -> Shown:
    thing = line.thing
    if thing is None:
        return Shown(None, "", line.text, "", False, links.today_url(line.kind))
    when, late = when_due(thing, at, zone)
    return Shown(thing, KINDS.get(line.kind, "Due"), thing.text, when, late, links.deal_url(thing.deal))


def when_due(thing: Thing, at: datetime, zone: ZoneInfo) -> tuple[str, bool]:
    """When a thing is due as a person says it, and whether that is over."""
    if thing.due_at is None:
        return "", False
    due, today = thing.due_at.astimezone(zone), at.astimezone(zone).date()
    days = (today - due.date()).days
    late = days > 0 or (not thing.plain and thing.due_at < at)
    if days > 0:
        return f"{days} day{'' if days == 1 else 's'} late", True
    if days == 0:
        return ("today" if thing.plain else f"{'was ' if late else ''}due at {due:%H:%M}"), late
    return f"{due:%a} {due.day} {due:%b}", False
