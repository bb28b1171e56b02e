"""A seller's week in a browser, day by day on a moved clock, up to a holiday: what nags, and what ends it."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from playwright.sync_api import BrowserContext, Locator, Page, expect
from typer.testing import CliRunner

from notyet.cli.main import app
from notyet.deals.models import Account, DataSource, Deal, Promise
from notyet.deals.talk import Talk
from notyet.deals.talk_actions import add_conversation, make_promise
from notyet.history.upkeep import bring_up_to_date
from notyet.notices import tick
from notyet.process.models import Stage
from notyet.today.models import Snooze
from notyet.today.upkeep import refresh
from notyet.workspaces.access import operator
from notyet.workspaces.actions import add_person, create_workspace
from notyet.workspaces.models import Role, Workspace
from notyet.workspaces.scope import within
from tests.journeys.people import PASSWORD, sign_in
from tests.journeys.test_accessible import DESKTOP, PHONE, wrong
from tests.notices.post import Post, post

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings
    from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.browser

BERLIN = ZoneInfo("Europe/Berlin")
MARA = "Mara Lind"
Clock = Callable[[str], datetime]
Day = Callable[..., None]


def local(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


@pytest.fixture
def berlin(transactional_db: None, clock: Clock) -> Iterator[Workspace]:
    """A workspace in Germany on the Monday before Easter, where won deals leave Discovery within eight days."""
    clock(local(3, 30).isoformat())
    made = create_workspace("Acme")
    made.time_zone, made.country = "Europe/Berlin", "DE"
    made.save()
    with within(made):
        add_person(operator(made), "seller@example.org", Role.SELLER, PASSWORD, seller_name=MARA)
        _won(made)
        bring_up_to_date(made)
        yield made


def _won(workspace: Workspace) -> None:
    source = DataSource.objects.create(workspace=workspace, key="crm", name="CRM")
    for place, (label, kind) in enumerate((("Discovery", "discovery"), ("Proposal", "proposal"))):
        Stage.objects.create(workspace=workspace, label=label, kind=kind, position=place)
    for n in range(7):
        opened = local(1, 5) + timedelta(days=n)
        deal = _deal(workspace, source, f"Won {n}", opened=opened, outcome="won", closed_at=opened + timedelta(days=20))
        for label, days in (("Discovery", 0), ("Proposal", 8)):
            deal.stage_changes.create(workspace=workspace, stage=label, entered_at=opened + timedelta(days=days))


def _deal(workspace: Workspace, source: DataSource, buyer: str, *, opened: datetime, **more: Any) -> Deal:
    account = Account.objects.create(workspace=workspace, name=buyer)
    values = {"outcome": "open", "owner": MARA, "amount": 20_000, "currency": workspace.currency, **more}
    made: Deal = Deal.objects.create(
        workspace=workspace, data_source=source, deal_id=buyer, account=account, opened_at=opened, **values
    )
    made.next_steps.create(workspace=workspace, text="Quarter's review", due_at=local(6, 30))
    return made


@pytest.fixture
def helvia(berlin: Workspace) -> Deal:
    return _deal(berlin, DataSource.objects.get(), "Helvia AG", opened=local(3, 27))


@pytest.fixture
def fjord(berlin: Workspace) -> Deal:
    """Entered Discovery on the Friday before: 1.5 times eight days later it has stood still too long."""
    deal = _deal(berlin, DataSource.objects.get(), "Fjord Foods", opened=local(3, 20), amount=5_000)
    deal.stage_changes.create(workspace=berlin, stage="Discovery", entered_at=local(3, 20))
    return deal


@pytest.fixture
def mailbox(settings: "Settings", live_server: "LiveServer") -> Iterator[Post]:
    """A real mail server that keeps what it takes; its mails lead to the served pages."""
    with post() as office:
        settings.NOTYET_SENDS_MAIL, settings.NOTYET_URL = True, live_server.url
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", office.port, 10
        settings.DEFAULT_FROM_EMAIL = "NotYet <notyet@example.org>"
        yield office


@pytest.fixture
def page(context: BrowserContext, live_server: "LiveServer", berlin: Workspace) -> Page:
    opened = context.new_page()
    opened.goto(f"{live_server.url}/today/")
    sign_in(opened, "seller")
    _at_rest(opened)
    return opened


@pytest.fixture
def on(clock: Clock, page: Page, live_server: "LiveServer") -> Day:
    """``on(3, 31, 8)`` is that morning, with the list before her."""

    def go(*when: int) -> None:
        clock(local(*when).isoformat())
        page.goto(f"{live_server.url}/today/")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Mara")
        _at_rest(page)

    return go


def _at_rest(page: Page) -> None:
    """Wait for what the page fetches by itself: the server shares its database with the test."""
    expect(page.get_by_role("link", name="See the pipeline", exact=True)).to_be_visible()


def due(page: Page, text: str = "") -> Locator:
    """The lines of the list, which is not what comes up."""
    return page.get_by_label("Due").get_by_role("listitem").filter(has_text=text)


def nothing_waits(page: Page) -> None:
    expect(page.get_by_text("Nothing is waiting.").first).to_be_visible()


def promise(page: Page, deal: Deal, text: str, day: str) -> None:
    """Promise something on the deal's page."""
    page.goto(f"{page.url.partition('/today/')[0]}/deals/{deal.pk}/")
    page.get_by_role("link", name="Promise something", exact=True).click()
    page.get_by_label("What was promised", exact=True).fill(text)
    page.locator("form", has=page.get_by_role("button", name="Promise it", exact=True)).get_by_label(
        "or on", exact=True
    ).fill(day)
    page.get_by_role("button", name="Promise it", exact=True).click()
    expect(page.locator("#said")).to_contain_text("Promised")


