"""Precision of times, and from when on payments are known."""

from datetime import UTC, datetime

import pytest

from notyet.deals.models import DataSource, Deal
from notyet.workspaces.models import Workspace
from tests.exchange.conftest import Bring, Write


@pytest.mark.parametrize(
    ("opened", "closed"),
    [
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31T10:00:00Z", "2026-01-31"),
        ("2026-01-31", "2026-01-31T00:00:00+01:00"),
        ("2026-01-31T10:00:00Z", "2026-01-31T12:00:00+02:00"),
        ("2026-01-30T23:30:00Z", "2026-01-31"),
    ],
)
def test_a_close_on_the_day_of_the_opening(
    write: Write, bring: Bring, workspace: Workspace, opened: str, closed: str
) -> None:
    """A date without a time is compared at the precision of a day, in the workspace's time zone."""
    workspace.time_zone = "Europe/Berlin"
    workspace.save()
    write("deals.csv", f"deal_id,outcome,opened_at,closed_at\nA,won,{opened},{closed}\n")
    assert bring().exit_code == 0


def test_a_plain_date_is_that_day_in_the_workspace(write: Write, bring: Bring, workspace: Workspace) -> None:
    """And it is remembered that it was one."""
    workspace.time_zone = "Europe/Berlin"
    workspace.save()
    write("deals.csv", "deal_id,outcome,opened_at,closed_at\nA,won,2026-07-01,2026-07-01T08:30:00.250+02:00\n")
    bring()
    deal = Deal.objects.get()
    assert deal.opened_at == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert deal.closed_at == datetime(2026, 7, 1, 6, 30, 0, 250_000, tzinfo=UTC)
    assert deal.plain_dates == 0b01


DEALS = """deal_id,outcome,closed_at,paid_at
A,won,2026-01-01,
B,won,2026-03-01,2026-03-05T00:00:00Z
C,won,2026-02-01,2026-02-02T00:00:00Z
"""


def test_payments_are_known_from_the_first(write: Write, bring: Bring) -> None:
    """Of the source, over all imports; none where there is none."""
    path = write("deals.csv", DEALS)
    bring(path)
    assert DataSource.objects.get().payments_from == datetime(2026, 2, 2, tzinfo=UTC)
    bring(write("deals.csv", "deal_id,outcome\nA,won\n"), source="other")
    assert DataSource.objects.get(key="other").payments_from is None


def test_payments_as_set(write: Write, bring: Bring) -> None:
    """What was set stays, until it is set again."""
    path = write("deals.csv", DEALS)
    day = datetime(2025, 5, 1, tzinfo=UTC)
    bring(path, payments_from=day)
    bring(path)
    assert DataSource.objects.get().payments_from == day
    bring(path, payments_from="never")
    bring(path)
    assert DataSource.objects.get().payments_from is None
