"""Every page at two widths: nothing serious for axe, nothing wider than the screen."""

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from notyet.core.clock import now
from notyet.core.clock import today as today_in
from notyet.deals.models import Deal
from notyet.notices.links import OFF, off_token
from notyet.notices.models import Channel, Delivery, Push, PushState
from notyet.workspaces.access import operator
from notyet.workspaces.actions import add_person
from notyet.workspaces.models import Membership, Role, Workspace
from tests.journeys.people import PASSWORD, sign_in

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

pytestmark = pytest.mark.browser

DESKTOP, PHONE = {"width": 1360, "height": 1000}, {"width": 390, "height": 844}
ADDRESSES = (
    "/",
    "/deals/",
    "/deals/?q=nobody",
    "/deals/behind/?figure=win_rate",
    "/reasons/",
    "/report/",
    "/notices/",
    "/nowhere/",
)
REACHED = ("/notices/", "/notices/sent/")
PIPELINE = ("/pipeline/", "/pipeline/targets/", "/pipeline/deals/?figure=live")


def serious(page: Page) -> list[str]:
    """What axe finds that is serious or worse, with the first element it concerns."""
    found: Any = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]} {one['nodes'][0]['failureSummary'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def wrong(page: Page) -> list[str]:
    """All that is wrong with the page as it stands."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return serious(page) + ([f"{wide} px too wide"] if wide > 0 else [])


def test_every_page_is_accessible_at_every_width(page: Page, complaints: list[str]) -> None:
    """The sign-in and every address, light and dark."""
    found = _found(page, "sign-in")
    sign_in(page, "win_loss_owner")
    expect(page.get_by_role("heading", name="Why we lose")).to_be_visible()
    expect(page.locator(".loading")).to_have_count(0)
    address = page.url.rstrip("/")
    for path in (*ADDRESSES, *PIPELINE, f"/deals/{Deal.objects.order_by('pk')[0].pk}/"):
        page.goto(address + path)
        expect(page.locator(".loading")).to_have_count(0)
        found |= _found(page, path)
    assert found == {}
    complaints[:] = [said for said in complaints if "404" not in said]


@pytest.fixture
def told(company: Workspace) -> Membership:
    """An administrator to whom messages of every state were to go, with what became of them."""
    admin = add_person(operator(company), "administrator@example.org", Role.ADMINISTRATOR, PASSWORD)
    for place, state in enumerate(PushState.values):
        Push.objects.create(
            workspace=company,
            membership=admin,
            channel=Channel.CHAT if place % 2 else Channel.DIGEST,
            day=today_in(company.time_zone),
            slot=str(place),
            state=state,
            planned_at=now(),
            subject="2 things keep your word today",
            reason="the mail server was silent" if state in (PushState.UNKNOWN, PushState.FAILED) else "",
        )
    return admin


@pytest.mark.usefixtures("told")
def test_what_reaches_one_is_accessible(page: Page, complaints: list[str], settings: "Settings") -> None:
    """Switches, calendar, messages that can be sent again; a choice that is refused; the end of the daily mail."""
    sign_in(page, "administrator")
    expect(page.get_by_role("heading", name="Why we lose", exact=True)).to_be_visible()
    address = page.url.rstrip("/")
    found: dict[str, list[str]] = {}
    page.goto(f"{address}/notices/")
    page.get_by_role("button", name="Open a calendar", exact=True).click()
    expect(page.get_by_label("Its private address", exact=True)).to_be_visible()
    for sends in (True, False):
        settings.NOTYET_SENDS_MAIL = sends
        for path in REACHED:
            page.goto(address + path)
            found |= _found(page, f"{path}, mail {sends}")
    page.goto(f"{address}/notices/")
    page.get_by_label("Tell me in chat", exact=True).check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved yet")
    found |= _found(page, "refused")
    page.goto(address + OFF.format(off_token(Delivery.objects.get())))
    found |= _found(page, "asked")
    page.get_by_role("button", name="Switch it off", exact=True).click()
    expect(page.get_by_role("heading", name="The daily mail is off", exact=True)).to_be_visible()
    found |= _found(page, "off")
    assert found == {}
    complaints[:] = [said for said in complaints if "400" not in said]


def _found(page: Page, where: str) -> dict[str, list[str]]:
    """What is wrong at each width, light and dark, without the time that one fades into the other."""
    found: dict[str, list[str]] = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        expect(page.locator(f"html[data-bs-theme={scheme}]")).to_have_count(1)
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            if problems := wrong(page):
                found[f"{where} at {size['width']}, {scheme}"] = problems
    return found
