"""What a frozen history says of the process and of working time."""

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import pytest

from notyet.analysis.meta import Meta
from notyet.analysis.process import Due, ProcessVersion, Step, Working
from notyet.deals.models import DataSource, Deal, StageChange
from notyet.history.freeze import freeze
from notyet.process.models import ProcessVersion as Published
from notyet.process.models import Stage, StepDone

if TYPE_CHECKING:
    from notyet.workspaces.models import Workspace

pytestmark = pytest.mark.django_db
MARCH = datetime(2025, 3, 3, 9, tzinfo=UTC)


def _publish(workspace: "Workspace", number: int, at: datetime, call: str) -> None:
    stages = [
        {
            "key": "enquiry",
            "label": "Enquiry",
            "kind": "enquiry",
            "steps": [{"key": "call-back", "text": call, "due": {"amount": 4, "unit": "hours"}}],
        },
        {"key": "need", "label": "Need agreed", "kind": "need", "steps": [{"key": "written", "text": "In writing"}]},
    ]
    Published.objects.create(
        workspace=workspace,
        number=number,
        name=f"v{number}",
        definition={"stages": stages},
        published_at=at,
        published_by="Ada",
    )


def _frozen(workspace: "Workspace") -> Meta:
    return Meta.load(freeze(workspace))


def test_versions_know_what_the_record_calls_their_stages_and_steps(workspace: "Workspace") -> None:
    _publish(workspace, 1, MARCH, "Call back")
    _publish(workspace, 2, datetime(2025, 6, 1, tzinfo=UTC), "Answer the enquiry")
    source = DataSource.objects.create(workspace=workspace, key="crm", name="crm")
    deal = Deal.objects.create(workspace=workspace, data_source=source, deal_id="1", outcome="open", opened_at=MARCH)
    Stage.objects.create(workspace=workspace, label="Bedarf", kind="need")
    for label in ("need agreed", "Bedarf", "Elsewhere"):
        StageChange.objects.create(workspace=workspace, deal=deal, stage=label, entered_at=MARCH)
    for text in ("call-back", "CALL BACK", "Something else"):
        StepDone.objects.create(workspace=workspace, deal=deal, step=text, done_at=MARCH)
    first, second = _frozen(workspace).process
    assert (first.name, first.published_at, second.name) == ("v1", MARCH, "v2")
    assert first.stages[0].steps == (Step("call-back", "Call back", Due(4, "hours")),)
    assert first.stages[1].steps == (Step("written", "In writing", None),)
    assert dict(first.labels) == {"need agreed": "need", "Bedarf": "need"}
    assert dict(first.wordings) == dict(second.wordings) == {"call-back": "call-back", "CALL BACK": "call-back"}


def test_before_the_first_version_the_usual_process_stands_in(workspace: "Workspace") -> None:
    (usual,) = _frozen(workspace).process
    assert usual.published_at is None
    assert usual.stages[0].key == "enquiry"


def test_working_time_holds_holidays_and_closed_days(workspace: "Workspace") -> None:
    workspace.country, workspace.working_days = "DE", [0, 1, 2, 3]
    workspace.day_starts, workspace.day_ends = time(8, 30), time(16)
    workspace.closed_days = [{"day": "2025-12-24", "name": "Christmas Eve"}, {"day": "2025-12-28", "name": "A Sunday"}]
    workspace.save()
    working = _frozen(workspace).working
    assert (working.days, working.starts, working.ends) == ((0, 1, 2, 3), time(8, 30), time(16))
    assert {date(2025, 12, 24), date(2025, 12, 25), date(2025, 4, 21)} <= set(working.closed)
    # Good Friday is no day of work here anyway.
    assert not {date(2025, 4, 18), date(2025, 12, 28)} & set(working.closed)


def test_what_is_written_is_read_again(workspace: "Workspace") -> None:
    _publish(workspace, 1, MARCH, "Call back")
    held = _frozen(workspace)
    assert Meta.from_json(held.to_json()) == held


def test_a_history_of_before_has_no_process(workspace: "Workspace") -> None:
    kept = _frozen(workspace).to_json()
    del kept["process"], kept["working"]
    older = Meta.from_json(kept)
    assert older.process == ()
    assert older.working == Working()
    assert ProcessVersion("v1").stages == ()
