"""Two people at one deal: neither's work is lost, the second is told.

On PostgreSQL they work at the same moment, each with a connection of her own: the second waits for the first, whose
transaction is held open until she does. On SQLite, which lets one write at a time, one after the other.
"""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection, connections

from notyet.deals.actions import create_deal, edit_deal
from notyet.deals.conflicts import EditConflict
from notyet.deals.edit_models import Edit
from notyet.deals.models import Account, Deal, Promise
from notyet.deals.talk import Talk
from notyet.deals.talk_actions import RowGone, add_conversation, edit_row, keep_promise, make_promise, remove_row
from notyet.deals.undoing import CannotUndo, undo
from notyet.deals.values import Change
from notyet.workspaces.access import Actor
from notyet.workspaces.actions import create_workspace
from notyet.workspaces.models import Role, Workspace
from notyet.workspaces.scope import within
from tests.deals.worked import changed, imported_deal

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.fixture
def workspace(transactional_db: None) -> Iterator[Workspace]:
    """A workspace that other connections see too."""
    made = create_workspace("Acme")
    with within(made):
        yield made


def people(workspace: Workspace) -> tuple[Actor, Actor]:
    """Ada and Ben."""
    return tuple(Actor(workspace=workspace, role=Role.SELLER, name=name, seller_name=name) for name in ("Ada", "Ben"))  # type: ignore[return-value]


def at_once(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """What each comes to, or what it raises; the second begins when the first is about to end."""
    if connection.vendor == "sqlite":
        return [_outcome(first), _outcome(second)]
    written, results = threading.Event(), [None, None]

    def slow(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        done = execute(sql, params, many, context)
        if "deals_edit" in sql and sql.startswith("INSERT"):
            written.set()
            _until_somebody_waits()
        return done

    def ada() -> None:
        with connection.execute_wrapper(slow):
            results[0] = _outcome(first)
        written.set()
        connections.close_all()

    def ben() -> None:
        written.wait()
        results[1] = _outcome(second)
        connections.close_all()

    threads = [threading.Thread(target=one) for one in (ada, ben)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def _until_somebody_waits() -> None:
    for _ in range(2_000):
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.005)
    raise AssertionError("the second never waited for the first")


def _outcome(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except (EditConflict, CannotUndo, RowGone) as error:
        return error


def test_two_fields_are_both_kept(workspace: Workspace) -> None:
    """Whoever posts a form changes only what she changed."""
    deal, (ada, ben) = imported_deal(workspace), people(workspace)
    form = {"name": "Line 3", "region": "", "attr.Lead": ""}
    mine = {field: Change(seen, "Line 4" if field == "name" else seen) for field, seen in form.items()}
    hers = {field: Change(seen, seen if field == "name" else "new") for field, seen in form.items()}

    results = at_once(lambda: edit_deal(ada, deal.pk, mine), lambda: edit_deal(ben, deal.pk, hers))

    deal.refresh_from_db()
    assert (deal.name, deal.region, deal.attributes) == ("Line 4", "new", {"Lead": "new"})
    assert [edit.by for edit in results] == ["Ada", "Ben"]


def test_of_one_field_the_first_stands_and_the_second_is_told(workspace: Workspace) -> None:
    """Who, when, and what; nothing of the second's is written, not even the other field."""
    deal, (ada, ben) = imported_deal(workspace), people(workspace)
    mine, hers = changed(deal, amount="2,000.00"), changed(deal, amount="3000", region="DACH")

    first, told = at_once(lambda: edit_deal(ada, deal.pk, mine), lambda: edit_deal(ben, deal.pk, hers))

    deal.refresh_from_db()
    assert (deal.amount, deal.region) == (2_000, "")
    [conflict] = told.conflicts
    assert (conflict.field, conflict.seen, conflict.mine, conflict.theirs) == ("amount", "1000", "3000", "2000")
    assert (conflict.by, conflict.at) == ("Ada", first.at)
    assert Edit.objects.count() == 1


def test_two_attributes_of_one_column_are_both_kept(workspace: Workspace) -> None:
    """They share a column of the database, and still neither overwrites the other."""
    deal, (ada, ben) = imported_deal(workspace, attributes={"Lead": "cold", "Size": "1"}), people(workspace)
    mine, hers = {"attr.Lead": Change("cold", "warm")}, {"attr.Size": Change("1", "2")}
    at_once(lambda: edit_deal(ada, deal.pk, mine), lambda: edit_deal(ben, deal.pk, hers))
    deal.refresh_from_db()
    assert deal.attributes == {"Lead": "warm", "Size": "2"}


def test_a_promise_is_kept_once(workspace: Workspace) -> None:
    """Two clicks are one edit."""
    deal, (ada, ben) = imported_deal(workspace), people(workspace)
    made = make_promise(ada, deal.pk, "Send the offer", date(2026, 3, 5))
    first, second = at_once(lambda: keep_promise(ada, made.row), lambda: keep_promise(ben, made.row))
    assert first == second
    assert Edit.objects.filter(action="keep promise").count() == 1


def test_an_edit_is_undone_once(workspace: Workspace) -> None:
    """The second is told who did it."""
    deal, (ada, ben) = imported_deal(workspace), people(workspace)
    edit = edit_deal(ada, deal.pk, changed(deal, name="Line 4"))
    assert edit is not None
    _, told = at_once(lambda: undo(ada, edit.pk), lambda: undo(ben, edit.pk))
    assert str(told) == "Ada undid this already"
    deal.refresh_from_db()
    assert deal.name == "Line 3"


def test_an_undone_making_comes_back_once(workspace: Workspace) -> None:
    """Though there is no deal yet that they could wait for."""
    ada, ben = people(workspace)
    deal = create_deal(ada, {"account": "Corwin"})
    gone = undo(ada, Edit.objects.get().pk)
    _, told = at_once(lambda: undo(ada, gone.pk), lambda: undo(ben, gone.pk))
    assert isinstance(told, CannotUndo)
    assert Deal.objects.get().pk == deal.pk


def test_who_edits_what_was_removed_is_told(workspace: Workspace) -> None:
    """By whom, not that there never was such a row."""
    deal, (ada, ben) = imported_deal(workspace), people(workspace)
    talk = deal.conversations.get()
    change = {"summary": Change("first", "second")}
    _, told = at_once(
        lambda: remove_row(ada, "conversations", talk.pk), lambda: edit_row(ben, "conversations", talk.pk, change)
    )
    assert str(told) == "Ada removed this in the meantime"


def test_both_notes_are_kept(workspace: Workspace) -> None:
    """What two people add stands side by side."""
    deal, (ada, ben) = imported_deal(workspace), people(workspace)
    at_once(
        lambda: add_conversation(ada, deal.pk, Talk(channel="call", summary="one")),
        lambda: add_conversation(ben, deal.pk, Talk(channel="call", summary="two")),
    )
    assert set(deal.conversations.values_list("summary", flat=True)) == {"first", "one", "two"}


def test_deals_made_at_once_have_numbers_of_their_own(workspace: Workspace) -> None:
    """And one buyer, though both named it first."""
    ada, ben = people(workspace)
    at_once(lambda: create_deal(ada, {"account": "New"}), lambda: create_deal(ben, {"account": "New"}))
    assert sorted(Deal.objects.values_list("deal_id", flat=True)) == ["N-1001", "N-1002"]
    assert Account.objects.count() == 1
    assert not Promise.objects.exists()
