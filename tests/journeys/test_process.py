"""Writing the sales process down in a browser: by keyboard, by two at once, on a phone; published, deals moved."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from notyet.process.definition import Definition
from notyet.process.models import ProcessDraft
from notyet.process.queries import current
from notyet.workspaces.access import operator
from notyet.workspaces.actions import add_person
from notyet.workspaces.models import Role, Workspace
from tests.journeys.people import PASSWORD, sign_in
from tests.journeys.test_accessible import DESKTOP, PHONE, wrong

pytestmark = pytest.mark.browser


def _draft() -> Definition:
    return Definition.from_json(ProcessDraft.objects.get().definition)


def _labels() -> list[str]:
    return [one.label for one in _draft().stages]


def _labels_become(page: Page, labels: list[str]) -> None:
    """Wait until the draft's stages are called so."""
    for _ in range(100):
        if _labels() == labels:
            return
        page.wait_for_timeout(100)
    assert _labels() == labels


def _saved(page: Page) -> Locator:
    return page.locator("#saved-line")


def _begin(page: Page) -> None:
    """The page that one wanted is where one is after signing in."""
    page.goto("/process/")
    sign_in(page, "win_loss_owner")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sales process")


def _at_both_widths(page: Page) -> None:
    expect(page.locator(".loading")).to_have_count(0)
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert wrong(page) == []


def test_the_owner_writes_the_process_down_publishes_it_and_moves_deals(page: Page) -> None:
    """From the template to a second version, each step from the screen that the one before leaves."""
    sign_in(page, "win_loss_owner")
    page.get_by_role("link", name="Process", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sales process")
    page.get_by_role("link", name="Make it yours").click()
    _at_both_widths(page)
    page.get_by_role("button", name="Begin with “Six stages”").click()
    _type_and_see_it_saved(page)
    _add_by_keyboard(page)
    _remove_and_put_back(page)
    _mend(page)
    _at_both_widths(page)
    _publish(page, "Written down.")
    page.get_by_role("link", name="Change the process").click()
    page.get_by_role("button", name="Begin with version").click()
    page.get_by_label("Name of stage 2").fill("Diagnosis")
    expect(page.locator("#beside")).to_contain_text("was called “Discovery”")
    _publish(page, "By its right name.")
    page.get_by_role("link", name="What changed").first.click()
    expect(page.locator("#difference")).to_contain_text("was called “Discovery”")
    _at_both_widths(page)
    _move(page)


def _type_and_see_it_saved(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("The next version")
    page.get_by_label("Name of stage 3").fill("Need in writing")
    expect(_saved(page)).to_have_text("Saved")
    assert _draft().stages[2].label == "Need in writing"
    expect(page.get_by_label("Name of stage 3")).to_be_focused()


def _add_by_keyboard(page: Page) -> None:
    page.get_by_role("button", name="Add a step").nth(2).focus()
    page.keyboard.press("Enter")
    step = page.get_by_label("Step 4 of Need in writing")
    expect(step).to_be_focused()
    page.keyboard.type("Draw who decides")
    page.keyboard.press("Enter")
    expect(_saved(page)).to_have_text("Saved")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_label("Step 3 of Need in writing")).to_have_value("Draw who decides")
    expect(page.get_by_label("Step 3 of Need in writing")).to_be_focused()
    page.get_by_role("button", name="Move “Draw who decides” down").press("Enter")
    expect(page.get_by_label("Step 4 of Need in writing")).to_have_value("Draw who decides")
    expect(page.get_by_role("button", name="Move “Draw who decides” down")).to_be_focused()
    assert [one.text for one in _draft().stages[2].steps][3] == "Draw who decides"


def _remove_and_put_back(page: Page) -> None:
    page.get_by_role("button", name="Remove “Proposal”").press("Enter")
    back = page.get_by_role("button", name="Put it back")
    expect(back).to_be_focused()
    assert len(_draft().stages) == 5
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name of stage 4")).to_have_value("Proposal")
    assert len(_draft().stages[3].steps) == 4


def _mend(page: Page) -> None:
    """What cannot be kept stays where it was typed; what keeps it from being published is told."""
    due = page.get_by_label("“Send the proposal” is due within so many")
    due.fill("soon")
    expect(page.locator("#beside")).to_contain_text("“soon” is no number of working hours")
    expect(due).to_have_value("soon")
    due.fill("3")
    page.get_by_label("Name of stage 6").fill("Enquiry")
    expect(page.locator("#beside")).to_contain_text("Two stages are called “Enquiry”")
    page.get_by_role("link", name="Two stages are called").click()
    expect(page.get_by_label("Name of stage 6")).to_be_in_viewport()
    page.get_by_label("Name of stage 6").fill("Paid")
    expect(page.get_by_role("button", name="Publish")).to_be_visible()


def _publish(page: Page, why: str) -> None:
    expect(_saved(page)).to_have_text("Saved")
    page.get_by_label("What is this version for?").fill(why)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("status").first).to_contain_text("is in force")
    expect(page.get_by_text(why)).to_have_count(2)


