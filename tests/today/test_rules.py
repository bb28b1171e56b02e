"""From a deal's state to what is due about it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from notyet.analysis.clocks import StageClock
from notyet.core.working_time import WorkingTime
from notyet.today.models import Clock, Group, Kind
from notyet.today.rules import SHARE_LOST, Dated, DealState, Item, Rulebook, Talk, When, Work, items

BERLIN = ZoneInfo("Europe/Berlin")
GOOD_FRIDAY, EASTER_MONDAY = date(2026, 4, 3), date(2026, 4, 6)
RULES = Rulebook(WorkingTime(BERLIN, closed=frozenset({GOOD_FRIDAY, EASTER_MONDAY})), median_value=10_000)
DEAL = DealState(1, is_open=True, value=50_000, opened=When(datetime(2026, 3, 2, 9, tzinfo=BERLIN)))
CLOCKS = {
    "": StageClock("", 20, 2400.0, 1200.0, 500.0),
    "discovery": StageClock("discovery", 9, 480.0, 192.0, None),
}


def local(day: int, hour: int = 0, minute: int = 0, month: int = 4) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def of(group: str, deal: DealState, rules: Rulebook = RULES) -> list[Item]:
    return [one for one in items(deal, rules) if one.group == group]


def talk(key: int, at: datetime, channel: str, direction: str, *, missed: bool = False, plain: bool = False) -> Talk:
    return Talk(key, When(at, plain), channel, direction, missed, "Ana Roth")


def test_a_promise_shows_on_its_day() -> None:
    [promise] = of(Group.PROMISE, replace(DEAL, promises=(Dated(7, "the sheet", When(local(8, 15))),)))
    assert (promise.kind, promise.ref, promise.what) == (Kind.PROMISE, "7", "the sheet")
    assert (promise.due_at, promise.shows_at) == (local(8, 15), local(8))


@pytest.mark.parametrize("day", [GOOD_FRIDAY, date(2026, 4, 4), date(2026, 4, 5), EASTER_MONDAY])
def test_what_is_due_on_a_free_day_shows_on_the_working_day_before(day: date) -> None:
    due = When(local(day.day, 11), plain=False)
    deal = replace(DEAL, promises=(Dated(7, "", due),), next_steps=(Dated(8, "", due),))
    assert {one.shows_at for group in (Group.PROMISE, Group.NEXT_STEP) for one in of(group, deal)} == {local(2)}


def test_a_promise_without_a_date_and_a_closed_deal_ask_for_nothing() -> None:
    assert of(Group.PROMISE, replace(DEAL, promises=(Dated(7, "", None),))) == []
    closed = replace(DEAL, is_open=False, promises=(Dated(7, "", When(local(8))),), talks=(MISSED,))
    assert items(closed, RULES) == []


MISSED = talk(3, local(2, 15), "call", "in", missed=True)


def test_a_missed_call_is_due_four_working_hours_later_and_shows_at_once() -> None:
    [call] = of(Group.MISSED_CALL, replace(DEAL, talks=(MISSED,)))
    assert (call.ref, call.who, call.shows_at) == ("3", "Ana Roth", local(2, 15))
    # Two hours are left on Thursday; Friday to Monday are free.
    assert call.due_at == local(7, 11)


@pytest.mark.parametrize(
    ("later", "settles"),
    [
        (talk(4, local(2, 16), "call", "out"), True),
        (talk(4, local(2, 16), "email", "out"), True),
        (talk(4, local(2, 16), "meeting", "out"), True),
        (talk(4, local(2, 16), "call", "out", missed=True), False),
        (talk(4, local(2, 16), "call", "in", missed=True), False),
        (talk(4, local(2, 14), "call", "out"), False),
        (talk(4, local(2, 15), "call", "out"), False),
        (talk(4, local(2), "call", "out", plain=True), True),
        (talk(4, local(1), "call", "out", plain=True), False),
    ],
)
def test_only_what_went_out_since_settles_a_missed_call(later: Talk, settles: bool) -> None:
    in_order = tuple(sorted((MISSED, later), key=lambda one: one.when.at))
    assert (of(Group.MISSED_CALL, replace(DEAL, talks=in_order)) == []) is settles


def test_several_that_went_unanswered_are_one_thing_due_from_the_first() -> None:
    wrote = [talk(n, local(7, 8 + n), channel, "in") for n, channel in enumerate(("email", "message", "email"), 1)]
    answered = talk(9, local(7, 9, 30), "email", "out")
    [reply] = of(Group.REPLY, replace(DEAL, talks=(wrote[0], answered, wrote[1], wrote[2])))
    assert (reply.ref, reply.times, reply.what) == ("3", 2, "message")
    assert (reply.since, reply.due_at) == (When(local(7, 10)), local(7, 14))
    [first] = of(Group.REPLY, replace(DEAL, talks=(wrote[0],)))
    assert first.ref == "1"
    assert of(Group.MISSED_CALL, replace(DEAL, talks=tuple(wrote))) == []


def test_calls_and_meetings_that_took_place_want_no_reply() -> None:
    held = (talk(1, local(7, 9), "call", "in"), talk(2, local(7, 9), "meeting", "in"), talk(3, local(7, 9), "", ""))
    assert of(Group.REPLY, replace(DEAL, talks=held)) + of(Group.MISSED_CALL, replace(DEAL, talks=held)) == []


def test_questions_and_steps_are_due_as_the_process_says() -> None:
    work = (
        Work(Group.QUESTION, "discovery:who-signs", "Who signs?", local(9, 17)),
        Work(Group.STEP, "discovery:summary", "Send it", local(8, 12)),
        Work(Group.STEP, "discovery:undated", "Some day", None),
    )
    deal = replace(DEAL, work=work, stage="Discovery")
    [question], [step] = of(Group.QUESTION, deal), of(Group.STEP, deal)
    assert (question.ref, question.shows_at, question.stage) == ("discovery:who-signs", local(9), "Discovery")
    assert (step.what, step.due_at) == ("Send it", local(8, 12))


def stalled(deal: DealState, **rules: object) -> list[Item]:
    return of(Group.STALLED, deal, replace(RULES, clocks=CLOCKS, **rules))


def test_the_clock_that_passes_first_is_named() -> None:
    since = When(local(2, 9, month=3))
    deal = replace(DEAL, stage_kind="discovery", stage_since=since)
    [item] = stalled(deal)
    # opening: 1.5 × 480 h; stage: 1.5 × 192 h; quiet: no median for discovery, so that of all: 1.5 × 500 h
    assert (item.clock, item.median_hours, item.due_at) == (Clock.STAGE, 192.0, since.at + timedelta(hours=288))
    [slower] = stalled(deal, stalled_factor=3.0)
    assert slower.due_at == since.at + timedelta(hours=576)
    [opening] = stalled(replace(deal, stage_since=When(local(1))))
    assert (opening.clock, opening.since) == (Clock.OPENING, DEAL.opened)


def test_the_quiet_clock_starts_with_the_last_conversation_that_took_place() -> None:
    held, missed = (
        talk(1, local(9, 10, month=3), "call", "out"),
        talk(2, local(20, 10, month=3), "call", "in", missed=True),
    )
    quiet = {"": StageClock("", 20, None, None, 240.0)}
    [item] = of(Group.STALLED, replace(DEAL, talks=(held, missed)), replace(RULES, clocks=quiet))
    assert (item.clock, item.since, item.due_at) == (Clock.QUIET, held.when, held.when.at + timedelta(hours=360))
    [never] = of(Group.STALLED, DEAL, replace(RULES, clocks=quiet))
    assert never.since == DEAL.opened


def test_a_stalled_deal_shows_on_a_working_day_and_never_within_a_day() -> None:
    quick = {"": StageClock("", 20, None, 1.0, None)}
    friday = When(local(10, 12))
    [item] = of(Group.STALLED, replace(DEAL, stage_since=friday), replace(RULES, clocks=quick))
    assert (item.due_at, item.shows_at) == (local(11, 12), local(13))
    assert of(Group.STALLED, replace(DEAL, stage_since=friday), RULES) == []


def test_another_visit_of_the_stage_is_another_thing() -> None:
    deal = replace(DEAL, stage_kind="discovery", stage_since=When(local(2, 9, month=3)))
    [before], [after] = stalled(deal), stalled(replace(deal, stage_since=When(local(3, 9, month=3))))
    assert before.ref != after.ref


def test_each_open_deal_has_a_next_step_or_the_want_of_one() -> None:
    [missing] = of(Group.NO_NEXT_STEP, DEAL)
    assert (missing.kind, missing.due_at, missing.shows_at) == (Kind.NEXT_STEP, None, local(2, 9, month=3))
    planned = replace(DEAL, next_steps=(Dated(4, "Call", When(local(8), plain=True)), Dated(5, "", None)))
    assert of(Group.NO_NEXT_STEP, planned) == []
    [step] = of(Group.NEXT_STEP, planned)
    assert (step.ref, step.whole_day, step.shows_at) == ("4", True, local(8))
    assert of(Group.NO_NEXT_STEP, replace(DEAL, next_steps=(Dated(5, "", None),))) != []
    assert of(Group.NO_NEXT_STEP, replace(DEAL, opened=None)) != []


def test_an_order_that_stays_unpaid_is_a_step() -> None:
    ordered = replace(DEAL, is_open=False, unpaid_since=When(local(10, 12, month=2)))
    [item] = items(ordered, RULES)
    # Sixty days later is a Saturday.
    assert (item.kind, item.ref, item.due_at) == (Kind.STEP, "unpaid", local(11, 13))
    assert item.shows_at == local(13)


def test_loss_is_the_value_by_the_share_of_the_kind() -> None:
    deal = replace(DEAL, talks=(MISSED,))
    [call] = of(Group.MISSED_CALL, deal)
    assert call.loss == pytest.approx(50_000 * SHARE_LOST[Group.MISSED_CALL])
    [unknown] = of(Group.MISSED_CALL, replace(deal, value=None))
    assert unknown.loss == pytest.approx(10_000 * SHARE_LOST[Group.MISSED_CALL])
    [negative] = of(Group.MISSED_CALL, replace(deal, value=-5.0))
    assert negative.loss == 0


def test_every_group_has_its_share() -> None:
    assert set(SHARE_LOST) == set(Group.values)
