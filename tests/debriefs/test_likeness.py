"""Which won deals a deal is held against, how they were prepared, and when nothing is said."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notyet.core.clock import now
from notyet.deals.actions import create_deal
from notyet.deals.closing import Ending, close_deal, record_payment, reopen
from notyet.deals.models import Conversation, Deal, Promise
from notyet.debriefs.evidence import Worked
from notyet.debriefs.like_deals import LikeWork, like_deals, worked_like
from notyet.debriefs.likeness import FEWEST, LADDER, Comparison, Prepared, Tally, Traits, alike, compare
from notyet.debriefs.preparation import USUAL, ticks
from notyet.debriefs.writing import finish, save_field
from notyet.workspaces.access import Actor, operator
from notyet.workspaces.actions import create_workspace
from notyet.workspaces.models import Role, Workspace
from notyet.workspaces.scope import within

DEAL = Traits("Audit", "Founder", "1", Decimal(10_000), "EUR")
KEYS = ("planned", "knew")
YES: Mapping[str, bool] = {"planned": True, "knew": False}


def won(number: int, said: Mapping[str, bool] = YES, **traits: Any) -> list[Prepared]:
    return [Prepared(replace(DEAL, **traits), said)] * number


NARROWEST_FIRST = [
    (won(5), ("product", "persona", "size")),
    (won(4) + won(1, product="Parts"), ("persona", "size")),
    (won(4) + won(1, persona="IT"), ("product", "size")),
    (won(4) + won(1, amount=Decimal(50_000)), ("product", "persona")),
    (won(4) + won(1, persona="IT", amount=None), ("product",)),
    (won(4) + won(1, product="Parts", amount=Decimal(1)), ("persona",)),
    (won(5, product="Parts", persona=""), ("size",)),
    (won(4, product="", persona="") + won(1, product="", persona="", currency="USD"), ("process",)),
]


@pytest.mark.parametrize(("others", "traits"), NARROWEST_FIRST)
def test_the_narrowest_likeness_with_five_deals_counts(others: list[Prepared], traits: tuple[str, ...]) -> None:
    found = compare(DEAL, others, KEYS)
    assert found is not None
    assert (found.traits, found.deals) == (traits, 5)


@pytest.mark.parametrize(
    "others",
    [
        [],
        won(4),
        won(9, said={}),
        won(9, said={"another": True}),
        won(9, product="", persona="", process="", amount=None),
    ],
)
def test_below_five_nothing_is_said(others: list[Prepared]) -> None:
    assert compare(DEAL, others, KEYS) is None


def test_what_is_not_known_is_like_nothing() -> None:
    assert compare(Traits(), [Prepared(Traits(), YES)] * 9, KEYS) is None


def test_a_tick_that_too_few_answered_is_withheld() -> None:
    found = compare(DEAL, won(4) + won(3, said={"planned": False}), KEYS)
    assert found is not None
    assert (found.deals, found.ticks) == (7, {"planned": Tally(4, 7)})


def test_size_is_from_half_to_twice_the_value_in_the_same_currency() -> None:
    for amount, like in ((5_000, True), (20_000, True), (4_999, False), (20_001, False), (None, False)):
        other = replace(DEAL, amount=None if amount is None else Decimal(amount))
        assert alike(("size",), DEAL, other) is like
    assert not alike(("size",), DEAL, replace(DEAL, currency="USD"))
    assert not alike(("size",), replace(DEAL, amount=Decimal(0)), replace(DEAL, amount=Decimal(0)))


def test_it_says_in_what_they_are_alike() -> None:
    words = [Comparison(traits, 5, {}).like for traits in LADDER]
    assert words[0] == "the same product, the same persona and a like size"
    assert words[-1] == "the same process"
    assert len(set(words)) == len(LADDER)


TRAITS = st.builds(
    Traits,
    st.sampled_from(["", "Audit", "Parts"]),
    st.sampled_from(["", "Founder", "IT"]),
    st.sampled_from(["", "1"]),
    st.none() | st.integers(0, 40_000).map(Decimal),
    st.sampled_from(["EUR", "USD"]),
)
PREPARED = st.builds(Prepared, TRAITS, st.dictionaries(st.sampled_from(KEYS), st.booleans()))


@given(TRAITS, st.lists(PREPARED, max_size=30))
def test_whatever_the_record_nothing_rests_on_fewer_than_five(deal: Traits, others: list[Prepared]) -> None:
    found = compare(deal, others, KEYS)
    narrower = LADDER if found is None else LADDER[: LADDER.index(found.traits)]
    answered = [one for one in others if one.said]
    for traits in narrower:
        assert sum(alike(traits, deal, one.traits) for one in answered) < FEWEST
    if found is not None:
        like = [one for one in answered if alike(found.traits, deal, one.traits)]
        assert found.deals == len(like) >= FEWEST
        for key, tally in found.ticks.items():
            assert tally.n == sum(key in one.said for one in like) >= FEWEST
            assert tally.yes == sum(one.said.get(key, False) for one in like)


# In the record

FIRST = USUAL[0].key
Counting = Callable[[int], Any]


@pytest.fixture
def ada(workspace: Workspace, acting: Callable[..., Actor], clock: Callable[[str], datetime]) -> Actor:
    clock("2026-03-02T08:00:00+00:00")
    return acting(Role.MANAGER, seller_name="Ada")


def debriefed(actor: Actor, *, paid: bool = True, outcome: str = "ordered", said: str = "yes", **more: str) -> Deal:
    values = {"account": "Okapi", "opened_at": "2026-02-01", "product": "Audit", "amount": "10000", **more}
    deal = create_deal(actor, values)
    close_deal(actor, deal.pk, Ending(outcome))
    if paid and outcome == "ordered":
        record_payment(actor, deal.pk)
    save_field(actor, deal.pk, f"prepared.{FIRST}", "", said)
    save_field(actor, deal.pk, "deciding", "", "Value shown")
    finish(actor, deal.pk)
    return deal


def test_won_and_paid_deals_of_this_workspace_are_what_a_deal_is_held_against(
    ada: Actor, django_assert_max_num_queries: Counting
) -> None:
    for number in range(5):
        debriefed(ada, said="no" if number else "yes")
    debriefed(ada, paid=False)
    debriefed(ada, outcome="lost")
    debriefed(ada, product="Parts", amount="90000")
    again = debriefed(ada, outcome="lost")
    reopen(ada, again.pk, "They came back")
    close_deal(ada, again.pk, Ending("ordered"))
    record_payment(ada, again.pk)
    undebriefed = create_deal(ada, {"account": "Zebu", "opened_at": "2026-02-01", "product": "Audit", "amount": "9000"})
    close_deal(ada, undebriefed.pk, Ending("ordered"))
    record_payment(ada, undebriefed.pk)
    deal = debriefed(ada, outcome="lost")
    other = create_workspace("Other")
    with within(other):
        debriefed(operator(other))
    with django_assert_max_num_queries(2):
        found = like_deals(deal, USUAL)
    assert found is not None
    assert found.comparison == Comparison(("product", "size"), 5, {FIRST: Tally(1, 5)})
    assert found.won == 7, "debriefed or not; of the one that was lost first only the lost close was"


def test_a_deal_is_not_held_against_itself(ada: Actor) -> None:
    deals = [debriefed(ada) for _ in range(5)]
    assert like_deals(deals[0], ticks()) is None


DAY = timedelta(days=1)


def worked_on(actor: Actor, workspace: Workspace, *, hours: float | None, late: bool) -> Deal:
    """A paid deal whose buyer wrote once, was answered after so many hours or never, and was promised one thing."""
    deal = debriefed(actor)
    begun = now() - 20 * DAY
    about = {"workspace": workspace, "deal": deal}
    Conversation.objects.create(**about, at=begun, channel="email", direction="in")
    if hours is not None:
        Conversation.objects.create(**about, at=begun + timedelta(hours=hours), channel="email", direction="out")
    Promise.objects.create(**about, due_at=begun + DAY, kept_at=begun + (3 * DAY if late else DAY), text="The sheet")
    return deal


def test_how_won_deals_like_it_were_worked(
    ada: Actor, workspace: Workspace, django_assert_max_num_queries: Counting
) -> None:
    for hours, late in ((2, False), (24, True), (25, False), (None, False), (1, True)):
        worked_on(ada, workspace, hours=hours, late=late)
    debriefed(ada)
    worked_on(ada, workspace, hours=1, late=False).delete()
    deal = debriefed(ada, outcome="lost")
    with django_assert_max_num_queries(3):
        found = worked_like(deal)
    assert found == LikeWork("the same product and a like size", 6, Worked(Tally(3, 5), Tally(3, 5)))


def test_fewer_than_five_won_deals_say_nothing_of_how_they_were_worked(ada: Actor, workspace: Workspace) -> None:
    for _ in range(4):
        worked_on(ada, workspace, hours=2, late=False)
    assert worked_like(debriefed(ada, outcome="lost")) is None
