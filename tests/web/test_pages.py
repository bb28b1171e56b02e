"""What pages say and do, and how often they ask the database."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from notyet.deals.models import Deal
from notyet.debriefs.models import LossReason
from notyet.history.models import LeakDecision
from notyet.workspaces.models import Role, Workspace

SignIn = Callable[[Role], Client]
Counter = Callable[..., Any]

QUERIES = {
    "/deals/": 9,
    "/deals/?q=plant&outcome=won&attr.Lead+quality=2&sort=amount&page=9": 9,
    "DEAL": 31,
    "/reasons/": 14,
    "/": 11,
    "/report/": 11,
    "/health/?with=found": 9,
    "/duplicates/": 11,
}
"""How often a page asks the database: three times for who asks, three for the count beside Today. Another number is a
decision, not an accident."""


@pytest.fixture
def owner(frozen: Workspace, sign_in: SignIn) -> Client:
    """The win/loss owner before a frozen record."""
    return sign_in(Role.OWNER)


@pytest.mark.parametrize("address", list(QUERIES))
def test_a_page_asks_the_database_as_often_as_written_down(
    owner: Client, deals: list[Deal], address: str, django_assert_num_queries: Counter
) -> None:
    path = f"/deals/{deals[7].pk}/" if address == "DEAL" else address
    owner.get(path)
    with django_assert_num_queries(QUERIES[address]):
        assert owner.get(path).status_code == 200


def test_a_figure_opens_as_many_deals_as_it_counts(owner: Client) -> None:
    page = owner.get("/?period=all")
    closed = page.context["report"].deals.closed
    found = owner.get("/deals/behind/?period=all&figure=win_rate")
    assert found.context["table"].page.paginator.count == closed > 40
    narrowed = owner.get("/deals/behind/?period=all&figure=win_rate&by.persona=Founder")
    founders = page.context["report"].figure("win_rate", persona="Founder")
    assert narrowed.context["table"].page.paginator.count == founders.n


@pytest.mark.parametrize(
    "query", ["", "figure=nothing", "figure=win_rate&by.owner=Mara+Lind", "figure=driver&by.name=x"]
)
def test_what_is_no_figure_opens_nothing(owner: Client, query: str) -> None:
    assert owner.get(f"/deals/behind/?{query}").status_code == 404


def test_the_deals_behind_a_figure_are_sorted_and_paged(owner: Client) -> None:
    first = owner.get("/deals/behind/?period=all&figure=win_rate&sort=-amount").context["table"]
    amounts = [row.record.amount for row in first.page.object_list]
    assert amounts == sorted(amounts, reverse=True)
    second = owner.get("/deals/behind/?period=all&figure=win_rate&sort=-amount&page=2").context["table"]
    assert {row.record.pk for row in first.page.object_list}.isdisjoint(
        row.record.pk for row in second.page.object_list
    )


def test_an_order_without_payment_is_no_win_on_its_page(owner: Client, deals: list[Deal]) -> None:
    unpaid = next(deal for deal in deals if deal.outcome == "won" and deal.paid_at is None)
    text = owner.get(f"/deals/{unpaid.pk}/").content.decode()
    assert "Ordered, not paid" in text
    assert "not a win yet" in text


def test_a_deal_leads_to_the_one_it_reopened_and_back(owner: Client, deals: list[Deal]) -> None:
    earlier, later = deals[1], deals[2]
    Deal.objects.filter(pk=later.pk).update(reopened_from=earlier.deal_id)
    assert f'href="/deals/{earlier.pk}/"' in owner.get(f"/deals/{later.pk}/").content.decode()
    assert f'href="/deals/{later.pk}/"' in owner.get(f"/deals/{earlier.pk}/").content.decode()


def test_few_deals_are_said_to_be_few(owner: Client) -> None:
    text = owner.get("/?period=custom&since=2025-02-01&until=2025-02-03").content.decode()
    assert "Too few deals to say anything" in text
    assert "Clear the filters" in text


def test_without_a_history_the_page_says_how_to_get_one(workspace: Workspace, sign_in: SignIn) -> None:
    client = sign_in(Role.LEADERSHIP)
    for address in ("/", "/report/", "/deals/"):
        assert "notyet import" in client.get(address).content.decode()


def test_a_leak_is_decided_and_taken_back(owner: Client) -> None:
    back = "/?period=all"
    response = owner.post("/win-loss/leaks/", {"field": "Days in process", "verdict": "fine", "next": back})
    assert response["Location"] == back
    assert [(one.field, one.verdict) for one in LeakDecision.objects.all()] == [("Days in process", "fine")]
    owner.post("/win-loss/leaks/", {"field": "Days in process", "verdict": "undo"})
    assert not LeakDecision.objects.exists()


def test_a_decision_leads_to_no_other_site(owner: Client) -> None:
    data = {"field": "Days in process", "verdict": "fine", "next": "https://elsewhere.example/"}
    assert owner.post("/win-loss/leaks/", data)["Location"] == "/"


@pytest.mark.parametrize("data", [{}, {"field": "x", "verdict": "maybe"}, {"field": "x" * 501, "verdict": "fine"}])
def test_a_decision_that_says_nothing_is_refused(owner: Client, data: dict[str, str]) -> None:
    assert owner.post("/win-loss/leaks/", data).status_code == 400


def test_the_table_of_reasons_is_saved_from_its_page(owner: Client) -> None:
    formset = owner.get("/reasons/").context["formset"]
    data = {"reason-TOTAL_FORMS": str(len(formset)), "reason-INITIAL_FORMS": str(len(formset) - 1)}
    for number, form in enumerate(formset):
        data |= {f"reason-{number}-{name}": str(form[name].value() or "") for name in ("position", "label", "control")}
    data |= {f"reason-{len(formset) - 1}-label": "Our own reason", f"reason-{len(formset) - 1}-position": "0"}
    assert owner.post("/reasons/", data).status_code == 302
    assert LossReason.objects.first().label == "Our own reason"
    assert LossReason.objects.count() == len(formset)


def test_a_wording_is_given_a_meaning_from_the_page(owner: Client) -> None:
    assert "Price too high" in owner.get("/reasons/").content.decode()
    owner.post("/reasons/wordings/", {"text": ["Price too high"], "means": ["Budget frozen"]})
    chosen = [one.chosen for one in owner.get("/reasons/").context["wordings"] if one.text == "Price too high"]
    assert chosen == ["Budget frozen"]


def test_pages_carry_no_inline_script_or_style(owner: Client, deals: list[Deal]) -> None:
    for address in ("/?with=drivers", "/report/", "/deals/", f"/deals/{deals[3].pk}/", "/reasons/"):
        text = owner.get(address).content.decode()
        assert ' style="' not in text
        assert "<script>" not in text
        assert " onclick=" not in text
