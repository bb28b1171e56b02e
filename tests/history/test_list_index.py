"""The list's index finds what a look at every deal would find."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from notyet.analysis.selection import NOT_RECORDED
from notyet.deals.merging import merge
from notyet.deals.models import Account, DataSource, Deal
from notyet.history import list_keeping
from notyet.history.freeze import refresh
from notyet.history.list_index import ListIndex, UnknownListField, Wanted
from notyet.history.list_keeping import listed, make_list
from notyet.workspaces.access import operator
from notyet.workspaces.actions import touch_record
from notyet.workspaces.models import Workspace

JUNE = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture
def add(workspace: Workspace) -> Callable[..., Deal]:
    """``add("D-1", outcome="won")`` writes a deal."""
    source = DataSource.objects.create(workspace=workspace, key="default", name="Default", payments_from=JUNE)

    def make(deal_id: str, account: str = "", **more: Any) -> Deal:
        buyer = Account.objects.get_or_create(workspace=workspace, name=account)[0] if account else None
        values = {"outcome": "open", "data_source": source, "account": buyer} | more
        made: Deal = Deal.objects.create(workspace=workspace, deal_id=deal_id, **values)
        touch_record(workspace)
        return made

    return make


def index(workspace: Workspace) -> ListIndex:
    found = listed(workspace)
    assert found.fresh
    assert found.index is not None
    return found.index


def ids(workspace: Workspace, **wanted: Any) -> list[str]:
    found = index(workspace).find(Wanted(**wanted))
    names = {deal.pk: deal.deal_id for deal in Deal.objects.all()}
    pages = [names[pk] for start in range(0, len(found), 2) for pk in found.page(start, 2)]
    assert len(pages) == len(found)
    return pages


def test_an_empty_record_has_an_empty_list(workspace: Workspace) -> None:
    assert len(index(workspace).find(Wanted())) == 0
    assert index(workspace).find(Wanted(text="a", order="name")).page(0, 25) == []


def test_words_begin_anywhere_in_name_buyer_and_id(workspace: Workspace, add: Callable[..., Deal]) -> None:
    add("ACME-17", "Müller & Söhne", name="Plant maintenance")
    add("ACME-170", "Northwind", name="Planning")
    assert ids(workspace, text="plan", order="name") == ["ACME-170", "ACME-17"]
    assert ids(workspace, text="MULLER") == ["ACME-17"]
    assert ids(workspace, text="söhne plant") == ["ACME-17"]
    assert ids(workspace, text="acme-170") == ["ACME-170"]
    assert ids(workspace, text="lant") == []
    assert ids(workspace, text="north maintenance") == []


def test_a_single_character_is_a_whole_word(workspace: Workspace, add: Callable[..., Deal]) -> None:
    add("D-1", name="Buyer 7")
    add("D-2", name="Buyer 71")
    assert ids(workspace, text="buyer 7") == ["D-1"]
    assert ids(workspace, text="buyer 71") == ["D-2"]


def test_what_is_missing_comes_last_either_way(workspace: Workspace, add: Callable[..., Deal]) -> None:
    add("none")
    add("low", amount=Decimal(5), closed_at=JUNE, team="a")
    add("high", amount=Decimal(1000), closed_at=JUNE.replace(year=2026), team="B")
    for field in ("amount", "closed_at", "team"):
        assert ids(workspace, order=field) == ["low", "high", "none"]
        assert ids(workspace, order=f"-{field}") == ["high", "low", "none"]
    assert ids(workspace, order="name") == ["high", "low", "none"]


def test_a_win_whose_payment_would_be_known_is_no_win(workspace: Workspace, add: Callable[..., Deal]) -> None:
    add("before", outcome="won", closed_at=datetime(2025, 5, 1, tzinfo=UTC))
    add("unpaid", outcome="won", closed_at=JUNE)
    add("paid", outcome="won", closed_at=JUNE, paid_at=JUNE)
    assert sorted(ids(workspace, among=(("outcome", ("won",)),))) == ["before", "paid"]
    assert ids(workspace, among=(("outcome", ("ordered_unpaid",)),)) == ["unpaid"]


def test_levels_spans_and_what_is_not_recorded(workspace: Workspace, add: Callable[..., Deal]) -> None:
    add("a", team="North", amount=Decimal("10.5"), attributes={"Score": "1", "Tier": "gold"})
    add("b", team="South", amount=Decimal(20), attributes={"Score": "2.5", "Tier": "tin"})
    add("c", amount=None, attributes={"Score": ""})
    assert ids(workspace, among=(("team", ("North", "South")),), order="team") == ["a", "b"]
    assert ids(workspace, among=(("team", (NOT_RECORDED,)),)) == ["c"]
    assert ids(workspace, among=(("team", ("West",)),)) == []
    assert ids(workspace, among=(("attr.Tier", ("tin",)), ("team", ("South", NOT_RECORDED)))) == ["b"]
    assert ids(workspace, between=(("amount", 10.5, 20.0),)) == ["a"]
    assert ids(workspace, between=(("amount", 10.6, None),)) == ["b"]
    assert ids(workspace, between=(("attr.Score", None, 2.0),)) == ["a"]
    assert ids(workspace, between=(("closed_at", None, None),)) == []


def test_a_field_that_there_is_not_is_refused(workspace: Workspace) -> None:
    for wanted in (Wanted(order="nothing"), Wanted(among=(("amount", ("1",)),)), Wanted(between=(("team", 1, 2),))):
        with pytest.raises(UnknownListField):
            index(workspace).find(wanted)


def test_merged_names_count_as_one(workspace: Workspace, add: Callable[..., Deal]) -> None:
    add("a", "Acme Ltd")
    add("b", "ACME")
    merge(operator(workspace), "account", "ACME", ["Acme Ltd"])
    assert sorted(ids(workspace, among=(("account", ("ACME",)),))) == ["a", "b"]


def test_the_index_of_the_frozen_deals_is_that_of_the_record(workspace: Workspace, add: Callable[..., Deal]) -> None:
    for number in range(30):
        add(f"D-{number}", f"Buyer {number % 4}", name=f"Deal {number}", amount=Decimal(number * 7 % 11))
    before = index(workspace)
    wanted = (Wanted(order="-amount"), Wanted(text="deal", order="account"), Wanted(between=(("amount", 3, 9),)))
    own = [before.find(one).page(0, 30) for one in wanted]
    touch_record(workspace)
    refresh(workspace)
    after = index(workspace)
    assert after is not before
    assert [after.find(one).page(0, 30) for one in wanted] == own


def test_pages_from_the_end_are_those_from_the_beginning(workspace: Workspace, add: Callable[..., Deal]) -> None:
    for number in range(23):
        add(f"D-{number}", team="ab"[number % 2], amount=Decimal(number))
    found = index(workspace).find(Wanted(among=(("team", ("a",)),), order="amount"))
    whole = found.page(0, 100)
    assert len(whole) == 12
    assert [pk for start in range(0, 12, 5) for pk in found.page(start, 5)] == whole
    assert found.page(12, 5) == []


def test_a_large_record_shows_the_last_index_until_the_worker_made_the_next(
    workspace: Workspace, add: Callable[..., Deal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_keeping, "AT_ONCE", 1)
    add("a")
    add("b")
    none = listed(workspace)
    assert (none.index, none.fresh) == (None, False)
    make_list(workspace)
    add("c")
    old = listed(workspace)
    assert old.index is not None
    assert (len(old.index), old.fresh) == (2, False)
    make_list(workspace)
    assert len(index(workspace)) == 3
