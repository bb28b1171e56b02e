"""An edit is taken back only while all that it made, and all that it took away, is as it left it."""

from collections.abc import Callable
from datetime import datetime

import pytest

from notyet.deals.actions import create_deal
from notyet.deals.edit_models import Edit
from notyet.deals.models import Deal, StageChange
from notyet.deals.talk_actions import edit_row, remove_row
from notyet.deals.undoing import CannotUndo, undo
from notyet.deals.values import Change, shown
from notyet.process.actions import answer_question, do_step, enter_stage
from notyet.process.models import DeviationNote, QuestionAnswer, StepDone
from notyet.workspaces.access import Actor
from notyet.workspaces.models import Role

pytestmark = pytest.mark.django_db
Acting = Callable[..., Actor]


@pytest.fixture
def ada(acting: Acting, clock: Callable[[str], datetime]) -> Actor:
    clock("2026-03-05T10:00:00+00:00")
    return acting(Role.SELLER, seller_name="Ada")


@pytest.fixture
def order(ada: Actor) -> Edit:
    """A stage change with a closing: the edit is the deal's, the stage change hangs on it."""
    deal = create_deal(ada, {"account": "Brannholt", "opened_at": "2026-03-01T10:00:00+00:00"})
    made = enter_stage(ada, deal.pk, "order", why="By return of post.")
    assert made.table == "deals"
    return made


def _moved(ada: Actor, when: str = "2026-03-04 09:00") -> Edit:
    entered = StageChange.objects.get()
    seen = shown(entered, "entered_at", "UTC")
    made = edit_row(
        Actor(ada.workspace, "seller", "Ben"), "stage_changes", entered.pk, {"entered_at": Change(seen, when)}
    )
    assert made is not None
    return made


def test_an_order_whose_stage_change_was_edited_is_not_taken_back(ada: Actor, order: Edit) -> None:
    moved = _moved(ada)
    with pytest.raises(CannotUndo, match="Ben changed this since"):
        undo(ada, order.pk)
    assert Deal.objects.get().outcome == "won"
    assert StageChange.objects.get().entered_at.day == 4
    undo(ada, moved.pk)
    undo(ada, order.pk)
    assert (Deal.objects.get().outcome, StageChange.objects.exists()) == ("open", False)


def test_an_order_whose_stage_change_is_gone_is_not_taken_back(ada: Actor, order: Edit) -> None:
    removed = remove_row(Actor(ada.workspace, "seller", "Ben"), "stage_changes", StageChange.objects.get().pk)
    with pytest.raises(CannotUndo, match="Ben changed this since"):
        undo(ada, order.pk)
    assert Deal.objects.get().outcome == "won"
    undo(ada, removed.pk)
    undo(ada, order.pk)
    assert Deal.objects.get().outcome == "open"


def test_what_no_edit_says_is_not_taken_back_either(ada: Actor, order: Edit) -> None:
    StageChange.objects.update(stage="Ordered at last")
    with pytest.raises(CannotUndo, match="the stage change that it made was changed since"):
        undo(ada, order.pk)
    assert StageChange.objects.get().stage == "Ordered at last"


def test_the_why_that_came_with_it_stays_when_somebody_reworded_it(ada: Actor, order: Edit) -> None:
    """Rows of other rooms count like those of the record."""
    DeviationNote.objects.filter(pk=DeviationNote.objects.earliest("pk").pk).update(why="She had seen us before.")
    with pytest.raises(CannotUndo, match="the deviation note that it made was changed since"):
        undo(ada, order.pk)
    assert DeviationNote.objects.filter(why="She had seen us before.").exists()


def test_done_again_it_is_taken_back_only_as_it_was_done_again(ada: Actor, order: Edit) -> None:
    """An undo of an undo makes rows as well, and so does the one after it."""
    again = undo(ada, undo(ada, order.pk).pk)
    moved = _moved(ada)
    with pytest.raises(CannotUndo, match="Ben changed this since"):
        undo(ada, again.pk)
    undo(ada, moved.pk)
    back = undo(ada, again.pk)
    assert Deal.objects.get().outcome == "open"
    undo(ada, back.pk)
    assert (Deal.objects.get().outcome, StageChange.objects.count()) == ("won", 1)


def test_a_step_that_says_something_else_by_now_stays(ada: Actor) -> None:
    deal = create_deal(ada, {"account": "Brannholt"})
    done = do_step(ada, deal.pk, "call-back")
    StepDone.objects.update(step="offer-sent")
    with pytest.raises(CannotUndo, match="this was changed since"):
        undo(ada, done.pk)
    assert StepDone.objects.get().step == "offer-sent"


def test_what_was_taken_back_does_not_return_beside_its_like(ada: Actor) -> None:
    """The undo left no answer; by now there is one, so that undoing the undo would do nothing or take its place."""
    deal = create_deal(ada, {"account": "Brannholt"})
    first = answer_question(ada, deal.pk, "can-they-do-it", "Yes, by May.")
    assert first is not None
    taken = undo(ada, first.pk)
    answer_question(ada, deal.pk, "can-they-do-it", "No.")
    with pytest.raises(CannotUndo, match="its like"):
        undo(ada, taken.pk)
    assert QuestionAnswer.objects.get().text == "No."
    taken.refresh_from_db()
    assert taken.undone_at is None
