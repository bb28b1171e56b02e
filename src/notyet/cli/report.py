"""``report``: the analysis as text, JSON or a page in one file."""

import json
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from notyet.cli.app import USAGE, fail, interruptible, operator, start, workspace_to_read
from notyet.cli.progress import progress

if TYPE_CHECKING:
    from notyet.analysis.selection import Selection


class Format(StrEnum):
    """How a report is printed."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


def report(
    form: Annotated[
        Format, typer.Option("--format", help="text, json, or html (one file that stands alone).")
    ] = Format.TEXT,
    as_of: Annotated[str | None, typer.Option(help="As known at this date or time.")] = None,
    since: Annotated[str | None, typer.Option(help="Deals closed on or after this date.")] = None,
    until: Annotated[str | None, typer.Option(help="Deals closed on or before this date.")] = None,
    where: Annotated[
        list[str] | None, typer.Option(help="FIELD=VALUE; repeat it to narrow, or for other values.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Write here instead of standard output.")] = None,
    workspace: Annotated[str | None, typer.Option(help="The workspace's short name.")] = None,
) -> None:
    """Say what drives the outcome, how sure that is and what is ours to change."""
    start()
    from notyet.analysis.selection import UnknownField
    from notyet.history.freeze import refresh
    from notyet.history.reading import current_report

    home = workspace_to_read(workspace)
    with interruptible():
        with progress() as reporter:
            refresh(home, reporter.say)
            reporter.say("analysing")
            try:
                found = current_report(operator(home), _selection(as_of, since, until, where or []))
            except UnknownField as error:
                fail(str(error), USAGE)
        text = _render(found, form)
        if output is None:
            typer.echo(text)
        else:
            _write(output, text)


def _selection(as_of: str | None, since: str | None, until: str | None, where: list[str]) -> "Selection":
    from notyet.analysis.selection import Selection

    chosen: dict[str, list[str]] = {}
    for condition in where:
        field, equals, value = condition.partition("=")
        if not equals or not field:
            fail(f"--where {condition!r} is not FIELD=VALUE", USAGE)
        chosen.setdefault(field, []).append(value)
    return Selection(
        since=_day(since, "--since"),
        until=_day(until, "--until"),
        where=tuple((field, tuple(values)) for field, values in chosen.items()),
        as_of=_moment(as_of),
    )


def _day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"{option} {text!r} is not a date like 2026-01-31", USAGE)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f"--as-of {text!r} is not a date like 2026-01-31 or a time like 2026-01-31T12:00:00Z", USAGE)
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def _render(found: "object", form: Format) -> str:
    from notyet.analysis.report import to_json
    from notyet.analysis.results import Report
    from notyet.cli.report_text import as_text
    from notyet.web.standalone import render

    assert isinstance(found, Report)  # noqa: S101 - narrows the type
    if form is Format.JSON:
        return json.dumps(to_json(found), ensure_ascii=False, indent=2)
    return render(found) if form is Format.HTML else as_text(found)


def _write(path: Path, text: str) -> None:
    unfinished = path.with_name(path.name + ".part")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}")
    typer.echo(f"{path} is written", err=True)
