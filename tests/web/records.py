"""A small record to draw pages from, made by hand: enough of everything that a page can show."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Model

from notyet.deals.models import (
    Account,
    Conversation,
    DataSource,
    Deal,
    FieldChange,
    NextStep,
    Promise,
    StageChange,
)
from notyet.debriefs.models import Debrief
from notyet.feedback.models import BuyerAnswer
from notyet.process.models import Stage
from notyet.winbacks.models import WinBack
from notyet.workspaces.models import Workspace

START = datetime(2025, 1, 6, 9, tzinfo=UTC)
STAGES = (("Enquiry", "enquiry"), ("Discovery", "discovery"), ("Need agreed", "need"), ("Proposal", "proposal"))
PERSONAS = ("IT generalist", "Operations director", "Founder")
REASONS = ("Price too high", "Timing", "No follow-up", "Missing features")


def fill(workspace: Workspace, deals: int = 60) -> list[Deal]:
    """Write ``deals`` deals with their rows into the workspace in scope; every third is won, every tenth open."""
    source = DataSource.objects.create(workspace=workspace, key="default", name="Default", payments_from=START)
    Stage.objects.bulk_create(
        Stage(workspace=workspace, label=label, kind=kind, position=position)
        for position, (label, kind) in enumerate(STAGES)
    )
    names = [f"Buyer {number}" for number in range((deals + 1) // 2)]
    buyers = Account.objects.bulk_create(Account(workspace=workspace, name=name) for name in names)
    made: list[Deal] = Deal.objects.bulk_create(_deal(source, buyers[number // 2], number) for number in range(deals))
    rows: dict[type[Model], list[Model]] = {}
    for deal in made:
        for row in _rows(deal):
            rows.setdefault(type(row), []).append(row)
    for model, of_it in rows.items():
        model._default_manager.bulk_create(of_it)
    return made


def _deal(source: DataSource, account: Account, number: int) -> Deal:
    opened = START + timedelta(days=5 * number, hours=number % 7)
    outcome = "open" if number % 10 == 9 else "won" if number % 3 == 0 else "lost" if number % 4 else "no_decision"
    closed = None if outcome == "open" else opened + timedelta(days=20 + number % 25)
    return Deal(
        workspace=source.workspace,
        data_source=source,
        deal_id=f"D-{number:03}",
        account=account,
        name=f"Plant maintenance {number}",
        owner=("Mara Lind", "Jo Hart")[number % 2],
        team=("North", "South")[number % 2],
        amount=Decimal(12_000 + 1_500 * (number % 13)),
        currency="EUR",
        source=("paid search", "referral", "trade fair")[number % 3],
        persona=PERSONAS[number % 3],
        segment=("Small", "Large")[number % 2],
        product=("Care", "Care Plus")[number % 2],
        competitor=("Northwind", "", "None")[number % 3],
        opened_at=opened,
        closed_at=closed,
        outcome=outcome,
        ordered_at=closed if outcome == "won" else None,
        paid_at=closed + timedelta(days=14) if closed and outcome == "won" and number % 6 else None,
        loss_reason=REASONS[number % 4] if outcome in ("lost", "no_decision") else "",
        attributes={"Lead quality": str(number % 5), "Days in process": str(20 + number % 25)},
    )


def _rows(deal: Deal) -> Iterator[Model]:
    of: dict[str, Any] = {"workspace": deal.workspace, "deal": deal}
    opened, closed = deal.opened_at, deal.closed_at
    assert opened is not None
    reached = 2 + deal.pk % 3
    for position, (label, _) in enumerate(STAGES[:reached]):
        yield StageChange(**of, stage=label, entered_at=opened + timedelta(days=4 * position))
    yield Conversation(
        **of, at=opened, channel="email", direction="in", contact="Tom Corwin", summary="Asks for an offer"
    )
    reply = opened + timedelta(hours=3 + 9 * (deal.pk % 5))
    yield Conversation(**of, at=reply, channel="call", direction="out", contact="Tom Corwin", minutes=12)
    yield Conversation(
        **of, at=opened + timedelta(days=6), channel="call", direction="in", missed=True, contact="Tom Corwin"
    )
    if deal.pk % 2:
        yield Conversation(
            **of, at=opened + timedelta(days=8), channel="meeting", direction="out", contact="Ines Vale", minutes=50
        )
    due = opened + timedelta(days=12)
    yield Promise(
        **of,
        made_at=opened + timedelta(days=7),
        due_at=due,
        kept_at=due if deal.pk % 2 else None,
        text="Site reference",
    )
    yield NextStep(**of, due_at=opened + timedelta(days=9), text="Send the cost sheet")
    yield FieldChange(**of, field="amount", value=str(deal.amount), at=opened)
    if closed is None:
        return
    yield Debrief(**of, at=closed + timedelta(days=1), deciding_reason=deal.loss_reason, preparation=0.6)
    if deal.outcome != "won":
        yield BuyerAnswer(
            **of,
            invited_at=closed + timedelta(days=15),
            answered_at=closed + timedelta(days=17),
            deciding_reason=REASONS[deal.pk % 4],
            signed=deal.pk % 5 == 0,
        )
        yield WinBack(**of, due_at=closed + timedelta(days=90), result="waiting")
