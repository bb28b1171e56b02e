"""The worker that ``serve`` and ``demo`` bring along: a process of its own, there as long as the server is."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

AGAIN_AFTER_SECONDS = 2.0
_PATIENCE_SECONDS = 5.0


class Companion:
    """Runs ``notyet work --attached`` beside this process and starts it again should it end by itself."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._process = self._start()
        threading.Thread(target=self._watch, daemon=True).start()

    def stop(self) -> None:
        """End the worker. What it is at is undone by the database: nothing is left half done."""
        with self._lock:
            self._stopping.set()
            process = self._process
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "notyet", "work", "--attached"]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program

    def _watch(self) -> None:
        while True:
            self._process.wait()
            self._stopping.wait(AGAIN_AFTER_SECONDS)
            with self._lock:
                if self._stopping.is_set():
                    return
                self._process = self._start()


@contextmanager
def companion() -> Iterator[None]:
    """A worker for the length of the block."""
    made = Companion()
    try:
        yield
    finally:
        made.stop()


def end_with_input() -> None:
    """End this process as soon as its standard input is closed, as it is when whoever started it is gone."""

    def wait() -> None:
        while os.read(0, 1024):
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
