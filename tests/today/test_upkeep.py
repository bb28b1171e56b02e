"""Working items out: what changed, all of it, after every kind of interruption; and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from notyet.deals.edit_models import ChangedDeal
from notyet.deals.models import Account, Deal
from notyet.deals.touching import touch
from notyet.process.models import ProcessVersion
from notyet.today import upkeep
from notyet.today.models import DueItem, Group, Upkeep
from notyet.today.upkeep import catch_up, refresh, waiting
from notyet.workspaces.actions import create_workspace
from notyet.workspaces.models import Workspace
from notyet.workspaces.scope import within
from tests.today.conftest import BERLIN, local

Make = Callable[..., Deal]
At = Callable[..., Any]
TOLD = ("deal_id", "kind", "ref", "group", "due_at", "shows_at", "wakes_at", "active", "loss", "what", "owner")


def items() -> list[tuple[Any, ...]]:
    return sorted(DueItem.objects.values_list(*TOLD), key=str)


def groups() -> set[str]:
    return set(DueItem.objects.values_list("group", flat=True))


def fill(make: Make, deals: int = 5) -> list[Deal]:
    promised = [{"text": "the sheet", "due_at": local(5, 15), "made_at": local(1, 9)}]
    return [make(f"Buyer {n}", promises=promised if n % 2 else []) for n in range(deals)]


def test_the_first_use_makes_the_items_of_what_was_there(make: Make, berlin: Workspace) -> None:
    fill(make)
    make(outcome="lost", closed_at=local(1), promises=[{"due_at": local(5)}])
    assert waiting(berlin).everything
    refresh(berlin)
    assert groups() == {Group.PROMISE, Group.NO_NEXT_STEP, Group.PROPOSED}
    assert DueItem.objects.count() == 2 + 5 + 1
    assert not waiting(berlin)


def test_a_changed_deal_is_worked_out_alone(make: Make, berlin: Workspace) -> None:
    first, second = fill(make, 2)
    refresh(berlin)
    DueItem.objects.filter(deal=first).update(what="left as it was")
    second.promises.update(kept_at=local(2, 10))
    touch(berlin, [second.pk])
    assert waiting(berlin).singles == 1
    catch_up(berlin)
    assert not DueItem.objects.filter(deal=second, group=Group.PROMISE).exists()
    assert DueItem.objects.filter(what="left as it was").count() == 1
    assert not ChangedDeal.objects.exists()


def test_a_deal_that_closed_or_is_gone_has_no_items(make: Make, berlin: Workspace) -> None:
    first, second, third = fill(make, 3)
    refresh(berlin)
    Deal.objects.filter(pk=first.pk).update(outcome="lost")
    third.delete()
    touch(berlin, [first.pk])
    refresh(berlin)
    assert set(DueItem.objects.values_list("deal_id", flat=True)) == {second.pk}


def test_items_stay_the_rows_they_were_while_nothing_changes(make: Make, berlin: Workspace) -> None:
    fill(make)
    refresh(berlin)
    before = sorted(DueItem.objects.values_list("pk", flat=True))
    touch(berlin, None)
    refresh(berlin)
    assert sorted(DueItem.objects.values_list("pk", flat=True)) == before


@pytest.mark.parametrize(
    "change",
    [
        {"reply_hours": 8},
        {"stalled_factor": 3.0},
        {"unpaid_days": 30},
        {"working_days": [0, 1, 2]},
        {"country": "FR"},
        {"term_rule": "three_months_before"},
        {"budget_month": 4},
        {"closed_days": [{"day": "2026-03-05", "name": "Fair"}]},
    ],
)
def test_other_settings_make_all_items_anew(make: Make, berlin: Workspace, change: dict[str, Any]) -> None:
    fill(make)
    refresh(berlin)
    Workspace.objects.filter(pk=berlin.pk).update(**change)
    berlin.refresh_from_db()
    assert waiting(berlin).everything
    refresh(berlin)
    assert not waiting(berlin)


@pytest.mark.parametrize(
    ("change", "reason", "day"),
    [
        ({"term_rule": "three_months_before"}, "", "2027-11-27"),
        ({"budget_month": 4}, "Budget frozen", "2026-04-01"),
    ],
)
def test_how_a_lost_buyer_is_asked_again_moves_what_is_proposed(
    make: Make, berlin: Workspace, change: dict[str, Any], reason: str, day: str
) -> None:
    make(outcome="lost", closed_at=local(27, 9, month=2), contract_term_months=24, loss_reason=reason)
    refresh(berlin)
    before = DueItem.objects.get(group=Group.PROPOSED).due_at
    Workspace.objects.filter(pk=berlin.pk).update(**change)
    refresh(Workspace.objects.get(pk=berlin.pk))
    moved = DueItem.objects.get(group=Group.PROPOSED).due_at
    assert moved != before
    assert moved.astimezone(BERLIN).date().isoformat() == day


def test_a_closed_day_moves_what_it_should(make: Make, berlin: Workspace) -> None:
    make(promises=[{"text": "the sheet", "due_at": local(5, 15)}])
    refresh(berlin)
    assert DueItem.objects.get(group=Group.PROMISE).shows_at == local(5)
    berlin.closed_days = [{"day": "2026-03-05", "name": "Fair"}]
    berlin.save()
    refresh(berlin)
    assert DueItem.objects.get(group=Group.PROMISE).shows_at == local(4)


def test_a_new_version_of_the_process_makes_them_anew(make: Make, berlin: Workspace) -> None:
    refresh(berlin)
    ProcessVersion.objects.create(
        workspace=berlin, number=1, name="1", definition={"stages": []}, published_at=local(1), published_by="Ada"
    )
    assert waiting(berlin).everything


def test_a_deal_without_a_value_counts_as_the_median(make: Make, berlin: Workspace) -> None:
    for amount in (1_000, 20_000, 5_000):
        make(amount=amount, outcome="lost")
    unknown = make(amount=None)
    refresh(berlin)
    assert DueItem.objects.get(deal=unknown).loss == pytest.approx(5_000 * 0.005)


def test_another_workspace_is_left_alone(make: Make, berlin: Workspace) -> None:
    fill(make, 2)
    other = create_workspace("Other")
    with within(other):
        touch(other, None)
        refresh(other)
        assert not DueItem.objects.exists()
    refresh(berlin)
    with within(other):
        assert not waiting(other)
    assert DueItem.objects.exists()


def test_chunks_report_how_far_they_are(make: Make, berlin: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "CHUNK", 2)
    fill(make, 5)
    said: list[tuple[int, int]] = []
    refresh(berlin, lambda done, total: said.append((done, total)))
    assert said == [(2, 5), (4, 5), (5, 5)]


def test_what_changes_during_the_going_through_is_not_forgotten(
    make: Make, berlin: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "CHUNK", 2)
    deals = fill(make, 5)
    calls: list[int] = []

    def change(done: int, total: int) -> None:
        calls.append(done)
        if len(calls) == 1:
            deals[1].promises.update(kept_at=local(2, 10))
            touch(berlin, [deals[1].pk])
            touch(berlin, None)

    refresh(berlin, change)
    assert not DueItem.objects.filter(deal=deals[1], group=Group.PROMISE).exists()
    assert not waiting(berlin)
    assert calls == [2, 4, 5, 2, 4, 5]


class Stopped(Exception):
    """The process ended here."""


@contextmanager
def stopped_at(number: int) -> Iterator[list[int]]:
    """Let the ``number``-th statement fail; the list holds how many were run."""
    run = [0]

    def execute(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        run[0] += 1
        if run[0] == number:
            raise Stopped
        return execute(sql, params, many, context)

    with connection.execute_wrapper(execute):
        yield run


@pytest.mark.parametrize("everything", [True, False])
@pytest.mark.django_db(transaction=True)
def test_stopped_at_any_statement_it_goes_on(
    make: Make, berlin: Workspace, monkeypatch: pytest.MonkeyPatch, everything: bool
) -> None:
    monkeypatch.setattr(upkeep, "CHUNK", 2)
    deals = fill(make, 3)
    refresh(berlin)
    wanted = items()
    number, ended = 0, False
    while not ended:
        number += 1
        DueItem.objects.filter(group=Group.PROMISE).delete()
        DueItem.objects.filter(group=Group.NO_NEXT_STEP).update(loss=1)
        touch(berlin, None if everything else [deal.pk for deal in deals])
        with stopped_at(number):
            try:
                refresh(berlin)
                ended = True
            except Stopped:
                assert items() == wanted or waiting(berlin), number
        refresh(berlin)
        assert items() == wanted, number
        assert not ChangedDeal.objects.exists()
    assert number > 20


def test_medians_that_moved_hold_deals_against_them_anew(make: Make, berlin: Workspace) -> None:
    make(stages=[{"stage": "Discovery", "entered_at": local(20, 9, month=2)}])
    refresh(berlin)
    assert Group.STALLED not in groups()
    clock = {"n": 9, "opening_hours": None, "stage_hours": 96.0, "quiet_hours": None}
    Upkeep.objects.update(clocks=[{"kind": "", **clock}])
    refresh(berlin)
    [item] = DueItem.objects.filter(group=Group.STALLED)
    assert (item.due_at, item.active, item.stage) == (local(26, 9, month=2), 1, "Discovery")


def test_two_buyers_by_one_name_are_one(make: Make, berlin: Workspace) -> None:
    make("Helvia AG")
    make("Helvia AG")
    refresh(berlin)
    assert Account.objects.count() == 1
    assert DueItem.objects.count() == 2
