"""How a deal's record came to be what it is, told on its page."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from notyet.deals.actions import create_deal
from notyet.deals.merging import merge, split
from notyet.deals.models import Deal, FieldChange
from notyet.process.actions import answer_question
from notyet.web.deal_history import deal_history
from notyet.workspaces.access import operator
from notyet.workspaces.models import Role, Workspace

SignIn = Callable[[Role], Client]


def titles(deal: Deal) -> list[str]:
    return [event.title for event in deal_history(deal, deal.field_changes.all())]


def test_a_field_is_told_with_what_it_held_before(workspace: Workspace, deals: list[Deal]) -> None:
    deal = deals[0]
    start = deal.field_changes.get()
    for days, value in ((3, "15000.0000"), (4, "15000.0000"), (5, "")):
        FieldChange.objects.create(
            workspace=workspace, deal=deal, field="amount", value=value, at=start.at + timedelta(days=days)
        )
    assert titles(deal) == [
        "Amount: 15000.0000 → emptied",
        f"Amount: {start.value} → 15000.0000",
        f"Amount: {start.value}",
    ]


def test_merges_of_its_buyer_and_product_are_told_and_others_are_not(workspace: Workspace, deals: list[Deal]) -> None:
    made = merge(operator(workspace), "account", "Buyer 0", ["Buyer 1"])
    merge(operator(workspace), "product", "Care", ["Care Plus"])
    split(operator(workspace), made.pk)
    told = titles(deals[2])
    assert told[:3] == [
        "Buyer: “Buyer 0” and “Buyer 1” split again",
        "Product: “Care Plus” counted as “Care”",
        "Buyer: “Buyer 1” counted as “Buyer 0”",
    ]
    assert not [title for title in titles(deals[9]) if title.startswith("Buyer")]


def test_the_page_shows_it(deals: list[Deal], sign_in: SignIn) -> None:
    text = sign_in(Role.SELLER).get(f"/deals/{deals[0].pk}/").content.decode()
    assert "History of changes" in text
    assert f"Amount: {deals[0].field_changes.get().value}" in text


def test_an_answer_is_told_by_what_was_asked(workspace: Workspace, sign_in: SignIn) -> None:
    """Not by the key that the process knows the question by."""
    ada = operator(workspace)
    deal = create_deal(ada, {"account": "Falk"})
    answer_question(ada, deal.pk, "can-they-do-it", "Yes, by May.")
    page = sign_in(Role.MANAGER).get(f"/deals/{deal.pk}/").content.decode()
    assert "Question answered" in page and "\nCan they do what I am looking for?\nYes, by May." in page
    assert "\ncan-they-do-it" not in page
