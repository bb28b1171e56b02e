"""Saying that deals have changed: the history is frozen again, and what is due is worked out again."""

from collections.abc import Iterable

from notyet.deals.edit_models import ChangedDeal
from notyet.workspaces.actions import touch_record
from notyet.workspaces.models import Workspace


def touch(workspace: Workspace, deals: Iterable[int] | None) -> None:
    """Note that these deals (by key) changed, or any of them (``None``). Call it in the write's own transaction."""
    keys = [None] if deals is None else sorted(set(deals))
    ChangedDeal.objects.bulk_create([ChangedDeal(workspace=workspace, deal_id=key) for key in keys], batch_size=5_000)
    touch_record(workspace)
