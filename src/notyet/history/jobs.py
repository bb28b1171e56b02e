"""Freezing in the background."""

from django_tasks import task

from notyet.history.upkeep import bring_up_to_date
from notyet.workspaces.models import Workspace


@task()
def refresh_history(workspace_id: int) -> str:
    """Freeze a workspace's record unless the current history already holds it, and index its list of deals."""
    return bring_up_to_date(Workspace.objects.get(pk=workspace_id)).name
