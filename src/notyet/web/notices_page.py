"""The page on which a person says how she wants to be reached, and the administrator's of what was sent."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.conf import settings
from django.core.paginator import Page, Paginator

from notyet.core.clock import now
from notyet.core.clock import today as day_in
from notyet.notices import calendar_feed, chat_address, letters, links, queries
from notyet.notices.actions import Choices
from notyet.notices.models import Delivery, Push, PushState
from notyet.winbacks.parting_models import Letter
from notyet.workspaces.access import Actor

A_PAGE = 50
HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


class ChoicesForm(forms.Form):
    """The switches of a person."""

    digest = forms.BooleanField(required=False)
    digest_hour = forms.TypedChoiceField(choices=HOURS, coerce=int)
    chat = forms.BooleanField(required=False)
    chat_address = forms.CharField(required=False, max_length=chat_address.LONGEST)
    forget_address = forms.BooleanField(required=False)

    def choices(self) -> Choices:
        """What the valid form says."""
        return Choices(**self.cleaned_data)


@dataclass(frozen=True)
class Message:
    """A line of what was sent."""

    push: Push
    state: str
    tone: str
    can_be_sent_again: bool


@dataclass(frozen=True)
class Reaching:
    """All that the page shows."""

    delivery: Delivery
    form: ChoicesForm
    sends_mail: bool
    chat_service: str
    chat_problem: str
    calendar_url: str
    calendar_ends: datetime | None
    calendar_over: bool
    preview: queries.Preview
    messages: list[Message]


def reaching(delivery: Delivery, here: str, form: ChoicesForm | None = None) -> Reaching:
    """The page of one person; ``here`` is the address under which she reached it."""
    service, problem = _chat(delivery)
    ends = calendar_feed.ends_at(delivery)
    return Reaching(
        delivery=delivery,
        form=form or ChoicesForm(initial=initial(delivery)),
        sends_mail=settings.NOTYET_SENDS_MAIL,
        chat_service=service,
        chat_problem=problem,
        calendar_url=links.calendar_url(delivery, here) if delivery.calendar else "",
        calendar_ends=ends,
        calendar_over=ends is not None and ends <= now(),
        preview=queries.preview(delivery),
        messages=shown_messages(queries.own_messages(delivery), delivery.membership.workspace.time_zone),
    )


def initial(delivery: Delivery) -> dict[str, object]:
    """The switches as the form's initial values; an address is never shown again."""
    return {"digest": delivery.digest, "digest_hour": delivery.digest_hour, "chat": delivery.chat}


def _chat(delivery: Delivery) -> tuple[str, str]:
    """The service of the address that is kept, and what is wrong with it or with sending there."""
    if not delivery.chat_address:
        return "", delivery.chat_refused
    try:
        found = chat_address.check(chat_address.unseal(delivery.chat_address))
    except chat_address.BadAddress as error:
        return "an address", delivery.chat_refused or str(error)
    return f"{found.name} at {found.host}" if found.host else found.name, delivery.chat_refused


def shown_messages(pushes: list[Push], zone: str) -> list[Message]:
    """Messages as the page lists them."""
    today = day_in(zone)
    unsure = (PushState.UNKNOWN, PushState.FAILED)
    tones = {PushState.SENT: "won", PushState.UNKNOWN: "ask", PushState.FAILED: "lost"}
    return [
        Message(
            push,
            PushState(push.state).label,
            tones.get(PushState(push.state), "unknown"),
            push.state in unsure and push.day == today,
        )
        for push in pushes
    ]


@dataclass(frozen=True)
class Sent:
    """What was and was not sent, a page of it, and how many there are of each state."""

    page: Page[Push]
    messages: list[Message]
    states: list[tuple[str, str, int]]
    state: str
    sends_mail: bool
    letters: list[Letter]
    """Those to buyers that were not sent or may not have been."""


def sent(actor: Actor, state: str, number: str) -> Sent:
    """The administrator's page."""
    chosen = state if state in PushState.values else ""
    counts = queries.counts(actor)
    page = Paginator(queries.sent(actor, chosen), A_PAGE).get_page(number)
    return Sent(
        page=page,
        messages=shown_messages(list(page.object_list), actor.workspace.time_zone),
        states=[(value, label, counts[value]) for value, label in PushState.choices if counts.get(value)],
        state=chosen,
        sends_mail=settings.NOTYET_SENDS_MAIL,
        letters=list(letters.doubtful(actor)[:A_PAGE]),
    )
