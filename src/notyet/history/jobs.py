"""Freezing in the background."""

from django_tasks import task

from notyet.history.freeze import refresh
from notyet.history.list_keeping import make_list
from notyet.workspaces.models import Workspace


@task()
def refresh_history(workspace_id: int) -> str:
    """Freeze a workspace's record unless the current history already holds it, and index its list of deals."""
    workspace = Workspace.objects.get(pk=workspace_id)
    frozen = refresh(workspace).name
    make_list(workspace)
    return frozen
