"""Starting the program from a terminal: settings, the database's tables, the workspace meant."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from notyet.workspaces.access import Actor
    from notyet.workspaces.models import Workspace

SAMPLE_SLUG = "sample"

FAILED, USAGE, SOME_REFUSED = 1, 2, 4


def fail(message: str, code: int = FAILED) -> NoReturn:
    """End with one plain sentence on standard error."""
    typer.echo(f"notyet: {message}", err=True)
    raise typer.Exit(code)


def start() -> None:
    """Load the settings and bring the database's tables up to date. Ends with a sentence where that fails."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notyet.config.settings")
    import django
    from django.db import OperationalError

    from notyet.config.environment import BadSetting

    try:
        django.setup()
        _migrate()
    except BadSetting as error:
        fail(str(error), USAGE)
    except OperationalError as error:
        fail(f"the database cannot be used: {str(error).strip()}")


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from notyet.core.home import folder

    folder()
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)


def workspace_to_write(slug: str | None) -> "Workspace":
    """The workspace named, or the first that is not the sample, made where there is none."""
    from notyet.workspaces.actions import create_workspace
    from notyet.workspaces.models import Workspace

    if slug is not None:
        return _named(slug)
    own = Workspace.objects.exclude(slug=SAMPLE_SLUG).order_by("pk").first()
    return own or create_workspace("My workspace")


def workspace_to_read(slug: str | None) -> "Workspace":
    """The workspace named, or the first that is not the sample, or the sample."""
    from notyet.workspaces.models import Workspace

    if slug is not None:
        return _named(slug)
    found = Workspace.objects.exclude(slug=SAMPLE_SLUG).order_by("pk").first() or Workspace.objects.first()
    if found is None:
        fail(
            "there is nothing yet: begin with `notyet person EMAIL --role administrator`, bring in a history with "
            "`notyet import FOLDER`, or look at `notyet demo`"
        )
    return found


def _named(slug: str) -> "Workspace":
    from notyet.workspaces.models import Workspace

    found = Workspace.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Workspace.objects.values_list("slug", flat=True)) or "none yet"
        fail(f"there is no workspace {slug!r}; there are: {known}", USAGE)
    return found


def operator(workspace: "Workspace") -> "Actor":
    """Whoever runs commands on this machine acts as an administrator."""
    from notyet.workspaces.access import operator as as_operator

    return as_operator(workspace)


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C ends with a sentence: every write is one transaction, so nothing is half done."""
    try:
        yield
    except KeyboardInterrupt:
        fail("stopped; nothing was changed", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
