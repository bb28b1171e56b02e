"""Working out what is due: at once where it is little, by the worker where it is much."""

from dataclasses import dataclass

from django.core.cache import cache
from django_tasks import task

from notyet.deals.models import Deal
from notyet.today.medians import are_stale
from notyet.today.models import Upkeep
from notyet.today.queries import wake
from notyet.today.upkeep import AT_ONCE, SINGLES, catch_up, refresh, waiting, work_off_singles
from notyet.workspaces.models import Workspace

_ASKED_SECONDS = 60


@dataclass(frozen=True)
class Behind:
    """The list is not up to date: so many of the deals have been gone through."""

    done: int
    total: int


@task()
def refresh_today(workspace_id: int) -> None:
    """Bring all items of a workspace up to date."""
    workspace = Workspace.objects.get(pk=workspace_id)
    try:
        refresh(workspace)
    finally:
        cache.delete(_asked(workspace))


def bring_up(workspace: Workspace) -> Behind | None:
    """Have the list follow the record and the clock, for the workspace in scope; ``None`` when it does.

    A few hundred changed deals, or all of a small record, are worked out at once. For more the worker is asked, once a
    minute at most.
    """
    left = waiting(workspace)
    small = left.singles <= SINGLES and (not left.everything or _is_small())
    if left and small:
        catch_up(workspace)
    elif left.singles:
        work_off_singles(workspace)
    upkeep = Upkeep.objects.filter(workspace=workspace).first()
    if not small or (upkeep is not None and are_stale(upkeep)):
        ask_for_refresh(workspace)
    wake(workspace)
    if small:
        return None
    return Behind(upkeep.done, max(upkeep.total, upkeep.done)) if upkeep and upkeep.after is not None else Behind(0, 0)


def ask_for_refresh(workspace: Workspace) -> None:
    """Have the worker bring the items up to date, unless it has been asked within the minute."""
    if cache.add(_asked(workspace), True, _ASKED_SECONDS):
        refresh_today.enqueue(workspace.pk)


def _asked(workspace: Workspace) -> str:
    return f"today-asked-{workspace.pk}"


def _is_small() -> bool:
    return len(Deal.objects.values("pk")[: AT_ONCE + 1]) <= AT_ONCE
