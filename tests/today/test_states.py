"""What of the record decides what is due."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from notyet.deals.models import DataSource, Deal
from notyet.process.definition import Definition, Due, Question, StageRule, Step
from notyet.process.models import ProcessVersion, QuestionAnswer, Stage, StepDone
from notyet.today.models import DueItem, Group
from notyet.today.upkeep import refresh
from notyet.workspaces.models import CurrencyRate, Workspace
from tests.today.conftest import local

Make = Callable[..., Deal]
DISCOVERY = StageRule(
    "discovery",
    "Discovery",
    "discovery",
    questions=(Question("who-signs", "Who signs, and by when?", Due(1, "days")),),
    steps=(Step("summary", "Send the summary", Due(4, "hours")), Step("undated", "Some day")),
)
ENTERED = {"stage": "Discovery", "entered_at": local(2, 8)}


def of(group: str) -> list[DueItem]:
    return list(DueItem.objects.filter(group=group).order_by("deal_id"))


@pytest.fixture
def version(berlin: Workspace) -> ProcessVersion:
    made: ProcessVersion = ProcessVersion.objects.create(
        workspace=berlin,
        number=1,
        name="Spring",
        definition=Definition((DISCOVERY,)).to_json(),
        published_at=local(1),
        published_by="Ada",
    )
    return made


def test_the_process_asks_only_where_a_deal_is_worked_here(
    make: Make, berlin: Workspace, version: ProcessVersion
) -> None:
    imported = make("Imported", stages=[ENTERED], process_version="Other")
    named = make("Named", stages=[ENTERED], process_version="Spring")
    entered = make("Entered here", stages=[{**ENTERED, "row_id": "n-0123456789ab"}])
    own = make("Made here", source="notyet", stages=[ENTERED])
    refresh(berlin)
    asked = {item.deal_id for item in of(Group.STEP)}
    assert asked == {named.pk, entered.pk, own.pk}
    assert imported.pk not in {item.deal_id for item in of(Group.QUESTION)}
    [question, *_] = of(Group.QUESTION)
    assert (question.ref, question.what, question.stage) == (
        "discovery:who-signs",
        "Who signs, and by when?",
        "Discovery",
    )
    assert question.due_at == local(3, 17)
    assert {item.due_at for item in of(Group.STEP)} == {local(2, 13)}


def test_what_is_answered_or_done_is_asked_no_more(make: Make, berlin: Workspace, version: ProcessVersion) -> None:
    deal = make(stages=[ENTERED], process_version="Spring")
    QuestionAnswer.objects.create(
        workspace=berlin,
        deal=deal,
        stage="discovery",
        question="who-signs",
        answered_at=local(2, 9),
        answered_by="Mara",
    )
    StepDone.objects.create(workspace=berlin, deal=deal, step="summary", done_at=local(2, 9))
    refresh(berlin)
    assert of(Group.QUESTION) + of(Group.STEP) == []


def test_a_date_without_a_time_means_its_day(make: Make, berlin: Workspace) -> None:
    # made_at, due_at, kept_at: bit 1 is the due date's; of next steps it is bit 0.
    make(
        promises=[{"text": "the sheet", "due_at": local(5), "made_at": local(1, 9), "plain_dates": 0b010}],
        next_steps=[{"text": "Call", "due_at": local(4), "plain_dates": 0b01}],
    )
    refresh(berlin)
    [promise], [step] = of(Group.PROMISE), of(Group.NEXT_STEP)
    assert (promise.whole_day, promise.since_day, promise.since) == (True, False, local(1, 9))
    assert step.whole_day


def test_notes_are_no_conversations(make: Make, berlin: Workspace) -> None:
    mail = {"at": local(2, 8), "channel": "email", "direction": "in", "contact": "Ana Roth"}
    make(talks=[mail, {"at": local(2, 9), "channel": "note", "direction": "out"}])
    refresh(berlin)
    [reply] = of(Group.REPLY)
    assert reply.who == "Ana Roth"


def test_kept_promises_and_steps_that_were_done_are_over(make: Make, berlin: Workspace) -> None:
    make(
        promises=[{"due_at": local(5), "kept_at": local(1)}],
        next_steps=[{"due_at": local(4), "done_at": local(1)}],
    )
    refresh(berlin)
    assert of(Group.PROMISE) + of(Group.NEXT_STEP) == []
    assert len(of(Group.NO_NEXT_STEP)) == 1


def test_orders_are_asked_about_where_their_source_knows_payments(make: Make, berlin: Workspace) -> None:
    won = {"outcome": "won", "closed_at": local(1, month=1), "ordered_at": local(1, month=1)}
    make("Unknown", source="blind", **won)
    known = make("Known", source="erp", **won)
    DataSource.objects.filter(key="erp").update(payments_from=local(1, month=1))
    make("Paid", source="erp", paid_at=local(1), **won)
    make("Before", source="erp", outcome="won", closed_at=local(1, month=1) - timedelta(days=9))
    refresh(berlin)
    [item] = of(Group.UNPAID)
    assert (item.deal_id, item.due_at, item.kind) == (known.pk, local(2), "step")


def test_amounts_are_compared_in_one_currency(make: Make, berlin: Workspace) -> None:
    CurrencyRate.objects.create(workspace=berlin, currency="USD", day=date(2026, 1, 1), rate=0.5)
    make("Dollars", amount=10_000, currency="USD")
    make("Unknown money", amount=10_000, currency="JPY")
    make("Plain", amount=8_000, currency="")
    refresh(berlin)
    # The median of 5,000 and 8,000 stands for what has no rate.
    assert [item.loss for item in of(Group.NO_NEXT_STEP)] == pytest.approx([25.0, 32.5, 40.0])


def test_the_kind_of_a_stage_is_as_the_table_says(make: Make, berlin: Workspace) -> None:
    from notyet.today.states import Surroundings, read_states
    from notyet.workspaces.working import working_time

    Stage.objects.create(workspace=berlin, label="Phase 2", kind="proposal")
    visits = [
        {"stage": "Phase 2", "entered_at": local(1, 9)},
        {"stage": "Phase 2", "entered_at": local(2, 8)},
    ]
    keys = [make(stages=visits).pk, make(stages=[ENTERED]).pk, make().pk]
    states = read_states(keys, Surroundings.read(berlin, working_time(berlin)))
    assert [one.stage_kind for one in states] == ["proposal", "discovery", ""]
    assert states[0].stage_since is not None
    assert states[0].stage_since.at == local(1, 9)


def test_long_names_fit(make: Make, berlin: Workspace) -> None:
    make(owner="x" * 5_000, team="y" * 5_000)
    refresh(berlin)
    assert DueItem.objects.values_list("owner", flat=True)[0] == "x" * 300