def listed() -> list[str]:
    """What the command lists."""
    told = CliRunner().invoke(app, ["today", "--person", "seller@example.org", "--format", "json"])
    assert told.exit_code == 0, told.output
    return [entry["text"] for entry in json.loads(told.stdout)]


def mailed(mailbox: Post) -> list[EmailMessage]:
    """What the worker sends when it looks now; it is looked at once only."""
    tick.tick("worker")
    taken, mailbox.taken = mailbox.taken, []
    return taken


def text_of(mail: EmailMessage) -> str:
    """A mail's plain part."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def promised_in(page: Page, calendar: str) -> dict[str, date]:
    """The promises that a calendar program finds there, with their days."""
    fed = page.request.get(calendar)
    assert fed.ok
    events = {str(one["SUMMARY"]): one.decoded("DTSTART") for one in Calendar.from_ical(fed.body()).walk("VEVENT")}
    return {text: day for text, day in events.items() if text.startswith("You promised")}


def reach(page: Page) -> str:
    """Switch the mail on and open a calendar; the calendar's address."""
    page.goto(f"{page.url.partition('/today/')[0]}/notices/")
    page.get_by_label("Send me what is due, to seller@example.org", exact=True).check()
    page.get_by_label("On working days from", exact=True).select_option("08:00")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    page.get_by_role("button", name="Open a calendar", exact=True).click()
    address = page.get_by_label("Its private address", exact=True)
    expect(address).to_be_visible()
    return address.input_value()


def test_a_promise_nags_on_its_day_in_the_list_the_mail_and_the_calendar_until_it_is_kept(
    page: Page, on: Day, helvia: Deal, mailbox: Post
) -> None:
    told = "You promised Helvia AG the security sheet"
    on(3, 30, 9)
    calendar = reach(page)
    assert promised_in(page, calendar) == {}
    on(3, 30, 9)
    promise(page, helvia, "the security sheet", "2026-04-01")
    on(3, 31, 9)
    nothing_waits(page)
    expect(page.locator("section", has_text="Coming up").first).to_contain_text(told)
    assert (listed(), mailed(mailbox)) == ([], [])
    assert promised_in(page, calendar) == {told: date(2026, 4, 1)}
    on(4, 1, 8, 30)
    expect(due(page)).to_have_count(1)
    expect(due(page)).to_contain_text(told)
    assert listed() == [told]
    [mail] = mailed(mailbox)
    assert (mail["To"], mail["Subject"]) == ("seller@example.org", "1 thing keeps your word today")
    assert told in text_of(mail)
    assert mailed(mailbox) == []
    assert promised_in(page, calendar) == {told: date(2026, 4, 1)}
    page.goto(next(line.strip() for line in text_of(mail).splitlines() if f"/deals/{helvia.pk}/" in line))
    page.get_by_role("checkbox", name="the security sheet", exact=True).click()
    expect(page.locator("#said")).to_contain_text("Promise kept.")
    on(4, 1, 9)
    nothing_waits(page)
    assert (listed(), promised_in(page, calendar)) == ([], {})
    on(4, 2, 8, 30)
    nothing_waits(page)
    assert (listed(), mailed(mailbox), promised_in(page, calendar)) == ([], [], {})


def test_a_promise_is_kept_from_the_list_and_that_is_taken_back(page: Page, on: Day, helvia: Deal) -> None:
    make_promise(operator(helvia.workspace), helvia.pk, "the security sheet", date(2026, 4, 1))
    on(4, 1, 8)
    expect(due(page)).to_contain_text("today")
    badge = page.get_by_role("link", name="Today").locator(".count")
    expect(badge).to_contain_text("1")
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert wrong(page) == []
    due(page).get_by_role("button", name="Mark as kept").click()
    nothing_waits(page)
    expect(badge).to_have_count(0)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(due(page)).to_contain_text("the security sheet")
    due(page).get_by_role("button", name="Mark as kept").click()
    nothing_waits(page)
    _at_rest(page)
    assert Promise.objects.get().kept_at == local(4, 1, 8)


