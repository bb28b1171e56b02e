"""How deals end, are paid, and open again: what stands afterwards, and what can be taken back."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from notyet.deals.actions import create_deal
from notyet.deals.closing import Ending, NotOpen, close_deal, close_many, record_payment, reopen, standing_closing
from notyet.deals.models import Closing, Deal, EditedField, Reopening
from notyet.deals.undoing import CannotUndo, undo
from notyet.deals.values import BadValue
from notyet.process.actions import enter_stage
from notyet.workspaces.access import Actor, Denied
from notyet.workspaces.models import Role, Workspace
from notyet.workspaces.scope import within

pytestmark = pytest.mark.django_db
Acting = Callable[..., Actor]
Clock = Callable[[str], datetime]

LOST = Ending("lost", lost_to="Northwind", reason="Slow follow-up")
ENDS = ("outcome", "closed_at", "ordered_at", "paid_at", "lost_to", "loss_reason", "plain_dates")


@pytest.fixture
def ada(workspace: Workspace, acting: Acting, clock: Clock) -> Actor:
    clock("2026-03-02T08:00:00+00:00")
    return acting(Role.SELLER, seller_name="Ada")


@pytest.fixture
def deal(ada: Actor) -> Deal:
    return create_deal(ada, {"account": "Okapi Logistics", "opened_at": "2026-02-01"})


def ends(deal: Deal) -> dict[str, object]:
    return Deal.objects.filter(pk=deal.pk).values(*ENDS).get()


def test_a_lost_deal_says_to_whom_and_why(ada: Actor, deal: Deal) -> None:
    close_deal(ada, deal.pk, LOST)
    stands = ends(deal)
    assert (stands["outcome"], stands["lost_to"], stands["loss_reason"]) == ("lost", "Northwind", "Slow follow-up")
    assert stands["closed_at"] == datetime(2026, 3, 2, 8, tzinfo=UTC)
    closing = Closing.objects.get()
    assert (closing.outcome, closing.reason, closing.made_by) == ("lost", "Slow follow-up", ada.name)


def test_an_order_is_won_once_it_is_paid(ada: Actor, deal: Deal) -> None:
    with pytest.raises(NotOpen, match="close it as ordered first"):
        record_payment(ada, deal.pk)
    close_deal(ada, deal.pk, Ending("ordered", date(2026, 2, 27), lost_to="nobody", reason="Price above value"))
    stands = ends(deal)
    assert (stands["outcome"], stands["lost_to"], stands["loss_reason"], stands["paid_at"]) == ("won", "", "", None)
    assert stands["ordered_at"] == stands["closed_at"] == datetime(2026, 2, 27, tzinfo=UTC)
    edit = record_payment(ada, deal.pk, date(2026, 3, 1))
    assert ends(deal)["paid_at"] == datetime(2026, 3, 1, tzinfo=UTC)
    with pytest.raises(NotOpen, match="paid already"):
        record_payment(ada, deal.pk)
    with pytest.raises(NotOpen, match="take the payment back first"):
        reopen(ada, deal.pk)
    undo(ada, edit.pk)
    assert ends(deal)["paid_at"] is None


def test_a_reopened_deal_keeps_its_past_and_can_be_lost_again(ada: Actor, deal: Deal, clock: Clock) -> None:
    close_deal(ada, deal.pk, LOST)
    first = standing_closing(deal)
    reopen(ada, deal.pk, "They called back")
    assert ends(deal)["outcome"] == "open"
    assert ends(deal)["closed_at"] is None
    assert standing_closing(deal) is None
    clock("2026-06-01T08:00:00+00:00")
    close_deal(ada, deal.pk, Ending("no_decision", lost_to="ignored", reason="Budget frozen"))
    assert [one.outcome for one in Closing.objects.order_by("pk")] == ["lost", "no_decision"]
    assert standing_closing(deal) != first
    assert ends(deal)["lost_to"] == ""
    assert Reopening.objects.get().closing == first


@pytest.mark.parametrize("times", [1, 2, 3])
def test_closing_and_reopening_are_undone_and_done_again(ada: Actor, deal: Deal, times: int) -> None:
    was = ends(deal)
    edit = close_deal(ada, deal.pk, LOST)
    closed = ends(deal)
    for number in range(times):
        edit = undo(ada, edit.pk)
        assert ends(deal) == (closed if number % 2 else was)
        assert Closing.objects.count() == number % 2
    if times % 2:
        edit = undo(ada, edit.pk)
    edit = reopen(ada, deal.pk)
    undo(ada, edit.pk)
    assert ends(deal) == closed
    assert not Reopening.objects.exists()
    assert standing_closing(deal) is not None


def test_what_was_closed_meanwhile_is_told(ada: Actor, deal: Deal) -> None:
    close_deal(ada, deal.pk, LOST)
    with pytest.raises(NotOpen, match="closed already \\(lost\\)"):
        close_deal(ada, deal.pk, Ending("disqualified"))
    assert Closing.objects.count() == 1


@pytest.mark.parametrize(
    ("ending", "field"),
    [
        (Ending("won"), "outcome"),
        (Ending("lost", date(2026, 3, 3)), "closed_at"),
        (Ending("lost", date(2026, 1, 31)), "opened_at"),
        (Ending("lost", date(1700, 1, 1)), "closed_at"),
        (Ending("lost", reason="x" * 501), "reason"),
        (Ending("lost", lost_to="a\x00b"), "reason"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(ada: Actor, deal: Deal, ending: Ending, field: str) -> None:
    was = ends(deal)
    with pytest.raises(BadValue) as caught:
        close_deal(ada, deal.pk, ending)
    assert caught.value.field == field
    assert ends(deal) == was
    assert not Closing.objects.exists()


def test_many_are_closed_at_once_and_the_rest_is_named(ada: Actor, deal: Deal, workspace: Workspace) -> None:
    others = [create_deal(ada, {"account": f"Buyer {number}", "opened_at": "2026-02-01"}) for number in range(3)]
    late = create_deal(ada, {"account": "Late", "opened_at": "2026-03-01"})
    close_deal(ada, others[0].pk, LOST)
    done = close_many(
        ada, [deal.pk, *(one.pk for one in others), late.pk, 0], Ending("disqualified", date(2026, 2, 20))
    )
    assert len(done.edits) == 3
    assert {one.deal: one.why for one in done.refused} == {
        others[0].pk: "the deal is closed already (lost)",
        late.pk: "the deal was closed before that",
        0: "there is no such deal",
    }
    assert ends(late)["outcome"] == "open"
    assert ends(others[2])["outcome"] == "disqualified"


def test_what_an_import_says_later_does_not_open_it(ada: Actor, deal: Deal) -> None:
    """The end of a deal of another source is marked as set here."""
    deal.data_source.key = "crm"
    deal.data_source.save()
    close_deal(ada, deal.pk, LOST)
    assert set(EditedField.objects.values_list("field", flat=True)) == {
        "outcome",
        "closed_at",
        "lost_to",
        "loss_reason",
    }


def test_entering_the_stage_of_an_order_closes_the_deal(ada: Actor, deal: Deal) -> None:
    edit = enter_stage(ada, deal.pk, "order", "They signed at the fair")
    assert Closing.objects.get().outcome == "won"
    undo(ada, edit.pk)
    assert not Closing.objects.exists()
    assert ends(deal)["outcome"] == "open"


def test_a_deal_that_was_closed_cannot_be_unmade(ada: Actor, deal: Deal) -> None:
    made = deal.edits.get()
    close_deal(ada, deal.pk, LOST)
    with pytest.raises(CannotUndo):
        undo(ada, made.pk)


def test_only_those_who_work_on_deals_may(deal: Deal, acting: Acting, workspace: Workspace) -> None:
    may = {Role.SELLER, Role.MANAGER, Role.OWNER, Role.ADMINISTRATOR}
    for role in set(Role) - may:
        for act in (lambda who: close_deal(who, deal.pk, LOST), lambda who: reopen(who, deal.pk)):
            with pytest.raises(Denied):
                act(acting(role))
    Workspace.objects.filter(pk=workspace.pk).update(visibility="own")
    workspace.refresh_from_db()
    with pytest.raises(Deal.DoesNotExist), within(workspace):
        close_deal(acting(Role.SELLER, seller_name="Bea"), deal.pk, LOST)
