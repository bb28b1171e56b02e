"""``import``, ``export`` and ``rates``."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from notyet.cli.app import (
    FAILED,
    SOME_REFUSED,
    USAGE,
    fail,
    interruptible,
    operator,
    start,
    workspace_to_read,
    workspace_to_write,
)
from notyet.cli.import_text import as_lines
from notyet.cli.progress import progress


def import_(
    paths: Annotated[
        list[Path], typer.Argument(help="Folders, zips or files: the exchange format, or any CSV of deals.")
    ],
    mapping: Annotated[
        str | None,
        typer.Option(help="A TOML file that says which column is what, or a ready mapping's name, such as salesforce."),
    ] = None,
    source: Annotated[
        str, typer.Option(help="A name for where this comes from; a deal is known by its id within it.")
    ] = "default",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen and change nothing.")] = False,
    refused: Annotated[
        Path | None, typer.Option(help="Write refused rows here, to be mended and imported again.")
    ] = None,
    payments_from: Annotated[
        str | None, typer.Option(help="From this date on the source knows payments; 'never' if it knows none.")
    ] = None,
    workspace: Annotated[str | None, typer.Option(help="The workspace's short name.")] = None,
) -> None:
    """Bring in a history. Exit codes: 0 all went in; 4 some rows were refused; 1 nothing went in."""
    start()
    from notyet.exchange.actions import import_history
    from notyet.exchange.errors import ImportFailed
    from notyet.exchange.ready import find_mapping
    from notyet.history.upkeep import bring_up_to_date

    home = workspace_to_write(workspace)
    with interruptible(), progress() as reporter:
        try:
            result = import_history(
                operator(home),
                paths,
                mapping=find_mapping(mapping) if mapping else None,
                source=source,
                dry_run=dry_run,
                refused_path=refused,
                payments_from=_payments(payments_from),
                progress=reporter,
            )
        except ImportFailed as error:
            fail(str(error), FAILED)
        if not dry_run:
            bring_up_to_date(home, reporter.say)
    for line in as_lines(result, refused, dry_run=dry_run):
        typer.echo(line)
    if result.refused:
        raise typer.Exit(SOME_REFUSED if result.accepted else FAILED)


def _payments(text: str | None) -> datetime | Literal["never"] | None:
    if text is None:
        return None
    if text == "never":
        return "never"
    try:
        day = date.fromisoformat(text)
    except ValueError:
        fail(f"--payments-from {text!r} is not a date like 2026-01-31, nor 'never'", USAGE)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def export(
    path: Annotated[Path, typer.Argument(help="Where to write: a folder, or a file ending in .zip.")],
    parquet: Annotated[bool, typer.Option("--parquet", help="Write Parquet instead of CSV.")] = False,
    workspace: Annotated[str | None, typer.Option(help="The workspace's short name.")] = None,
) -> None:
    """Write the whole record in the exchange format, buyers' answers included."""
    start()
    from notyet.exchange.errors import ExportFailed
    from notyet.exchange.export import export_history

    home = workspace_to_read(workspace)
    with interruptible(), progress() as reporter:
        try:
            written = export_history(
                operator(home), path, format="parquet" if parquet else "csv", answers=True, progress=reporter
            )
        except ExportFailed as error:
            fail(str(error))
    for table, rows in written.items():
        if rows:
            typer.echo(f"{table}: {rows:,} rows")
    typer.echo(f"{path} is written")


def rates(
    path: Annotated[Path, typer.Argument(help="A CSV with the columns date, currency, rate.")],
    workspace: Annotated[str | None, typer.Option(help="The workspace's short name.")] = None,
) -> None:
    """Set dated rates: what one unit of a currency is worth in the workspace's own."""
    start()
    from notyet.history.upkeep import bring_up_to_date
    from notyet.workspaces.actions import BadRates, read_rates, set_rates

    home = workspace_to_write(workspace)
    try:
        count = set_rates(operator(home), read_rates(path))
    except (BadRates, OSError, UnicodeDecodeError) as error:
        fail(str(error))
    with progress() as reporter:
        bring_up_to_date(home, reporter.say)
    typer.echo(f"{count} rates to {home.currency} are set")
