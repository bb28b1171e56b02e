"""The thread that sends: a database that is away for a while does not end it; an error of ours ends the worker."""

import threading

import pytest
from django.db import OperationalError

from notyet.cli import worker
from notyet.notices import tick


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set when the process would have been told to end."""
    told = threading.Event()
    monkeypatch.setattr(worker.os, "kill", lambda pid, number: told.set())
    return told


def ticking(monkeypatch: pytest.MonkeyPatch, *answers: Exception | None) -> threading.Event:
    """Have the ticks come out like this, one after the other; set once all did."""
    through, left = threading.Event(), list(answers)

    def one(name: str, stopping: object) -> int:
        answer = left.pop(0) if left else None
        if not left:
            through.set()
        if answer is not None:
            raise answer
        return 0

    monkeypatch.setattr(tick, "tick", one)
    return through


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_locked_is_waited_for(monkeypatch: pytest.MonkeyPatch, ended: threading.Event) -> None:
    """The next round goes on."""
    through = ticking(monkeypatch, OperationalError("database is locked"), None, None)
    running = worker.Ticker(every_seconds=0.01)
    assert through.wait(10)
    running.stop()
    assert not running.broken and not ended.is_set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_of_ours_ends_the_worker(monkeypatch: pytest.MonkeyPatch, ended: threading.Event) -> None:
    """After it was printed: whoever started the worker starts it again."""
    ticking(monkeypatch, RuntimeError("a mistake"))
    running = worker.Ticker(every_seconds=0.01)
    assert ended.wait(10)
    assert running.broken
    running.stop()