def _move(page: Page) -> None:
    page.get_by_role("link", name="Move its deals").first.click()
    expect(page.get_by_role("heading", name="Discovery becomes Diagnosis")).to_be_visible()
    _at_both_widths(page)
    page.get_by_role("checkbox").first.uncheck()
    ticked = page.get_by_role("checkbox", checked=True).count()
    page.get_by_role("button", name="Move those ticked").click()
    said = page.get_by_text(f"{ticked} deals are worked by version {current().name} now.")
    expect(said).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").first).to_contain_text(f"Moved back: {ticked}.")


@pytest.fixture
def second(browser: Browser, company: Workspace, complaints: list[str]) -> Iterator[Page]:
    """The page of another person, in a browser profile of her own."""
    add_person(operator(company), "administrator@example.org", Role.ADMINISTRATOR, PASSWORD)
    profile = browser.new_context()
    opened = profile.new_page()
    opened.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    profile.close()


def _draft_a_short_sale(page: Page) -> None:
    _begin(page)
    page.get_by_role("link", name="Make it yours", exact=True).click()
    page.get_by_role("button", name="Begin with “A short sale”", exact=True).click()


def _both_open(page: Page, second: Page) -> None:
    """The first begins a draft, the second opens it."""
    _draft_a_short_sale(page)
    expect(_name(page, 2)).to_have_value("Offer")
    second.goto(page.url)
    sign_in(second, "administrator")
    expect(_name(second, 2)).to_have_value("Offer")


def _name(page: Page, stage: int) -> Locator:
    return page.get_by_label(f"Name of stage {stage}", exact=True)


def _beside(page: Page) -> Locator:
    return page.get_by_role("complementary", name="The draft", exact=True)


def _conflict(page: Page, second: Page) -> None:
    """Both call stage 2 something else, the first first."""
    _name(page, 2).fill("Quote")
    expect(_saved(page)).to_have_text("Saved")
    _name(second, 2).fill("Quotation")
    expect(_beside(second)).to_contain_text("Changed by somebody else meanwhile")
    expect(_beside(second)).to_contain_text("In the draftQuoteYoursQuotation")
    expect(_saved(second)).to_contain_text("Not all of it is saved: see what is to be decided")


def test_two_people_draft_at_once(page: Page, second: Page) -> None:
    """The second is told, sees both texts, and what she typed stays until she has decided."""
    _both_open(page, second)
    _conflict(page, second)
    _name(second, 4).fill("Money in")
    _labels_become(second, ["Enquiry", "Quote", "Order placed", "Money in"])
    expect(_name(second, 2)).to_have_value("Quotation")
    expect(_beside(second)).to_contain_text("Changed by somebody else meanwhile")
    assert wrong(second) == []
    second.get_by_role("button", name="Keep yours", exact=True).click()
    expect(_saved(second)).to_have_text("Saved")
    expect(_beside(second)).not_to_contain_text("meanwhile")
    assert _labels() == ["Enquiry", "Quotation", "Order placed", "Money in"]
    _name(page, 1).fill("Question")
    expect(_saved(page)).to_contain_text("administrator@example.org has been changing the draft too")
    page.get_by_role("button", name="Show it as it is now", exact=True).click()
    expect(_name(page, 2)).to_have_value("Quotation")
    expect(_name(page, 4)).to_have_value("Money in")
    expect(_name(page, 1)).to_have_value("Question")


def test_a_button_waits_for_what_was_typed_before_it(page: Page, second: Page) -> None:
    """However long that takes: an answer that comes late says nothing that is decided already."""
    _both_open(page, second)
    _conflict(page, second)
    held: list[Route] = []
    passed: list[Route] = []

    def hold_the_first(route: Route) -> None:
        (passed if held else held).append(route)
        if passed:
            route.continue_()

    second.route("**/process/edit/", hold_the_first)
    with second.expect_request("**/process/edit/"):
        _name(second, 4).fill("Money in")
    second.get_by_role("button", name="Keep yours", exact=True).click()
    assert (len(held), passed) == (1, [])
    held[0].continue_()
    expect(_saved(second)).to_have_text("Saved")
    expect(_name(second, 4)).to_have_value("Money in")
    assert _labels() == ["Enquiry", "Quotation", "Order placed", "Money in"]


