"""Everything belongs to one workspace; outside a scope no row can be reached."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from django.db import models
from django_scopes import ScopedManager, scope, scopes_disabled

if TYPE_CHECKING:
    from notyet.workspaces.models import Workspace


class Scoped(models.Model):
    """A row of one workspace. Its default manager raises ``ScopeError`` outside ``within``."""

    workspace = models.ForeignKey("workspaces.Workspace", models.CASCADE, related_name="+")

    objects: Any = ScopedManager(workspace="workspace")

    class Meta:
        abstract = True


def within(workspace: "Workspace") -> AbstractContextManager[None]:
    """Open the scope of one workspace: queries inside see its rows and no others."""
    opened: AbstractContextManager[None] = scope(workspace=workspace)
    return opened


def across_workspaces() -> AbstractContextManager[None]:
    """For maintenance of the whole installation only (migrations, its tests)."""
    opened: AbstractContextManager[None] = scopes_disabled()
    return opened
