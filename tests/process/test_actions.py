"""Working a deal by its process, and taking it back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from notyet.deals.actions import create_deal
from notyet.deals.contact_actions import save_contact
from notyet.deals.models import DataSource, Deal, StageChange
from notyet.deals.undoing import CannotUndo, undo
from notyet.process.actions import (
    NeedsWhy,
    NotInProcess,
    answer_question,
    do_step,
    enter_stage,
    explain_deviation,
    undo_step,
)
from notyet.process.definition import NEEDS
from notyet.process.models import DeviationNote, ProcessVersion, QuestionAnswer, Stage, StepDone
from notyet.process.queries import needs_met, walk_of
from notyet.process.templates import USUAL
from notyet.workspaces.access import Actor, Denied
from notyet.workspaces.models import AuditEntry, Role, Workspace

Acting = Callable[..., Actor]


@pytest.fixture
def seller(acting: Acting, clock: Callable[[str], datetime]) -> Actor:
    clock("2026-03-02T08:00:00+00:00")
    return acting(Role.SELLER, seller_name="Ada")


@pytest.fixture
def deal(seller: Actor) -> Deal:
    return create_deal(seller, {"account": "Brannholt"})


def _place(deal: Deal) -> str:
    deal.refresh_from_db()
    found = walk_of(deal).place
    assert found is not None
    return found.stage.key


def test_a_deal_made_here_stands_in_the_first_stage_since_its_opening(deal: Deal) -> None:
    walk = walk_of(deal)
    assert walk.place is not None
    assert (walk.place.stage.key, walk.place.entered_at, walk.judged) == ("enquiry", deal.opened_at, True)


def test_the_template_becomes_the_first_version_when_a_deal_is_worked_by_it(seller: Actor, deal: Deal) -> None:
    assert not ProcessVersion.objects.exists()
    do_step(seller, deal.pk, "call-back")
    version = ProcessVersion.objects.get()
    assert (version.number, version.name, version.definition) == (1, "1", USUAL.definition.to_json())
    assert list(Stage.objects.values_list("label", "kind", "position"))[:2] == [
        ("Enquiry", "enquiry", 0),
        ("Discovery", "discovery", 1),
    ]


def test_a_stage_that_asks_for_more_wants_a_why_and_keeps_it(seller: Actor, deal: Deal) -> None:
    with pytest.raises(NeedsWhy) as told:
        enter_stage(seller, deal.pk, "discovery")
    assert [one.name for one in told.value.missing] == ["contact", "source"]
    assert not StageChange.objects.exists()
    edit = enter_stage(seller, deal.pk, "discovery", why="She called from the train.")
    assert _place(deal) == "discovery"
    assert {(one.stage, one.step, one.kind, one.why, one.by) for one in DeviationNote.objects.all()} == {
        ("discovery", need, "unmet_need", "She called from the train.", seller.name) for need in ("contact", "source")
    }
    undo(seller, edit.pk)
    assert _place(deal) == "enquiry"
    assert not DeviationNote.objects.exists()


def test_with_what_it_asks_for_a_stage_is_entered_without_a_word(seller: Actor) -> None:
    deal = create_deal(seller, {"account": "Brannholt", "source": "Fair"})
    save_contact(seller, deal.pk, {"name": "Kim", "role": "signs"})
    edit = enter_stage(seller, deal.pk, "discovery")
    entered = StageChange.objects.get()
    assert (entered.stage, edit.table, edit.row) == ("Discovery", "stage_changes", entered.pk)
    assert entered.row_id.startswith("n-")
    enter_stage(seller, deal.pk, "enquiry")
    assert _place(deal) == "enquiry"
    with pytest.raises(NotInProcess, match="is in Enquiry already"):
        enter_stage(seller, deal.pk, "enquiry")
    with pytest.raises(NotInProcess, match="no stage"):
        enter_stage(seller, deal.pk, "nowhere")


def test_every_need_is_met_by_something(seller: Actor) -> None:
    values = {"account": "B", "amount": "100", "persona": "Founder", "source": "Fair", "competitor": "Them"}
    more = {"contract_term_months": "12", "next_step": "Call", "next_step_due": "2026-03-05"}
    deal = create_deal(seller, {**values, **more})
    save_contact(seller, deal.pk, {"name": "Kim", "role": "signs"})
    assert needs_met(deal) == set(NEEDS) - {"questions"}
    assert needs_met(create_deal(seller, {"account": "B"})) == set()


def test_an_order_makes_the_deal_won_and_a_payment_paid_and_one_undo_takes_it_all_back(
    seller: Actor, deal: Deal, clock: Callable[[str], datetime]
) -> None:
    ordered = clock("2026-03-05T10:00:00+00:00")
    order = enter_stage(seller, deal.pk, "order", why="By return of post.")
    deal.refresh_from_db()
    assert (deal.outcome, deal.closed_at, deal.ordered_at, deal.paid_at) == ("won", ordered, ordered, None)
    paid = clock("2026-03-20T10:00:00+00:00")
    payment = enter_stage(seller, deal.pk, "paid")
    deal.refresh_from_db()
    assert (deal.outcome, deal.closed_at, deal.ordered_at, deal.paid_at) == ("won", ordered, ordered, paid)
    with pytest.raises(NotInProcess, match="undo the order"):
        enter_stage(seller, deal.pk, "need")
    undo(seller, payment.pk)
    deal.refresh_from_db()
    assert (deal.outcome, deal.paid_at, _place(deal)) == ("won", None, "order")
    back = undo(seller, order.pk)
    deal.refresh_from_db()
    assert (deal.outcome, deal.closed_at, deal.ordered_at, _place(deal)) == ("open", None, None, "enquiry")
    undo(seller, back.pk)
    deal.refresh_from_db()
    assert (deal.outcome, deal.ordered_at, _place(deal)) == ("won", ordered, "order")


def test_a_payment_without_an_order_is_one(seller: Actor, deal: Deal) -> None:
    enter_stage(seller, deal.pk, "paid")
    deal.refresh_from_db()
    assert deal.outcome == "won"
    assert deal.closed_at == deal.ordered_at == deal.paid_at is not None


def test_a_deal_of_another_source_is_marked_as_edited(seller: Actor, workspace: Workspace) -> None:
    source = DataSource.objects.create(workspace=workspace, key="crm", name="CRM")
    deal = Deal.objects.create(workspace=workspace, data_source=source, deal_id="1", outcome="open", owner="Ada")
    enter_stage(seller, deal.pk, "order", why="Signed.")
    marked = deal.edited_fields.filter(table="deals").values_list("field", flat=True)
    assert set(marked) == {"outcome", "closed_at", "ordered_at"}


def test_a_deal_that_has_ended_is_not_moved(seller: Actor, deal: Deal) -> None:
    Deal.objects.filter(pk=deal.pk).update(outcome="no_decision")
    with pytest.raises(NotInProcess, match="open it again"):
        enter_stage(seller, deal.pk, "discovery", why="x")


def test_steps_are_done_once_undone_and_taken_back(seller: Actor, deal: Deal) -> None:
    edit = do_step(seller, deal.pk, "call-back")
    with pytest.raises(NotInProcess, match="done already"):
        do_step(seller, deal.pk, "call-back")
    undo(seller, edit.pk)
    assert not StepDone.objects.exists()
    with pytest.raises(NotInProcess, match="is not done"):
        undo_step(seller, deal.pk, "call-back")
    do_step(seller, deal.pk, "call-back")
    taken = undo_step(seller, deal.pk, "call-back")
    assert not StepDone.objects.exists()
    assert deal.removed_rows.count() == 1
    undo(seller, taken.pk)
    assert set(walk_of(deal).done) == {"call-back"}
    assert deal.removed_rows.count() == 0
    with pytest.raises(NotInProcess, match="no step"):
        do_step(seller, deal.pk, "dance")
    with pytest.raises(NotInProcess, match="yet to come"):
        do_step(seller, deal.pk, "why-now", at=seller_now() + timedelta(days=1))


def seller_now() -> datetime:
    from notyet.core.clock import now

    return now()


def test_a_step_that_an_import_worded_is_that_step(seller: Actor, deal: Deal, workspace: Workspace) -> None:
    at = seller_now()
    for text in ("CALL BACK", "write down who asked, why now, and where they heard of us", "something of their own"):
        StepDone.objects.create(workspace=workspace, deal=deal, step=text, done_at=at)
    assert set(walk_of(deal).done) == {"call-back", "why-now"}
    undo_step(seller, deal.pk, "call-back")
    assert set(walk_of(deal).done) == {"why-now"}


def test_an_answer_is_kept_reworded_and_taken_back(seller: Actor, deal: Deal) -> None:
    first = answer_question(seller, deal.pk, "can-they-do-it", "Yes, by May.")
    assert first is not None
    kept = QuestionAnswer.objects.get()
    assert (kept.stage, kept.answered_by, kept.text) == ("enquiry", seller.name, "Yes, by May.")
    assert answer_question(seller, deal.pk, "can-they-do-it") is None
    second = answer_question(seller, deal.pk, "can-they-do-it", "Yes, by June.")
    assert second is not None
    with pytest.raises(CannotUndo):
        undo(seller, first.pk)
    undo(seller, second.pk)
    assert QuestionAnswer.objects.get().text == "Yes, by May."
    taken = undo(seller, first.pk)
    assert not QuestionAnswer.objects.exists()
    answer_question(seller, deal.pk, "can-they-do-it", "No.")
    with pytest.raises(CannotUndo):
        undo(seller, taken.pk)
    assert QuestionAnswer.objects.get().text == "No."
    with pytest.raises(NotInProcess, match="no question"):
        answer_question(seller, deal.pk, "why")


def test_a_why_is_kept_and_changed_and_never_stands_in_the_audit_trail(seller: Actor, deal: Deal) -> None:
    def explain(why: str) -> Any:
        return explain_deviation(seller, deal.pk, "enquiry", "call-back", "late", why)

    edit = explain("A secret.")
    assert explain("A secret.") is None
    changed = explain("Another secret.")
    assert DeviationNote.objects.get().why == "Another secret."
    undo(seller, changed.pk)
    assert DeviationNote.objects.get().why == "A secret."
    undo(seller, edit.pk)
    assert not DeviationNote.objects.exists()
    with pytest.raises(NotInProcess, match="few words"):
        explain("  ")
    assert "secret" not in str(list(AuditEntry.objects.values("subject", "detail")))


def test_who_does_not_work_on_deals_and_who_does_not_see_it(acting: Acting, deal: Deal, workspace: Workspace) -> None:
    with pytest.raises(Denied):
        do_step(acting(Role.LEADERSHIP), deal.pk, "call-back")
    workspace.visibility = "own"
    with pytest.raises(Deal.DoesNotExist):
        do_step(acting(Role.SELLER, seller_name="Bo"), deal.pk, "call-back")


def test_amounts_and_rows_survive_an_undo(seller: Actor) -> None:
    """What is beside the stage stays as it is."""
    deal = create_deal(seller, {"account": "B", "amount": "12.5"})
    undo(seller, enter_stage(seller, deal.pk, "order", why="x").pk)
    deal.refresh_from_db()
    assert deal.amount == Decimal("12.5")
