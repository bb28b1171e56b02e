"""The folders of imports: what was uploaded, what is needed to undo, and when it goes."""

import re
import shutil
import time
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path, PurePosixPath

from notyet.core.clock import now
from notyet.core.home import folder
from notyet.exchange.models import Import, ImportState

KEEP_DAYS = 30
KEEP_JOURNALS, KEEP_JOURNAL_DAYS = 20, 90
"""What undoing takes is kept for so many imports, and for so many days: whichever is longer."""
KEPT_FILE = "kept.csv"
"""In an import's folder: the fields that stand as they were edited here though its files say otherwise."""
_LEFT_OVER_SECONDS = 86_400
_LONGEST = 120


def imports_folder() -> Path:
    """Where imports are kept and staged."""
    return folder("imports")


def incoming() -> Path:
    """Where a file is while it is being uploaded."""
    return folder("imports", "incoming")


def folder_of(run: Import) -> Path:
    """An import's own folder."""
    return folder("imports", run.folder)


def uploads_of(run: Import) -> Path:
    """Where its files are."""
    return folder("imports", run.folder, "files")


def paths_of(run: Import) -> list[Path]:
    """Its files, in order."""
    below = uploads_of(run)
    return [below / one["name"] for one in run.files]


def safe_name(given: str, taken: Iterable[str]) -> str:
    """A file name without folders, control characters or anything that means something to a shell or a pattern."""
    name = PurePosixPath(unicodedata.normalize("NFC", given).replace("\\", "/")).name
    name = re.sub(r"[^\w .()+,-]", "_", name).strip(" .") or "file"
    stem, dot, ending = name.partition(".")
    name = f"{stem[: _LONGEST - len(ending[:20]) - 1]}{dot}{ending[-20:]}"
    used, again, made = {one.casefold() for one in taken}, 2, name
    while made.casefold() in used:
        stem, dot, ending = name.partition(".")
        made, again = f"{stem} ({again}){dot}{ending}", again + 1
    return made


def forget_files(run: Import) -> None:
    """Delete what was uploaded and what was made of it; what undoing needs stays."""
    own = folder_of(run)
    shutil.rmtree(own / "files", ignore_errors=True)
    for name in ("look.json", "preview.json", "refused.csv", KEPT_FILE):
        (own / name).unlink(missing_ok=True)
    run.files_kept = False
    run.save(update_fields=["files_kept"])


def sweep() -> None:
    """Let go of what nobody needs any more: uploads, what undoing old imports takes, and what a crash left behind.

    Runs in the scope of a workspace; left-over folders of the whole installation are looked at.
    """
    old = now() - timedelta(days=KEEP_DAYS)
    waiting = Import.objects.filter(state__in=(ImportState.UPLOADED, ImportState.PREVIEWED, ImportState.FAILED))
    waiting.filter(made_at__lt=old).update(state=ImportState.CANCELLED)
    ended = Import.objects.filter(files_kept=True).exclude(state__in=(ImportState.QUEUED, ImportState.RUNNING))
    for run in ended:
        if run.state == ImportState.CANCELLED or (run.finished_at or run.made_at) < old:
            forget_files(run)
    _forget_journals()
    _left_over()


def _forget_journals() -> None:
    ended = Import.objects.filter(finished_at__isnull=False).order_by("-pk").only("folder", "finished_at")
    for run in ended[KEEP_JOURNALS:]:
        if run.finished_at < now() - timedelta(days=KEEP_JOURNAL_DAYS):
            shutil.rmtree(imports_folder() / run.folder / "journal", ignore_errors=True)


def _left_over() -> None:
    # Staging folders and half uploads of processes that are gone; those of others are younger or still written to.
    for path in (*imports_folder().glob("import-*"), *imports_folder().glob("unpacked-*"), *incoming().iterdir()):
        _gone_if_old(path)


def _gone_if_old(path: Path) -> None:
    try:
        if time.time() - path.stat().st_mtime < _LEFT_OVER_SECONDS:
            return
    except FileNotFoundError:
        return
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
