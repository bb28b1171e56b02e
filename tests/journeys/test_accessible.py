"""Every page at two widths: nothing serious for axe, nothing wider than the screen."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from notyet.deals.models import Deal
from tests.journeys.people import sign_in

pytestmark = pytest.mark.browser

DESKTOP, PHONE = {"width": 1360, "height": 1000}, {"width": 390, "height": 844}
ADDRESSES = ("/", "/deals/", "/deals/?q=nobody", "/deals/behind/?figure=win_rate", "/reasons/", "/report/", "/nowhere/")
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_at_every_width(page: Page, complaints: list[str], scheme: Any) -> None:
    """The sign-in, every address, and the panel of filters when it is open."""
    page.emulate_media(color_scheme=scheme)
    found = {f"sign-in at {size['width']}": problems for size in (DESKTOP, PHONE) if (problems := _at(page, size))}
    sign_in(page, "win_loss_owner")
    expect(page.get_by_role("heading", name="Why we lose")).to_be_visible()
    expect(page.locator(".loading")).to_have_count(0)
    address = page.url.rstrip("/")
    for path in (*ADDRESSES, *PIPELINE, f"/deals/{Deal.objects.order_by('pk')[0].pk}/"):
        page.goto(address + path)
        expect(page.locator(".loading")).to_have_count(0)
        for size in (DESKTOP, PHONE):
            if problems := _at(page, size):
                found[f"{path} at {size['width']}"] = problems
    assert found == {}
    complaints[:] = [said for said in complaints if "404" not in said]


def _at(page: Page, size: Any) -> list[str]:
    page.set_viewport_size(size)
    return wrong(page)
