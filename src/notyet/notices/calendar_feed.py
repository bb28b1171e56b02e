"""A person's calendar: what she promised and what is to be done, as iCalendar (RFC 5545, RFC 7986).

The text is the same as long as what it says is: an event's moment and number come from ``CalendarEntry``, which is
written only where something changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from django.db import transaction
from icalendar import Calendar, Event

from notyet.core.clock import now
from notyet.notices import links, things
from notyet.notices.models import CalendarEntry, Delivery
from notyet.notices.rules import KINDS
from notyet.notices.things import Thing

VALID_FOR = timedelta(days=365)
SHOWN_AHEAD = timedelta(days=400)
AGAIN_AFTER = timedelta(hours=1)
LASTING = timedelta(minutes=30)
_A_YEAR = timedelta(days=366)
"""So much before and after what is shown the zone's changes of the clock are told."""


@dataclass(frozen=True)
class Feed:
    """The calendar as it is sent, and a name for exactly this text."""

    body: bytes
    etag: str
    changed_at: datetime | None


def ends_at(delivery: Delivery) -> datetime | None:
    """When the address stops working; ``None`` where there is none."""
    return delivery.calendar_issued_at + VALID_FOR if delivery.calendar_issued_at else None


def is_open(delivery: Delivery, generation: int) -> bool:
    """Whether an address of this generation still leads to the calendar."""
    ends = ends_at(delivery)
    return delivery.calendar and generation == delivery.calendar_generation and ends is not None and now() < ends


def feed(delivery: Delivery) -> Feed:
    """The calendar of a person, in the scope of her workspace."""
    member = delivery.membership
    at = now()
    things.up_to_date(member.workspace)
    shown = [one for one in things.ahead(member, at + SHOWN_AHEAD) if one.due_at is not None]
    entries = _entries(delivery, shown, at)
    zone = ZoneInfo(member.workspace.time_zone)
    calendar = _calendar(f"NotYet: {member.workspace.name}", member.workspace.time_zone)
    for one in sorted(shown, key=lambda one: one.key):
        calendar.add_component(_event(one, entries[one.key], zone))
    days = [one.due_at.astimezone(zone).date() for one in shown if one.due_at]
    calendar.add_missing_timezones(min(days, default=at.date()) - _A_YEAR, max(days, default=at.date()) + _A_YEAR)
    body = calendar.to_ical()
    changed = max((entries[one.key].changed_at for one in shown), default=None)
    return Feed(body, f'"{sha256(body).hexdigest()[:32]}"', changed)


def _calendar(name: str, zone: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//NotYet//What is due//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", zone)
    calendar.add("refresh-interval", AGAIN_AFTER, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    return calendar


def _event(one: Thing, entry: CalendarEntry, zone: ZoneInfo) -> Event:
    if one.due_at is None:
        raise ValueError(f"{one.key} is not due at any time")
    event = Event()
    event.add("uid", f"{one.key}@{links.host()}")
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    event.add("sequence", entry.sequence)
    event.add("summary", one.text)
    event.add("description", f"{KINDS.get(one.kind, 'Due')}\n{links.deal_url(one.deal)}")
    event.add("url", links.deal_url(one.deal))
    event.add("categories", [KINDS.get(one.kind, "Due")])
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    there = one.due_at.astimezone(zone)
    event.add("dtstart", there.date() if one.plain else there)
    event.add("dtend", there.date() + timedelta(days=1) if one.plain else there + LASTING)
    return event


def _entries(delivery: Delivery, shown: Sequence[Thing], at: datetime) -> dict[str, CalendarEntry]:
    """What is known of each thing shown; new ones are added, changed ones numbered on, those gone marked."""
    at = at.replace(microsecond=0)
    known = {one.thing: one for one in CalendarEntry.objects.filter(membership=delivery.membership_id)}
    new, changed = [], []
    contents = {one.key: _content(one) for one in shown}
    for key, content in contents.items():
        entry = known.get(key)
        if entry is None:
            known[key] = _entry(delivery, key, content, at)
            new.append(known[key])
        elif entry.content != content:
            entry.content, entry.sequence, entry.changed_at = content, entry.sequence + 1, at
            changed.append(entry)
    for key, entry in known.items():
        if key not in contents and entry.content:
            entry.content, entry.changed_at = "", at
            changed.append(entry)
    if new or changed:
        with transaction.atomic():
            CalendarEntry.objects.bulk_create(new, batch_size=1_000, ignore_conflicts=True)
            CalendarEntry.objects.bulk_update(changed, ["content", "sequence", "changed_at"], batch_size=500)
    return known


def _entry(delivery: Delivery, key: str, content: str, at: datetime) -> CalendarEntry:
    return CalendarEntry(
        workspace_id=delivery.workspace_id,
        membership_id=delivery.membership_id,
        thing=key,
        content=content,
        changed_at=at,
    )


def _content(one: Thing) -> str:
    # Not the detail: it counts days, and the calendar would change with every one of them.
    said = (one.kind, str(one.deal), one.text, one.due_at.isoformat() if one.due_at else "", str(one.plain))
    return sha256("\0".join(said).encode()).hexdigest()
