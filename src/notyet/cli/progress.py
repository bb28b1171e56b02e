"""Progress on standard error: a bar on a terminal, plain lines otherwise."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class Reporter:
    """Takes ``(done, total, label)`` from long work; a label alone (``say``) where there is no count."""

    def __init__(self, bar: Progress | None) -> None:
        self._bar = bar
        self._task: TaskID | None = None
        self._label = ""
        self._printed = 0.0

    def __call__(self, done: int, total: int | None, label: str) -> None:
        """Show how far the work is."""
        if self._bar is not None:
            self._draw(done, total, label)
        elif label != self._label or time.monotonic() - self._printed > 5:
            self._printed = time.monotonic()
            count = f": {done:,}" + (f" of {total:,}" if total else "") if done else ""
            print(f"{label}{count}", file=sys.stderr, flush=True)  # noqa: T201 - plain lines where no terminal is
        self._label = label

    def say(self, label: str) -> None:
        """Name what is being done, without a count."""
        self(0, None, label)

    def _draw(self, done: int, total: int | None, label: str) -> None:
        assert self._bar is not None  # noqa: S101 - narrows the type
        if self._task is None or label != self._label:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task = self._bar.add_task(label, total=total)
        self._bar.update(self._task, completed=done, total=total)


@contextmanager
def progress() -> Iterator[Reporter]:
    """A reporter for the length of the block; nothing of it stays on a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Reporter(None)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        yield Reporter(bar)
