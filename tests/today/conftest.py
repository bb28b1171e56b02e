"""A record made row by row, as of Monday the 2nd of March 2026 in Berlin."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

if TYPE_CHECKING:
    from notyet.deals.models import Deal
    from notyet.workspaces.models import Workspace

    Make = Callable[..., Deal]

BERLIN = ZoneInfo("Europe/Berlin")


def local(day: int, hour: int = 0, minute: int = 0, month: int = 3) -> datetime:
    """A moment of 2026 by the clocks of Berlin."""
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


@pytest.fixture
def at(clock: Callable[[str], datetime]) -> Callable[..., datetime]:
    """``at(5, 9)`` moves the clock to the 5th of March, nine in Berlin."""
    return lambda *when, **more: clock(local(*when, **more).isoformat())


@pytest.fixture
def berlin(workspace: "Workspace", at: Callable[..., datetime]) -> "Iterator[Workspace]":
    """The workspace in Berlin, on Monday morning."""
    workspace.time_zone, workspace.country = "Europe/Berlin", "DE"
    workspace.save()
    at(2, 9)
    return workspace


@pytest.fixture
def make(berlin: "Workspace") -> "Make":
    """``make("Helvia AG", promises=[{"text": …}])`` is an open deal with its rows; ``touch`` is left to the test."""
    from notyet.deals.models import Account, Conversation, DataSource, Deal, NextStep, Promise, StageChange

    tables: dict[str, Any] = {
        "talks": Conversation,
        "promises": Promise,
        "next_steps": NextStep,
        "stages": StageChange,
    }

    def one(buyer: str = "Helvia AG", source: str = "crm", **more: Any) -> "Deal":
        rows = {name: more.pop(name) for name in tables if name in more}
        account, _ = Account.objects.get_or_create(workspace=berlin, name=buyer)
        origin, _ = DataSource.objects.get_or_create(workspace=berlin, key=source, defaults={"name": source})
        values = {
            "deal_id": f"D-{Deal.objects.count() + 1}",
            "outcome": "open",
            "owner": "Mara Lind",
            "team": "North",
            "amount": Decimal(10_000),
            "currency": "EUR",
            "opened_at": local(20, 9, month=2),
            **more,
        }
        deal = Deal.objects.create(workspace=berlin, data_source=origin, account=account, **values)
        for name, given in rows.items():
            for row in given:
                tables[name].objects.create(workspace=berlin, deal=deal, **row)
        made: Deal = deal
        return made

    return one
