"""Freezing in the background."""

from dataclasses import dataclass
from datetime import datetime

from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from notyet.history.upkeep import bring_up_to_date
from notyet.workspaces.models import Workspace


@task()
def refresh_history(workspace_id: int) -> str:
    """Freeze a workspace's record unless the current history already holds it, and index its list of deals."""
    return bring_up_to_date(Workspace.objects.get(pk=workspace_id)).name


@dataclass(frozen=True)
class Refresh:
    """The last freezing that was asked for: when, whether a worker has taken it up, and whether that came to nothing.

    One whose worker is gone stays ``taken``.
    """

    asked_at: datetime
    taken: bool
    failed: bool


def last_refresh(workspace: Workspace) -> Refresh | None:
    """How the last freezing of a workspace stands; ``None`` where none was asked for yet."""
    asked = {"args": [workspace.pk], "kwargs": {}}
    every = DBTaskResult.objects.filter(task_path=refresh_history.module_path, args_kwargs=asked)
    last = every.order_by("-enqueued_at").first()
    if last is None:
        return None
    return Refresh(last.enqueued_at, last.status != TaskResultStatus.READY, last.status == TaskResultStatus.FAILED)
