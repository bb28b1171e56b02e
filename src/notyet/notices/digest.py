"""The day's mail: what it says, plain and as HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.template.loader import render_to_string

from notyet.notices import links, rules
from notyet.notices.mail import Letter
from notyet.notices.models import Delivery
from notyet.notices.things import Thing

TRIAL = "A trial: "


@dataclass(frozen=True)
class Shown:
    """A line of the mail with its address."""

    thing: Thing | None
    text: str
    url: str


def compose(
    delivery: Delivery, things: Sequence[Thing], told: int, at: datetime, message_id: str, *, trial: bool
) -> Letter:
    """The mail to one person about these things; ``told`` more she has heard of today by chat."""
    user = delivery.membership.user
    to, off_url = user.email or user.get_username(), links.off_url(delivery)
    subject = rules.digest_subject(len(things)) if things else "Nothing is due today"
    shown = shown_lines(things)
    context = {
        "subject": subject,
        "greeting": f"{subject}.",
        "preheader": "; ".join(line.text for line in shown[:3]),
        "day": rules.local_day(delivery.membership.workspace.time_zone, at),
        "lines": shown,
        "told": f"You heard about {told:,} more in chat today." if told else "",
        "today_url": links.today_url(),
    } | _footer(delivery, to, off_url)
    return Letter(
        to=to,
        subject=(TRIAL if trial else "") + subject,
        # What is rendered counts as safe to be shown in a page, which plain text is not.
        text="".join([render_to_string("notices/digest.txt", context), ""]),
        html=render_to_string("notices/digest.html", context),
        message_id=message_id,
        off_url=off_url,
    )


def _footer(delivery: Delivery, to: str, off_url: str) -> dict[str, object]:
    return {
        "workspace": delivery.membership.workspace.name,
        "hour": delivery.digest_hour,
        "to": to,
        "settings_url": links.notices_url(),
        "off_url": off_url,
    }


def shown_lines(things: Sequence[Thing], counts: Mapping[str, int] | None = None) -> list[Shown]:
    """The lines of a mail about these things; ``counts`` as in ``rules.lines``."""
    return [_shown(line) for line in rules.lines(things, counts)]


def _shown(line: rules.Line) -> Shown:
    thing = line.thing
    if thing is None:
        return Shown(None, line.text, links.group_url(line.kind))
    return Shown(thing, thing.text, links.deal_url(thing.deal))
