"""Records with so many open items, for the page Today: ``python -m bench.today_records HOME ITEMS [DATABASE_URL]``.

Deals of fifty sellers, each with a promise, a missed call, a mail and a next step or the want of one. The home is made
once; with a database's address the rows are kept there.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

ITEMS_A_DEAL = 4
SELLERS = 50
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SELLER = "seller@example.org"
MANAGER = "manager@example.org"


def surroundings(home: Path, database: str) -> None:
    """Set what the application reads when it starts."""
    os.environ |= {
        "NOTYET_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "notyet.config.settings",
        "DATABASE_URL": database,
        "NOTYET_CLOCK": NOW.isoformat(),
    }


def make(home: Path, items: int) -> None:
    """Write the deals and their rows where there are none, and have their items worked out as the product does it."""
    import django

    django.setup()
    from django.core.management import call_command

    from notyet.today.models import DueItem
    from notyet.today.upkeep import refresh
    from notyet.workspaces.access import operator
    from notyet.workspaces.actions import add_person, create_workspace
    from notyet.workspaces.models import Role, Workspace
    from notyet.workspaces.scope import within

    call_command("migrate", verbosity=0, interactive=False)
    if Workspace.objects.exists():
        return
    workspace = create_workspace("Measured")
    add_person(operator(workspace), MANAGER, Role.MANAGER)
    add_person(operator(workspace), SELLER, Role.SELLER, seller_name="Seller 7", team="Team 2")
    with within(workspace):
        for first in range(0, items // ITEMS_A_DEAL, 5_000):
            _deals(workspace, range(first, min(first + 5_000, items // ITEMS_A_DEAL)))
        refresh(workspace)
        made = DueItem.objects.filter(active=1).count()
    if made < items * 0.95:
        sys.exit(f"only {made} items are open")


def _deals(workspace: Any, numbers: range) -> None:
    from notyet.deals.models import Account, Conversation, DataSource, Deal, NextStep, Promise

    source, _ = DataSource.objects.get_or_create(workspace=workspace, key="crm", defaults={"name": "CRM"})
    accounts = Account.objects.bulk_create(Account(workspace=workspace, name=f"Buyer {n}") for n in numbers)
    deals = Deal.objects.bulk_create(
        Deal(
            workspace=workspace,
            data_source=source,
            deal_id=f"D-{n}",
            account=account,
            owner=f"Seller {n % SELLERS}",
            team=f"Team {n % 5}",
            amount=Decimal(1_000 + n * 7_919 % 90_000),
            currency=workspace.currency,
            opened_at=NOW - timedelta(days=40),
            outcome="open",
        )
        for n, account in zip(numbers, accounts, strict=True)
    )
    talks, promises, steps = [], [], []
    for n, deal in zip(numbers, deals, strict=True):
        of = {"workspace": workspace, "deal": deal}
        at = NOW - timedelta(days=1 + n % 20)
        talks.append(Conversation(**of, at=at, channel="call", direction="in", missed=True, contact="Ana Roth"))
        talks.append(Conversation(**of, at=at, channel="email", direction="in", contact="Ana Roth"))
        promises.append(Promise(**of, due_at=at, made_at=at, text="the sheet"))
        promises.append(Promise(**of, due_at=NOW + timedelta(days=2 + n % 30), text="the price"))
        if n % 2:
            steps.append(NextStep(**of, due_at=at, text="Call"))
    Conversation.objects.bulk_create(talks)
    Promise.objects.bulk_create(promises)
    NextStep.objects.bulk_create(steps)


if __name__ == "__main__":
    surroundings(Path(sys.argv[1]), sys.argv[3] if len(sys.argv) > 3 else "")
    make(Path(sys.argv[1]), int(sys.argv[2]))
