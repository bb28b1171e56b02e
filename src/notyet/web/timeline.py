"""What happened in a deal: its stages, talks and promises as one list, the newest first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from notyet.deals.models import Conversation, Direction, NextStep, Promise, StageChange
from notyet.debriefs.models import Debrief
from notyet.feedback.models import BuyerAnswer
from notyet.web import moments
from notyet.web.moments import Moment
from notyet.winbacks.models import WinBack

LATE_AFTER = timedelta(hours=24)
_CHANNEL_ICONS = {
    "call": "phone",
    "email": "mail",
    "meeting": "users",
    "message": "message",
    "note": "note",
    "": "message",
}
_SIDES = {"in": " from ", "out": " to "}


@dataclass(frozen=True)
class Event:
    """One thing that happened. ``late`` marks what the buyer had to wait or ask for.

    ``table`` and ``row`` name what of the record it tells, where that can be changed; ``edit`` the edit it tells of,
    where that can be undone.
    """

    when: Moment
    icon: str
    title: str
    detail: str = ""
    late: bool = False
    table: str = ""
    row: int = 0
    edit: int = 0

    @property
    def id(self) -> str:
        """Its element's id, empty where it has none."""
        return f"{self.table}-{self.row}" if self.table else ""


def talks(conversations: Iterable[Conversation], closed_at: datetime | None) -> Iterator[Event]:
    """Conversations; of those that the buyer began, how long our answer took."""
    ordered = sorted(conversations, key=lambda one: (one.at, one.pk))
    ours = [one.at for one in ordered if one.direction == Direction.OUT and not one.missed and one.channel != "note"]
    for talk in ordered:
        when = moments.of(talk, "conversations", "at")
        if when is None:
            continue
        answer, late = _answer(talk, when, ours, closed_at)
        detail = "\n".join(part for part in (answer, talk.summary) if part)
        icon = "phone-x" if talk.missed else _CHANNEL_ICONS[talk.channel]
        yield Event(when, icon, talk_title(talk), detail, late, "conversations", talk.pk)


def talk_title(talk: Conversation) -> str:
    """What a conversation was: ``Missed call from Tom Corwin``."""
    name = "Missed call" if talk.missed else talk.get_channel_display() or "Conversation"
    person = talk.contact or ("the buyer" if talk.direction else "")
    side = " with " if talk.channel == "meeting" else _SIDES.get(talk.direction, " with ")
    minutes = f", {talk.minutes:g} min" if talk.minutes else ""
    return name + (side + person if person and talk.channel != "note" else "") + minutes


def _answer(talk: Conversation, when: Moment, ours: list[datetime], closed_at: datetime | None) -> tuple[str, bool]:
    spoken = talk.channel in ("call", "meeting", "note") and not talk.missed
    if talk.direction != Direction.IN or spoken or when.plain:
        return "", False
    back = next((at for at in ours if at > talk.at), None)
    if back is None:
        nobody = bool(talk.missed) and (closed_at is None or closed_at > talk.at)
        said = "Nobody rang back" if closed_at else "Nobody has rung back yet"
        return (said, True) if nobody else ("", False)
    waited = back - talk.at
    word = "Rang back" if talk.missed else "Answered"
    return f"{word} after {moments.lasting(waited.total_seconds() / 3600)}", waited > LATE_AFTER


def stages(changes: Iterable[StageChange]) -> Iterator[Event]:
    """Entries of a stage."""
    for change in changes:
        when = moments.of(change, "stage_changes", "entered_at")
        if when:
            yield Event(when, "flag", change.stage, "Stage entered", table="stage_changes", row=change.pk)


def promises(made: Iterable[Promise]) -> Iterator[Event]:
    """Promises given, and kept or not by their day."""
    for promise in made:
        given, due, kept = (moments.of(promise, "promises", name) for name in ("made_at", "due_at", "kept_at"))
        text = promise.text or "Promise"
        if given:
            detail = f"Due {due}" if due else ""
            yield Event(given, "calendar", f"Promised: {text}", detail, table="promises", row=promise.pk)
        if kept:
            yield Event(kept, "check", f"Kept: {text}", "", is_late(promise))


def is_late(promise: Promise) -> bool:
    """Whether a promise was kept after its day; a plain date is kept until that day ends."""
    due, kept = moments.of(promise, "promises", "due_at"), moments.of(promise, "promises", "kept_at")
    if due is None or kept is None:
        return False
    return timezone.localdate(kept.at) > timezone.localdate(due.at) if due.plain or kept.plain else kept.at > due.at


def steps(rows: Iterable[NextStep]) -> Iterator[Event]:
    """Next steps that were done."""
    for row in rows:
        when = moments.of(row, "next_steps", "done_at")
        if when:
            yield Event(when, "check", f"Done: {row.text or 'next step'}")


def afterwards(
    debriefs: Iterable[Debrief], answers: Iterable[BuyerAnswer], win_backs: Iterable[WinBack]
) -> Iterator[Event]:
    """What followed the close. Whether a buyer answered is told only where the answer is signed."""
    for debrief in debriefs:
        when = moments.of(debrief, "debriefs", "at")
        if when:
            yield Event(when, "list-check", "Debrief", debrief.deciding_reason)
    for answer in answers:
        invited = moments.of(answer, "buyer_answers", "invited_at")
        if invited:
            yield Event(invited, "mail", "Buyer invited to say why")
        answered = moments.of(answer, "buyer_answers", "answered_at")
        if answered and answer.signed:
            detail = "\n".join(part for part in (answer.deciding_reason, answer.text) if part)
            yield Event(answered, "message", "The buyer answered, and signed it", detail)
    for win_back in win_backs:
        asked = moments.of(win_back, "win_backs", "asked_at")
        if asked:
            result = win_back.get_result_display() if win_back.result else ""
            yield Event(asked, "arrow-back-up", "Asked again", " · ".join(t for t in (win_back.offer, result) if t))


def newest_first(*groups: Iterable[Event]) -> list[Event]:
    """All events, the newest first; what came as a plain date stands after the times of that day."""
    events = [event for group in groups for event in group]
    return sorted(events, key=lambda event: event.when.at, reverse=True)
