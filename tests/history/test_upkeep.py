"""What pages read is made after each change, and reading a page takes no look at every deal."""

import pytest
from django.db import connection

from notyet.deals.models import DataSource, Deal
from notyet.history import list_keeping
from notyet.history.jobs import refresh_history
from notyet.history.list_keeping import listed
from notyet.web.deal_lists import read_deals
from notyet.workspaces.access import operator
from notyet.workspaces.actions import touch_record
from notyet.workspaces.models import Workspace


def test_the_worker_freezes_and_makes_the_list(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_keeping, "AT_ONCE", -1)
    touch_record(workspace)
    assert not listed(workspace).fresh
    refresh_history.call(workspace.pk)
    assert listed(workspace).fresh


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL knows the sizes of its tables")
def test_a_page_reads_its_deals_by_their_keys(workspace: Workspace) -> None:
    """Before it is told how many there are, SQLite would read all deals of the workspace."""
    source = DataSource.objects.create(workspace=workspace, key="default", name="Default")
    Deal.objects.bulk_create(
        Deal(workspace=workspace, data_source=source, deal_id=f"D-{number}", outcome="open") for number in range(2_000)
    )
    page = read_deals(operator(workspace)).filter(pk__in=range(1, 26))
    assert "deals_deal USING INDEX" in page.explain()
    refresh_history.call(workspace.pk)
    assert "deals_deal USING INTEGER PRIMARY KEY" in page.explain()
