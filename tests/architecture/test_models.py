"""Every row belongs to a workspace, and the migrations make what the models say."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django_scopes import ScopeError

from notyet.workspaces.models import Workspace
from notyet.workspaces.scope import Scoped

UNSCOPED: dict[type[models.Model], str] = {Workspace: "it is the scope"}


def rooms_models() -> list[type[models.Model]]:
    """The models of every room of ours."""
    return [model for model in apps.get_models() if model.__module__.startswith("notyet.")]


def test_every_model_is_scoped() -> None:
    """Or it is on the list, with a reason."""
    unscoped = {model for model in rooms_models() if not issubclass(model, Scoped)}
    assert unscoped == set(UNSCOPED), "a model lost its scope, or the list has an entry that is no longer needed"


@pytest.mark.django_db
def test_every_scoped_model_fails_closed() -> None:
    """Also those whose ``workspace`` was declared again."""
    scoped = [model for model in rooms_models() if issubclass(model, Scoped)]
    assert len(scoped) > 10
    for model in scoped:
        with pytest.raises(ScopeError):
            model.objects.all().exists()


@pytest.mark.django_db
def test_the_migrations_are_complete() -> None:
    """What the models say is what the database is."""
    out = StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=out)
    except SystemExit:
        pytest.fail(out.getvalue())
