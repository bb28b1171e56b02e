"""The form that closes a deal, or several at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from notyet.core.clock import today
from notyet.core.texts import looked_for
from notyet.deals.closing import LONGEST_NAME, ORDERED, Ending
from notyet.deals.models import Deal, Outcome
from notyet.deals.queries import visible_deals
from notyet.debriefs.models import Control, LossReason
from notyet.debriefs.reasons import DEFAULT_REASONS
from notyet.web.deal_forms import PageForm
from notyet.winbacks.parting_models import StayInTouch
from notyet.winbacks.partings import Farewell
from notyet.workspaces.access import Actor

ENDINGS = (
    (str(Outcome.LOST), "Lost", "They chose somebody else"),
    (str(Outcome.NO_DECISION), "No decision", "They chose nobody"),
    (str(Outcome.DISQUALIFIED), "Not for us", "There was never a deal to win"),
    (ORDERED, "Ordered", "It counts as won once it is paid"),
)
MOST_AT_ONCE = 100


@dataclass(frozen=True)
class ReasonGroup:
    """The reasons of one control, by their labels."""

    control: str
    label: str
    reasons: tuple[str, ...]


def reason_groups() -> tuple[ReasonGroup, ...]:
    """The reasons to choose from, of the workspace in scope: ours first, *Unknown* last."""
    own = list(LossReason.objects.filter(retired=False).values_list("label", "control"))
    table = own or [(one.label, one.control) for one in DEFAULT_REASONS]
    by_control: dict[str, list[str]] = {str(control): [] for control in Control.values}
    for label, control in table:
        by_control[control].append(label)
    return tuple(
        ReasonGroup(control, str(Control(control).label), tuple(labels))
        for control, labels in by_control.items()
        if labels
    )


CHANNELS = [(str(StayInTouch.OPEN), StayInTouch.OPEN.label)] + [one for one in StayInTouch.choices if one[0]]
"""How to stay in touch: nothing agreed first, since that is what an untouched form says."""


class CloseForm(PageForm):
    """How it ended, what decided it, and what was agreed."""

    name = "close"
    outcome = forms.ChoiceField(
        choices=[(value, label) for value, label, _ in ENDINGS],
        error_messages={"required": "Say how it ended."},
    )
    lost_to = forms.CharField(label="Lost to", max_length=500, required=False)
    reason = forms.CharField(label="What decided it", max_length=500, required=False)
    on = forms.DateField(label="Closed on", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    channel = forms.ChoiceField(label="How to stay in touch", choices=CHANNELS, required=False)
    wish_on = forms.DateField(
        label="They asked to be asked again on", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean(self) -> dict[str, Any]:
        """A loss has a reason, and *Unknown* is one; whoever says never names no day."""
        data = super().clean() or {}
        if data.get("outcome") in (Outcome.LOST, Outcome.NO_DECISION) and not data.get("reason"):
            self.add_error("reason", "Choose what decided it. “Unknown” is an answer too.")
        if data.get("channel") == StayInTouch.NEVER and data.get("wish_on"):
            self.add_error("wish_on", "They asked never to be approached, and also for a day. Which is it?")
        return data

    def ending(self, now_day: date) -> Ending:
        """How the deal ended; today is now."""
        data = self.cleaned_data
        on = data["on"] if data["on"] != now_day else None
        return Ending(data["outcome"], on, data["lost_to"], data["reason"])

    def farewell(self) -> Farewell:
        """What was agreed."""
        return Farewell(self.cleaned_data["channel"], self.cleaned_data["wish_on"])


def begun(actor: Actor, deal: Deal | None, asked: str = "") -> CloseForm:
    """The form as it opens: closed today, the competitor of the deal as whom it was lost to."""
    initial = {
        "channel": "",
        "on": today(actor.workspace.time_zone),
        "outcome": asked,
        "lost_to": deal.competitor if deal else "",
    }
    return CloseForm(initial=initial)


def open_ones(actor: Actor, keys: Iterable[str]) -> Sequence[Deal]:
    """The open deals with these keys that the actor sees, at most a hundred."""
    wanted = [int(key) for key in keys if key.isdecimal() and len(key) < 18][:MOST_AT_ONCE]
    found = visible_deals(actor).filter(pk__in=wanted, outcome=Outcome.OPEN).select_related("account")
    return list(found.order_by("opened_at", "pk"))


def stalest(actor: Actor, where: Mapping[str, str]) -> Sequence[Deal]:
    """Open deals to choose from, those opened longest ago first; narrowed to an owner or a text of their name."""
    found = visible_deals(actor).filter(outcome=Outcome.OPEN).select_related("account")
    owner, text = (looked_for(where.get(name, ""), LONGEST_NAME) for name in ("owner", "q"))
    if owner:
        found = found.filter(owner=owner)
    if text:
        found = found.filter(name__icontains=text) | found.filter(account__name__icontains=text)
    return list(found.order_by("opened_at", "pk")[:MOST_AT_ONCE])
