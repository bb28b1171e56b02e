"""From the sign-in to a decision and a report, in a browser."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import sign_in

pytestmark = pytest.mark.browser


def test_the_win_loss_owner_reads_filters_opens_decides_and_prints(page: Page, tmp_path: Path) -> None:
    """The main journey, each step from the screen that the one before leaves."""
    sign_in(page, "win_loss_owner")
    expect(page.get_by_role("heading", name="Why we lose")).to_be_visible()
    expect(page.get_by_text("Win rate", exact=True).first).to_be_visible()
    expect(page.get_by_role("heading", name="What to know before reading")).to_be_visible()
    _filter(page)
    _open_the_deals(page)
    _overrule_a_leak(page)
    _take_the_report(page, tmp_path)


def _closed(page: Page) -> int:
    found = re.search(r"([\d,]+) closed deals", page.locator(".lede").inner_text())
    assert found
    return int(found[1].replace(",", ""))


def _filter(page: Page) -> None:
    before = _closed(page)
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Persona", exact=True).select_option(index=1)
    page.locator("details.menu").get_by_role("button", name="Show").click()
    expect(page.get_by_role("list", name="Filters in force")).to_be_visible()
    assert "persona=" in page.url
    assert _closed(page) < before
    page.get_by_role("link", name=re.compile("^Remove Persona")).click()
    expect(page.get_by_role("list", name="Filters in force")).to_have_count(0)
    assert _closed(page) == before


def _open_the_deals(page: Page) -> None:
    closed = _closed(page)
    page.locator(".heads .fig a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Win rate")
    expect(page.locator(".pages")).to_contain_text(f"of {closed}")
    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Back to the figures").click()
    expect(page.get_by_role("heading", name="Why we lose")).to_be_visible()


def _overrule_a_leak(page: Page) -> None:
    overrule = page.get_by_role("button", name=re.compile("^Overrule"))
    label = overrule.first.get_attribute("aria-label") or ""
    field = label.removeprefix("Overrule: ").removesuffix(" is no leak")
    overrule.first.click()
    expect(page.get_by_role("status").first).to_contain_text(field)
    undo = page.get_by_role("button", name=f"Undo the decision on {field}")
    expect(undo).to_be_visible()
    expect(page.get_by_role("button", name=label)).to_have_count(0)
    undo.click()
    expect(page.get_by_role("button", name=label)).to_be_visible()


def _take_the_report(page: Page, tmp_path: Path) -> None:
    page.get_by_role("link", name="Report", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("What we learned")
    paper = page.pdf(format="A4", print_background=True)
    assert paper.startswith(b"%PDF")
    with page.expect_download() as saving:
        page.get_by_role("link", name="One file").click()
    alone = tmp_path / "report.html"
    saving.value.save_as(alone)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(alone.as_uri())
    expect(page.get_by_role("heading", level=1)).to_contain_text("What we learned")
    assert asked == [alone.as_uri()]


def test_a_seller_sees_the_figures_and_decides_nothing(page: Page) -> None:
    """The leaks are told, the buttons are not there."""
    sign_in(page, "seller")
    expect(page.get_by_role("heading", name="What to know before reading")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Overrule"))).to_have_count(0)
    expect(page.get_by_role("link", name="Reasons")).to_have_count(0)


def test_the_menu_of_a_phone_opens_and_leads_on(page: Page) -> None:
    """By keyboard too."""
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, "seller")
    expect(page.locator(".loading")).to_have_count(0)
    expect(page.get_by_role("link", name="Deals", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Menu").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Deals", exact=True).click()
    expect(page.get_by_role("heading", name="Deals")).to_be_visible()


def test_a_panel_that_cannot_be_fetched_says_so(page: Page, complaints: list[str]) -> None:
    """And the rest of the page stands."""
    page.route("**/win-loss/drivers/**", lambda route: route.fulfill(status=500, body=""))
    sign_in(page, "seller")
    expect(page.get_by_text("This could not be worked out just now.")).to_be_visible()
    expect(page.get_by_role("heading", name="Where deals leave the process")).to_be_visible()
    complaints[:] = [said for said in complaints if "500" not in said and "Response Status Error Code" not in said]
