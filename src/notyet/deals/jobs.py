"""Searching for duplicates in the background."""

from django_tasks import task

from notyet.deals import duplicate_store, duplicates
from notyet.workspaces.models import Workspace
from notyet.workspaces.scope import within


@task()
def look_for_duplicates(workspace_id: int) -> int:
    """Search a workspace's record for names that may be one; returns how many groups were found."""
    workspace = Workspace.objects.get(pk=workspace_id)
    try:
        with within(workspace):
            return len(duplicates.search(workspace).found)
    finally:
        duplicate_store.release(workspace)


def ask_for_search(workspace: Workspace) -> None:
    """Have the worker search, unless it has been asked already."""
    if duplicate_store.claim(workspace):
        look_for_duplicates.enqueue(workspace.pk)
