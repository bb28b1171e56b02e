"""What wakes a loss: the right ones only, none twice, those who said never not at all, and all of it taken back."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from notyet.deals.closing import Ending
from notyet.deals.models import Account, DataSource, Deal
from notyet.deals.values import BadValue
from notyet.debriefs.models import Debrief
from notyet.winbacks.check_ups import ask, waiting
from notyet.winbacks.coming_back import came_back
from notyet.winbacks.models import WinBack
from notyet.winbacks.parting_models import CheckUp, Waking
from notyet.winbacks.partings import Farewell, close_and_part
from notyet.winbacks.triggers import Event, let_sleep, wake
from notyet.workspaces.access import Actor, Denied
from notyet.workspaces.models import Role, Workspace
from notyet.workspaces.scope import within

pytestmark = pytest.mark.django_db
Make = Callable[..., Deal]
SHIPPED = Event("shipped", "The missing export shipped", ("Missing feature",))
TODAY = datetime(2026, 3, 2, tzinfo=UTC)


def lose(ada: Actor, deal: Deal, reason: str, farewell: Farewell | None = None) -> Deal:
    close_and_part(ada, deal.pk, Ending("lost", reason=reason), farewell)
    return deal


def rows() -> list[object]:
    return [
        *WinBack.objects.order_by("deal").values("deal", "due_at", "plain_dates", "result"),
        *CheckUp.objects.order_by("win_back__deal").values("win_back__deal", "origin", "why"),
    ]


def test_the_losses_of_the_reason_wake_once_and_say_why(ada: Actor, open_deal: Make) -> None:
    wanted = lose(ada, open_deal("Lindqvist"), "missing features")
    other, open_one = lose(ada, open_deal("Harrow"), "Slow follow-up"), open_deal("Open")
    gone = lose(ada, open_deal("Silent"), "Missing feature", Farewell("never"))
    was = rows()
    woken = wake(ada, SHIPPED)
    assert (woken.deals, woken.left_alone) == ((wanted.pk,), 1)
    row = waiting(wanted)
    assert row is not None
    assert (row.due_at, row.check_up.origin, row.check_up.why) == (TODAY, "trigger", "The missing export shipped")
    assert waiting(gone) is None
    assert waiting(open_one) is None
    assert waiting(other) != TODAY
    assert wake(ada, SHIPPED).deals == (), "it is due already"
    assert let_sleep(ada, woken.trigger.pk) == 1
    assert rows() == was
    with pytest.raises(BadValue, match="taken back already"):
        let_sleep(ada, woken.trigger.pk)


def test_a_debriefs_reason_stands_in_the_place_of_the_first(ada: Actor, open_deal: Make, workspace: Workspace) -> None:
    first = lose(ada, open_deal("Lindqvist"), "Price above value")
    second = lose(ada, open_deal("Harrow"), "Missing feature")
    Debrief.objects.create(workspace=workspace, deal=first, deciding_reason="Missing feature")
    Debrief.objects.create(workspace=workspace, deal=second, deciding_reason="Promise broken")
    assert wake(ada, SHIPPED).deals == (first.pk,)


def test_words_and_the_buyer_narrow_it(ada: Actor, open_deal: Make) -> None:
    first = lose(ada, open_deal("Lindqvist", competitor="Northwind"), "Competitor offer")
    second = lose(ada, open_deal("Harrow", competitor="Southwind"), "Competitor offer")
    event = Event("competitor", "Northwind raised its prices", ("Competitor offer",), words="northwind")
    assert wake(ada, event).deals == (first.pk,)
    assert wake(ada, Event("new_contact", "A new head of IT", buyer="Harrow")).deals == (second.pk,)


def test_whoever_was_asked_or_came_back_is_left(ada: Actor, open_deal: Make) -> None:
    asked = lose(ada, open_deal("Lindqvist"), "Missing feature")
    back = lose(ada, open_deal("Harrow"), "Missing feature")
    for deal, act in ((asked, ask), (back, came_back)):
        row = waiting(deal)
        assert row is not None
        act(ada, row.pk)
    assert wake(ada, SHIPPED).deals == ()


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (Event("rumour", "x", ("Missing feature",)), "kind"),
        (Event("shipped", " ", ("Missing feature",)), "text"),
        (Event("shipped", "Something"), "reasons"),
        (Event("new_contact", "Somebody", buyer="Nobody Ltd"), "buyer"),
    ],
)
def test_what_says_too_little_wakes_nobody(ada: Actor, event: Event, field: str) -> None:
    with pytest.raises(BadValue) as caught:
        wake(ada, event)
    assert caught.value.field == field


def test_ten_thousand_losses_wake_by_one_trigger(
    ada: Actor, workspace: Workspace, acting: Callable[..., Actor]
) -> None:
    """Every third for the reason, every fifth buyer said never, some had a check-up; nothing twice when run again."""
    source = DataSource.objects.create(workspace=workspace, key="crm", name="CRM")
    accounts = Account.objects.bulk_create(Account(workspace=workspace, name=f"Buyer {n}") for n in range(10_000))
    deals = Deal.objects.bulk_create(
        Deal(
            workspace=workspace,
            data_source=source,
            deal_id=str(number),
            account=account,
            outcome="lost" if number % 2 else "no_decision",
            loss_reason=("feature gap", "Slow follow-up", "")[number % 3],
            closed_at=datetime(2025, 6, 1, tzinfo=UTC),
        )
        for number, account in enumerate(accounts)
    )
    from notyet.feedback.models import BuyerAnswer

    BuyerAnswer.objects.bulk_create(
        BuyerAnswer(workspace=workspace, deal=deal, ask_again="never") for deal in deals[::5]
    )
    later = datetime(2026, 9, 1, tzinfo=UTC)
    WinBack.objects.bulk_create(
        WinBack(workspace=workspace, deal=deal, due_at=later, result="waiting", row_id=f"w{deal.deal_id}")
        for deal in deals[::7]
    )
    was = rows()
    wanted = {deal.pk for number, deal in enumerate(deals) if number % 3 == 0 and number % 5}
    woken = wake(ada, SHIPPED)
    assert set(woken.deals) == wanted
    assert woken.left_alone == len([n for n in range(10_000) if n % 15 == 0])
    assert Waking.objects.count() == len(wanted)
    due_today = WinBack.objects.filter(due_at=TODAY, check_up__origin="trigger")
    assert set(due_today.values_list("deal", flat=True)) == wanted
    assert due_today.count() == len(wanted)
    assert wake(ada, Event("shipped", "Shipped again", ("Missing feature",))).deals == ()
    assert let_sleep(ada, woken.trigger.pk) == len(wanted)
    assert rows() == was


def test_only_who_may_wakes_and_only_here(ada: Actor, workspace: Workspace, acting: Callable[..., Actor]) -> None:
    from notyet.workspaces.actions import create_workspace

    with pytest.raises(Denied):
        wake(acting(Role.SELLER), SHIPPED)
    other = create_workspace("Other")
    with within(other):
        source = DataSource.objects.create(workspace=other, key="crm", name="CRM")
        Deal.objects.create(
            workspace=other,
            data_source=source,
            deal_id="1",
            outcome="lost",
            loss_reason="Missing feature",
            closed_at=datetime(2025, 6, 1, tzinfo=UTC),
        )
    assert wake(ada, SHIPPED).deals == ()
    assert date(2026, 3, 2) == wake(ada, SHIPPED).trigger.happened_on
