"""``today``: what is due, one thing a line."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from notyet.cli.app import USAGE, fail, interruptible, operator, start, workspace_to_read
from notyet.cli.progress import progress

if TYPE_CHECKING:
    from notyet.today.lines import Line
    from notyet.today.people import Person
    from notyet.workspaces.models import Workspace


class Format(StrEnum):
    """How the list is printed."""

    TEXT = "text"
    JSON = "json"


def today(
    person: Annotated[
        str | None, typer.Option(help="Only this person's deals: an e-mail address, or an owner's name.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="text or json.")] = Format.TEXT,
    workspace: Annotated[str | None, typer.Option(help="The workspace's short name.")] = None,
) -> None:
    """List what is due today and what is late, in the order of what is lost by waiting."""
    start()
    from notyet.today.people import addresses
    from notyet.today.queries import due
    from notyet.workspaces.scope import within

    home = workspace_to_read(workspace)
    with interruptible(), within(home):
        asked = _person(person) if person is not None else None
        _bring_up(home)
        known, found = addresses(), _folded(due(operator(home), asked))
        if form is Format.JSON:
            _print_json(_entry(line, known) for line in found)
        else:
            typer.echo(_text(found, known, home.name))


def _folded(found: "Iterable[Line]") -> "Iterator[Line]":
    """The lines, but of many proposed check-ups of a person's one that says how many there are."""
    from notyet.today.models import Group
    from notyet.today.queries import MANY, fold_line

    proposed: dict[str, list[Line]] = {}
    for line in found:
        if line.group == Group.PROPOSED:
            proposed.setdefault(line.owner, []).append(line)
        else:
            yield line
    for those in proposed.values():
        if len(those) > MANY:
            yield fold_line(those)
        else:
            yield from those


def _person(text: str) -> "Person":
    from notyet.today.people import UnknownPerson, find_person

    try:
        return find_person(text)
    except UnknownPerson:
        fail(f"nobody is called {text!r}: give a member's e-mail address, or the name of a deal's owner", USAGE)


def _bring_up(home: "Workspace") -> None:
    """The items as of the record and the clock; the frozen history first, by which stalled deals are told."""
    from notyet.history.freeze import refresh as freeze
    from notyet.today.queries import wake
    from notyet.today.upkeep import refresh

    with progress() as reporter:
        freeze(home, reporter.say)
        reporter.say("working out what is due")
        refresh(home, lambda done, total: reporter(done, total, "working out what is due"))
    wake(home)


def _entry(line: "Line", known: Mapping[str, str]) -> dict[str, Any]:
    from notyet.today.models import Group

    proposed = {"proposed": True} if line.group == Group.PROPOSED else {}
    return {
        "kind": line.kind,
        "deal_id": line.deal_id or None,
        "due_at": _moment(line.due_at),
        "text": line.text,
        "person": known.get(line.owner, line.owner) or None,
        **proposed,
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None


def _print_json(entries: Iterable[dict[str, Any]]) -> None:
    """One list, an entry a line, printed as it is read."""
    typer.echo("[", nl=False)
    for number, entry in enumerate(entries):
        typer.echo(("," if number else "") + "\n  " + json.dumps(entry, ensure_ascii=False), nl=False)
    typer.echo("\n]")


def _text(found: "Iterator[Line]", known: Mapping[str, str], name: str) -> str:
    lines = [f"{line.when.text:<18} {line.text}  [{', '.join(_about(line, known))}]" for line in found]
    return "\n".join(lines) or f"Nothing is waiting in {name}."


def _about(line: "Line", known: Mapping[str, str]) -> list[str]:
    return [part for part in (line.deal_id, known.get(line.owner, line.owner)) if part]
