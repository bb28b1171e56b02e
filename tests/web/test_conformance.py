"""What deviating did: sentences for what stands, a row a step, links to the deals, and what is withheld."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from notyet.analysis.conformance_results import Conformance, Deviated, StepFollowed, WayWon
from notyet.analysis.intervals import NOTHING, Estimate
from notyet.analysis.process import Due
from notyet.history.conformance import current_conformance
from notyet.history.freeze import freeze
from notyet.history.reading import NoHistory
from notyet.process.models import StepDone
from notyet.web import conformance_view
from notyet.web.conformance_view import conformance_panel
from notyet.workspaces.access import Denied
from notyet.workspaces.models import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from notyet.deals.models import Deal
    from notyet.workspaces.access import Actor
    from notyet.workspaces.models import Workspace
    from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db
COUNTS = {"in_time": 60, "late": 20, "skipped": 20, "out_of_order": 0, "not_yet_due": 7, "ended_before": 0}
WRITTEN = StepFollowed(
    stage_key="need",
    stage="Need agreed",
    key="written",
    text="Need in writing",
    due=Due(2, "days"),
    landmark="twice the time allowed",
    counts=COUNTS,  # type: ignore[arg-type]
    ways=(
        WayWon("in_time", 50, 25, Estimate(0.5, 0.37, 0.63)),
        WayWon("late", 3, 1, NOTHING, "below_five"),
        WayWon("skipped", 40, 10, Estimate(0.25, 0.14, 0.4)),
        WayWon("out_of_order", 9, 4, Estimate(0.44, 0.19, 0.73)),
    ),
    deviations=(
        Deviated("late", NOTHING, "below_five"),
        Deviated("skipped", Estimate(-0.25, -0.42, -0.05), None, Estimate(-0.211, -0.33, -0.09), 0.004, stands=True),
        Deviated("out_of_order", Estimate(-0.06, -0.33, 0.28)),
    ),
)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """One step, of which skipping stands."""
    monkeypatch.setattr(conformance_view, "current_conformance", lambda actor: Conformance((WRITTEN,), 1))


@pytest.mark.usefixtures("told")
def test_what_stands_is_a_sentence(acting: "Callable[..., Actor]") -> None:
    panel = conformance_panel(acting(Role.MANAGER))
    assert panel is not None
    (found,) = panel.findings
    assert found.text == "Not doing “Need in writing” goes with 21 points less win rate, other things equal."
    assert (found.difference, found.interval) == ("−21 pts", "−33 to −9")
    assert found.mark.down


@pytest.mark.usefixtures("told")
def test_a_step_has_its_ways_side_by_side(acting: "Callable[..., Actor]") -> None:
    panel = conformance_panel(acting(Role.MANAGER))
    assert panel is not None
    (row,) = panel.stages[0].rows
    late, skipped, out = row.deviations
    assert (row.often, row.judged, row.detail) == ("60%", 100, "within 2 working days, looked at after twice that")
    assert row.in_time is not None and late is not None and skipped is not None and out is not None
    assert (row.in_time.rate, row.in_time.deals, row.in_time.difference) == ("50.0%", 50, "")
    assert (late.rate, late.deals, late.withheld, late.difference) == ("", 3, "withheld: fewer than five", "")
    assert (skipped.difference, skipped.equal, skipped.stands) == ("−21 pts", True, True)
    assert (out.difference, out.equal, out.stands) == ("−6 pts", False, False)


@pytest.mark.usefixtures("told")
def test_who_may_not_see_deals_gets_no_links(acting: "Callable[..., Actor]") -> None:
    def linked(role: Role) -> bool:
        panel = conformance_panel(acting(role))
        assert panel is not None and panel.stages[0].rows[0].in_time is not None
        return bool(panel.stages[0].rows[0].in_time.url)

    assert linked(Role.SELLER)
    assert not linked(Role.MARKETING)
    assert conformance_panel(acting(Role.INTERVIEWER)) is None


@pytest.mark.usefixtures("told")
def test_the_page_says_it_with_its_certainty(sign_in: "SignIn") -> None:
    client = sign_in(Role.SELLER)
    for headers in ({}, {"HX-Request": "true"}):
        shown = client.get("/process/followed/", headers=headers).content.decode()
        assert "goes with 21 points less win rate" in shown
        assert "37.0 – 63.0 · 50 deals" in shown
        assert "withheld: fewer than five" in shown
        assert ("<html" in shown) == (not headers)


def test_nothing_frozen_says_what_leads_on(sign_in: "SignIn", acting: "Callable[..., Actor]") -> None:
    assert conformance_panel(acting(Role.MANAGER)) is None
    with pytest.raises(NoHistory):
        current_conformance(acting(Role.MANAGER))
    with pytest.raises(Denied):
        current_conformance(acting(Role.INTERVIEWER))
    assert "Nothing to compare yet" in sign_in(Role.SELLER).get("/process/followed/").content.decode()


def test_the_frozen_record_is_told_and_its_links_open_the_deals(
    workspace: "Workspace", deals: "list[Deal]", acting: "Callable[..., Actor]", sign_in: "SignIn"
) -> None:
    for number, deal in enumerate(deals):
        assert deal.opened_at is not None
        if number % 2:
            at = deal.opened_at + timedelta(hours=1 if number % 4 == 1 else 200)
            StepDone.objects.create(workspace=workspace, deal=deal, step="call-back", done_at=at)
            StepDone.objects.create(workspace=workspace, deal=deal, step="Coffee", done_at=at)
    freeze(workspace)
    panel = conformance_panel(acting(Role.MANAGER))
    assert panel is not None
    assert [one.label for one in panel.stages] == ["Enquiry"]
    call = panel.stages[0].rows[0]
    coffee = panel.recorded[0].rows[0]
    assert coffee.text == "Coffee"
    client = sign_in(Role.MANAGER)
    for cell in (call.in_time, call.deviations[1], coffee.in_time):
        assert cell is not None and cell.deals
        assert client.get(cell.url).context["table"].page.paginator.count == cell.deals
    assert current_conformance(acting(Role.MANAGER)) is current_conformance(acting(Role.SELLER))
