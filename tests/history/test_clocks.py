"""The clocks of a workspace, read from what was frozen last."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from notyet.analysis.clocks import StageClock
from notyet.deals.models import DataSource, Deal
from notyet.history.clocks import current_clocks
from notyet.history.freeze import freeze
from notyet.workspaces.scope import within

if TYPE_CHECKING:
    from notyet.workspaces.models import Workspace

pytestmark = pytest.mark.django_db
OPENED = datetime(2025, 3, 3, 9, tzinfo=UTC)


def test_before_the_first_history_there_are_none(workspace: "Workspace") -> None:
    assert current_clocks(workspace) == ()


def test_they_are_those_of_the_frozen_record(workspace: "Workspace") -> None:
    with within(workspace):
        source = DataSource.objects.create(workspace=workspace, key="crm", name="crm")
        for number in range(5):
            Deal.objects.create(
                workspace=workspace,
                data_source=source,
                deal_id=str(number),
                outcome="won",
                opened_at=OPENED,
                closed_at=OPENED + timedelta(days=3),
            )
    freeze(workspace)
    assert current_clocks(workspace) == (StageClock("", 5, 72.0, None, 72.0),)
