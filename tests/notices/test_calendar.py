"""The calendar feed, read by a calendar library, and the address that leads to it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from icalendar import Calendar

from notyet.notices import calendar_feed, links
from notyet.notices.actions import close_calendar, open_calendar
from notyet.notices.models import CalendarEntry
from notyet.workspaces.models import Membership, Workspace

if TYPE_CHECKING:
    from notyet.deals.models import Deal
    from notyet.workspaces.access import Actor

Clock = Callable[[str], datetime]
Make = Callable[..., Any]


def events(body: bytes) -> dict[str, Any]:
    """The events by what they are called."""
    return {str(event["SUMMARY"]): event for event in Calendar.from_ical(body).walk("VEVENT")}


@pytest.fixture
def address(as_mara: "Actor") -> str:
    """Where Mara's calendar is."""
    return f"/calendar/{links.calendar_token(open_calendar(as_mara))}.ics"


@pytest.fixture
def berlin(workspace: Workspace) -> Workspace:
    """The workspace in a zone that has a summer."""
    workspace.time_zone = "Europe/Berlin"
    workspace.save()
    return workspace


def test_days_are_days_and_times_have_their_zone(berlin: Workspace, owe: Make, address: str, client: Client) -> None:
    """A promise for a day is there all day; one for a moment begins then, by the clock of the workspace."""
    owe("the offer", "2026-03-04T23:00:00+00:00")
    plain = owe("the plan", "2026-03-05T23:00:00+00:00")
    plain.plain_dates = 0b111
    plain.save()
    from notyet.deals.touching import touch

    touch(berlin, [plain.deal_id])
    response = client.get(address)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    found = events(response.content)
    timed, whole = found["You promised Helvia AG the offer"], found["You promised Helvia AG the plan"]
    assert timed["DTSTART"].dt == datetime(2026, 3, 5, 0, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert timed["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert (whole["DTSTART"].dt, whole["DTEND"].dt) == (date(2026, 3, 6), date(2026, 3, 7))
    assert whole["DTSTART"].params["VALUE"] == "DATE"
    calendar = Calendar.from_ical(response.content)
    assert {zone["TZID"] for zone in calendar.walk("VTIMEZONE")} == {"Europe/Berlin"}
    assert timed["URL"] == links.deal_url(plain.deal_id)
    assert timed["TRANSP"] == "TRANSPARENT"
    assert not calendar.walk("VALARM")


def test_the_calendar_says_when_to_ask_again(owe: Make, address: str, client: Client) -> None:
    """And its name, as programs look for it."""
    owe("the offer", "2026-03-04")
    calendar = Calendar.from_ical(client.get(address).content)
    assert calendar["X-PUBLISHED-TTL"] == "PT1H"
    assert calendar["REFRESH-INTERVAL"].dt == timedelta(hours=1)
    assert calendar["X-WR-CALNAME"] == "NotYet: Acme"
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "PUBLISH")
    for event in calendar.walk("VEVENT"):
        assert {"UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "SUMMARY"} <= set(event)


def test_what_is_kept_disappears_and_what_moves_keeps_its_name(
    owe: Make, address: str, client: Client, clock: Clock
) -> None:
    """The same UID with a higher number; after it was taken back too."""
    from notyet.deals.touching import touch

    promise = owe("the offer", "2026-03-04")
    first = events(client.get(address).content)["You promised Helvia AG the offer"]
    assert first["SEQUENCE"] == 0

    def change(moment: str, **fields: Any) -> dict[str, Any]:
        now = clock(moment)
        for name, value in fields.items():
            setattr(promise, name, value)
        promise.save()
        touch(promise.workspace, [promise.deal_id])
        found = events(client.get(address).content)
        event = found.get("You promised Helvia AG the offer")
        if event:
            assert event["UID"] == first["UID"]
            assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == now.replace(microsecond=0)
        return found

    due = datetime.fromisoformat("2026-03-06T00:00:00+00:00")
    moved = change("2026-03-02T09:00:00+00:00", due_at=due)["You promised Helvia AG the offer"]
    assert (moved["SEQUENCE"], moved["DTSTART"].dt) == (1, date(2026, 3, 6))
    kept = change("2026-03-02T10:00:00+00:00", kept_at=due)
    assert "You promised Helvia AG the offer" not in kept
    assert change("2026-03-02T11:00:00+00:00", kept_at=None)["You promised Helvia AG the offer"]["SEQUENCE"] == 2


def test_the_same_is_not_sent_twice(owe: Make, address: str, client: Client, clock: Clock) -> None:
    """While nothing changes the text is the same to the byte, whatever the day; a change ends that."""
    owe("the offer", "2026-03-04")
    first = client.get(address)
    clock("2026-03-09T08:30:00+00:00")
    assert client.get(address).content == first.content
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    owe("the plan", "2026-03-12")
    changed = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_looking_at_it_writes_nothing_new(
    owe: Make, address: str, client: Client, django_assert_max_num_queries: Any
) -> None:
    """What was said once is known."""
    owe("the offer", "2026-03-04")
    client.get(address)
    with django_assert_max_num_queries(25) as queries:
        client.get(address)
    assert not [one["sql"] for one in queries if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


NASTY = 'Größe; A,B\\C\n"quoted" 😀 ' + "long " * 60 + "END:VEVENT"


def test_whatever_the_words_it_can_be_read(owe: Make, address: str, client: Client) -> None:
    """Semicolons, commas, backslashes, lines, long words: folded and escaped, none over 75 bytes."""
    owe(NASTY, "2026-03-04")
    body = client.get(address).content
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    assert b"\n" not in body.replace(b"\r\n", b"")
    [event] = [one for name, one in events(body).items() if "Größe" in name]
    assert str(event["SUMMARY"]) == f"You promised Helvia AG: {' '.join(NASTY.split())}"


def test_only_her_own(owe: Make, deal: "Deal", address: str, client: Client) -> None:
    """Another's deal is in another's calendar."""
    from notyet.deals.touching import touch

    owe("the offer", "2026-03-04")
    deal.owner = "Jo Hart"
    deal.save()
    touch(deal.workspace, [deal.pk])
    assert events(client.get(address).content) == {}


def test_a_new_address_ends_the_old_one(address: str, client: Client, as_mara: "Actor") -> None:
    """And a closed calendar has none."""
    assert client.get(address).status_code == 200
    new = f"/calendar/{links.calendar_token(open_calendar(as_mara))}.ics"
    assert new != address
    assert (client.get(address).status_code, client.get(new).status_code) == (404, 200)
    close_calendar(as_mara)
    assert client.get(new).status_code == 404
    opened = f"/calendar/{links.calendar_token(open_calendar(as_mara))}.ics"
    assert (client.get(new).status_code, client.get(opened).status_code) == (404, 200)


def test_an_address_ends_after_a_year(address: str, client: Client, clock: Clock) -> None:
    """To the second."""
    clock("2027-03-02T08:29:59+00:00")
    assert client.get(address).status_code == 200
    clock("2027-03-02T08:30:00+00:00")
    assert client.get(address).status_code == 404


def test_every_wrong_address_is_nowhere_alike(
    address: str, client: Client, as_mara: "Actor", mara: Membership, workspace: Workspace
) -> None:
    """Guessed, cut, of another purpose, of somebody who left or may not: nothing tells one from another."""
    token = address.removeprefix("/calendar/").removesuffix(".ics")
    off = links.off_token(open_calendar(as_mara))
    pages = {client.get(f"/calendar/{one}.ics").content for one in ("guess", token[:-1], token[1:], off, "~", "a~b")}
    assert len(pages) == 1
    current = f"/calendar/{links.calendar_token(mara.delivery)}.ics"
    mara.delivery.refresh_from_db()
    mara.role = "support"
    mara.save()
    assert client.get(f"/calendar/{links.calendar_token(mara.delivery)}.ics").status_code == 404
    mara.role = "seller"
    mara.save()
    mara.user.is_active = False
    mara.user.save()
    assert client.get(f"/calendar/{links.calendar_token(mara.delivery)}.ics").status_code == 404
    assert current


def test_entries_of_a_year_are_shown(owe: Make, as_mara: "Actor", clock: Clock) -> None:
    """Overdue ones stay on their day, far ones are not there yet."""
    for due in ("2025-01-06", "2026-03-04", "2027-02-01", "2028-01-01"):
        owe(f"due {due}", due)
    found = events(calendar_feed.feed(open_calendar(as_mara)).body)
    assert sorted(name[-10:] for name in found if "due" in name) == ["2025-01-06", "2026-03-04", "2027-02-01"]
    assert CalendarEntry.objects.count() == len(found)
