"""The command ``notyet``."""

from typing import Annotated

import typer

import notyet
from notyet.cli import exchange, report, sample, serving, today, undo

app = typer.Typer(
    name="notyet",
    help="Why deals are lost, how sure that is, what is yours to change, and when to ask again.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command("demo")(serving.demo)
app.command("serve")(serving.serve)
app.command("work")(serving.work)
app.command("import")(exchange.import_)
app.command("imports")(undo.imports)
app.command("undo")(undo.undo)
app.command("export")(exchange.export)
app.command("report")(report.report)
app.command("today")(today.today)
app.command("sample")(sample.sample)
app.command("rates")(exchange.rates)
app.command("person")(serving.person)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"notyet {notyet.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options that every command takes."""


def main() -> None:
    """Run the command line."""
    app()
