"""Putting things off, for a reason, and taking that back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from notyet.deals.models import Deal
from notyet.deals.touching import touch
from notyet.today.actions import BadSnooze, snooze, unsnooze
from notyet.today.models import DueItem, Group, Snooze
from notyet.today.queries import soon, today, wake
from notyet.today.upkeep import refresh
from notyet.workspaces.access import Actor, Denied
from notyet.workspaces.models import AuditEntry, Role, Visibility, Workspace
from tests.today.conftest import local

Make = Callable[..., Deal]
At = Callable[..., Any]
Acting = Callable[..., Actor]


@pytest.fixture
def mara(acting: Acting) -> Actor:
    return acting(Role.SELLER, seller_name="Mara Lind")


@pytest.fixture
def item(make: Make, berlin: Workspace) -> DueItem:
    make(promises=[{"text": "the sheet", "due_at": local(2, 15)}], next_steps=[{"due_at": local(20)}])
    refresh(berlin)
    found: DueItem = DueItem.objects.get(group=Group.PROMISE)
    return found


def off(actor: Actor, item: DueItem, day: int = 5, reason: str = "Ana is away") -> Snooze:
    return snooze(actor, item.deal_id, item.kind, item.ref, local(day), reason)


def test_it_goes_and_comes_back_on_its_day(berlin: Workspace, mara: Actor, item: DueItem, at: At) -> None:
    off(mara, item)
    assert today(mara).lines == []
    assert [line.kind for line in soon(mara)] == ["promise"]
    at(5, 0, 1)
    wake(berlin)
    assert len(today(mara).lines) == 1


def test_working_items_out_anew_leaves_it_put_off(berlin: Workspace, mara: Actor, item: DueItem) -> None:
    off(mara, item)
    touch(berlin, [item.deal_id])
    refresh(berlin)
    assert today(mara).lines == []
    DueItem.objects.all().delete()
    touch(berlin, None)
    refresh(berlin)
    assert today(mara).lines == []


def test_it_can_be_taken_back_once(mara: Actor, item: DueItem) -> None:
    made = off(mara, item)
    unsnooze(mara, made.pk)
    assert len(today(mara).lines) == 1
    made.refresh_from_db()
    assert (made.ended_by, made.reason) == ("a seller", "Ana is away")
    later = off(mara, item, 6)
    unsnooze(mara, made.pk)
    assert today(mara).lines == []
    assert Snooze.objects.filter(ended_at=None).get() == later


def test_another_putting_off_ends_the_one_before(mara: Actor, item: DueItem) -> None:
    first, second = off(mara, item, 5), off(mara, item, 9, "  They   asked for\nnext week ")
    first.refresh_from_db()
    assert first.ended_at is not None
    assert (second.reason, second.ended_at) == ("They asked for next week", None)
    assert DueItem.objects.get(pk=item.pk).wakes_at == local(9)


def test_a_new_call_is_another_thing(make: Make, berlin: Workspace, mara: Actor) -> None:
    rang = {"channel": "call", "direction": "in", "missed": True}
    deal = make(talks=[{"at": local(2, 8), **rang}], next_steps=[{"due_at": local(20)}])
    refresh(berlin)
    off(mara, DueItem.objects.get(group=Group.MISSED_CALL))
    assert today(mara).lines == []
    deal.conversations.create(workspace=berlin, at=local(2, 8, 30), **rang)
    touch(berlin, [deal.pk])
    refresh(berlin)
    assert len(today(mara).lines) == 1


@pytest.mark.parametrize(
    ("day", "reason", "says"),
    [
        (5, "  ", "say why"),
        (5, "x" * 301, "300 characters"),
        (1, "No", "a day to come"),
    ],
)
def test_it_needs_a_reason_and_a_day_to_come(mara: Actor, item: DueItem, day: int, reason: str, says: str) -> None:
    with pytest.raises(BadSnooze, match=says):
        off(mara, item, day, reason)
    assert not Snooze.objects.exists()


def test_not_for_ever(mara: Actor, item: DueItem) -> None:
    with pytest.raises(BadSnooze, match="within a year"):
        snooze(mara, item.deal_id, item.kind, item.ref, local(2) + timedelta(days=400), "Later")


def test_only_by_who_sees_and_works_the_deal(berlin: Workspace, mara: Actor, item: DueItem, acting: Acting) -> None:
    with pytest.raises(Denied):
        off(acting(Role.LEADERSHIP), item)
    berlin.visibility = Visibility.OWN
    berlin.save()
    jo = acting(Role.SELLER, seller_name="Jo Hart")
    with pytest.raises(DueItem.DoesNotExist):
        off(jo, item)
    made = off(mara, item)
    with pytest.raises(DueItem.DoesNotExist):
        unsnooze(jo, made.pk)


def test_the_audit_trail_keeps_no_reason(mara: Actor, item: DueItem) -> None:
    made = off(mara, item)
    unsnooze(mara, made.pk)
    entries = list(AuditEntry.objects.filter(action__contains="snooze").order_by("pk"))
    assert [entry.action for entry in entries] == ["snooze", "take back snooze"]
    assert "Ana" not in str([entry.detail for entry in entries])