def test_a_button_that_one_only_comes_by_does_nothing(page: Page) -> None:
    _draft_a_short_sale(page)
    _name(page, 2).fill("Offers")
    expect(_saved(page)).to_have_text("Saved")
    page.get_by_role("button", name="Remove “Offer”", exact=True).focus()
    with page.expect_response("**/process/edit/"):
        _name(page, 2).evaluate("field => field.dispatchEvent(new Event('input', { bubbles: true }))")
    expect(_saved(page)).to_have_text("Saved")
    assert _labels() == ["Enquiry", "Offers", "Order placed", "Paid"]


def test_a_press_is_not_lost_when_an_answer_comes_between_down_and_up(page: Page, second: Page) -> None:
    """The answer draws the pressed button anew: the browser makes no click of that, the page does."""
    _both_open(page, second)
    _conflict(page, second)
    held: list[Route] = []
    second.route("**/process/edit/", lambda route: route.continue_() if held else held.append(route))
    with second.expect_request("**/process/edit/"):
        _name(second, 4).fill("Money in")
    keep = second.get_by_role("button", name="Keep yours", exact=True)
    keep.hover()
    second.mouse.down()
    pressed = keep.element_handle()
    held[0].continue_()
    second.wait_for_function("button => !button.isConnected", arg=pressed)
    second.mouse.up()
    expect(_saved(second)).to_have_text("Saved")
    assert _labels() == ["Enquiry", "Quotation", "Order placed", "Money in"]


def test_what_is_saved_already_is_not_sent_again_on_leaving_the_field(page: Page) -> None:
    _draft_a_short_sale(page)
    _name(page, 2).fill("Offers")
    expect(_saved(page)).to_have_text("Saved")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    _name(page, 3).focus()
    page.wait_for_timeout(300)
    assert sent == []
    _name(page, 3).fill("Ordered")
    with page.expect_response("**/process/edit/"):
        _name(page, 4).focus()
    _labels_become(page, ["Enquiry", "Offers", "Ordered", "Paid"])


@pytest.mark.parametrize("published", [True, False])
def test_the_draft_goes_while_another_types(page: Page, second: Page, published: bool) -> None:
    """What she typed stays where it is, whatever she presses, until she begins a draft with it."""
    _both_open(page, second)
    if published:
        _name(page, 2).fill("Quote")
        _publish(page, "Quick.")
    else:
        page.get_by_role("button", name="Throw the draft away", exact=True).click()
        expect(page.get_by_text("The draft is thrown away.", exact=True)).to_be_visible()
    _name(second, 2).fill("Quotation")
    expect(_beside(second)).to_contain_text("The draft is gone")
    expect(_beside(second)).to_contain_text("was published as version" if published else "was thrown away by")
    expect(_beside(second).get_by_role("link", name="Show it as it is now", exact=True)).to_be_visible()
    assert wrong(second) == []
    _name(second, 4).fill("Money in")
    second.get_by_role("button", name="Add a stage", exact=True).click()
    expect(_beside(second)).to_contain_text("The draft is gone")
    expect(_name(second, 2)).to_have_value("Quotation")
    expect(_name(second, 4)).to_have_value("Money in")
    second.get_by_role("button", name="Begin a new draft with it", exact=True).click()
    expect(_saved(second)).to_have_text("Saved")
    assert _labels() == ["Enquiry", "Quotation", "Order placed", "Money in"]


def test_what_is_published_is_what_was_typed_last(page: Page) -> None:
    _draft_a_short_sale(page)
    page.get_by_label("What is this version for?", exact=True).fill("Quick.")
    _name(page, 2).focus()
    page.keyboard.press("End")
    page.keyboard.type(" or quote")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("is in force")
    assert [one.label for one in current().definition.stages] == ["Enquiry", "Offer or quote", "Order placed", "Paid"]


def test_a_seller_reads_it_on_a_phone(page: Page) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    sign_in(page, "seller")
    expect(page.get_by_role("button", name="Menu")).to_be_visible()
    page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + "/process/")
    expect(page.get_by_role("heading", name="Need agreed")).to_be_visible()
    expect(page.get_by_role("link", name="Make it yours")).to_have_count(0)
    expect(page.locator(".loading")).to_have_count(0)
    assert wrong(page) == []
