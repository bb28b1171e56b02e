"""How the list is read where much is due: from its indexes, on either database."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notyet.deals.models import Deal
from notyet.today.models import DueItem, Group
from notyet.today.queries import count, page, soon, today, wake
from notyet.workspaces.access import Actor
from notyet.workspaces.models import Role, Workspace
from tests.today.conftest import local

pytestmark = pytest.mark.django_db
MANY = 20_000


@pytest.fixture
def full(make: Callable[..., Deal], berlin: Workspace) -> datetime:
    """Items by the thousand: four in the list for one that is to come, those on one day. The moment it is."""
    deal, moment = make(), local(2, 9)
    DueItem.objects.all().delete()
    rows = []
    for number in range(MANY):
        active = number % 5 > 0
        when = moment - timedelta(minutes=number % 9_000) if active else moment + timedelta(days=2)
        more = {"shows_at": when, "wakes_at": when, "due_at": when, "loss": float(number % 700), "active": int(active)}
        named = {"kind": "promise", "ref": str(number), "group": Group.PROMISE, "owner": "Mara Lind", "team": "North"}
        rows.append(DueItem(workspace=berlin, deal=deal, **named, **more))
    DueItem.objects.bulk_create(rows, batch_size=1_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return moment


def _read(statement: str) -> int:
    """How many rows of the items a statement goes through, as far as the database says: all of them, or few."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            plan = [str(row[3]) for row in cursor.fetchall()]
            return MANY if any("SCAN today_dueitem" in one or "TEMP B-TREE" in one for one in plan) else 1
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
        return max(_rows(cursor.fetchone()[0][0]["Plan"]))


def _rows(node: dict[str, Any]) -> list[int]:
    own = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) if "Relation Name" in node else 0
    return [int(own), *(number for child in node.get("Plans", ()) for number in _rows(child))]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.SELLER])
def test_what_a_page_asks_is_read_from_an_index(
    full: datetime, acting: Callable[..., Actor], berlin: Workspace, role: Role
) -> None:
    """Not even whether something has come up, or what comes up on one day with thousands of others."""
    actor = acting(role, seller_name="Mara Lind", team="North")
    with CaptureQueriesContext(connection) as asked:
        wake(berlin)
        assert count(actor) == "500+"
        assert len(today(actor).lines) == 1
        assert len(soon(actor)) == 20
        assert len(page(actor, None, Group.PROMISE).lines) == 50
    statements = [one["sql"] for one in asked if "today_dueitem" in one["sql"] and one["sql"].startswith("SELECT")]
    assert len(statements) >= 8
    read = {statement: _read(statement) for statement in statements}
    assert max(read.values()) <= MANY // 20, max(read, key=lambda one: read[one])
