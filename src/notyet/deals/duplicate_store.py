"""The last search for duplicates, kept on disk: written whole, read whole, made again when it is missing."""

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from notyet.core.home import folder
from notyet.deals.merge_rules import Likeness
from notyet.workspaces.models import Workspace

VERSION = 1
PATIENCE_SECONDS = 900


@dataclass(frozen=True)
class Search:
    """What a search found in the record as it was at ``mark``."""

    mark: int
    found: tuple[Likeness, ...]


def _file(workspace: Workspace, ending: str) -> Path:
    return folder("duplicates") / f"{workspace.pk}.{ending}"


def load(workspace: Workspace) -> Search | None:
    """The last search; ``None`` before the first, or where another version wrote it."""
    try:
        data = json.loads(_file(workspace, "json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if data["version"] != VERSION:
        return None
    found = (
        Likeness(one["kind"], tuple((name, used) for name, used in one["names"]), one["why"]) for one in data["found"]
    )
    return Search(data["mark"], tuple(found))


def save(workspace: Workspace, search: Search) -> None:
    """Keep a search in place of the last one."""
    target = _file(workspace, "json")
    made = target.with_name(f"{target.name}.{os.getpid()}")
    text = json.dumps({"version": VERSION, **asdict(search)}, ensure_ascii=False)
    made.write_text(text, encoding="utf-8")
    made.replace(target)


def claim(workspace: Workspace) -> bool:
    """Whether the caller is the one to have the record searched: nobody else has asked for it lately."""
    asked = _file(workspace, "asked")
    try:
        if time.time() - asked.stat().st_mtime < PATIENCE_SECONDS:
            return False
        asked.unlink()
    except FileNotFoundError:
        pass
    try:
        asked.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def release(workspace: Workspace) -> None:
    """Say that the search asked for has ended."""
    _file(workspace, "asked").unlink(missing_ok=True)
