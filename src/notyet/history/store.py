"""Frozen histories on disk: written whole into a folder of their own, then pointed at."""

import json
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from notyet import __version__
from notyet.core.home import folder
from notyet.workspaces.models import Workspace

POINTER = "current"
_MADE_BY = "made_by"
_KEEP_SECONDS = 3600


def root(workspace: Workspace) -> Path:
    """Where a workspace's histories are kept."""
    return folder("history", str(workspace.pk))


def current(workspace: Workspace) -> Path | None:
    """The folder of the newest whole history; ``None`` before the first."""
    base = root(workspace)
    try:
        path = base / (base / POINTER).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    return path if path.is_dir() else None


def revision(path: Path | None) -> int | None:
    """The record's revision that a history holds."""
    if path is None:
        return None
    return int(json.loads((path / "history.json").read_text(encoding="utf-8"))["revision"])


def is_current(path: Path | None, workspace: Workspace) -> bool:
    """Whether a history holds the record as it is, made by this version of the program."""
    if path is None or revision(path) != workspace.record_revision:
        return False
    made_by = path / _MADE_BY
    return made_by.exists() and made_by.read_text(encoding="utf-8") == __version__


@contextmanager
def replacing(workspace: Workspace) -> Iterator[Path]:
    """A new empty folder that becomes the current history when the block ends well.

    Readers see the old history or the new one, never a half: the pointer is swapped by one rename. A block that
    raises leaves everything as it was. A freeze that finishes after a newer one does not replace it.
    """
    base = root(workspace)
    made = base / uuid.uuid4().hex
    made.mkdir(mode=0o700)
    try:
        yield made
        (made / _MADE_BY).write_text(__version__, encoding="utf-8")
        mine, theirs = revision(made), revision(current(workspace))
        if theirs is None or (mine is not None and mine >= theirs):
            pointer = base / f"{POINTER}.{made.name}"
            pointer.write_text(made.name, encoding="utf-8")
            pointer.replace(base / POINTER)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    _sweep(base)


def _sweep(base: Path) -> None:
    """Remove histories that nothing points at, once no reader can still hold them."""
    try:
        kept = (base / POINTER).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        kept = ""
    for path in base.iterdir():
        if path.is_dir() and path.name != kept and time.time() - path.stat().st_mtime > _KEEP_SECONDS:
            shutil.rmtree(path, ignore_errors=True)
