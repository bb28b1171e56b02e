"""Keeping the list's index up with the record: made at once for a small record, by the worker for a large one."""

import os
import shutil
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from notyet.core.home import folder
from notyet.deals.models import DataSource, Deal
from notyet.history import store
from notyet.history.freeze import write_deals_of
from notyet.history.list_index import ListIndex
from notyet.history.list_making import FORMAT, make
from notyet.workspaces.models import Workspace
from notyet.workspaces.scope import within

AT_ONCE = 20_000
"""Up to so many deals the index is made while a page waits."""
_KEEP_SECONDS = 3600
_KEPT = 8
_opened: OrderedDict[Path, ListIndex] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class Listed:
    """The index to read, and whether it holds the record as it is (``None``: there is none yet)."""

    index: ListIndex | None
    fresh: bool


def listed(workspace: Workspace) -> Listed:
    """The index for the workspace in scope: of the record as it is, else the last one that was made."""
    path = _path(workspace)
    if path.exists():
        return Listed(_open(path), fresh=True)
    if len(Deal.objects.values("pk")[: AT_ONCE + 1]) <= AT_ONCE:
        return Listed(_open(make_list(workspace)), fresh=True)
    last = _last(workspace)
    return Listed(_open(last) if last else None, fresh=False)


def last_list(workspace: Workspace) -> ListIndex | None:
    """The last index that was made, fresh or not, without making one; ``None`` before the first."""
    last = _last(workspace)
    return _open(last) if last else None


def make_list(workspace: Workspace) -> Path:
    """Make the index of the record as it is unless it is there; returns its folder.

    It is made from the frozen deals where these are of the same revision, else from the record itself.
    """
    workspace.refresh_from_db()
    path = _path(workspace)
    if path.exists():
        return path
    work = path.with_name(f"new.{uuid.uuid4().hex}")
    work.mkdir(mode=0o700)
    try:
        with within(workspace):
            frozen = store.current(workspace)
            here = frozen is None or not store.is_current(frozen, workspace)
            if here:
                write_deals_of(workspace, work)
            payments = dict(DataSource.objects.values_list("key", "payments_from"))
            make((work if here or frozen is None else frozen) / "deals.parquet", payments, work)
        (work / "deals.parquet").unlink(missing_ok=True)
        _put(work, path)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    _sweep(path)
    return path


def _put(work: Path, path: Path) -> None:
    """Give a finished folder its name; where somebody was quicker, his is as good."""
    try:
        work.rename(path)
    except OSError:
        if not path.is_dir():
            raise
        shutil.rmtree(work, ignore_errors=True)


def _path(workspace: Workspace) -> Path:
    return folder("lists", str(workspace.pk)) / f"{workspace.record_revision}.{FORMAT}"


def _last(workspace: Workspace) -> Path | None:
    made = [path for path in _path(workspace).parent.glob(f"*.{FORMAT}") if path.stem.isdigit()]
    return max(made, key=lambda path: int(path.stem), default=None)


def _open(path: Path) -> ListIndex:
    with _lock:
        if path in _opened:
            _opened.move_to_end(path)
            return _opened[path]
    index = ListIndex(path)
    with _lock:
        _opened[path] = index
        while len(_opened) > _KEPT:
            _opened.popitem(last=False)
    return index


def _sweep(newest: Path) -> None:
    """Remove indexes that a newer one has replaced, once no reader can still be about to open them."""
    os.utime(newest)
    for path in newest.parent.iterdir():
        if path != newest and time.time() - path.stat().st_mtime > _KEEP_SECONDS:
            shutil.rmtree(path, ignore_errors=True)
