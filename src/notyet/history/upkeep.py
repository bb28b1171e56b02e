"""What follows a change of the record: it is frozen, its list is indexed, and the database knows its size."""

from pathlib import Path

from django.db import connection

from notyet.history.freeze import Progress, refresh
from notyet.history.list_keeping import make_list
from notyet.workspaces.models import Workspace

SAMPLED_ROWS = 1_000


def bring_up_to_date(workspace: Workspace, progress: Progress | None = None) -> Path:
    """The current history of the record as it is, with all that pages read made from it."""
    say = progress or (lambda label: None)
    frozen = refresh(workspace, progress)
    say("making the list of deals")
    make_list(workspace)
    tell_sizes()
    return frozen


def tell_sizes() -> None:
    """Let SQLite look at a sample of each index.

    It knows no sizes by itself, takes the deals of a workspace to be few, and would read all of them in search of
    the twenty-five of a page. PostgreSQL looks for itself.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA analysis_limit = {SAMPLED_ROWS}")
            cursor.execute("ANALYZE")
