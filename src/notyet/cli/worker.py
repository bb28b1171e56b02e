"""The worker: background jobs in one thread, what is sent to people in another; and the one ``serve`` brings along."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

AGAIN_AFTER_SECONDS = 2.0
TICK_SECONDS = 20.0
_PATIENCE_SECONDS = 5.0
_LAST_MESSAGE_SECONDS = 60.0

_log = logging.getLogger(__name__)


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


class Ticker:
    """Plans and sends every little while beside the jobs, so that a long import delays nobody's mail.

    Should it end by an error, the process is asked to end too, for whoever started it to start it again: jobs that go
    on while no mail does would be noticed by nobody.
    """

    def __init__(self, every_seconds: float = TICK_SECONDS) -> None:
        self.broken = False
        self._every = every_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._tick_on, name="notices", daemon=True)
        self._thread.start()
        threading.Thread(target=self._watch, daemon=True).start()

    def stop(self, patience: float = _LAST_MESSAGE_SECONDS) -> None:
        """Let the message that is on its way arrive, and send no other."""
        self._stopping.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(patience)

    def _watch(self) -> None:
        self._thread.join()  # which comes back once its error has been printed
        if not self._stopping.is_set():
            self.broken = True
            os.kill(os.getpid(), signal.SIGTERM)

    def _tick_on(self) -> None:
        from django.db import InterfaceError, OperationalError, close_old_connections, connections

        from notyet.notices.tick import tick, worker_name

        name = worker_name()
        while not self._stopping.is_set():
            close_old_connections()
            try:
                tick(name, self._stopping.is_set)
            except (OperationalError, InterfaceError) as error:
                # Another writer holds the database, or the server is away: the next round finds what is still due.
                _log.warning("nothing was sent just now: %s", error)
                connections.close_all()
            self._stopping.wait(self._every)
        connections.close_all()


@contextmanager
def ticking() -> Iterator[Ticker]:
    """Messages are planned and sent for the length of the block."""
    made = Ticker()
    try:
        yield made
    finally:
        made.stop()


def do_jobs() -> None:
    """Do the jobs of the queue until this process is told to stop.

    A database that cannot be written for a while (a large import holds SQLite's only lock) does not end it.
    """
    from django.core.management import call_command
    from django.db import InterfaceError, OperationalError, connections

    while True:
        try:
            call_command("db_worker", queue_name="*", verbosity=1)
        except (OperationalError, InterfaceError) as error:
            _log.warning("no job was done just now: %s", error)
            connections.close_all()
            time.sleep(AGAIN_AFTER_SECONDS)
        else:
            return


def end_with_input(before: Callable[[], None] = lambda: None) -> None:
    """End this process as soon as its standard input is closed, as it is when whoever started it is gone.

    ``before`` is called first and must come back within seconds.
    """

    def wait() -> None:
        while os.read(0, 1024):
            pass
        before()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
