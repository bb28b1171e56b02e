"""``imports`` and ``undo``."""

from typing import Annotated

import typer

from notyet.cli.app import USAGE, fail, interruptible, operator, start, workspace_to_read
from notyet.cli.progress import progress

_SHOWN = 50


def imports(
    workspace: Annotated[str | None, typer.Option(help="The workspace's short name.")] = None,
) -> None:
    """List what was imported, the newest first, with the numbers by which it is undone."""
    start()
    from notyet.exchange.models import Import
    from notyet.workspaces.scope import within

    with within(workspace_to_read(workspace)):
        found = list(Import.objects.all()[:_SHOWN])
    if not found:
        typer.echo("nothing was imported yet")
    for run in found:
        names = ", ".join(one["name"] for one in run.files)
        counts = f"{run.added:,} added, {run.updated:,} updated, {run.summary.get('refused', 0):,} refused"
        typer.echo(
            f"{run.pk}  {run.made_at:%Y-%m-%d %H:%M}  {run.get_state_display()}  {run.source}  {counts}  {names}"
        )


def undo(
    number: Annotated[int, typer.Argument(metavar="IMPORT", help="Its number, as `notyet imports` lists it.")],
    workspace: Annotated[str | None, typer.Option(help="The workspace's short name.")] = None,
) -> None:
    """Take a whole import back: the record becomes what it was before."""
    start()
    from notyet.exchange.errors import UndoRefused
    from notyet.exchange.models import Import
    from notyet.exchange.undo import undo_import
    from notyet.history.upkeep import bring_up_to_date
    from notyet.workspaces.scope import within

    home = workspace_to_read(workspace)
    with within(home):
        run = Import.objects.filter(pk=number).first()
    if run is None:
        fail(f"there is no import {number} in {home.name}; `notyet imports` lists them", USAGE)
    with interruptible(), progress() as reporter:
        try:
            undo_import(operator(home), run, progress=reporter)
        except UndoRefused as error:
            fail(f"import {number} was not undone: {error}")
        bring_up_to_date(home, reporter.say)
    typer.echo(f"import {number} is undone: {run.added:,} rows gone, {run.updated:,} as they were")
