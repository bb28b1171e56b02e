"""Finding deals, keeping a view, opening by keyboard, taking a file along; in a browser."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import sign_in
from tests.journeys.test_accessible import wrong

pytestmark = pytest.mark.browser


def test_somebody_finds_deals_keeps_a_view_opens_one_and_exports(page: Page, tmp_path: Path) -> None:
    """Search, columns, a view, the keys, a file: each from the screen that the one before leaves."""
    sign_in(page, "win_loss_owner")
    _deals(page)
    page.keyboard.press("/")
    expect(page.get_by_label("Deal, buyer or id")).to_be_focused()
    page.keyboard.type("spare plan")
    page.keyboard.press("Enter")
    expect(page.get_by_role("list", name="Filters in force")).to_contain_text("“spare plan”")
    _filter(page)
    _choose_columns(page)
    _keep_view(page)
    _export(page, tmp_path / "deals.csv")
    _open_by_keyboard(page)


def _deals(page: Page) -> None:
    """The list, ready for keys: one pressed before its scripts have run would be lost."""
    page.get_by_role("link", name="Deals", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Deals")
    page.wait_for_load_state()


def _filter(page: Page) -> None:
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Amount from").fill("2000")
    page.get_by_role("search").get_by_label("Industry").select_option(index=1)
    assert wrong(page) == []
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("list", name="Filters in force")).to_contain_text("Amount: from 2000")
    expect(page.get_by_role("list", name="Filters in force")).to_contain_text("Industry: ")


def _choose_columns(page: Page) -> None:
    page.get_by_text("Columns", exact=True).click()
    panel = page.get_by_role("group", name="Columns to show")
    panel.get_by_label("Owner").uncheck()
    panel.get_by_label("Industry").check()
    assert wrong(page) == []
    page.get_by_role("button", name="Show these").click()
    expect(page.get_by_role("columnheader", name="Industry")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Owner")).to_have_count(0)
    page.get_by_role("link", name="Amount", exact=True).click()
    expect(page.get_by_role("columnheader", name="Amount")).to_have_attribute("aria-sort", "ascending")


def _keep_view(page: Page) -> None:
    page.get_by_text("Views", exact=True).click()
    page.get_by_label("Keep this list as").fill("Spare parts, not small")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("is kept")
    shown = page.locator("tbody tr").count()
    page.get_by_role("link", name="Clear all").click()
    expect(page.get_by_role("list", name="Filters in force")).to_have_count(0)
    page.get_by_text("Views", exact=True).click()
    page.get_by_role("link", name="Spare parts, not small").click()
    expect(page.get_by_role("list", name="Filters in force")).to_contain_text("Amount: from 2000")
    expect(page.get_by_role("columnheader", name="Amount")).to_have_attribute("aria-sort", "ascending")
    expect(page.locator("tbody tr")).to_have_count(shown)


def _export(page: Page, target: Path) -> None:
    counted = re.search(r"([\d,]+) deals? like that", page.locator("main").inner_text())
    assert counted
    with page.expect_download() as saving:
        page.get_by_role("link", name="CSV").click()
    saving.value.save_as(target)
    with target.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == int(counted[1].replace(",", "")) > 1
    assert {row["Industry"] for row in rows} != {""}
    assert "Owner" not in rows[0]


def _open_by_keyboard(page: Page) -> None:
    names = page.locator("tbody a[data-row]")
    page.keyboard.press("j")
    expect(names.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(names.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(names.nth(0)).to_be_focused()
    name = names.nth(0).inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_role("heading", name="History of changes")).to_be_visible()
    expect(page.get_by_text("Came in with an import")).to_be_visible()


def test_letters_can_be_switched_off(page: Page) -> None:
    """For those whose tools speak letters; the help opens by a button too."""
    sign_in(page, "seller")
    _deals(page)
    page.keyboard.press("?")
    switch = page.get_by_label("Letters are keys on this device")
    expect(switch).to_be_visible()
    assert wrong(page) == []
    switch.uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("/")
    expect(page.get_by_label("Deal, buyer or id")).not_to_be_focused()
    expect(page.locator("tbody a[data-row]").first).not_to_be_focused()


def test_a_phone_shows_cards_with_the_columns_chosen(page: Page) -> None:
    """Nothing is hidden, nothing scrolls sideways."""
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, "seller")
    expect(page.get_by_role("button", name="Menu")).to_be_visible()
    page.goto(page.url.rstrip("/") + "/deals/?column=persona&column=loss_reason&column=attr.Industry&outcome=lost")
    expect(page.locator("tbody td[data-label=Persona]").first).to_be_visible()
    expect(page.get_by_label("Sorted by")).to_be_visible()
    assert wrong(page) == []
    page.get_by_label("Sorted by").select_option("persona")
    expect(page).to_have_url(re.compile(r"sort=persona"))
    expect(page.locator("tbody td[data-label=Persona]").first).to_be_visible()
