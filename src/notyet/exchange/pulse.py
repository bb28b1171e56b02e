"""How far a step is, and that somebody is still at it: a small file beside the import's own, written every second.

The database cannot say it: an import is one transaction, and on SQLite nobody else can write meanwhile.
"""

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

BEAT_SECONDS = 1.0
DEAD_AFTER_SECONDS = 30.0
_NAME = "pulse.json"


@dataclass(frozen=True)
class Pulse:
    """The last word of whoever is at work: ``done`` of ``total`` (where it is known), and what is being done."""

    attempt: int
    done: int = 0
    total: int | None = None
    label: str = ""


class Beating:
    """Takes progress from the work and writes it down by itself, until it is stopped."""

    def __init__(self, folder: Path, attempt: int, totals: dict[str, int]) -> None:
        self._path, self._totals = folder / _NAME, totals
        self._pulse = Pulse(attempt)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __call__(self, done: int, total: int | None, label: str) -> None:
        """Note how far the work is; a label whose total was counted before needs none."""
        self._pulse = Pulse(self._pulse.attempt, done, total or self._totals.get(label), label)

    def start(self) -> None:
        """Write the first beat, then go on in the background."""
        self._write()
        self._thread.start()

    def stop(self) -> None:
        """The work is over."""
        self._stop.set()
        self._thread.join()
        self._path.unlink(missing_ok=True)

    def _beat(self) -> None:
        while not self._stop.wait(BEAT_SECONDS):
            self._write()

    def _write(self) -> None:
        made = self._path.with_name(f"{_NAME}.{os.getpid()}")
        try:
            made.write_text(json.dumps(asdict(self._pulse)), encoding="utf-8")
            made.replace(self._path)
        except OSError:
            # A full disk stops the import itself, with a sentence; the beat need not.
            made.unlink(missing_ok=True)


@contextmanager
def beating(folder: Path, attempt: int, totals: dict[str, int] | None = None) -> Iterator[Beating]:
    """A progress to report to, for the length of the block. ``totals`` are rows by label, where they are known."""
    made = Beating(folder, attempt, totals or {})
    made.start()
    try:
        yield made
    finally:
        made.stop()


def read(folder: Path) -> Pulse | None:
    """The last pulse; ``None`` where there is none."""
    try:
        return Pulse(**json.loads((folder / _NAME).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def silent_for(folder: Path) -> float | None:
    """Seconds since the last beat; ``None`` where there was none."""
    try:
        return max(time.time() - (folder / _NAME).stat().st_mtime, 0.0)
    except FileNotFoundError:
        return None
