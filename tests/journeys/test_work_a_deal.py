"""A deal made and worked without any CRM, by keyboard alone; and two people at it at once. In a browser."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.conftest import DESKTOP
from tests.journeys.people import sign_in
from tests.journeys.test_accessible import wrong

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.browser

MAIL = """From: Ines Vale <ines@corwin.example>
To: mara@example.org
Date: Mon, 02 Mar 2026 09:12:00 +0000
Subject: Budget

We have the budget for it.
"""


def said(page: Page) -> Locator:
    """What the page says of the last action."""
    return page.locator("#said")


def test_a_seller_works_a_deal_by_keyboard_alone(page: Page, complaints: list[str]) -> None:
    """Each step from where the one before leaves the focus."""
    sign_in(page, "seller")
    _make(page)
    _miss_a_call(page)
    _promise_and_keep(page)
    _plan(page)
    _answer(page)
    _enter_the_next_stage(page)
    _edit(page)
    _undo(page)
    _help(page)
    complaints[:] = [one for one in complaints if "409" not in one]


def _make(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(re.sub(r"(//[^/]+).*", r"\1/deals/", page.url))
    page.wait_for_load_state()
    page.keyboard.press("n")
    expect(page.get_by_label("Buyer", exact=True)).to_be_focused()
    page.wait_for_load_state()
    page.keyboard.type("Corwin & Sons")
    assert wrong(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Corwin & Sons")
    expect(said(page)).to_contain_text("The deal is made.")
    page.wait_for_load_state()
    assert wrong(page) == []


def _miss_a_call(page: Page) -> None:
    page.keyboard.press("c")
    expect(page.get_by_label("What was said", exact=True)).to_be_focused()
    page.keyboard.type("Asked for a ring back")
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(page.get_by_label("Missed", exact=True)).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_label("Who began it")).to_have_value("in")
    page.keyboard.press("Tab")
    page.keyboard.type("Tom Corwin")
    page.keyboard.press("Control+Enter")
    expect(said(page)).to_contain_text("Missed call noted.")
    expect(page.get_by_text("Nobody has rung back yet")).to_be_visible()
    expect(page.locator("[id^=conversations-]")).to_be_focused()


def _promise_and_keep(page: Page) -> None:
    page.keyboard.press("p")
    expect(page.get_by_label("What was promised")).to_be_focused()
    page.keyboard.type("Site reference")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+Enter")
    expect(said(page)).to_contain_text("Promised.")
    line = page.locator("[id^=line-promises-]").first
    expect(line).to_be_focused()
    page.keyboard.press("Tab")
    tick = page.get_by_role("checkbox", name="Site reference")
    expect(tick).to_be_focused()
    page.keyboard.press("Space")
    expect(said(page)).to_contain_text("Promise kept.")
    expect(tick).to_be_checked()


def _plan(page: Page) -> None:
    page.keyboard.press("s")
    step = page.get_by_role("textbox", name="Next step")
    expect(step).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Plan a step")).to_be_focused()
    page.keyboard.press("s")
    expect(step).to_be_focused()
    page.keyboard.type("Visit the plant")
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Next step planned.")
    expect(page.get_by_text("No dated next step")).to_have_count(0)


def _answer(page: Page) -> None:
    tick = page.get_by_role("checkbox", name="Roughly, what will it cost?")
    tick.focus()
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Answered.")
    expect(tick).to_be_checked()
    expect(tick).to_be_focused()
    expect(page.locator(".track .now")).to_contain_text("1 of 2 answered")


def _enter_the_next_stage(page: Page) -> None:
    page.keyboard.press("t")
    expect(page.get_by_role("heading", name="Before Discovery")).to_be_visible()
    expect(page.get_by_label("Going on anyway?")).to_be_focused()
    assert wrong(page) == []
    page.keyboard.type("They want a demo today")
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("Discovery entered.")
    expect(page.locator(".track .now")).to_contain_text("Discovery")
    expect(page.get_by_text("Off the process").first).to_be_visible()


def _edit(page: Page) -> None:
    page.keyboard.press("e")
    expect(page.get_by_label("Buyer", exact=True)).to_be_focused()
    assert wrong(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Edit")).to_be_focused()
    page.keyboard.press("e")
    expect(page.get_by_label("Buyer", exact=True)).to_be_focused()
    page.get_by_label("Amount", exact=True).focus()
    page.keyboard.type("48000")
    page.keyboard.press("Control+Enter")
    expect(said(page)).to_contain_text("Saved.")
    expect(page.locator(".lede")).to_contain_text("48,000")


def _undo(page: Page) -> None:
    page.keyboard.press("u")
    expect(said(page)).to_contain_text("Undone: fields changed.")
    expect(page.locator(".lede")).not_to_contain_text("48,000")
    said(page).get_by_role("button", name="Do it again").click()
    expect(page.locator(".lede")).to_contain_text("48,000")
    page.wait_for_load_state()


def _help(page: Page) -> None:
    page.keyboard.press("?")
    switch = page.get_by_label("Letters are keys on this device")
    expect(switch).to_be_visible()
    switch.uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(page.get_by_label("What was said", exact=True)).not_to_be_focused()


def test_two_people_edit_one_deal_at_once(page: Page, browser: Browser, complaints: list[str]) -> None:
    """The second is told, beside what she wrote herself, and chooses."""
    sign_in(page, "seller")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    _open_a_deal(page)
    other = browser.new_context(viewport=DESKTOP)  # type: ignore[arg-type]
    other.set_default_timeout(60_000)
    theirs = other.new_page()
    theirs.goto(page.url)
    sign_in(theirs, "win_loss_owner")
    for one in (page, theirs):
        one.get_by_role("link", name="Edit").click()
        expect(one.get_by_label("Buyer", exact=True)).to_be_focused()
    _save(theirs, {"Persona": "Founder"})
    expect(said(theirs)).to_contain_text("Saved.")
    _save(page, {"Persona": "Plant manager", "Campaign": "Spring fair"})
    expect(page.get_by_text("Somebody changed this while you were at it")).to_be_visible()
    expect(page.get_by_label("Persona", exact=True)).to_have_value("Plant manager")
    expect(page.get_by_label("Campaign", exact=True)).to_have_value("Spring fair")
    expect(page.get_by_role("group", name="win_loss_owner@example.org")).to_contain_text("Founder")
    assert wrong(page) == []
    page.get_by_label("Keep mine").check()
    page.get_by_label("Persona", exact=True).press("Control+Enter")
    expect(said(page)).to_contain_text("Saved.")
    expect(page.locator(".lede")).to_contain_text("Plant manager")
    expect(page.get_by_text("Persona: Founder → Plant manager")).to_be_visible()
    other.close()
    complaints[:] = [one for one in complaints if "409" not in one]


def _save(page: Page, values: dict[str, str]) -> None:
    for label, value in values.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label(label, exact=True).press("Control+Enter")


def _open_a_deal(page: Page) -> None:
    page.goto(re.sub(r"(//[^/]+).*", r"\1/deals/?outcome=open", page.url))
    page.locator("tbody a[data-row]").first.click()
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    page.wait_for_load_state()


def test_an_email_is_pasted_dropped_and_looked_at(page: Page, tmp_path: Path) -> None:
    """Into the line itself, and as a file; a draft elsewhere outlives both. On a phone."""
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, "seller")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    _open_a_deal(page)
    page.get_by_label("What was said", exact=True).focus()
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        MAIL,
    )
    expect(page.get_by_text("Look it over, then save it")).to_be_visible()
    expect(page.get_by_label("With whom")).to_have_value("Ines Vale")
    assert wrong(page) == []
    page.get_by_label("What was said", exact=True).press("Control+Enter")
    expect(page.get_by_text("E-mail from Ines Vale", exact=True)).to_be_visible()
    file = tmp_path / "mail.eml"
    file.write_text(MAIL.replace("Ines Vale", "Tom Corwin"), encoding="utf-8")
    page.get_by_text("Promise something").nth(1).click()
    page.get_by_label("What was promised").fill("A draft")
    page.get_by_text("From an e-mail").click()
    page.get_by_label("or its file").set_input_files(file)
    expect(page.get_by_label("With whom")).to_have_value("Tom Corwin")
    page.get_by_text("Promise something").nth(1).click()
    expect(page.get_by_label("What was promised")).to_have_value("A draft")
    assert wrong(page) == []