def test_a_holiday_moves_a_promise_to_the_working_day_before_and_holds_the_mail(
    page: Page, on: Day, helvia: Deal, mailbox: Post
) -> None:
    """Neither Easter Monday, when it is due, nor Good Friday is a day to keep a promise on."""
    told = "You promised Helvia AG the price"
    on(3, 30, 9)
    calendar = reach(page)
    on(3, 30, 9)
    promise(page, helvia, "the price", "2026-04-06")
    on(4, 1, 9)
    nothing_waits(page)
    on(4, 2, 9)
    expect(due(page)).to_contain_text(told)
    expect(due(page)).to_contain_text("Mon")
    assert listed() == [told]
    assert [told in text_of(mail) for mail in mailed(mailbox)] == [True]
    on(4, 3, 9)
    assert mailed(mailbox) == []
    on(4, 6, 9)
    assert mailed(mailbox) == []
    assert promised_in(page, calendar) == {told: date(2026, 4, 6)}
    on(4, 7, 9)
    expect(due(page)).to_contain_text("1 day late")
    assert [told in text_of(mail) for mail in mailed(mailbox)] == [True]


def test_a_missed_call_is_answered(page: Page, on: Day, helvia: Deal, berlin: Workspace, clock: Clock) -> None:
    clock(local(4, 2, 15, 30).isoformat())
    rang = Talk(at=local(4, 2, 15, 12), channel="call", direction="in", missed=True, contact="Ana Roth")
    add_conversation(operator(berlin), helvia.pk, rang)
    on(4, 2, 15, 31)
    expect(due(page)).to_contain_text("Call Helvia AG back: Ana Roth rang at 15:12 and nobody answered")
    # Four working hours, with the holidays from Friday to Monday left out.
    expect(due(page)).to_contain_text("Tue")
    on(4, 7, 11, 30)
    expect(due(page).locator(".late")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.get_by_placeholder("What was said, in a line")).to_be_focused()
    page.keyboard.type("They want the sheet by Friday")
    page.keyboard.press("Enter")
    nothing_waits(page)
    talk = helvia.conversations.get(direction="out")
    assert (talk.summary, talk.channel, talk.at) == ("They want the sheet by Friday", "call", local(4, 7, 11, 30))


def test_a_stalled_deal_shows_with_the_clock_that_passed_first(
    page: Page, on: Day, fjord: Deal, berlin: Workspace
) -> None:
    refresh(berlin)
    on(3, 31, 9)
    nothing_waits(page)
    on(4, 1, 12)
    expect(due(page)).to_contain_text("Fjord Foods: in this stage 12 days; won deals leave it in 8 days (median)")
    due(page).get_by_text("Plan what is next").click()
    page.get_by_placeholder("What you will do next").fill("Ask who else decides")
    page.get_by_text("Wed 8 Apr").click()
    page.get_by_role("button", name="Plan it").click()
    nothing_waits(page)
    on(4, 8, 9)
    expect(due(page, "Next step with Fjord Foods: Ask who else decides")).to_have_count(1)
    expect(due(page, "in this stage 19 days")).to_have_count(1)


def test_by_keyboard_alone_something_is_put_off_for_a_reason(page: Page, on: Day, helvia: Deal, fjord: Deal) -> None:
    for deal, text in ((helvia, "the sheet"), (fjord, "the price")):
        make_promise(operator(deal.workspace), deal.pk, text, local(4, 1, 15))
    on(4, 1, 9)
    expect(due(page)).to_have_count(2)
    page.keyboard.press("j")
    expect(due(page).first.get_by_role("link")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("z")
    page.keyboard.type("Ines is away")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Put off until Thursday, 2 April: Ines is away")).to_be_visible()
    expect(due(page)).to_have_count(1)
    assert (Snooze.objects.get().deal_id, Snooze.objects.get().until) == (fjord.pk, local(4, 2, 0))
    page.get_by_role("button", name="Undo").click()
    expect(due(page)).to_have_count(2)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{page.url.partition('/today')[0].partition('/deals')[0]}/deals/{helvia.pk}/")


def test_many_of_a_kind_open_where_they_stand(page: Page, on: Day, helvia: Deal, berlin: Workspace) -> None:
    for n in range(9):
        _deal(berlin, helvia.data_source, f"Buyer {n}", opened=local(3, 27), amount=1_000 + n).next_steps.all().delete()
    refresh(berlin)
    on(3, 30, 9)
    expect(due(page)).to_have_count(1)
    page.get_by_role("link", name="9 deals have no dated next step").click()
    expect(due(page)).to_have_count(9)
    expect(due(page).first).to_contain_text("Buyer 8 has no dated next step")
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert wrong(page) == []
    due(page).first.get_by_text("Plan next step").click()
    page.get_by_placeholder("What you will do next").first.fill("Call them")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="8 deals have no dated next step")).to_be_visible()
