"""Following the process against the outcome: each step held to a walk through the deals in plain Python."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from notyet.analysis import intervals
from notyet.analysis.behind import Asked, UnknownFigure, deals_behind
from notyet.analysis.conformance import conformance
from notyet.analysis.conformance_results import Conformance, StepFollowed
from notyet.analysis.meta import Stage
from notyet.analysis.process import Due, ProcessStage, ProcessVersion, Step, Working
from notyet.analysis.selection import Selection
from notyet.analysis.settings import Settings
from tests.analysis.conformance_oracle import World, expected
from tests.analysis.written import Row, day, deal, meta, opened

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2025, 4, 15, 10, tzinfo=UTC)
CALL = Step("call-back", "Call back", Due(4, "hours"))
REFERENCE = Step("reference", "Name a reference")
WRITTEN = Step("written", "Need in writing", Due(2, "days"))
STAGES = (
    ProcessStage("enquiry", "Enquiry", (CALL, Step("same-day", "Thank them", Due(0, "days")))),
    ProcessStage("need", "Need", (WRITTEN, REFERENCE)),
    ProcessStage("proposal", "Proposal", (Step("walk", "Walk through", Due(1, "days")),)),
)
WORDINGS = tuple((step.text, step.key) for stage in STAGES for step in stage.steps)
LABELS = (("Enquiry", "enquiry"), ("Lead", "enquiry"), ("Need", "need"), ("Proposal", "proposal"))
FIRST = ProcessVersion("1", datetime(2025, 1, 1, tzinfo=UTC), STAGES, LABELS, WORDINGS)
SECOND = ProcessVersion(
    "2",
    datetime(2025, 2, 10, tzinfo=UTC),
    (STAGES[0], replace(STAGES[1], steps=(REFERENCE, replace(WRITTEN, due=Due(5, "days")))), STAGES[2]),
    LABELS,
    WORDINGS,
)
EASTER = Working(closed=(date(2025, 4, 18), date(2025, 4, 21)), ends=time(16, 30))


def _told(
    folder: Path,
    rows: Iterable[Row],
    entries: Iterable[Row] = (),
    done: Iterable[Row] = (),
    versions: tuple[ProcessVersion, ...] = (FIRST,),
    working: Working = EASTER,
) -> Conformance:
    about = replace(meta(frozen_at=NOW), process=versions, working=working)
    with opened(folder, {"deals": rows, "stage_changes": entries, "steps_done": done}, about) as history:
        return conformance(history)


def _step(told: Conformance, key: str, stage: str = "") -> StepFollowed:
    (found,) = [one for one in told.steps if one.key == key and (not stage or one.stage == stage)]
    return found


def _worked(n: int, outcome: str, *, after: float | None, days: float = 15) -> tuple[Row, list[Row], list[Row]]:
    """A deal opened on a Monday at nine in Berlin whose need was agreed at once, put in writing so many days after."""
    begun = datetime(2025, 1, 13, 8, tzinfo=UTC) + timedelta(weeks=n % 8)
    row = deal(n, outcome, opened_at=begun, closed_at=begun + timedelta(days=days), paid_at=None)
    if outcome == "won":
        row["paid_at"] = row["closed_at"]
    entries = [{"deal": n, "stage": "Need", "entered_at": begun}]
    done = [] if after is None else [{"deal": n, "step": "Need in writing", "done_at": begun + timedelta(days=after)}]
    return row, entries, done


def _all(*deals: tuple[Row, list[Row], list[Row]]) -> tuple[list[Row], list[Row], list[Row]]:
    return (
        [row for row, _, _ in deals],
        [one for _, entries, _ in deals for one in entries],
        [one for _, _, done in deals for one in done],
    )


def _company() -> tuple[list[Row], list[Row], list[Row]]:
    """In time 10 of 20 won, late 3 of 10, not done 2 of 20, all open for long; and five that were lost before."""
    deals = [_worked(n, "won" if n % 2 else "lost", after=1) for n in range(20)]
    deals += [_worked(20 + n, "won" if n < 3 else "lost", after=3) for n in range(10)]
    deals += [_worked(30 + n, "won" if n < 2 else "no_decision", after=None) for n in range(20)]
    deals += [_worked(50 + n, "lost", after=None, days=3) for n in range(5)]
    return _all(*deals)


def test_steps_are_counted_by_what_was_known_at_twice_their_time(tmp_path: Path) -> None:
    written = _step(_told(tmp_path, *_company()), "written")
    assert written.landmark == "twice the time allowed"
    assert [(one.way, one.deals, one.won) for one in written.ways] == [
        ("in_time", 20, 10),
        ("late", 10, 3),
        ("skipped", 20, 2),
    ]
    assert written.counts["skipped"] == 25


def test_shares_and_differences_have_their_intervals(tmp_path: Path) -> None:
    written = _step(_told(tmp_path, *_company()), "written")
    skipped, deviated = written.way("skipped"), written.deviation("skipped")
    assert skipped is not None and deviated is not None
    assert skipped.share == intervals.share(2, 20)
    assert deviated.plain == intervals.difference(2, 20, 10, 20)
    assert deviated.plain.value == pytest.approx(-0.4)


def test_a_deal_that_ended_before_the_landmark_is_not_compared(tmp_path: Path) -> None:
    """Lost on the third day, before the four that two working days are taken for: nobody can say it was skipped."""
    told = _told(
        tmp_path, *_all(*(_worked(n, "lost", after=None, days=2) for n in range(6)), _worked(6, "won", after=1))
    )
    assert [(one.way, one.deals) for one in _step(told, "written").ways] == [("in_time", 1)]


def test_below_five_deals_nothing_is_shown(tmp_path: Path) -> None:
    deals = [_worked(n, "won", after=1) for n in range(6)] + [_worked(6 + n, "lost", after=None) for n in range(4)]
    written = _step(_told(tmp_path, *_all(*deals)), "written")
    skipped, deviated = written.way("skipped"), written.deviation("skipped")
    assert skipped is not None and deviated is not None
    assert (skipped.deals, skipped.withheld, skipped.share.value) == (4, "below_five", None)
    assert (deviated.withheld, deviated.plain.value, deviated.equal) == ("below_five", None, None)


def test_weekends_and_holidays_make_nobody_late(tmp_path: Path) -> None:
    """Four hours from the afternoon before Easter end on Tuesday."""
    thursday = datetime(2025, 4, 17, 12, tzinfo=UTC)
    rows, done = [], []
    for n, at in enumerate((datetime(2025, 4, 22, 8, tzinfo=UTC), datetime(2025, 4, 22, 14, tzinfo=UTC))):
        rows.append(deal(n, "lost", opened_at=thursday, closed_at=thursday + timedelta(days=30)))
        done.append({"deal": n, "step": "Call back", "done_at": at})
    about = replace(meta(), process=(FIRST,), working=EASTER)
    with opened(tmp_path, {"deals": rows, "steps_done": done}, about) as history:
        call = _step(conformance(history), "call-back")
    assert (call.counts["in_time"], call.counts["late"]) == (1, 1)


def test_before_a_step_was_first_recorded_nothing_was_skipped(tmp_path: Path) -> None:
    early = [_worked(n, "lost", after=None) for n in range(8)]
    for row, entries, _ in early:
        row["opened_at"] -= timedelta(days=365)
        entries[0]["entered_at"] -= timedelta(days=365)
    told = _told(tmp_path, *_all(*early, *(_worked(10 + n, "won", after=1) for n in range(6))))
    assert _step(told, "written").counts["skipped"] == 0


def test_a_step_never_done_is_left_out(tmp_path: Path) -> None:
    told = _told(tmp_path, *_company())
    assert "reference" not in [one.key for one in told.steps]


def test_a_stage_that_was_jumped_is_told_once(tmp_path: Path) -> None:
    deals = [_worked(n, "won", after=1) for n in range(12)]
    for n, (row, entries, _) in enumerate(deals):
        entries.append({"deal": n, "stage": "Proposal", "entered_at": row["opened_at"] + timedelta(days=6)})
        if n >= 6:
            del entries[0]
    told = _told(tmp_path, *_all(*deals))
    jumped = _step(told, "", "Need")
    assert (jumped.counts["in_time"], jumped.counts["skipped"]) == (6, 6)
    assert jumped.landmark == "on entering a later stage"
    assert _step(told, "written").judged == 6


def test_a_version_judges_the_deals_that_name_it_or_were_opened_under_it(tmp_path: Path) -> None:
    deals = [_worked(n, "won", after=4) for n in range(16)]
    for n, (row, _, _) in enumerate(deals):
        row["process_version"] = {0: "1", 1: "2"}.get(n % 3)
    told = _told(tmp_path, *_all(*deals), versions=(FIRST, SECOND))
    since = SECOND.published_at
    assert since is not None
    second = [r for r, _, _ in deals if (r["process_version"] or ("2" if r["opened_at"] >= since else "1")) == "2"]
    counts = _step(told, "written").counts
    # Friday after a Monday is late for two days, and in time for five.
    assert (counts["in_time"], counts["late"]) == (len(second), 16 - len(second))


def test_steps_that_no_process_knows_are_told_as_recorded(tmp_path: Path) -> None:
    rows, entries, done = _company()
    done = [one | {"step": "Bedarf schriftlich"} for one in done]
    told = _told(tmp_path, rows, entries, done)
    (found,) = [one for one in told.steps if one.recorded]
    assert (found.text, found.stage, found.landmark, found.due) == (
        "Bedarf schriftlich",
        "Need",
        "day 7 in the stage",
        None,
    )
    assert [(one.way, one.deals, one.won) for one in found.ways] == [("in_time", 30, 13), ("skipped", 20, 2)]


def test_without_stages_steps_are_counted_from_the_opening(tmp_path: Path) -> None:
    rows, _, done = _company()
    told = _told(tmp_path, rows, (), done, versions=())
    (found,) = told.steps
    assert (found.stage, found.way("in_time").deals) == ("", 30)  # type: ignore[union-attr]


def test_without_steps_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert _told(tmp_path, *_all(*(_worked(n, "won", after=None) for n in range(9)))) == Conformance()


@pytest.mark.parametrize("seed", range(8))
def test_it_agrees_with_a_walk_through_the_deals(tmp_path: Path, seed: int) -> None:
    rows, entries, done = _drawn(Random(seed))
    versions = (FIRST, SECOND) if seed % 2 else (FIRST,)
    working = replace(EASTER, closed=(*EASTER.closed, date(2025, 2, 5), date(2025, 3, 12)), days=(0, 1, 2, 4))
    told = _told(tmp_path, rows, entries, done, versions, working)
    wanted = expected(World(rows, entries, done, versions, working, BERLIN, NOW))
    places = {"day 7 in the stage": 0, "day 14 in the stage": 1, "day 30 in the stage": 2}
    keys = {stage.label: stage.key for stage in STAGES}
    assert len(told.steps) >= 5
    for one in told.steps:
        key = (keys[one.stage], one.key)
        assert {name: n for name, n in one.counts.items() if n} == dict(wanted.statuses[key]), key
        at = wanted.groups[key, places.get(one.landmark, 0)]
        ways = {
            (way.way, won): n for way in one.ways for won, n in ((True, way.won), (False, way.deals - way.won)) if n
        }
        assert ways == dict(at), key


def _drawn(random: Random) -> tuple[list[Row], list[Row], list[Row]]:
    """Deals that go on, jump, go back and enter twice; steps before, in and after their stage; days without hours."""
    rows: list[Row] = []
    entries: list[Row] = []
    done: list[Row] = []
    for number in range(120):
        begun = datetime(2025, 1, 2, tzinfo=UTC) + timedelta(minutes=random.randint(0, 60 * 24 * 95))
        outcome = random.choice(("won", "lost", "no_decision", "open", "disqualified"))
        rows.append(
            deal(number, outcome, opened_at=begun, process_version=random.choice((None, "1", " 2 ", "elsewhere")))
        )
        rows[-1]["closed_at"] = None if outcome == "open" else begun + timedelta(hours=random.randint(1, 900))
        rows[-1]["paid_at"] = rows[-1]["closed_at"] if outcome == "won" else None
        if random.random() < 0.1:
            rows[-1] |= _plain(rows[-1], "opened_at")
        at = begun
        for _ in range(random.randint(0, 4)):
            at += timedelta(minutes=random.randint(0, 60 * 24 * 6))
            row = {"deal": number, "stage": random.choice(("Lead", "Need", "Proposal", "Lost")), "entered_at": at}
            entries.append(row | _plain(row, "entered_at") if random.random() < 0.2 else row)
        for text, _ in WORDINGS:
            if random.random() < 0.6:
                when = begun + timedelta(minutes=random.randint(-60 * 24, 60 * 24 * 12))
                row = {"deal": number, "step": text, "done_at": when}
                done.append(row | _plain(row, "done_at") if random.random() < 0.2 else row)
    return rows, entries, done


def _plain(row: Row, column: str) -> Row:
    midnight = datetime.combine(row[column].astimezone(BERLIN).date(), time(), BERLIN)
    return {column: midnight.astimezone(UTC), "plain_dates": 1}


def test_recorded_steps_stay_in_the_order_of_the_stages(tmp_path: Path) -> None:
    rows, entries, done = _company()
    done = [one | {"step": "In writing"} for one in done]
    done += [{"deal": row["deal"], "step": "Thanked", "done_at": row["opened_at"]} for row in rows[:30]]
    entries += [{"deal": row["deal"], "stage": "Enquiry", "entered_at": day(-9)} for row in rows]
    for one in done[-30:]:
        one["done_at"] = day(-8)
    stages = (Stage("Need", "need", 2), Stage("Enquiry", "enquiry", 1))
    about = replace(meta(frozen_at=NOW), stages=stages)
    with opened(tmp_path, {"deals": rows, "stage_changes": entries, "steps_done": done}, about) as history:
        assert [one.stage for one in conformance(history).steps] == ["Enquiry", "Need"]


@pytest.mark.parametrize("recorded", [False, True])
def test_every_way_opens_the_deals_that_it_counts(tmp_path: Path, recorded: bool) -> None:
    rows, entries, done = _drawn(Random(5))
    about = replace(meta(frozen_at=NOW), process=() if recorded else (FIRST, SECOND), working=EASTER)
    won = {row["deal"] for row in rows if row["outcome"] == "won"}
    opened_ways = 0
    with opened(tmp_path, {"deals": rows, "stage_changes": entries, "steps_done": done}, about) as history:
        for step in conformance(history, equal=False).steps:
            for way in step.ways:
                by = {"stage": step.stage_key, "step": step.key, "way": way.way, "recorded": "1" * recorded}
                found = deals_behind(history, Settings(), Selection(), Asked("followed", by), limit=200)
                assert (found.total, len(won & set(found.deals))) == (way.deals, way.won)
                opened_ways += way.deals > 0
    assert opened_ways >= 5


@pytest.mark.parametrize(
    "by",
    [
        {"stage": "need", "step": "elsewhere", "way": "late"},
        {"stage": "need", "step": "written", "way": "elsewhere"},
        {"stage": "need", "step": "written", "way": "late", "recorded": "1"},
    ],
)
def test_a_way_that_there_is_not_opens_nothing(tmp_path: Path, by: dict[str, str]) -> None:
    rows, entries, done = _company()
    about = replace(meta(frozen_at=NOW), process=(FIRST,))
    tables = {"deals": rows, "stage_changes": entries, "steps_done": done}
    with opened(tmp_path, tables, about) as history, pytest.raises(UnknownFigure):
        deals_behind(history, Settings(), Selection(), Asked("followed", by))
