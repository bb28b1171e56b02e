"""Which reasons of a debrief stand open, and the days that its stages say."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notyet.deals.actions import create_deal
from notyet.deals.closing import Ending, close_deal
from notyet.debriefs.queries import usual_labels
from notyet.process.queries import Walk
from notyet.process.versions import UNPUBLISHED
from notyet.process.visits import Entry, moment
from notyet.web.closing_form import ReasonGroup
from notyet.web.debrief_why import FEWEST_FOLDED, OPEN, reason_lines, stages_seen
from notyet.workspaces.access import operator
from notyet.workspaces.models import Workspace

GROUPS = (
    ReasonGroup("ours", "Ours to change", tuple(f"Ours {n}" for n in range(7))),
    ReasonGroup("shared", "Shared", tuple(f"Shared {n}" for n in range(8))),
    ReasonGroup("theirs", "Theirs", tuple(f"Theirs {n}" for n in range(9))),
    ReasonGroup("unknown", "Unknown", ("Unknown",)),
)
LABELS = [label for group in GROUPS for label in group.reasons]


def test_without_losses_the_first_of_each_group_stand_open() -> None:
    lines = reason_lines(GROUPS, {}, (), [])
    heads = ["Ours 0", "Ours 1", "Ours 2", "Ours 3", "Shared 0", "Shared 1", "Shared 2"]
    assert [one.label for one in lines.first] == [*heads, "Theirs 0", "Theirs 1", "Theirs 2", "Unknown"]
    assert (len(lines.first), lines.count) == (OPEN + 1, 25)


def test_what_losses_are_usually_filed_under_is_chosen_or_is_spoken_of_stands_open_too() -> None:
    usual = ["Theirs 8", "Shared 7", "No longer in the table"]
    lines = reason_lines(GROUPS, {"Ours 6": "Your median reply here: 31 h."}, {"Shared 6"}, usual)
    first = {one.label: one for one in lines.first}
    assert {"Theirs 8", "Shared 7", "Ours 6", "Shared 6", "Unknown"} <= first.keys()
    assert first["Ours 6"].hint == "Your median reply here: 31 h."
    assert first["Theirs 8"].whose == "theirs"


def test_a_short_table_is_not_folded() -> None:
    groups = (ReasonGroup("ours", "Ours to change", tuple(f"Ours {n}" for n in range(OPEN + FEWEST_FOLDED - 1))),)
    assert reason_lines(groups, {}, (), []).more == ()


@given(st.sets(st.sampled_from(LABELS)), st.sets(st.sampled_from(LABELS)), st.lists(st.sampled_from(LABELS)))
def test_every_reason_is_there_once_and_in_order(chosen: set[str], told: set[str], usual: list[str]) -> None:
    lines = reason_lines(GROUPS, dict.fromkeys(told, "said"), chosen, usual)
    for some in (lines.first, lines.more):
        assert [one.label for one in some] == [label for label in LABELS if label in {one.label for one in some}]
    assert sorted(one.label for one in (*lines.first, *lines.more)) == sorted(LABELS)
    assert chosen | told <= {one.label for one in lines.first}


def seen(*entries: tuple[str, datetime], ended: datetime) -> dict[str, str]:
    walk = Walk(UNPUBLISHED, tuple(Entry(stage, moment(at)) for stage, at in entries), {}, {}, None, True)
    return {one.label: one.when for one in stages_seen(walk, ended, ZoneInfo("Europe/Berlin"))}


def test_a_stage_says_from_when_to_when_the_deal_was_in_it() -> None:
    keys = [stage.key for stage in UNPUBLISHED.definition.stages]
    found = seen(
        (keys[0], datetime(2025, 12, 30, tzinfo=UTC)),
        (keys[1], datetime(2026, 1, 9, 9, tzinfo=UTC)),
        (keys[2], datetime(2026, 1, 11, 23, 30, tzinfo=UTC)),
        ended=datetime(2026, 2, 3, tzinfo=UTC),
    )
    labels = [stage.label for stage in UNPUBLISHED.definition.stages]
    assert [found[label] for label in labels[:4]] == ["30 Dec 2025 – 9 Jan 2026", "9 – 12 Jan", "12 Jan – 3 Feb", ""]
    assert not {"Order", "Paid"} & found.keys()


def test_a_close_before_the_last_entry_has_a_sensible_day() -> None:
    key, label = UNPUBLISHED.definition.stages[0].key, UNPUBLISHED.definition.stages[0].label
    assert seen((key, datetime(2026, 3, 2, 9, tzinfo=UTC)), ended=datetime(2026, 3, 1, tzinfo=UTC))[label] == "2 Mar"


@pytest.mark.django_db
def test_the_usual_reasons_are_those_of_losses_by_their_labels(workspace: Workspace) -> None:
    boss = operator(workspace)
    ends = ["Too expensive", "pricing", "Budget frozen"]
    for number, reason in enumerate(ends):
        deal = create_deal(boss, {"account": f"Buyer {number}"})
        close_deal(boss, deal.pk, Ending("lost", reason=reason))
    for number in range(3):
        deal = create_deal(boss, {"account": f"Other {number}"})
        close_deal(boss, deal.pk, Ending("disqualified", reason="Not our buyer"))
    assert usual_labels() == ["Price above value", "Budget frozen"]
