"""What people edit while an import is between comparing and writing stands, and the difference is listed.

On PostgreSQL they work at the same moment, each with a connection of her own. SQLite lets one write at a time, so
there the edit is made on the import's own connection: what the import does with it is the same.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections

from notyet.deals.actions import edit_deal
from notyet.deals.conflicts import EditConflict
from notyet.deals.edit_models import EditedField
from notyet.deals.models import Deal, NextStep
from notyet.deals.talk_actions import edit_row
from notyet.deals.undoing import undo
from notyet.deals.values import Change
from notyet.exchange import bulk
from notyet.exchange.commit import Commit
from notyet.exchange.files import KEPT_FILE, folder_of
from notyet.exchange.models import Import
from notyet.exchange.undo import undo_import
from notyet.workspaces.access import operator
from notyet.workspaces.actions import create_workspace
from notyet.workspaces.models import Workspace
from notyet.workspaces.scope import within
from tests.exchange.conftest import Bring, Write, read_csv

pytestmark = pytest.mark.django_db(transaction=True)
DEALS = """deal_id,account,outcome,amount,region
A,Acme,open,10.50,North
B,Bolt,lost,20,South
"""
STEPS = "id,deal_id,due_at,text\n1,A,2026-02-01,call\n2,A,2026-02-02,write\n"
Meanwhile = Callable[[Callable[[], Any]], None]


@pytest.fixture
def workspace(transactional_db: None) -> Iterator[Workspace]:
    """A workspace that other connections see too."""
    made = create_workspace("Acme")
    with within(made):
        yield made


def alone(workspace: Workspace, act: Callable[[], Any]) -> Any:
    """What it comes to on a connection of its own, as another process would do it."""

    def closing() -> Any:
        try:
            with within(workspace):
                return act()
        except EditConflict as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(closing).result()


@pytest.fixture
def meanwhile(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Have something done once between the comparing and the writing of the imports that follow."""
    todo: list[Callable[[], Any]] = []
    write = Commit.write

    def after(self: Commit, *arguments: Any) -> Any:
        while todo:
            act = todo.pop()
            act() if connection.vendor == "sqlite" else alone(workspace, act)
        return write(self, *arguments)

    monkeypatch.setattr(Commit, "write", after)
    return todo.append


def set_field(workspace: Workspace, deal_id: str, field: str, seen: str, new: str) -> Any:
    """As a page does it."""
    return edit_deal(operator(workspace), Deal.objects.get(deal_id=deal_id).pk, {field: Change(seen, new)})


def last() -> Import:
    """The newest import."""
    found: Import = Import.objects.order_by("-pk")[0]
    return found


def test_the_edit_stands(write: Write, bring: Bring, workspace: Workspace, meanwhile: Meanwhile) -> None:
    """What else the file says of the deal goes in; the difference is listed like any other, and can be undone."""
    write("deals.csv", DEALS)
    bring()
    write("deals.csv", DEALS.replace("10.50,North", "12,West").replace("20,South", "21,South"))
    meanwhile(lambda: set_field(workspace, "A", "amount", "10.5", "99"))
    result = bring()
    held = {deal.deal_id: (deal.amount, deal.region) for deal in Deal.objects.all()}
    assert held == {"A": (99, "West"), "B": (21, "South")}
    assert (result.table("deals").updated, result.table("deals").unchanged) == (2, 0)
    [kept] = result.kept
    assert (kept.deal_id, kept.field, kept.yours, kept.source) == ("A", "amount", "99", "12")
    assert (last().summary["kept_count"], read_csv(folder_of(last()) / KEPT_FILE)[0]["yours"]) == (1, "99")
    mark = EditedField.objects.get()
    assert (mark.source_value, mark.differs) == ("12", True)
    undo_import(operator(workspace), last())
    assert {deal.deal_id: (deal.amount, deal.region) for deal in Deal.objects.all()} == {
        "A": (99, "North"),
        "B": (20, "South"),
    }


def test_a_deal_with_nothing_else_to_change(
    write: Write, bring: Bring, workspace: Workspace, meanwhile: Meanwhile
) -> None:
    """It counts as unchanged, and so does one that was to stay as it was."""
    write("deals.csv", DEALS)
    bring()
    write("deals.csv", DEALS.replace("10.50", "12"))
    meanwhile(lambda: set_field(workspace, "A", "amount", "10.5", "99"))
    meanwhile(lambda: set_field(workspace, "B", "amount", "20", "30"))
    result = bring()
    assert dict(Deal.objects.values_list("deal_id", "amount")) == {"A": 99, "B": 30}
    assert (result.table("deals").updated, result.table("deals").unchanged) == (0, 2)
    assert [(one.deal_id, one.yours, one.source) for one in result.kept] == [("A", "99", "12"), ("B", "30", "20")]


def test_a_field_edited_again(write: Write, bring: Bring, workspace: Workspace, meanwhile: Meanwhile) -> None:
    """The mark was there already; what it holds since counts, not what it held when the files were compared."""
    write("deals.csv", DEALS)
    bring()
    set_field(workspace, "A", "amount", "10.5", "50")
    write("deals.csv", DEALS.replace("10.50,North", "12,West"))
    meanwhile(lambda: set_field(workspace, "A", "amount", "50", "99"))
    result = bring()
    deal = Deal.objects.get(deal_id="A")
    assert (deal.amount, deal.region) == (99, "West")
    assert [(one.yours, one.source) for one in result.kept] == [("99", "12")]


