"""The list: whose, in which order, folded, by pages; and what messages and calendars may carry."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from notyet.deals.models import Deal
from notyet.deals.touching import touch
from notyet.today import queries
from notyet.today.lines import Fold, Line
from notyet.today.models import DueItem, Group
from notyet.today.people import UnknownPerson, Whose, addresses, choices, chosen, find_person, usual
from notyet.today.queries import ahead, count, due, page, pushable, soon, today, wake
from notyet.today.upkeep import refresh
from notyet.workspaces.access import Actor, Denied, operator
from notyet.workspaces.actions import add_person
from notyet.workspaces.models import Membership, Role, Visibility, Workspace
from tests.today.conftest import local

Make = Callable[..., Deal]
At = Callable[..., Any]
Acting = Callable[..., Actor]


def promise(day: int, text: str = "the sheet", **more: Any) -> dict[str, Any]:
    return {"promises": [{"text": text, "due_at": local(day, 15)}], **more}


def texts(found: Any) -> list[str]:
    return [one.text for one in found]


@pytest.fixture
def mara(acting: Acting) -> Actor:
    return acting(Role.SELLER, seller_name="Mara Lind", team="North")


def test_in_order_of_what_is_lost_by_waiting(make: Make, berlin: Workspace, mara: Actor) -> None:
    step = {"next_steps": [{"text": "Call", "due_at": local(9)}]}
    make("Small", amount=1_000, **promise(2), **step)
    make("Large", amount=90_000, **step, stages=[])
    make(
        "Rang", amount=5_000, **step, talks=[{"at": local(1, 9), "channel": "call", "direction": "in", "missed": True}]
    )
    make("Large too", amount=90_000)
    refresh(berlin)
    assert texts(today(mara).lines) == [
        "Large too has no dated next step",
        "Call Rang back: they rang yesterday at 09:00 and nobody answered",
        "You promised Small the sheet",
    ]


def test_of_equal_loss_the_earlier_comes_first(make: Make, berlin: Workspace, mara: Actor) -> None:
    two = [{"text": "later", "due_at": local(2, 16)}, {"text": "sooner", "due_at": local(2, 11)}]
    make(promises=two, next_steps=[{"due_at": local(9)}])
    refresh(berlin)
    assert texts(today(mara).lines) == ["You promised Helvia AG sooner", "You promised Helvia AG later"]


def test_what_is_due_on_another_day_waits_for_it(make: Make, berlin: Workspace, mara: Actor, at: At) -> None:
    make(next_steps=[{"due_at": local(20)}], **promise(5))
    refresh(berlin)
    assert today(mara).lines == []
    assert texts(soon(mara)) == ["You promised Helvia AG the sheet"]
    at(5, 0, 1)
    wake(berlin)
    assert texts(today(mara).lines) == ["You promised Helvia AG the sheet"]
    assert soon(mara) == []
    at(4, 23, 59)
    wake(berlin)
    assert today(mara).lines == []


def test_more_than_seven_of_a_kind_are_one_line(make: Make, berlin: Workspace, mara: Actor) -> None:
    for n in range(8):
        make(f"Buyer {n}", amount=1_000 * n)
    make("Promised", amount=1_000, next_steps=[{"due_at": local(20)}], **promise(2))
    refresh(berlin)
    found = today(mara)
    [fold, line] = found.lines
    assert isinstance(fold, Fold)
    assert fold.text == "8 deals have no dated next step"
    assert fold.first.buyer == "Buyer 7"
    assert isinstance(line, Line)
    assert (found.count, found.capped) == (9, False)


def test_seven_of_a_kind_stand_one_by_one(make: Make, berlin: Workspace, mara: Actor) -> None:
    for n in range(7):
        make(f"Buyer {n}")
    refresh(berlin)
    assert len(today(mara).lines) == 7


def test_counts_end_somewhere(make: Make, berlin: Workspace, mara: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_COUNTED", 10)
    for n in range(12):
        make(f"Buyer {n}")
    refresh(berlin)
    found = today(mara)
    assert texts(found.lines) == ["10+ deals have no dated next step"]
    assert (found.count, found.capped, count(mara)) == (10, True, "10+")


def test_a_group_is_read_page_by_page(
    make: Make, berlin: Workspace, mara: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 4)
    for n in range(11):
        make(f"Buyer {n}", amount=1_000 * (n % 3))
    refresh(berlin)
    whole = [line.buyer for line in due(mara)]
    after, seen = "", list[str]()
    for _ in range(3):
        found = page(mara, None, Group.NO_NEXT_STEP, after)
        seen += [line.buyer for line in found.lines]
        after = found.after
    assert after == ""
    assert sorted(seen) == sorted(whole)
    assert seen == [line.buyer for line in sorted(due(mara), key=lambda one: -one.loss)]
    assert [line.buyer for line in page(mara, None, Group.NO_NEXT_STEP, "nonsense").lines] == seen[:4]


def test_a_seller_sees_her_own_first_and_others_where_she_may(make: Make, berlin: Workspace, acting: Acting) -> None:
    make("Mine", owner="Mara Lind", team="North")
    make("My team's", owner="Jo Hart", team="North")
    make("Other", owner="Ida Rey", team="South")
    refresh(berlin)
    mara = acting(Role.SELLER, seller_name="Mara Lind", team="North")
    seen: dict[tuple[str, str], list[str]] = {}
    for visibility in Visibility:
        berlin.visibility = visibility
        berlin.save()
        for whose in Whose:
            lines = today(mara, chosen(mara, whose)).lines
            seen[(visibility, whose)] = sorted(one.buyer for one in lines if isinstance(one, Line))
    mine, team, everybody = ["Mine"], ["Mine", "My team's"], ["Mine", "My team's", "Other"]
    assert [seen[("own", whose)] for whose in Whose] == [mine, mine, mine]
    assert [seen[("team", whose)] for whose in Whose] == [mine, team, mine]
    assert [seen[("all", whose)] for whose in Whose] == [mine, team, everybody]


def test_who_looks_after_others_sees_everybody(acting: Acting, berlin: Workspace) -> None:
    assert usual(acting(Role.MANAGER)) == Whose.ALL
    assert usual(acting(Role.MANAGER, seller_name="Jo Hart")) == Whose.MINE
    assert usual(acting(Role.SELLER)) == Whose.MINE
    assert choices(acting(Role.MANAGER, team="North")) == (Whose.MINE, Whose.TEAM, Whose.ALL)
    assert choices(acting(Role.LEADERSHIP)) == (Whose.MINE, Whose.ALL)


def test_a_deal_made_here_without_a_sellers_name_is_her_own(make: Make, berlin: Workspace, acting: Acting) -> None:
    seller = acting(Role.SELLER)
    make(owner=seller.name)
    refresh(berlin)
    assert len(today(seller).lines) == 1


@pytest.mark.parametrize("role", [Role.MARKETING, Role.SUPPORT, Role.INTERVIEWER])
def test_who_sees_no_deals_sees_no_list(acting: Acting, berlin: Workspace, role: str) -> None:
    actor = acting(role)
    for ask in (today, soon, lambda who: page(who, None, Group.PROMISE), lambda who: list(due(who))):
        with pytest.raises(Denied):
            ask(actor)
    assert count(actor) == ""


def test_people_are_found_by_address_or_by_the_name_of_their_deals(make: Make, berlin: Workspace) -> None:
    make(owner="Jo Hart")
    add_person(operator(berlin), "mara@example.org", Role.SELLER, seller_name="Mara Lind")
    add_person(operator(berlin), "ida@example.org", Role.SELLER)
    assert find_person("MARA@example.org").owner == "Mara Lind"
    assert find_person("ida@example.org").owner == "ida@example.org"
    assert find_person("Jo Hart").owner == "Jo Hart"
    with pytest.raises(UnknownPerson):
        find_person("nobody@example.org")
    assert addresses()["Mara Lind"] == "mara@example.org"


def test_everything_of_one_person(make: Make, berlin: Workspace) -> None:
    make("Mine", owner="Mara Lind")
    make("Other", owner="Jo Hart")
    refresh(berlin)
    assert {line.buyer for line in due(operator(berlin))} == {"Mine", "Other"}
    assert [line.buyer for line in due(operator(berlin), find_person("Jo Hart"))] == ["Other"]


def member(berlin: Workspace, role: Role, **more: Any) -> Membership:
    add_person(operator(berlin), "mara@example.org", role, **more)
    found: Membership = Membership.objects.get(user=User.objects.get(username="mara@example.org"))
    return found


def test_a_message_carries_her_own_and_a_calendar_what_is_ahead(make: Make, berlin: Workspace) -> None:
    mara = member(berlin, Role.MANAGER, seller_name="Mara Lind")
    make("Mine", owner="Mara Lind", next_steps=[{"text": "Call", "due_at": local(4, 10)}], **promise(2))
    make("Other", owner="Jo Hart", **promise(2))
    refresh(berlin)
    assert texts(pushable(mara)) == ["You promised Mine the sheet"]
    assert texts(pushable(mara, local(4, 9))) == ["You promised Mine the sheet", "Next step with Mine: Call"]
    assert texts(ahead(mara, local(3))) == ["You promised Mine the sheet"]
    assert texts(ahead(mara, local(5))) == ["You promised Mine the sheet", "Next step with Mine: Call"]


def test_who_works_no_deals_is_told_nothing(make: Make, berlin: Workspace) -> None:
    make(owner="mara@example.org", **promise(2))
    refresh(berlin)
    assert pushable(member(berlin, Role.LEADERSHIP)) == []
    assert len(pushable(member(berlin, Role.SELLER))) == 2


def test_keys_name_a_thing_for_ever(make: Make, berlin: Workspace, at: At) -> None:
    deal = make(**promise(2))
    refresh(berlin)
    before = {line.key for line in due(operator(berlin))}
    at(4, 9)
    deal.promises.update(text="another sheet")
    touch(berlin, [deal.pk])
    DueItem.objects.all().delete()
    touch(berlin, None)
    refresh(berlin)
    assert {line.key for line in due(operator(berlin))} == before


def test_the_page_asks_the_database_a_fixed_number_of_times(
    make: Make, berlin: Workspace, mara: Actor, django_assert_max_num_queries: Any
) -> None:
    for n in range(30):
        make(f"Buyer {n}", **promise(2))
    refresh(berlin)
    # Twelve groups, a count for each of two that are many, the names that buyers count as.
    with django_assert_max_num_queries(16):
        today(mara)
    with django_assert_max_num_queries(3):
        count(mara)
    with django_assert_max_num_queries(2):
        soon(mara)
    assert timedelta(days=7) == queries.SOON
