"""What a message or a calendar may be about, as the room ``today`` says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from notyet.workspaces.models import Membership


@dataclass(frozen=True)
class Thing:
    """Something that is due: ``key`` names it for ever, whatever becomes of its text or its time."""

    key: str
    kind: str
    deal: int
    buyer: str
    text: str
    detail: str
    due_at: datetime | None
    plain: bool = False
    """``due_at`` means its day."""
    came_up: datetime | None = None
    """From when on it asks for something: the call was missed, the promise was not kept."""


def pushable(membership: Membership, at: datetime) -> Sequence[Thing]:
    """What a message to this person may carry now, in the order of her list."""
    return ()


def ahead(membership: Membership, at: datetime, until: datetime) -> Sequence[Thing]:
    """What her calendar shows: what is due and not settled, and what falls due before ``until``."""
    return ()
