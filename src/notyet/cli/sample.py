"""``sample``: a history with planted causes, in the exchange format."""

import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from notyet.cli.app import fail, interruptible, operator
from notyet.cli.progress import Reporter, progress

if TYPE_CHECKING:
    from notyet.core.money import Rate
    from notyet.workspaces.models import Workspace


def sample(
    path: Annotated[Path, typer.Argument(help="Where to write: a folder, or a file ending in .zip.")],
    seed: Annotated[int, typer.Option(help="Which company; the same number gives the same history.")] = 1,
    deals: Annotated[int, typer.Option(help="How many deals.", min=1, max=5_000_000)] = 3000,
    nothing: Annotated[bool, typer.Option("--nothing", help="Plant nothing: no cause tells won from lost.")] = False,
    until: Annotated[str | None, typer.Option(help="The last day of the history (default: today).")] = None,
    parquet: Annotated[bool, typer.Option("--parquet", help="Write Parquet instead of CSV.")] = False,
) -> None:
    """Write a sample history in the exchange format."""
    from notyet.simulator import simulate, write

    if path.exists() and (path.is_file() or any(path.iterdir())):
        fail(f"{path} is there already; choose a new name")
    with interruptible(), progress() as reporter:
        reporter.say(f"making up {deals:,} deals")
        history = simulate(seed, deals, nothing=nothing, until=_last_day(until))
        reporter.say(f"writing {path}")
        try:
            write(history, path, format="parquet" if parquet else "csv")
        except OSError as error:
            fail(f"{path} cannot be written: {error.strerror}")
    typer.echo(f"{path}: {deals:,} deals")


def _last_day(text: str | None) -> date:
    if text is None:
        return date.today()  # noqa: DTZ011 - the calendar of whoever runs the command
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"--until {text!r} is not a date like 2026-01-31", 2)


def fill(workspace: "Workspace", deals: int, seed: int, reporter: Reporter) -> None:
    """Import a sample history into an empty workspace."""
    from notyet.core.clock import today
    from notyet.exchange.actions import import_history
    from notyet.simulator import simulate, write
    from notyet.workspaces.actions import set_rates

    reporter.say(f"making up a company with {deals:,} deals")
    history = simulate(seed, deals, until=today(workspace.time_zone))
    actor = operator(workspace)
    set_rates(actor, [_rate(code, rate) for code, rate in history.rates.items() if code != workspace.currency])
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "sample"
        write(history, folder, format="parquet")
        import_history(actor, [folder], source="sample", progress=reporter)


def _rate(code: str, rate: float) -> "Rate":
    from notyet.core.money import Rate

    return Rate(code, date(2000, 1, 1), rate)
