"""Freezing in the background."""

from django_tasks import task

from notyet.history.freeze import refresh
from notyet.workspaces.models import Workspace


@task()
def refresh_history(workspace_id: int) -> str:
    """Freeze a workspace's record unless the current history already holds it."""
    return refresh(Workspace.objects.get(pk=workspace_id)).name
