"""A debrief as it is typed, finished, changed, taken back; who owes one; and the actions that come of it."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notyet.core.clock import now
from notyet.deals.actions import create_deal
from notyet.deals.closing import Ending, close_deal, reopen
from notyet.deals.models import Deal
from notyet.deals.undoing import undo
from notyet.deals.values import BadValue
from notyet.debriefs.content import LONGEST, BadContent, Content
from notyet.debriefs.follow_up import Step, add_action, open_actions, settle_action
from notyet.debriefs.ledger import ledger, owed
from notyet.debriefs.models import Debrief
from notyet.debriefs.preparation import USUAL, BadTick, save_ticks, ticks
from notyet.debriefs.work_models import Action, DebriefWork
from notyet.debriefs.writing import FieldClash, NotClosed, discard, finish, is_finished, save_field, work_of
from notyet.workspaces.access import Actor, Denied, operator
from notyet.workspaces.models import AuditEntry, Role, Workspace

Acting = Callable[..., Actor]
Clock = Callable[[str], datetime]
KEYS = [one.key for one in USUAL]


@pytest.fixture
def ada(workspace: Workspace, acting: Acting, clock: Clock) -> Actor:
    clock("2026-03-02T08:00:00+00:00")
    return acting(Role.SELLER, seller_name="Ada", team="North")


@pytest.fixture
def lost(ada: Actor) -> Deal:
    deal = create_deal(ada, {"account": "Okapi", "opened_at": "2026-02-01"})
    close_deal(ada, deal.pk, Ending("lost", lost_to="Northwind", reason="Slow follow-up"))
    return Deal.objects.get(pk=deal.pk)


def test_it_begins_with_what_was_said_at_the_close(ada: Actor, lost: Deal) -> None:
    work = save_field(ada, lost.pk, "lesson", "", "Ring back the same day")
    content = Content.from_json(work.content)
    assert (content.deciding, content.competitor, content.lesson) == (
        "Slow follow-up",
        "Northwind",
        "Ring back the same day",
    )


def test_what_is_typed_stays_and_two_windows_do_not_overwrite_each_other(ada: Actor, lost: Deal) -> None:
    save_field(ada, lost.pk, "lesson", "", "One")
    save_field(ada, lost.pk, "same_again", "", "The site visit")
    with pytest.raises(FieldClash) as caught:
        save_field(ada, lost.pk, "lesson", "", "Two")
    clash = caught.value.clash
    assert (clash.mine, clash.theirs, clash.by) == ("Two", "One", ada.name)
    save_field(ada, lost.pk, "lesson", "", "One")
    save_field(ada, lost.pk, "lesson", "One", "Two")
    content = Content.from_json(DebriefWork.objects.get().content)
    assert (content.lesson, content.same_again) == ("Two", "The site visit")


def test_finished_it_is_in_the_record_and_owed_no_more(ada: Actor, lost: Deal) -> None:
    assert [one.deal for one in owed(ada)] == [lost]
    for name, text in (
        ("deciding", "Price above value"),
        ("contributing", "Slow follow-up; Promise broken"),
        ("prepared.rehearsed", "yes"),
        ("prepared.knew-who-signs", "no"),
        ("lesson", "Ring back"),
    ):
        save_field(ada, lost.pk, name, Content(deciding="Slow follow-up").get(name), text)
    assert [one.deal for one in owed(ada)] == [lost], "typed is not finished"
    edit = finish(ada, lost.pk)
    row = Debrief.objects.get()
    assert (row.deciding_reason, row.contributing_reasons) == ("Price above value", "Slow follow-up;Promise broken")
    assert (row.preparation, row.lesson) == (0.5, "Ring back")
    assert not owed(ada).exists()
    assert is_finished(work_of(lost))
    undo(ada, edit.pk)
    assert not Debrief.objects.exists()
    assert owed(ada).exists()
    assert Content.from_json(DebriefWork.objects.get().content).lesson == "Ring back", "what was typed stays"


def test_finished_again_it_says_the_new_and_can_say_the_old_again(ada: Actor, lost: Deal) -> None:
    finish(ada, lost.pk)
    save_field(ada, lost.pk, "deciding", "Slow follow-up", "Unknown")
    edit = finish(ada, lost.pk)
    assert Debrief.objects.get().deciding_reason == "Unknown"
    undo(ada, edit.pk)
    assert Debrief.objects.get().deciding_reason == "Slow follow-up"
    assert is_finished(work_of(lost))


def test_unknown_is_an_answer_and_none_is_not(ada: Actor) -> None:
    deal = create_deal(ada, {"account": "Okapi", "opened_at": "2026-02-01"})
    with pytest.raises(NotClosed, match="close it first"):
        finish(ada, deal.pk)
    close_deal(ada, deal.pk, Ending("no_decision"))
    with pytest.raises(BadContent, match="Unknown"):
        finish(ada, deal.pk)
    save_field(ada, deal.pk, "deciding", "", "Unknown")
    finish(ada, deal.pk)
    assert Debrief.objects.get().preparation is None


def test_a_deal_lost_again_owes_another_and_keeps_the_first(ada: Actor, lost: Deal, clock: Clock) -> None:
    finish(ada, lost.pk)
    reopen(ada, lost.pk)
    assert not owed(ada).exists()
    clock("2026-06-01T08:00:00+00:00")
    close_deal(ada, lost.pk, Ending("lost", reason="Bad timing"))
    assert owed(ada).count() == 1
    finish(ada, lost.pk)
    assert list(Debrief.objects.order_by("pk").values_list("deciding_reason", flat=True)) == [
        "Slow follow-up",
        "Bad timing",
    ]


def test_what_came_with_an_import_owes_none_and_can_be_debriefed(ada: Actor, lost: Deal) -> None:
    Deal.objects.filter(pk=lost.pk).update(deal_id="7")
    lost.closings.all().delete()
    assert not owed(ada).exists()
    finish(ada, lost.pk)
    assert Debrief.objects.count() == 1
    finish(ada, lost.pk)
    assert DebriefWork.objects.count() == 1


def test_the_ledger_is_by_team(ada: Actor, lost: Deal, acting: Acting, clock: Clock) -> None:
    bea = acting(Role.SELLER, seller_name="Bea", team="South")
    for buyer in ("A", "B"):
        deal = create_deal(bea, {"account": buyer, "opened_at": "2026-02-01"})
        close_deal(bea, deal.pk, Ending("ordered"))
    save_field(bea, deal.pk, "deciding", "", "Value shown")
    finish(bea, deal.pk)
    clock("2026-03-05T08:00:00+00:00")
    rows = {one.team: (one.closed, one.debriefed, one.owed, one.overdue) for one in ledger(ada, now())}
    assert rows == {"North": (1, 0, 1, 1), "South": (2, 1, 1, 1)}
    assert {one.team: one.share for one in ledger(ada, now())} == {"North": 0.0, "South": 0.5}


def test_the_ticks_are_the_workspaces(workspace: Workspace) -> None:
    boss = operator(workspace)
    assert ticks() == USUAL
    kept = save_ticks(boss, ["Rehearsed the demo", USUAL[2].text])
    assert [one.text for one in kept] == ["Rehearsed the demo", USUAL[2].text]
    assert kept[1].key == USUAL[2].key, "answers that were given are still its"
    save_ticks(boss, [USUAL[2].text])
    assert [one.key for one in save_ticks(boss, ["Rehearsed the demo"])] == [kept[0].key]
    with pytest.raises(BadTick, match="the same"):
        save_ticks(boss, ["a", "A "])


def test_an_action_is_done_or_dropped_with_a_word(ada: Actor, lost: Deal) -> None:
    add_action(ada, lost.pk, Step("Answer within a day", "Ada", date(2026, 3, 9)))
    add_action(ada, lost.pk, Step("A night-shift reference", "Jonas", date(2026, 3, 9), "organisation"))
    first, second = open_actions(lost)
    edit = settle_action(ada, first.pk, "Set up a rota")
    with pytest.raises(BadValue, match="settled this already"):
        settle_action(ada, first.pk)
    with pytest.raises(BadValue, match="in a word why"):
        settle_action(ada, second.pk, dropped=True)
    settle_action(ada, second.pk, "No such customer", dropped=True)
    assert open_actions(lost) == []
    undo(ada, edit.pk)
    assert [one.pk for one in open_actions(lost)] == [first.pk]


@pytest.mark.parametrize(
    ("step", "field"),
    [
        (Step("", "Ada", date(2026, 3, 9)), "text"),
        (Step("Do it", " ", date(2026, 3, 9)), "owner"),
        (Step("Do it", "Ada", date(2026, 3, 1)), "due_on"),
        (Step("Do it", "Ada", date(2026, 3, 9), "nobody"), "scope"),
    ],
)
def test_an_action_without_a_step_an_owner_or_a_day_is_none(ada: Actor, lost: Deal, step: Step, field: str) -> None:
    with pytest.raises(BadValue) as caught:
        add_action(ada, lost.pk, step)
    assert caught.value.field == field
    assert not Action.objects.exists()


def test_only_who_works_on_deals_writes_and_the_trail_holds_no_answers(ada: Actor, lost: Deal, acting: Acting) -> None:
    for role in (Role.LEADERSHIP, Role.MARKETING, Role.INTERVIEWER):
        with pytest.raises(Denied):
            save_field(acting(role), lost.pk, "lesson", "", "x")
        with pytest.raises(Denied):
            finish(acting(role), lost.pk)
    save_field(ada, lost.pk, "lesson", "", "secret lesson")
    finish(ada, lost.pk)
    assert not AuditEntry.objects.filter(detail__icontains="secret lesson").exists()
    assert not discard(ada, lost.pk), "what is finished is not thrown away"


@given(st.text(), st.sampled_from(["deciding", "contributing", "lesson", "turned", "prepared.rehearsed", "other"]))
def test_whatever_is_typed_is_kept_or_refused(text: str, name: str) -> None:
    """What is kept reads back as it was typed, but for outer blanks and line ends."""
    try:
        kept = Content().put(name, text, KEYS)
    except BadContent as error:
        assert error.field == name
        return
    again = Content.from_json(kept.to_json())
    assert again == kept
    assert len(again.get(name)) <= max(LONGEST, len(text))
    if name == "lesson":
        assert again.lesson == text.replace("\r\n", "\n")
