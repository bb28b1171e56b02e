"""What to bring when asking again, by the reason of the loss: the workspace's own table, or the usual one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from notyet.core.texts import NotAText, one_line
from notyet.winbacks.parting_models import Offer
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.audit import note
from notyet.workspaces.scope import within

MOST = 100
LONGEST = 300


class BadOffer(ValueError):
    """The table cannot be saved as it stands; the text says why."""


@dataclass(frozen=True)
class Bring:
    """Something to bring, for losses of a reason (empty: of any)."""

    reason: str
    text: str


USUAL = (
    Bring("Missing feature", "Show what has shipped since"),
    Bring("Integration missing", "Show the integration, with somebody who runs it"),
    Bring("Price above value", "A smaller start, priced for it"),
    Bring("Slow follow-up", "A named contact, and a reply within the day, promised in writing"),
    Bring("Promise broken", "Say what went wrong then, and what has changed"),
    Bring("Need not uncovered", "An hour on their need alone, with no offer"),
    Bring("Competitor offer", "Ask how it went with the other one, and listen"),
    Bring("Incumbent kept", "A pilot beside what they have"),
    Bring("Budget frozen", "Figures for the new budget, before it is made"),
    Bring("Bad timing", "Ask whether now is better, no more"),
    Bring("Champion left", "Meet whoever came after"),
    Bring("", "Ask what has changed since"),
)


def table() -> tuple[Bring, ...]:
    """What the workspace in scope brings, by reason."""
    own = tuple(Bring(one.reason, one.text) for one in Offer.objects.filter(retired=False))
    return own or USUAL


def for_reason(label: str) -> tuple[str, ...]:
    """What to bring for a loss: what is meant for its reason, then what is meant for any."""
    known = table()
    own = [one.text for one in known if one.reason == label and label]
    return (*own, *(one.text for one in known if not one.reason))


@transaction.atomic
def save_table(actor: Actor, wanted: Sequence[Bring]) -> int:
    """Keep the table in this order; returns how many lines. Raises ``Denied`` or ``BadOffer``."""
    actor.require(Permission.EDIT_REASONS)
    try:
        kept = [Bring(one_line(one.reason, 200), one_line(one.text, LONGEST)) for one in wanted if one.text.strip()]
    except NotAText as error:
        raise BadOffer(f"a line cannot be kept: {error}") from error
    if len(kept) > MOST:
        raise BadOffer(f"at most {MOST} lines are kept")
    if len(set(kept)) < len(kept):
        raise BadOffer("two lines are the same")
    with within(actor.workspace):
        Offer.objects.all().delete()
        Offer.objects.bulk_create(
            Offer(workspace=actor.workspace, reason=one.reason, text=one.text, position=place)
            for place, one in enumerate(kept)
        )
        note(actor, "save offers", count=len(kept))
    return len(kept)
