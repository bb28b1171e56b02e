"""Rows of a workspace are reached from inside its scope and from nowhere else."""

import pytest
from django_scopes import ScopeError

from notyet.workspaces.actions import create_workspace
from notyet.workspaces.models import Team
from notyet.workspaces.scope import within


@pytest.mark.django_db
def test_a_query_outside_every_scope_is_refused() -> None:
    """Not an empty answer: an error that a test or a log shows."""
    with pytest.raises(ScopeError):
        Team.objects.count()


@pytest.mark.django_db
def test_a_scope_shows_its_own_rows_only() -> None:
    """Two workspaces, one row each."""
    here, there = create_workspace("Here"), create_workspace("There")
    for workspace in (here, there):
        with within(workspace):
            Team.objects.create(workspace=workspace, name=f"Team of {workspace}")
    with within(here):
        assert [team.name for team in Team.objects.all()] == ["Team of Here"]


@pytest.mark.django_db
def test_a_scope_ends_where_it_was_opened() -> None:
    """Also when what ran inside it failed."""
    workspace = create_workspace("Here")
    with pytest.raises(ZeroDivisionError), within(workspace):
        _ = 1 / Team.objects.count()
    with pytest.raises(ScopeError):
        Team.objects.count()
