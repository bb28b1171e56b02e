"""From the no to the new deal: dates, asking once, following up once, coming back; and never means never."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from notyet.deals.closing import Ending, NotOpen, close_deal, reopen
from notyet.deals.closing_models import Closing
from notyet.deals.merging import merge
from notyet.deals.models import Deal
from notyet.deals.undoing import undo
from notyet.deals.values import BadValue
from notyet.debriefs.writing import save_field
from notyet.feedback.models import BuyerAnswer
from notyet.process.actions import enter_stage
from notyet.winbacks.check_ups import Settled, ask, follow_up, leave, said_no, set_date, times_asked, waiting
from notyet.winbacks.coming_back import came_back
from notyet.winbacks.models import WinBack
from notyet.winbacks.parting_models import CheckUp, Parting
from notyet.winbacks.partings import Farewell, close_and_part, close_many_and_part, finish_and_date, part
from notyet.winbacks.silence import LeftAlone
from notyet.workspaces.access import Actor, operator
from notyet.workspaces.models import Workspace
from notyet.workspaces.settings_actions import change_settings, settings_of
from notyet.workspaces.working import working_time

pytestmark = pytest.mark.django_db
Make = Callable[..., Deal]
Clock = Callable[[str], datetime]
LOST = Ending("lost", lost_to="Northwind", reason="Bad timing")


def due(row: WinBack | None) -> date | None:
    return row.due_at.astimezone(ZoneInfo("UTC")).date() if row and row.due_at else None


def state() -> list[object]:
    """Everything that the room keeps about deals, but for keys."""
    rows = WinBack.objects.order_by("pk").values("deal", "due_at", "asked_at", "offer", "result", "new_deal_id")
    reasons = CheckUp.objects.order_by("win_back").values("origin", "why", "follow_up_on", "follow_ups", "settled_at")
    return [*rows, *reasons, *Parting.objects.values("deal", "channel", "wish_on"), *Deal.objects.values("outcome")]


def test_a_loss_is_closed_agreed_and_dated_in_one(ada: Actor, open_deal: Make) -> None:
    deal = open_deal("Okapi", contract_term_months="12")
    enter_stage(ada, deal.pk, "proposal", "They were in a hurry", datetime(2026, 2, 10, tzinfo=UTC))
    was = state()
    edit = close_and_part(ada, deal.pk, LOST, Farewell("email"))
    row = waiting(deal)
    assert due(row) == date(2026, 11, 10), "three quarters of a year from the proposal"
    assert row is not None
    assert row.check_up.origin == "term"
    assert Parting.objects.get().channel == "email"
    undo(ada, edit.pk)
    assert state() == was
    assert not Closing.objects.exists()


def test_the_day_of_a_rule_is_worked_and_the_day_of_a_wish_stands(ada: Actor, open_deal: Make) -> None:
    """2 December 2026 is a Wednesday; 28 November a Saturday."""
    ruled, wished = open_deal("Okapi"), open_deal("Brightwater")
    close_and_part(ada, ruled.pk, Ending("lost", date(2026, 2, 28)), None)
    close_and_part(ada, wished.pk, LOST, Farewell("call", date(2026, 11, 28)))
    assert due(waiting(ruled)) == date(2026, 11, 30)
    assert due(waiting(wished)) == date(2026, 11, 28)


@pytest.mark.parametrize("outcome", ["ordered", "disqualified"])
def test_what_was_not_lost_is_not_asked_again(ada: Actor, open_deal: Make, outcome: str) -> None:
    close_and_part(ada, open_deal("Okapi").pk, Ending(outcome))
    assert not WinBack.objects.exists()


@pytest.mark.parametrize("term", ["", "0", "600"])
def test_a_deal_without_contact_or_with_an_odd_term_has_a_sensible_day(ada: Actor, open_deal: Make, term: str) -> None:
    deal = open_deal("Okapi", contract_term_months=term)
    close_and_part(ada, deal.pk, LOST)
    assert due(waiting(deal)) == (date(2029, 3, 2) if term == "600" else date(2026, 12, 2))


def test_nine_months_later_it_is_asked_once_and_comes_back(ada: Actor, open_deal: Make, clock: Clock) -> None:
    deal = open_deal("Okapi", amount="36000", contract_term_months="12", product="Audit")
    close_and_part(ada, deal.pk, LOST)
    row = waiting(deal)
    assert row is not None
    clock("2026-12-02T08:00:00+00:00")
    ask(ada, row.pk, "A smaller start")
    with pytest.raises(Settled, match="asked already"):
        ask(ada, row.pk, "Again")
    edit, back = came_back(ada, row.pk)
    assert (back.reopened_from, back.product, back.data_source) == (deal.deal_id, "Audit", deal.data_source)
    assert back.stage_changes.get().stage == "Enquiry"
    row.refresh_from_db()
    assert (row.result, row.new_deal_id, row.offer) == ("reopened", back.deal_id, "A smaller start")
    assert waiting(deal) is None
    with pytest.raises(Settled, match="answered already"):
        came_back(ada, row.pk)
    undo(ada, edit.pk)
    row.refresh_from_db()
    assert (row.result, row.new_deal_id) == ("waiting", "")
    assert waiting(deal) == row


def test_one_follow_up_and_then_it_is_left(ada: Actor, open_deal: Make, clock: Clock) -> None:
    deal = open_deal("Okapi")
    close_and_part(ada, deal.pk, LOST)
    row = waiting(deal)
    assert row is not None
    with pytest.raises(Settled, match="not asked yet"):
        follow_up(ada, row.pk)
    clock("2026-12-02T08:00:00+00:00")
    ask(ada, row.pk)
    assert CheckUp.objects.get(win_back=row).follow_up_on == date(2026, 12, 16)
    edit = follow_up(ada, row.pk)
    assert CheckUp.objects.get(win_back=row).follow_up_on is None
    with pytest.raises(Settled, match="now it is his turn"):
        follow_up(ada, row.pk)
    undo(ada, edit.pk)
    assert CheckUp.objects.get(win_back=row).follow_ups == 0


def test_a_second_no_can_name_a_day(ada: Actor, open_deal: Make, clock: Clock) -> None:
    deal = open_deal("Okapi")
    close_and_part(ada, deal.pk, LOST)
    row = waiting(deal)
    assert row is not None
    clock("2026-12-02T08:00:00+00:00")
    with pytest.raises(BadValue, match="still to come"):
        said_no(ada, row.pk, date(2026, 12, 2))
    was = state()
    edit = said_no(ada, row.pk, date(2027, 5, 3))
    assert due(waiting(deal)) == date(2027, 5, 3)
    assert times_asked(deal) == 1
    undo(ada, edit.pk)
    assert state() == was


def test_what_is_left_be_is_done_with(ada: Actor, open_deal: Make) -> None:
    deal = open_deal("Okapi")
    close_and_part(ada, deal.pk, LOST)
    row = waiting(deal)
    assert row is not None
    edit = leave(ada, row.pk, "They went out of business")
    assert waiting(deal) is None
    with pytest.raises(Settled, match="left be"):
        ask(ada, row.pk)
    undo(ada, edit.pk)
    assert waiting(deal) == row


def test_a_day_set_by_hand_is_still_to_come(ada: Actor, open_deal: Make) -> None:
    deal = open_deal("Okapi")
    close_and_part(ada, deal.pk, LOST)
    row = waiting(deal)
    assert row is not None
    with pytest.raises(BadValue, match="gone by"):
        set_date(ada, row.pk, date(2026, 3, 1))
    set_date(ada, row.pk, date(2026, 6, 1), "Their trade fair")
    assert due(waiting(deal)) == date(2026, 6, 1)
    assert CheckUp.objects.get().why == "Their trade fair"


def test_a_deal_lost_again_is_dated_again_once(ada: Actor, open_deal: Make, clock: Clock) -> None:
    deal = open_deal("Okapi")
    close_and_part(ada, deal.pk, LOST)
    reopen(ada, deal.pk)
    clock("2026-06-01T08:00:00+00:00")
    close_and_part(ada, deal.pk, LOST)
    assert [due(row) for row in WinBack.objects.all()] == [date(2027, 3, 1)]
    with pytest.raises(NotOpen):
        close_and_part(ada, deal.pk, LOST)


@pytest.mark.parametrize("said", ["parting", "answer"])
def test_never_holds_for_every_deal_of_the_buyer(ada: Actor, open_deal: Make, workspace: Workspace, said: str) -> None:
    """By whatever name a source writes him, whenever he said it."""
    first, second, third = open_deal("Okapi"), open_deal("Okapi"), open_deal("OKAPI Ltd")
    for deal in (first, second, third):
        close_and_part(ada, deal.pk, LOST)
    merge(ada, "account", "Okapi", ["OKAPI Ltd"])
    if said == "parting":
        part(ada, first.pk, Farewell("never"))
        assert waiting(first) is None
    else:
        BuyerAnswer.objects.create(workspace=workspace, deal=first, ask_again="Never")
    for deal in (second, third):
        row = waiting(deal)
        assert row is not None
        for act in (
            lambda pk: ask(ada, pk),
            lambda pk: set_date(ada, pk, date(2027, 1, 1)),
            lambda pk: came_back(ada, pk),
        ):
            with pytest.raises(LeftAlone, match="never"):
                act(row.pk)
        said_no(ada, row.pk)
    fourth = open_deal("OKAPI Ltd")
    close_and_part(ada, fourth.pk, LOST)
    assert waiting(fourth) is None


def test_a_wish_moves_the_check_up_and_beats_the_rules(ada: Actor, open_deal: Make, workspace: Workspace) -> None:
    deal = open_deal("Okapi", contract_term_months="12")
    close_and_part(ada, deal.pk, LOST)
    part(ada, deal.pk, Farewell("call", date(2026, 5, 4)))
    assert [due(row) for row in WinBack.objects.all()] == [date(2026, 5, 4)]
    other = open_deal("Brightwater")
    BuyerAnswer.objects.create(workspace=workspace, deal=other, ask_again="2026-09-01")
    close_and_part(ada, other.pk, LOST)
    assert due(waiting(other)) == date(2026, 9, 1)


def test_what_came_with_an_import_is_asked_like_the_rest(ada: Actor, open_deal: Make, workspace: Workspace) -> None:
    deal = open_deal("Okapi")
    close_deal(ada, deal.pk, LOST)
    row = WinBack.objects.create(
        workspace=workspace, deal=deal, due_at=datetime(2026, 3, 2, tzinfo=UTC), result="waiting", digest=7
    )
    edit = ask(ada, row.pk)
    assert CheckUp.objects.get(win_back=row).follow_up_on == date(2026, 3, 16)
    undo(ada, edit.pk)
    row.refresh_from_db()
    assert row.asked_at is None
    assert not CheckUp.objects.filter(win_back=row).exists(), "the reason that it got by being asked goes with it"


def test_many_are_closed_and_dated_at_once(ada: Actor, open_deal: Make) -> None:
    deals = [open_deal(f"Buyer {number}") for number in range(3)]
    close_deal(ada, deals[0].pk, LOST)
    done = close_many_and_part(ada, [deal.pk for deal in deals], Ending("no_decision"))
    assert len(done.edits) == 2
    assert [one.deal for one in done.refused] == [deals[0].pk]
    assert WinBack.objects.count() == 2


@pytest.mark.parametrize(
    ("farewell", "field"), [(Farewell("pigeon"), "channel"), (Farewell("call", date(2026, 3, 2)), "wish_on")]
)
def test_what_cannot_be_agreed_closes_nothing(ada: Actor, open_deal: Make, farewell: Farewell, field: str) -> None:
    deal = open_deal("Okapi")
    was = state()
    with pytest.raises(BadValue) as caught:
        close_and_part(ada, deal.pk, LOST, farewell)
    assert caught.value.field == field
    assert state() == was


SETTINGS = [
    (Ending("lost"), {"contract_term_months": "24"}, date(2027, 9, 2), date(2027, 12, 2)),
    (Ending("lost", reason="Budget frozen"), {}, date(2027, 1, 1), date(2026, 4, 1)),
]


@pytest.mark.parametrize(("ending", "values", "usual", "set_by_hand"), SETTINGS)
def test_a_close_is_dated_as_the_workspace_says(
    ada: Actor,
    open_deal: Make,
    workspace: Workspace,
    ending: Ending,
    values: dict[str, str],
    usual: date,
    set_by_hand: date,
) -> None:
    before = open_deal("Okapi", **values)
    close_and_part(ada, before.pk, ending)
    stands = settings_of(workspace)
    change_settings(operator(workspace), replace(stands, term_rule="three_months_before", budget_month=4))
    ada.workspace.refresh_from_db()
    after = open_deal("Brightwater", **values)
    close_and_part(ada, after.pk, ending)
    assert due(waiting(before)) == working_time(workspace).on_or_after(usual), "what is dated stays"
    assert due(waiting(after)) == set_by_hand


def test_a_debrief_that_finds_another_reason_moves_the_day(ada: Actor, open_deal: Make) -> None:
    deal = open_deal("Okapi")
    close_and_part(ada, deal.pk, LOST)
    was = state()
    save_field(ada, deal.pk, "deciding", "Bad timing", "Budget frozen")
    edit = finish_and_date(ada, deal.pk)
    row = waiting(deal)
    assert row is not None
    assert (due(row), row.check_up.origin) == (date(2027, 1, 1), "reason")
    undo(ada, edit.pk)
    assert state() == was


@pytest.mark.parametrize("how", ["same reason", "by hand", "asked", "won"])
def test_a_debrief_leaves_a_day_that_it_does_not_concern(ada: Actor, open_deal: Make, how: str) -> None:
    deal = open_deal("Okapi")
    close_and_part(ada, deal.pk, Ending("ordered") if how == "won" else LOST)
    row = waiting(deal)
    if row is not None and how == "by hand":
        set_date(ada, row.pk, date(2026, 6, 1))
    if row is not None and how == "asked":
        ask(ada, row.pk)
    was = state()
    save_field(
        ada,
        deal.pk,
        "deciding",
        "" if how == "won" else "Bad timing",
        "No need" if how == "same reason" else "Budget frozen",
    )
    finish_and_date(ada, deal.pk)
    assert state() == was
