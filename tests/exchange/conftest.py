"""Small histories, written by hand, and the import that takes them in."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from notyet.exchange.results import ImportResult
    from notyet.workspaces.models import Workspace

Bring = Callable[..., "ImportResult"]
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """``write("deals.csv", "deal_id,outcome\\nA,won\\n")`` writes a file into the history folder and returns it."""
    folder = tmp_path / "history"
    folder.mkdir()

    def to(name: str, content: str | bytes | Sequence[Sequence[str]]) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_bytes(content.encode("utf-8"))
        else:
            with path.open("w", newline="", encoding="utf-8") as out:
                csv.writer(out).writerows(content)
        return path

    return to


@pytest.fixture
def bring(workspace: "Workspace", tmp_path: Path) -> Bring:
    """Import paths (or the history folder) as the operator; further arguments go to ``import_history``."""

    from notyet.exchange.actions import import_history
    from notyet.workspaces.access import operator

    def run(*paths: Path, **more: Any) -> "ImportResult":
        return import_history(operator(workspace), paths or [tmp_path / "history"], **more)

    return run


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV."""
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def write_rows(folder: Path, history: dict[str, list[dict[str, str]]]) -> None:
    """Write a history as a folder of CSV files."""
    folder.mkdir()
    for table, rows in history.items():
        with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