def test_an_edit_taken_back(write: Write, bring: Bring, workspace: Workspace, meanwhile: Meanwhile) -> None:
    """Nothing stands then: the file's word goes in, and nothing is listed."""
    write("deals.csv", DEALS)
    bring()
    edit = set_field(workspace, "A", "amount", "10.5", "50")
    write("deals.csv", DEALS.replace("10.50,North", "12,West"))
    meanwhile(lambda: undo(operator(workspace), edit.pk))
    result = bring()
    deal = Deal.objects.get(deal_id="A")
    assert (deal.amount, deal.region, result.kept_count) == (12, "West", 0)


def test_fields_of_the_source_own(write: Write, bring: Bring, workspace: Workspace, meanwhile: Meanwhile) -> None:
    """And the buyer, beside a new one that the file names."""
    own = DEALS.replace("region", "Size")
    write("deals.csv", own)
    bring()
    write("deals.csv", own.replace("Acme,open,10.50,North", "Cogs,open,12,West"))
    meanwhile(lambda: set_field(workspace, "A", "attr.Size", "North", "East"))
    meanwhile(lambda: set_field(workspace, "A", "account", "Acme", "Falk"))
    result = bring()
    deal = Deal.objects.select_related("account").get(deal_id="A")
    assert (deal.account and deal.account.name, deal.attributes, deal.amount) == ("Falk", {"Size": "East"}, 12)
    assert [(one.field, one.yours, one.source) for one in result.kept] == [
        ("Size", "East", "West"),
        ("account", "Falk", "Cogs"),
    ]


def test_a_row_about_a_deal(write: Write, bring: Bring, workspace: Workspace, meanwhile: Meanwhile) -> None:
    """It stands as a whole; its neighbour is updated, and undoing the import leaves it alone."""
    write("deals.csv", DEALS)
    write("next_steps.csv", STEPS)
    bring()
    write("next_steps.csv", STEPS.replace("call", "ring").replace("write", "mail"))
    step = NextStep.objects.get(row_id="1")
    meanwhile(lambda: edit_row(operator(workspace), "next_steps", step.pk, {"text": Change("call", "visit")}))
    result = bring()
    assert dict(NextStep.objects.values_list("row_id", "text")) == {"1": "visit", "2": "mail"}
    assert (result.table("next_steps").updated, result.table("next_steps").unchanged) == (1, 1)
    assert [(one.table, one.yours, one.source) for one in result.kept] == [("next_steps", "text: visit", "text: ring")]
    undo_import(operator(workspace), last())
    assert dict(NextStep.objects.values_list("row_id", "text")) == {"1": "visit", "2": "write"}


def test_without_edits_nothing_is_compared_again(
    write: Write, bring: Bring, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was edited long before costs reading its marks and its deals, not another look at the files."""
    write("deals.csv", DEALS)
    bring()
    set_field(workspace, "A", "amount", "10.5", "50")
    again: list[Any] = []
    monkeypatch.setattr("notyet.exchange.edited_meanwhile.keep_edited_deals", lambda *given: again.append(given))
    write("deals.csv", DEALS.replace("10.50,North", "12,West"))
    assert (bring().kept_count, again) == (1, [])


@pytest.mark.parametrize("what", ["deal", "row"])
def test_whoever_comes_during_the_writing_waits_and_is_told(
    write: Write, bring: Bring, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """The rows that are written are held from before the marks are read; rows are added for a deal that waits."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write at a time")
    write("deals.csv", DEALS)
    write("next_steps.csv", STEPS)
    bring()
    write("deals.csv", DEALS.replace("10.50", "12") if what == "deal" else DEALS)
    write("next_steps.csv", STEPS.replace("call", "ring"))
    write("promises.csv", "deal_id,due_at,text\nA,2026-03-01,send\n")
    step = NextStep.objects.get(row_id="1")
    person: Callable[[], Any] = lambda: set_field(workspace, "A", "amount", "10.5", "99")  # noqa: E731
    if what == "row":
        person = lambda: edit_row(operator(workspace), "next_steps", step.pk, {"text": Change("call", "visit")})  # noqa: E731
    outcome: list[Any] = []
    thread = threading.Thread(target=lambda: outcome.append(alone(workspace, person)))
    update = bulk.update

    def updating(*arguments: Any) -> int:
        if thread.ident is None:
            thread.start()
            _until_somebody_waits()
        return update(*arguments)

    monkeypatch.setattr(bulk, "update", updating)
    assert bring().table("promises").added == 1
    thread.join()
    if what == "deal":
        assert isinstance(outcome[0], EditConflict)
        assert Deal.objects.get(deal_id="A").amount == 12
    else:
        assert NextStep.objects.get(pk=step.pk).text == "visit"
        assert EditedField.objects.get().table == "next_steps"


def _until_somebody_waits() -> None:
    given_up = time.monotonic() + 60
    while time.monotonic() < given_up:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.005)
    raise AssertionError("nobody waited for the import")
