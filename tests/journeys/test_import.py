"""A newcomer brings a messy export in, mends what was guessed wrong, and takes it back."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.served import EMAIL, Served, served
from tests.journeys.test_accessible import DESKTOP, PHONE, wrong

pytestmark = pytest.mark.browser

HEADER = "Vorgang Nr.;Firma (Kunde);Auftragswert EUR;angelegt;Abschluß am;Ausgang;Warum;intern\n"


def messy() -> str:
    """An invented export: semicolons, decimal commas, German days, words of its own, three rows that cannot be."""
    lines = [HEADER]
    for number in range(1, 61):
        end, why = ("Zuschlag", "") if number % 3 == 0 else ("Absage", "zu teuer" if number % 2 else "kein Bedarf")
        value = "viel" if number == 7 else f"{number % 9 + 1}.{number:03d},50"
        closed = "31.02.2025" if number == 11 else f"{number % 27 + 1:02d}.04.2025"
        end = "vertagt" if number == 13 else end
        lines.append(
            f"V-{number};Nord {number % 7};{value};{number % 27 + 1:02d}.02.2025;{closed};{end};{why};x{number}\n"
        )
    return "".join(lines)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Served]:
    """NotYet, freshly started, with nothing in it."""
    with served(tmp_path / "home") as found:
        yield found


def sign_in(page: Page, place: Served) -> None:
    """As the win/loss owner, who may import."""
    page.goto(place.url)
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(place.password)
    page.get_by_role("button", name="Sign in").click()


def fits(page: Page) -> None:
    """The page as it stands is accessible and no wider than the screen, at two widths."""
    found = {}
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        if problems := wrong(page):
            found[size["width"]] = problems
    assert found == {}, page.url


def test_upload_mend_preview_import_undo(context: BrowserContext, place: Served, tmp_path: Path) -> None:
    """Each step from the screen that the one before leaves, with a real worker."""
    export = tmp_path / "Export 2025-04.csv"
    export.write_text(messy(), encoding="cp1252")
    page = context.new_page()
    sign_in(page, place)
    _upload(page, export)
    _mend(page)
    _say_what_words_mean(page)
    _import(page)
    _undo(page)


def _upload(page: Page, export: Path) -> None:
    page.get_by_role("link", name="Imports").click()
    expect(page.get_by_role("heading", name="Nothing was imported yet")).to_be_visible()
    fits(page)
    page.get_by_role("link", name="Import", exact=True).first.click()
    page.locator("input[type=file]").set_input_files(export)
    expect(page.locator(".chosen")).to_have_text("Export 2025-04.csv")
    page.get_by_label("Where they come from").fill("crm")
    fits(page)
    page.get_by_role("button", name="Read the files").click()
    expect(page.get_by_role("heading", name="What the columns are")).to_be_visible()


def _mend(page: Page) -> None:
    fits(page)
    page.get_by_label("Vorgang Nr. becomes").select_option("deal_id")
    page.get_by_label("Firma (Kunde) becomes").select_option("account")
    page.get_by_label("Auftragswert EUR becomes").select_option("amount")
    page.get_by_label("angelegt becomes").select_option("opened_at")
    page.get_by_label("Abschluß am becomes").select_option("closed_at")
    page.get_by_label("Warum becomes").select_option("loss_reason")
    page.get_by_label("intern becomes").select_option("")
    page.get_by_label("Ausgang becomes").select_option("outcome")
    page.get_by_label("Amounts").select_option("comma")
    page.get_by_label("Currency, where no column says it").fill("eur")
    page.get_by_label("Name of the mapping").fill("Monthly export")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Kept as “Monthly export”")
    expect(page.get_by_label("angelegt is written as")).to_have_value("found")
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible()


def _say_what_words_mean(page: Page) -> None:
    page.get_by_label("Zuschlag means").select_option("won")
    page.get_by_label("Absage means").select_option("lost")
    page.get_by_role("button", name="Say so and look again").click()
    expect(page.locator(".lede")).to_contain_text("57 rows would go in, 3 would be refused")
    for value in ("viel", "31.02.2025", "vertagt"):
        expect(page.locator(".refusals")).to_contain_text(value)
    fits(page)
    with page.expect_download() as saving:
        page.get_by_role("link", name="Refused rows as CSV").click()
    assert "V-7" in Path(saving.value.path()).read_text(encoding="utf-8")


def _import(page: Page) -> None:
    page.get_by_role("button", name="Import 57 rows").click()
    expect(page.get_by_role("heading", name="Imported")).to_be_visible()
    expect(page.locator("#figures")).to_contain_text("up to date")
    fits(page)
    page.get_by_role("link", name="Imports").click()
    expect(page.get_by_role("cell", name="57", exact=True)).to_be_visible()
    fits(page)
    page.get_by_role("link", name="Deals", exact=True).click()
    expect(page.locator(".pages, tbody").first).to_be_visible()
    expect(page.get_by_role("cell", name="Nord 3").first).to_be_visible()


def _undo(page: Page) -> None:
    page.get_by_role("link", name="Imports").click()
    page.get_by_role("button", name=re.compile("^Undo import")).click()
    expect(page.get_by_role("heading", name="Undone")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("what it was before this import")
    expect(page.locator("#figures")).to_contain_text("up to date")
    page.get_by_role("link", name="Deals", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("cell", name="Nord 3")).to_have_count(0)
