"""Deviations against an oracle that walks through time hour by hour, and by hand."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from notyet.core.working_time import WorkingTime
from notyet.process.definition import Definition, Due, Question, StageRule, Step
from notyet.process.deviations import Deviation, deviations
from notyet.process.visits import Entry, Span, moment

ALWAYS = WorkingTime(ZoneInfo("UTC"), frozenset(range(7)), time(0), time(23, 59, 59))
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def at(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


A = StageRule("a", "A", "enquiry", (Question("a?", "?"),), (Step("a1", "A 1", Due(2, "hours")), Step("a2", "A 2")))
B = StageRule("b", "B", "discovery", (), (Step("b1", "B 1", Due(5, "hours")),), ("questions",))
C = StageRule("c", "C", "need", (), (Step("c1", "C 1"),))
D = StageRule("d", "D", "proposal", (), (Step("d1", "D 1", Due(0, "days")),), ("questions",))
PROCESS = Definition((A, B, C, D))


def found(
    entries: Sequence[tuple[str, float]],
    done: Mapping[str, float] | None = None,
    answers: Mapping[str, float] | None = None,
    now: float = 20,
) -> set[tuple[str, str, str]]:
    made = deviations(
        PROCESS,
        [Entry(stage, moment(at(when))) for stage, when in entries],
        {step: moment(at(when)) for step, when in (done or {}).items()},
        {question: at(when) for question, when in (answers or {}).items()},
        ALWAYS,
        at(now),
    )
    return {(one.stage, one.step, one.kind) for one in made}


def test_a_deal_that_goes_by_its_process_deviates_nowhere() -> None:
    assert found([("a", 0), ("b", 3)], {"a1": 1, "a2": 2, "b1": 4}, {"a?": 1}) == set()


def test_a_step_not_done_when_its_stage_was_left_is_skipped() -> None:
    """And no more than that: it is not late as well."""
    assert found([("a", 0), ("b", 3)], {"a1": 1}, {"a?": 1}, now=4) == {("a", "a2", "skipped")}


def test_a_stage_that_was_jumped_is_told_once() -> None:
    assert found([("a", 0), ("c", 3)], {"a1": 1, "a2": 1}, now=4) == {("b", "", "skipped")}


def test_what_the_deal_went_back_for_is_made_good() -> None:
    entries = [("a", 0), ("c", 3), ("b", 5), ("c", 8)]
    assert found(entries, {"a1": 1, "a2": 1, "b1": 6}, {"a?": 1}, now=9) == set()
    assert found(entries[:3], {"a1": 1, "a2": 1}, {"a?": 1}, now=6) == set()


def test_open_after_it_was_due_is_late_until_the_deal_goes_elsewhere() -> None:
    assert found([("a", 0)], now=2) == set()
    assert found([("a", 0)], now=2.5) == {("a", "a1", "late")}
    assert found([("b", 0), ("a", 6)], {}, {"a?": 0}, now=7) == set()


def test_a_stage_entered_again_begins_its_time_anew() -> None:
    assert found([("b", 0), ("a", 1), ("b", 10)], {"b1": 14, "a1": 2, "a2": 2}, {"a?": 1}) == set()
    late = {("b", "b1", "late")}
    assert found([("b", 0), ("a", 1), ("b", 10)], {"b1": 16, "a1": 2, "a2": 2}, {"a?": 1}) == late


def test_a_stage_named_twice_in_a_row_was_entered_once() -> None:
    assert found([("a", 0), ("a", 1)], {"a1": 2.5, "a2": 1}) == {("a", "a1", "late")}


def test_done_in_another_stage_is_out_of_order() -> None:
    before = {("b", "b1", "out_of_order"), ("b", "questions", "unmet_need")}
    assert found([("a", 0), ("b", 3)], {"a1": 1, "a2": 1, "b1": 2}) == before
    after = {("a", "a2", "out_of_order")}
    assert found([("a", 0), ("b", 3)], {"a1": 1, "a2": 4, "b1": 4}, {"a?": 1}) == after


def test_entered_without_the_answers_it_asks_for() -> None:
    unmet = {("b", "questions", "unmet_need")}
    assert found([("a", 0), ("b", 3)], {"a1": 1, "a2": 1, "b1": 4}, {"a?": 3.5}) == unmet
    assert found([("a", 0), ("b", 3), ("a", 5), ("b", 6)], {"a1": 1, "a2": 1, "b1": 4}, {"a?": 5.5}) == set()


def test_what_comes_later_is_not_known_yet() -> None:
    assert found([("a", 0), ("b", 3)], {"a1": 1, "a2": 1}, {}, now=2) == set()


def test_a_day_without_an_hour_counts_in_the_deals_favour() -> None:
    """Done on the day on which the stage was left, and on which it was due: neither late nor out of order."""
    day = moment(at(0), plain=True)
    entries = [Entry("a", moment(at(8))), Entry("b", moment(at(9)))]
    done = {"a1": day, "a2": day, "b1": day}
    assert deviations(PROCESS, entries, done, {"a?": at(8)}, ALWAYS, at(30)) == ()
    entries = [Entry("a", day), Entry("b", day)]
    assert deviations(PROCESS, entries, {"a1": moment(at(20)), **done}, {"a?": at(8)}, ALWAYS, at(28)) == ()


def _place(entries: Sequence[Entry], when: datetime) -> set[str]:
    """The stages in which the deal stood at a moment: two where it moved right then."""
    before = [one.stage for one in entries if one.when.at < when][-1:]
    return {*before, *(one.stage for one in entries if one.when.at == when)}


def _oracle(
    entries: Sequence[Entry], done: Mapping[str, Span], answers: Mapping[str, datetime], now: datetime
) -> set[tuple[str, str, str]]:
    """The definitions word by word, one step at a time, by looking at where the deal stood."""
    order = [one.key for one in PROCESS.stages]
    known = [one for one in entries if one.when.at <= now]
    if not known:
        return {(s.key, x.key, "out_of_order") for s, x in PROCESS.steps() if x.key in done and done[x.key].at <= now}
    here = known[-1].stage
    told = set()
    for stage in PROCESS.stages:
        later = order.index(here) > order.index(stage.key)
        was_in = stage.key in {one.stage for one in known}
        if later and not was_in:
            told.add((stage.key, "", "skipped"))
        asked = PROCESS.before(stage.key) if "questions" in stage.needs else None
        if asked and was_in:
            entered = _entered(known, stage.key, now)
            if any(answers.get(one.key, now + timedelta(1)) > entered for one in asked.questions):
                told.add((stage.key, "questions", "unmet_need"))
        for step in stage.steps:
            when = done[step.key].at if step.key in done and done[step.key].at <= now else None
            if when is None and later and was_in:
                told.add((stage.key, step.key, "skipped"))
            if when is not None and stage.key not in _place(known, when):
                told.add((stage.key, step.key, "out_of_order"))
            counts = when is not None or here == stage.key
            begun = [one for one in known if one.stage == stage.key and one.when.at <= (when or now)]
            if counts and begun and step.due:
                due = step.due.after(_entered(known, stage.key, when or now), ALWAYS)
                if (when or now) > due:
                    told.add((stage.key, step.key, "late"))
    return told


def _entered(entries: Sequence[Entry], stage: str, when: datetime) -> datetime:
    """The last moment up to ``when`` at which the deal came into the stage from another, or from nowhere."""
    came = [
        one.when.at
        for number, one in enumerate(entries)
        if one.stage == stage and one.when.at <= when and (number == 0 or entries[number - 1].stage != stage)
    ]
    return came[-1]


HOURS = st.integers(0, 60).map(lambda quarter: at(quarter / 2))
WAYS = st.lists(st.tuples(st.sampled_from("abcd"), HOURS), max_size=7).map(
    lambda way: [Entry(stage, moment(when)) for stage, when in sorted(way, key=lambda one: one[1])]
)
DONE = st.dictionaries(st.sampled_from([one.key for _, one in PROCESS.steps()]), HOURS.map(moment))
ANSWERS = st.dictionaries(st.just("a?"), HOURS)


@settings(max_examples=400, deadline=None)
@given(WAYS, DONE, ANSWERS, HOURS)
def test_as_the_definitions_say(
    entries: list[Entry], done: dict[str, Span], answers: dict[str, datetime], now: datetime
) -> None:
    """Back and forth, jumped, at the same moment, before anything."""
    made = deviations(PROCESS, entries, done, answers, ALWAYS, now)
    assert {(one.stage, one.step, one.kind) for one in made} == _oracle(entries, done, answers, now)
    assert len(made) == len(set(made))
    assert [one.at for one in made] == sorted(one.at for one in made)
    assert all(one.at <= now for one in made)


def test_a_deviation_says_when() -> None:
    made = deviations(PROCESS, [Entry("a", moment(at(0)))], {}, {}, ALWAYS, at(9))
    assert made == (Deviation("a", "a1", "late", at(2)),)
