"""From a no to a paid order nine months later, on a phone: closed, debriefed, thanked, asked again, won back."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.journeys.people import PASSWORD, sign_in
from tests.journeys.test_accessible import wrong

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

    from notyet.workspaces.models import Workspace

pytestmark = pytest.mark.browser
Clock = Callable[[str], datetime]
PHONE = {"width": 390, "height": 844}
SECRET = "I could have thrown the telephone"


@pytest.fixture
def office(transactional_db: None, clock: Clock) -> "Iterator[Workspace]":
    """A workspace with one seller and her one deal, on a Monday morning in March."""
    from notyet.deals.actions import create_deal
    from notyet.workspaces.access import actor_of, operator
    from notyet.workspaces.actions import add_person, create_workspace
    from notyet.workspaces.models import Role
    from notyet.workspaces.scope import within

    clock("2026-03-02T09:00:00+00:00")
    made = create_workspace("Acme")
    seller = add_person(operator(made), "seller@example.org", Role.SELLER, PASSWORD, seller_name="Mara Lind")
    with within(made):
        create_deal(
            actor_of(seller),
            {
                "account": "Okapi Logistics",
                "name": "Maintenance audit",
                "amount": "36000",
                "currency": "EUR",
                "contract_term_months": "12",
                "opened_at": "2026-02-01",
            },
        )
        yield made


def test_a_no_becomes_a_date_and_the_date_a_deal(
    context: BrowserContext, live_server: "LiveServer", office: "Workspace", clock: Clock
) -> None:
    """Each step from the screen that the one before leaves; what is parked never leaves the browser."""
    from notyet.history.freeze import refresh

    sent: list[str] = []
    context.on("request", lambda request: sent.append(_told(request)))
    page = context.new_page()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{live_server.url}/")
    sign_in(page, "seller")
    expect(page.get_by_role("button", name="Menu")).to_be_visible()
    page.goto(f"{live_server.url}/deals/")
    page.get_by_role("link", name="Maintenance audit").first.click()
    _close(page)
    _debrief(page)
    assert not [one for one in sent if SECRET[8:20] in one]
    clock("2026-12-02T09:00:00+00:00")
    _ask_again(page, live_server.url)
    _win(page)
    refresh(office)
    page.goto(f"{live_server.url}/win-backs/")
    expect(page.get_by_text("Revenue won back, paid")).to_be_visible()
    expect(
        page.get_by_text("€36,000").or_(page.get_by_text("€36K")).or_(page.get_by_text("€36.0K")).first
    ).to_be_visible()
    assert wrong(page) == []
    page.wait_for_load_state("networkidle")  # nothing reads the database any more when it is emptied
    page.goto("about:blank")


def _told(request: Request) -> str:
    return request.url + (request.post_data_buffer or b"").decode("utf-8", "replace")


def _close(page: Page) -> None:
    page.get_by_role("link", name="Close…").click()
    page.get_by_label("Lost They chose somebody else").check()
    page.get_by_label("To whom?").fill("Northwind")
    page.get_by_label("What decided it?").select_option("Slow follow-up")
    page.get_by_label("How to stay in touch").select_option("By e-mail")
    assert wrong(page) == []
    page.get_by_role("button", name="Close the deal").click()
    expect(page.get_by_role("status").first).to_contain_text("To be asked again on 2 December 2026")


def _debrief(page: Page) -> None:
    page.get_by_role("link", name="Debrief", exact=True).click()
    page.get_by_label("How it feels, for you alone").fill(SECRET)
    expect(page.get_by_text("Kept in this browser only.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("How it feels, for you alone")).to_have_value(SECRET)
    assert wrong(page) == []
    page.get_by_role("link", name="What happened").last.click()
    page.get_by_role("link", name="Why").last.click()
    page.get_by_label("Price above value helped").check()
    page.get_by_label("What would you do the same way again?").fill("The site visit")
    expect(page.locator("#debrief-saved")).to_have_text("Saved")
    page.reload()
    expect(page.get_by_label("What would you do the same way again?")).to_have_value("The site visit")
    expect(page.get_by_label("Price above value helped")).to_be_checked()
    assert wrong(page) == []
    page.get_by_role("button", name="Part as friends").click()
    expect(page.get_by_label("Text")).to_contain_text("in December 2026")
    assert wrong(page) == []
    page.get_by_role("button", name="Copy, and note it as sent").click()
    expect(page.get_by_text("Copied by hand")).to_be_visible()
    page.get_by_role("link", name="What next").last.click()
    page.get_by_label("In a line or two").fill("Ring back the same day")
    expect(page.locator("#debrief-saved")).to_have_text("Saved")
    page.get_by_role("button", name="Finish, and clear the desk").click()
    expect(page.get_by_role("status").first).to_contain_text("The desk is clear.")


def _ask_again(page: Page, url: str) -> None:
    page.goto(f"{url}/today/")
    expect(page.get_by_text("Check-up:").first).to_be_visible()
    page.get_by_role("link", name="Open win-back").first.click()
    expect(page.get_by_role("heading", name="Ask on 2 December 2026")).to_be_visible()
    expect(page.get_by_text("Ring back the same day")).to_be_visible()
    assert wrong(page) == []
    page.get_by_role("button", name="I asked them").click()
    expect(page.get_by_role("heading", name="Asked on 2 December 2026")).to_be_visible()
    page.goto(f"{url}/today/")
    expect(page.get_by_text("Check-up:")).to_have_count(0)
    page.go_back()
    page.get_by_role("button", name="Back at the table").click()
    expect(page.get_by_text("Reopens Maintenance audit.")).to_be_visible()


def _win(page: Page) -> None:
    page.get_by_role("link", name="Close…").click()
    page.get_by_label("Ordered It counts as won once it is paid").check()
    page.get_by_role("button", name="Close the deal").click()
    expect(page.get_by_text("not a win yet")).to_be_visible()
    page.get_by_role("button", name="It is paid").click()
    expect(page.get_by_role("status").first).to_contain_text("Paid: the deal is won.")
