"""Drafts that two people change at once, versions that do not change, deals that are moved on purpose."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from notyet.core.clock import now
from notyet.deals.actions import create_deal
from notyet.deals.edit_models import ChangedDeal, Edit
from notyet.deals.models import DataSource, Deal, StageChange
from notyet.deals.undoing import undo
from notyet.process.definition import Definition
from notyet.process.editing import fields
from notyet.process.models import ProcessDraft, ProcessVersion, Stage
from notyet.process.moving import (
    UnknownVersion,
    move_deals,
    move_groups,
    open_deals_by_version,
    undo_move,
)
from notyet.process.publishing import (
    CannotPublish,
    DraftChanged,
    DraftGone,
    UnknownOrigin,
    discard_draft,
    map_stages,
    publish,
    save_draft,
    start_draft,
)
from notyet.process.queries import current, version_of, versions, walk_of
from notyet.process.structure import remove
from notyet.process.templates import SHORT, USUAL
from notyet.process.versions import Version
from notyet.workspaces.access import Actor, Denied
from notyet.workspaces.models import AuditEntry, Role, Workspace

Acting = Callable[..., Actor]
MONDAY = "2026-03-02T08:00:00+00:00"


@pytest.fixture
def owner(acting: Acting, clock: Callable[[str], datetime]) -> Actor:
    clock(MONDAY)
    return acting(Role.OWNER)


def _save(actor: Actor, changes: dict[str, str], seen: Definition | None = None, revision: int | None = None) -> Any:
    draft = ProcessDraft.objects.get()
    shown = seen or Definition.from_json(draft.definition)
    return save_draft(actor, shown, changes, draft.revision if revision is None else revision)


def _published(actor: Actor, changes: dict[str, str], origin: str = "current") -> Version:
    start_draft(actor, origin)
    _save(actor, changes)
    return publish(actor, "Because.", ProcessDraft.objects.get().revision)


def test_before_anything_is_published_the_template_holds(owner: Actor) -> None:
    assert [(one.name, one.pk, one.definition) for one in versions()] == [("1", None, USUAL.definition)]


def test_a_draft_becomes_a_version_and_is_gone(owner: Actor) -> None:
    version = _published(owner, {"stage.offer.label": "Quote"}, origin="short")
    assert (version.number, version.name, version.note, version.published_by) == (1, "1", "Because.", owner.name)
    assert [one.label for one in current().definition.stages] == ["Enquiry", "Quote", "Order placed", "Paid"]
    assert not ProcessDraft.objects.exists()
    assert list(Stage.objects.values_list("label", "kind")) == [
        ("Enquiry", "enquiry"), ("Quote", "proposal"), ("Order placed", "order"), ("Paid", "paid"),
    ]  # fmt: skip
    assert ChangedDeal.objects.filter(deal=None).exists()
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"start process draft", "publish process"}


def test_a_version_that_deals_were_worked_by_is_kept_when_the_first_is_published(owner: Actor) -> None:
    """Deals were made here before anybody wrote a process down: they were worked by the template."""
    deal = create_deal(owner, {"account": "B"}, process_version="1")
    assert _published(owner, {}, origin="short").name == "2"
    assert version_of(deal).definition == USUAL.definition
    assert current().definition == SHORT.definition


def test_the_template_can_be_published_as_it_is(owner: Actor) -> None:
    """The deals worked by it so far are worked by that version."""
    deal = create_deal(owner, {"account": "B"}, process_version="1")
    version = _published(owner, {}, origin="usual")
    assert (version.name, version.note) == ("1", "Because.")
    assert version_of(deal).pk == version.pk


def test_a_name_that_deals_of_another_source_carry_is_not_taken(owner: Actor, workspace: Workspace) -> None:
    source = DataSource.objects.create(workspace=workspace, key="crm", name="CRM")
    for name in ("2", "3"):
        Deal.objects.create(workspace=workspace, data_source=source, deal_id=name, outcome="open", process_version=name)
    _published(owner, {}, origin="short")
    version = _published(owner, {"stage.offer.label": "Quote"})
    assert (version.number, version.name) == (2, "4")


def test_a_deal_keeps_the_version_it_began_with(owner: Actor, clock: Callable[[str], datetime]) -> None:
    first = _published(owner, {}, origin="usual")
    clock("2026-03-03T08:00:00+00:00")
    early = create_deal(owner, {"account": "Early"})
    clock("2026-03-04T08:00:00+00:00")
    second = _published(owner, {"stage.need.label": "Need"})
    late = create_deal(owner, {"account": "Late"})
    named = create_deal(owner, {"account": "Named"}, process_version="1")
    Deal.objects.filter(pk=early.pk).update(name="Renamed")
    old = Deal(opened_at=now() - timedelta(days=400))
    assert [version_of(one).name for one in (early, late, named, old, Deal())] == ["1", "2", "1", "1", "1"]
    assert (first.name, second.name) == ("1", "2")


def test_two_people_at_once_lose_nothing(owner: Actor, acting: Acting) -> None:
    other = Actor(owner.workspace, Role.OWNER, "Bo")
    draft = start_draft(owner, "usual")
    seen = Definition.from_json(draft.definition)
    assert start_draft(other, "short").pk == draft.pk
    save_draft(owner, seen, {"stage.need.label": "Ada's"}, 1)
    told = save_draft(other, seen, {"stage.need.label": "Bo's", "stage.paid.label": "Money in"}, 1)
    assert told.by == owner.name
    assert [(one.mine, one.theirs) for one in told.merged.conflicts] == [("Bo's", "Ada's")]
    now_there = fields(Definition.from_json(ProcessDraft.objects.get().definition))
    assert (now_there["stage.need.label"], now_there["stage.paid.label"]) == ("Ada's", "Money in")
    with pytest.raises(DraftChanged, match="Bo changed"):
        publish(owner, "x", 2)
    with pytest.raises(DraftChanged):
        discard_draft(owner, 2)
    discard_draft(owner, 3)
    with pytest.raises(DraftGone, match="the draft was thrown away by a win_loss_owner"):
        save_draft(other, seen, {}, 3)


def test_a_save_that_changes_nothing_is_none(owner: Actor) -> None:
    start_draft(owner, "usual")
    assert _save(owner, {"stage.need.label": "Need agreed"}).draft.revision == 1


def test_what_cannot_be_published(owner: Actor) -> None:
    with pytest.raises(UnknownOrigin):
        start_draft(owner, "nothing")
    start_draft(owner, "usual")
    with pytest.raises(CannotPublish, match="in a line"):
        publish(owner, " ", 1)
    _save(owner, {"stage.need.label": ""})
    with pytest.raises(CannotPublish) as told:
        publish(owner, "x", 2)
    assert [one.path for one in told.value.problems] == ["stage.need.label"]
    assert not ProcessVersion.objects.exists()
    _save(owner, {"stage.need.label": "Need agreed"})
    publish(owner, "x", 3)
    start_draft(owner, "current")
    with pytest.raises(CannotPublish, match="nothing is otherwise"):
        publish(owner, "x", 1)


def test_only_who_may_changes_the_process(acting: Acting) -> None:
    manager = acting(Role.MANAGER)
    empty = Definition()
    calls: list[Callable[[], object]] = [
        partial(start_draft, manager, "usual"),
        partial(save_draft, manager, empty, {}, 1),
        partial(discard_draft, manager, 1),
        partial(publish, manager, "x", 1),
        partial(map_stages, manager, {}),
        partial(move_deals, manager, [], "1"),
        partial(undo_move, manager, 1, 2),
        partial(move_groups, manager, current(), current()),
    ]
    for call in calls:
        with pytest.raises(Denied):
            call()


def test_labels_are_mapped_to_kinds(owner: Actor) -> None:
    assert map_stages(owner, {"O_SENT": "proposal", "A_LOST": "lost"}) == 2
    assert map_stages(owner, {"O_SENT": "proposal", "A_LOST": "other"}) == 1
    assert dict(Stage.objects.values_list("label", "kind")) == {"O_SENT": "proposal", "A_LOST": "other"}
    with pytest.raises(ValueError, match="no kind"):
        map_stages(owner, {"x": "nonsense"})


@pytest.fixture
def moving(owner: Actor, clock: Callable[[str], datetime]) -> list[Deal]:
    """Three open deals and a lost one by version 1, in several stages; version 2 has no stage for the need."""
    _published(owner, {}, origin="usual")
    made = [create_deal(owner, {"account": name}) for name in ("A", "B", "C", "D")]
    for deal, stage in zip(made[1:], ("Discovery", "Need agreed", "Proposal"), strict=True):
        StageChange.objects.create(workspace=owner.workspace, deal=deal, stage=stage, entered_at=now())
    Deal.objects.filter(pk=made[3].pk).update(outcome="lost")
    clock("2026-03-10T08:00:00+00:00")
    start_draft(owner, "current")
    shown = Definition.from_json(ProcessDraft.objects.get().definition)
    changes = {"stage.discovery.label": "Diagnosis"}
    save_draft(owner, shown, changes, 1, lambda there: remove(there, "stage", "need")[0])
    publish(owner, "Shorter.", 2)
    return made


def test_a_preview_says_where_each_deal_would_stand(owner: Actor, moving: list[Deal]) -> None:
    first, second = versions()
    groups = {(one.was, one.becomes): one for one in move_groups(owner, first, second)}
    assert {way: one.deals for way, one in groups.items()} == {
        ("Enquiry", "Enquiry"): 1,
        ("Discovery", "Diagnosis"): 1,
        ("Need agreed", "Diagnosis"): 1,
    }
    assert groups["Discovery", "Diagnosis"].first == (moving[1],)
    assert open_deals_by_version(owner) == {"1": 3, "2": 0}


def test_deals_are_moved_and_taken_back(owner: Actor, moving: list[Deal]) -> None:
    keys = [deal.pk for deal in moving]
    moved = move_deals(owner, keys, "2")
    assert moved.deals == 3
    assert open_deals_by_version(owner) == {"1": 0, "2": 3}
    place = walk_of(Deal.objects.get(pk=moving[1].pk)).place
    assert place is not None
    assert place.stage.label == "Diagnosis"
    assert Deal.objects.get(pk=moving[3].pk).process_version == ""
    assert move_deals(owner, keys, "2").deals == 0
    assert set(ChangedDeal.objects.exclude(deal=None).values_list("deal_id", flat=True)) >= set(keys[:3])
    one = Edit.objects.get(row=keys[0], action="move to version")
    undo(owner, one.pk)
    assert undo_move(owner, moved.first, moved.last) == 2
    assert open_deals_by_version(owner) == {"1": 3, "2": 0}
    assert undo_move(owner, moved.first, moved.last) == 0
    with pytest.raises(UnknownVersion):
        move_deals(owner, keys, "9")


def test_a_deal_moved_on_since_stays_where_it_is(owner: Actor, moving: list[Deal]) -> None:
    moved = move_deals(owner, [moving[0].pk, moving[1].pk], "2")
    move_deals(owner, [moving[0].pk], "1")
    assert undo_move(owner, moved.first, moved.last) == 1
    assert undo_move(Actor(owner.workspace, Role.OWNER, "Bo"), moved.first, moved.last) == 0


def test_a_move_of_a_deal_from_elsewhere_stands_against_its_source(owner: Actor, moving: list[Deal]) -> None:
    source = DataSource.objects.create(workspace=owner.workspace, key="crm", name="CRM")
    deal = Deal.objects.create(workspace=owner.workspace, data_source=source, deal_id="x", outcome="open")
    moved = move_deals(owner, [deal.pk], "2")
    assert list(deal.edited_fields.values_list("field", "source_value")) == [("process_version", "")]
    undo_move(owner, moved.first, moved.last)
    assert not deal.edited_fields.exists()
    deal.refresh_from_db()
    assert deal.process_version == ""
    redo = Edit.objects.get(action="undo move to version")
    undo(owner, redo.pk)
    deal.refresh_from_db()
    assert deal.process_version == "2"
    assert deal.edited_fields.count() == 1


def test_moving_many_costs_no_query_a_deal(
    owner: Actor, moving: list[Deal], django_assert_max_num_queries: Any
) -> None:
    keys = [create_deal(owner, {"account": f"N{number}"}, process_version="1").pk for number in range(40)]
    with django_assert_max_num_queries(25):
        assert move_deals(owner, keys, "2").deals == 40
