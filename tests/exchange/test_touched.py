"""What a deal's history says of imports is what they did."""

from pathlib import Path

import pytest

from notyet.deals.models import Deal
from notyet.exchange.actions import import_history
from notyet.exchange.models import Import
from notyet.exchange.touched import touches
from notyet.exchange.undo import undo_import
from notyet.workspaces.access import operator
from notyet.workspaces.models import Workspace

HEAD = "deal_id,account,amount,currency,opened_at,outcome,Score\n"
FIRST = HEAD + "A,Nordwind,100,EUR,2025-01-02,open,1\nB,Adler,50,EUR,2025-01-03,open,\n"
SECOND = HEAD + "A,Nordwind Ltd,120,EUR,2025-01-02,won,2\nB,Adler,50,EUR,2025-01-03,open,\n"


@pytest.fixture
def imported(workspace: Workspace, tmp_path: Path) -> Deal:
    """Deal A as it came, and as the next month's file changed it."""
    for number, text in enumerate((FIRST, SECOND)):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "deals.csv").write_text(text)
        import_history(operator(workspace), [folder])
    return Deal.objects.get(deal_id="A")


def test_a_deal_came_in_with_one_import_and_was_changed_by_another(imported: Deal) -> None:
    changed, came = touches(imported)
    assert (came.added, came.changes) == (True, ())
    assert not changed.added
    assert {(field, after) for field, _, after in changed.changes} == {
        ("account", "Nordwind Ltd"),
        ("amount", "120"),
        ("outcome", "won"),
        ("Score", "2"),
    }
    assert {field: before for field, before, _ in changed.changes}["account"] == "Nordwind"


def test_an_import_that_left_a_deal_alone_is_not_in_its_history(imported: Deal) -> None:
    assert [touch.added for touch in touches(Deal.objects.get(deal_id="B"))] == [True]


def test_an_import_that_was_taken_back_is_not_in_it(workspace: Workspace, imported: Deal) -> None:
    undo_import(operator(workspace), Import.objects.order_by("-pk")[0])
    assert [touch.added for touch in touches(imported)] == [True]
