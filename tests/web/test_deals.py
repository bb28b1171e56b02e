"""The list of deals: filters in its address, columns, views, the file, and who sees what of it."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from notyet.deals.merging import merge
from notyet.deals.models import Deal
from notyet.deals.view_models import SavedView
from notyet.history import list_keeping
from notyet.workspaces.access import operator
from notyet.workspaces.actions import add_person, create_workspace, touch_record
from notyet.workspaces.models import AuditEntry, Role, Workspace
from notyet.workspaces.scope import within
from tests.web.records import fill

SignIn = Callable[[Role], Client]


@pytest.fixture
def manager(deals: list[Deal], sign_in: SignIn) -> Client:
    """A manager before sixty deals."""
    return sign_in(Role.MANAGER)


def shown(client: Client, query: str = "") -> list[Deal]:
    table = client.get(f"/deals/?{query}").context["table"]
    return [row.record for row in table.page.object_list]


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    response: Any = client.get(f"/deals/list.csv?{query}")
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def count(client: Client, query: str) -> int:
    return int(client.get(f"/deals/?{query}").context["table"].page.paginator.count)


FILTERS: list[tuple[str, Callable[[Deal], bool]]] = [
    ("outcome=open", lambda deal: deal.outcome == "open"),
    ("outcome=ordered_unpaid", lambda deal: deal.outcome == "won" and deal.paid_at is None),
    ("outcome=won&outcome=lost&team=North", lambda d: d.team == "North" and (d.outcome == "lost" or bool(d.paid_at))),
    ("owner=Jo+Hart&persona=Founder", lambda deal: deal.owner == "Jo Hart" and deal.persona == "Founder"),
    ("competitor=%28not+recorded%29", lambda deal: not deal.competitor),
    ("amount.from=13500&amount.to=16500", lambda deal: 13500 <= deal.amount <= 16500),
    ("attr.Lead+quality.from=3", lambda deal: int(deal.attributes["Lead quality"]) >= 3),
    ("product=Care&q=plant", lambda deal: deal.product == "Care"),
    ("q=nobody", lambda deal: False),
    (
        "opened_at.from=2025-03-01&opened_at.to=2025-03-31",
        lambda deal: f"{deal.opened_at:%Y-%m}" == "2025-03",
    ),
]


@pytest.mark.parametrize(("query", "like_that"), FILTERS)
def test_a_filter_finds_what_is_like_that(
    manager: Client, deals: list[Deal], query: str, like_that: Callable[[Deal], bool]
) -> None:
    expected = {deal.pk for deal in Deal.objects.all() if like_that(deal)}
    assert count(manager, query) == len(expected)
    assert {deal.pk for deal in shown(manager, query)} <= expected
    assert {row["Deal id"] for row in exported(manager, query)} == {d.deal_id for d in deals if d.pk in expected}


def test_a_day_is_one_of_the_workspaces_time_zone(workspace: Workspace, manager: Client) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(time_zone="Asia/Tokyo")
    Deal.objects.filter(deal_id="D-001").update(closed_at=datetime(2030, 1, 1, 15, 30, tzinfo=UTC))
    touch_record(workspace)
    assert [deal.deal_id for deal in shown(manager, "closed_at.from=2030-01-02&closed_at.to=2030-01-02")] == ["D-001"]
    assert count(manager, "closed_at.to=0001-01-01") == 0
    assert count(manager, "closed_at.from=0001-01-01&closed_at.to=9999-12-31") == count(manager, "") - 6


def test_what_cannot_be_read_is_left_out_and_said(manager: Client) -> None:
    response = manager.get("/deals/?amount.from=many&closed_at.to=31.12.2025&sort=nothing&column=nothing&page=x")
    assert response.context["table"].page.paginator.count == 60
    text = response.content.decode()
    assert "“many” is no number" in text
    assert "“31.12.2025” is no day like 2026-01-31" in text
    assert count(manager, "q=%00") == 60


def test_pages_in_order_show_every_deal_once(manager: Client) -> None:
    pages = [shown(manager, f"sort=-amount&page={page}") for page in (1, 2, 3)]
    deals = [deal for page in pages for deal in page]
    assert [len(page) for page in pages] == [25, 25, 10]
    assert len({deal.pk for deal in deals}) == 60
    assert [deal.amount for deal in deals] == sorted((deal.amount for deal in deals), reverse=True)


def test_columns_are_chosen_among_the_sources_own_too(manager: Client) -> None:
    query = urlencode([("column", "attr.Lead quality"), ("column", "persona"), ("sort", "-attr.Lead quality")])
    text = manager.get(f"/deals/?{query}").content.decode()
    table = manager.get(f"/deals/?{query}").context["table"]
    assert [column.header for column in table.columns] == ["Deal", "Persona", "Lead quality"]
    quality = [row.record.attributes["Lead quality"] for row in table.page.object_list]
    assert quality == sorted(quality, reverse=True)
    assert 'aria-sort="descending"' in text


def test_a_heading_sorts_and_sorts_the_other_way_round(manager: Client) -> None:
    query = "column=amount&column=attr.Lead+quality&outcome=lost"
    link = 'href="?column=amount&amp;column=attr.Lead+quality&amp;outcome=lost&amp;sort={}"'
    text = manager.get(f"/deals/?{query}&page=2").content.decode()
    assert link.format("amount") in text
    assert link.format("attr.Lead+quality") in text
    assert link.format("-amount") in manager.get(f"/deals/?{query}&sort=amount").content.decode()


def test_a_chip_takes_its_filter_away(manager: Client) -> None:
    page = manager.get("/deals/?team=North&outcome=won&outcome=open&q=plant&amount.from=1").context["page"]
    chips = {chip.text: chip.without for chip in page.filters.chips()}
    assert set(chips) == {"“plant”", "Outcome: won", "Outcome: open", "Team: North", "Amount: from 1"}
    assert "outcome=won" not in chips["Outcome: won"]
    assert "outcome=open" in chips["Outcome: won"]
    assert count(manager, chips["Team: North"].removeprefix("?")) > count(
        manager, "team=North&outcome=won&outcome=open"
    )


def test_merged_buyers_are_shown_found_and_exported_by_the_kept_name(workspace: Workspace, manager: Client) -> None:
    merge(operator(workspace), "account", "Buyer 7", ["Buyer 8"])
    found = manager.get("/deals/?account=Buyer+7&column=account")
    assert found.context["table"].page.paginator.count == 4
    assert "Buyer 8" not in found.content.decode()
    assert {row["Buyer"] for row in exported(manager, "account=Buyer+7")} == {"Buyer 7"}


def test_the_file_is_harmless_in_a_spreadsheet(workspace: Workspace, manager: Client) -> None:
    Deal.objects.filter(deal_id="D-003").update(
        name='=HYPERLINK("http://x")', owner="@sum", amount=-5, attributes={"=1+1": "+2", "Lead quality": "1"}
    )
    touch_record(workspace)
    query = urlencode([("q", "D-003"), ("column", "owner"), ("column", "amount"), ("column", "attr.=1+1")])
    (row,) = exported(manager, query)
    assert row["Deal"] == '\'=HYPERLINK("http://x")'
    assert row["Owner"] == "'@sum"
    assert row["'=1+1"] == "'+2"
    assert (float(row["Amount"]), row["Currency"]) == (-5, "EUR")


def test_the_file_holds_what_the_list_holds_in_its_order_and_is_noted(manager: Client) -> None:
    query = "team=South&sort=amount&column=amount&column=closed_at"
    rows = exported(manager, query)
    assert list(rows[0]) == ["Data source", "Deal id", "Deal", "Amount", "Currency", "Closed"]
    amounts = [float(row["Amount"]) for row in rows]
    assert amounts == sorted(amounts)
    assert len(rows) == count(manager, query) == 30
    assert AuditEntry.objects.filter(action="export list of deals").get().detail == {"deals": 30}


def own_deals_only(workspace: Workspace, name: str) -> Client:
    Workspace.objects.filter(pk=workspace.pk).update(visibility="own")
    membership = add_person(operator(workspace), "mara@example.org", Role.SELLER, seller_name=name)
    client = Client()
    client.force_login(membership.user)
    return client


def test_a_seller_counts_and_finds_her_own_deals_only(workspace: Workspace, deals: list[Deal]) -> None:
    client = own_deals_only(workspace, "Mara Lind")
    assert count(client, "") == 30
    assert count(client, "owner=Jo+Hart") == 0
    assert {deal.owner for deal in shown(client, "sort=owner")} == {"Mara Lind"}
    assert "No deals that you may see" not in client.get("/deals/").content.decode()


def test_a_deal_given_away_since_the_list_was_made_is_not_shown(
    workspace: Workspace, deals: list[Deal], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = own_deals_only(workspace, "Mara Lind")
    assert count(client, "q=D-002") == 1
    monkeypatch.setattr(list_keeping, "AT_ONCE", 1)
    Deal.objects.filter(deal_id="D-002").update(owner="Jo Hart")
    touch_record(workspace)
    assert shown(client, "q=D-002") == []
    assert "The record has changed since this list was made" in client.get("/deals/").content.decode()


def test_without_a_deal_of_her_own_the_page_says_why(workspace: Workspace, deals: list[Deal]) -> None:
    assert "No deals that you may see" in own_deals_only(workspace, "").get("/deals/").content.decode()


def test_a_large_record_without_a_list_says_that_it_is_being_made(
    manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_keeping, "AT_ONCE", 1)
    assert "The list is being made" in manager.get("/deals/").content.decode()
    assert manager.get("/deals/list.csv").status_code == 404


def test_another_workspaces_deals_and_views_are_not_listed(manager: Client, workspace: Workspace) -> None:
    other = create_workspace("Other")
    with within(other):
        fill(other, 3)
        view = SavedView.objects.create(
            workspace=other, user_id=1, name="Theirs", shared=True, saved_at=datetime.now(UTC), saved_by="x"
        )
    assert count(manager, "") == 60
    assert "Theirs" not in manager.get("/deals/").content.decode()
    assert manager.post(f"/deals/views/{view.pk}/remove/").status_code == 404


def test_a_view_is_kept_opened_and_replaced(manager: Client) -> None:
    manager.post("/deals/views/", {"name": " Lost  in the North ", "query": "team=North&outcome=lost&page=3&x=1"})
    (line,) = manager.get("/deals/").context["page"].views
    assert (line.view.name, line.view.query, line.current) == ("Lost in the North", "outcome=lost&team=North", False)
    assert manager.get(f"/deals/?{line.view.query}").context["page"].views[0].current
    manager.post("/deals/views/", {"name": "Lost in the North", "query": "team=North"})
    assert [one.query for one in SavedView.objects.all()] == ["team=North"]


@pytest.mark.parametrize("data", [{}, {"name": "   "}, {"name": "x" * 101}])
def test_a_view_without_a_name_is_not_kept(manager: Client, data: dict[str, str]) -> None:
    response = manager.post("/deals/views/", {"query": "team=North", **data}, follow=True)
    assert "Nothing was kept" in response.content.decode()
    assert not SavedView.objects.exists()


def test_views_are_ones_own_unless_shared_by_who_may(manager: Client, sign_in: SignIn) -> None:
    seller = sign_in(Role.SELLER)
    manager.post("/deals/views/", {"name": "Mine", "query": ""})
    manager.post("/deals/views/", {"name": "Ours", "query": "team=North", "shared": "1"})
    assert [line.view.name for line in seller.get("/deals/").context["page"].views] == ["Ours"]
    assert seller.post("/deals/views/", {"name": "For all", "shared": "1"}).status_code == 403
    ours, mine = SavedView.objects.get(name="Ours"), SavedView.objects.get(name="Mine")
    assert seller.post(f"/deals/views/{mine.pk}/remove/").status_code == 404
    assert seller.post(f"/deals/views/{ours.pk}/remove/").status_code == 403
    seller.post("/deals/views/", {"name": "Ours", "query": "team=South"})
    assert {view.query for view in SavedView.objects.filter(name="Ours")} == {"team=North", "team=South"}
    assert sign_in(Role.OWNER).post(f"/deals/views/{ours.pk}/remove/").status_code == 302
    assert not SavedView.objects.filter(pk=ours.pk).exists()
