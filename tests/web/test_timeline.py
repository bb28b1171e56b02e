"""What happened in a deal, as its page tells it."""

from datetime import UTC, datetime, timedelta

import pytest

from notyet.analysis.tables import TABLES
from notyet.deals.models import Conversation, Promise, StageChange
from notyet.feedback.models import BuyerAnswer
from notyet.process.definition import Definition, Question, StageRule
from notyet.process.models import Stage
from notyet.process.queries import Walk
from notyet.process.versions import Version
from notyet.process.visits import Entry, moment, place
from notyet.web import moments, timeline
from notyet.web.stage_track import recorded_track, track

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)


def talk(hours: float, direction: str, channel: str = "email", *, missed: bool = False) -> Conversation:
    """A conversation so many hours after noon."""
    at = NOON + timedelta(hours=hours)
    return Conversation(
        pk=int(hours * 10) + 1, at=at, direction=direction, channel=channel, missed=missed, contact="Tom"
    )


def told(*talks: Conversation, closed: float | None = None) -> list[tuple[str, str, bool]]:
    """Title, detail and mark of each."""
    end = None if closed is None else NOON + timedelta(hours=closed)
    return [(event.title, event.detail, event.late) for event in timeline.talks(talks, end)]


def test_an_answer_is_counted_from_the_buyers_word() -> None:
    assert told(talk(0, "in"), talk(3, "out"))[0] == ("E-mail from Tom", "Answered after 3 h", False)


def test_an_answer_after_a_day_is_late() -> None:
    assert told(talk(0, "in"), talk(30, "out"))[0][1:] == ("Answered after 30 h", True)


def test_a_call_that_was_taken_asks_for_no_answer() -> None:
    assert told(talk(0, "in", "call"), talk(30, "out"))[0][1:] == ("", False)


def test_a_missed_call_that_nobody_returned_says_so() -> None:
    assert told(talk(0, "in", "call", missed=True))[0] == ("Missed call from Tom", "Nobody has rung back yet", True)
    assert told(talk(0, "in", "call", missed=True), closed=2)[0][1] == "Nobody rang back"


def test_a_missed_call_after_the_close_is_no_reproach() -> None:
    assert told(talk(5, "in", "call", missed=True), closed=2)[0][1:] == ("", False)


def test_a_note_is_no_answer() -> None:
    assert told(talk(0, "in"), talk(1, "out", "note"), talk(5, "out"))[0][1] == "Answered after 5 h"


@pytest.mark.parametrize(
    ("kept", "plain", "late"),
    [(1, False, True), (1, True, False), (-1, False, False), (30, True, True), (None, False, False)],
)
def test_a_promise_is_late_by_the_precision_of_its_day(kept: float | None, plain: bool, late: bool) -> None:
    bit = 1 << TABLES["promises"].times.index("due_at") if plain else 0
    kept_at = None if kept is None else NOON + timedelta(hours=kept)
    assert timeline.is_late(Promise(due_at=NOON, kept_at=kept_at, plain_dates=bit)) is late


def test_an_answer_that_is_not_signed_is_not_told() -> None:
    answer = BuyerAnswer(invited_at=NOON, answered_at=NOON + timedelta(days=1), deciding_reason="Price", text="secret")
    events = list(timeline.afterwards([], [answer], []))
    assert [event.title for event in events] == ["Buyer invited to say why"]
    answer.signed = True
    assert "secret" in list(timeline.afterwards([], [answer], []))[1].detail


def test_a_plain_date_is_shown_without_a_time() -> None:
    assert str(moments.Moment(NOON, plain=True)) == "3 Mar 2025"
    assert str(moments.Moment(NOON)) == "3 Mar 2025, 12:00"


@pytest.mark.parametrize(("hours", "text"), [(0.5, "30 min"), (3.2, "3 h"), (47, "47 h"), (72, "3 days")])
def test_a_length_of_time_takes_the_unit_of_a_person(hours: float, text: str) -> None:
    assert moments.lasting(hours) == text


def entered(label: str, day: int) -> StageChange:
    """A stage entered so many days after noon."""
    return StageChange(pk=day, stage=label, entered_at=NOON + timedelta(days=day))


STAGES = [
    Stage(label=label, kind=kind, position=place)
    for place, (label, kind) in enumerate(
        [("Enquiry", "enquiry"), ("Need", "need"), ("Proposal", "proposal"), ("Lost", "lost")]
    )
]


DEFINITION = Definition(
    tuple(
        StageRule(kind, label, kind, questions=(Question(f"{kind}-1", "What?"), Question(f"{kind}-2", "When?")))
        for kind, label in (("enquiry", "Enquiry"), ("need", "Need"), ("proposal", "Proposal"), ("paid", "Paid"))
    )
)


def walk(*stages: tuple[str, int], answers: tuple[str, ...] = ()) -> Walk:
    """A way through the stages, each entered so many days after noon."""
    entries = tuple(Entry(key, moment(NOON + timedelta(days=day))) for key, day in stages)
    version = Version(None, 1, "1", DEFINITION)
    return Walk(version, entries, {}, dict.fromkeys(answers, NOON), place(DEFINITION, entries), judged=True)


def test_the_track_of_an_open_deal_shows_where_it_is_what_was_answered_and_what_lies_ahead() -> None:
    way = walk(("enquiry", 0), ("need", 4), answers=("enquiry-1", "enquiry-2", "need-2"))
    found = track(way, NOON + timedelta(days=10), is_open=True)
    assert [(one.label, one.state, one.note, one.key) for one in found] == [
        ("Enquiry", "done", "4 days · 2 of 2 answered", "enquiry"),
        ("Need", "now", "day 7 · 1 of 2 answered", ""),
        ("Proposal", "ahead", "", "proposal"),
        ("Paid", "ahead", "the only win", "paid"),
    ]


def test_the_track_shows_a_stage_that_was_left_out() -> None:
    found = track(walk(("enquiry", 0), ("proposal", 4)), NOON + timedelta(days=4, hours=1), is_open=True)
    assert [(one.label, one.state) for one in found][1:3] == [("Need", "skipped"), ("Proposal", "now")]
    assert found[2].note.startswith("day 1")


def test_the_track_of_a_lost_deal_ends_where_it_ended() -> None:
    found = recorded_track([entered("Enquiry", 0), entered("Lost", 4)], STAGES, NOON + timedelta(days=4))
    assert [(one.label, one.state) for one in found] == [("Enquiry", "done"), ("Lost", "lost")]


def test_a_stage_entered_twice_counts_both_times() -> None:
    back = [entered("Enquiry", 0), entered("Need", 1), entered("Enquiry", 3), entered("Need", 4)]
    found = recorded_track(back, STAGES, NOON + timedelta(days=10))
    assert [(one.label, one.note) for one in found] == [("Enquiry", "2 days"), ("Need", "8 days")]
