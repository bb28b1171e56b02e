"""A worker that is killed in the middle of an import leaves the record as it was, or the import whole."""

import csv
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from notyet.exchange import pulse
from tests import postgresql

ROUNDS = int(os.environ.get("KILL_ROUNDS", "3"))
DEALS, TALKS = 2_000, 4
READY = "killed_ready"
PATIENCE_SECONDS = 300
"""How long a worker that is alive may take to begin or to end; far more than a busy machine needs."""
RECORD = """
import django; django.setup()
from notyet.deals.models import Account, Conversation, DataSource, Deal
from notyet.exchange.models import Import
from notyet.workspaces.scope import across_workspaces
from django.db import connection
if connection.vendor == "postgresql":
    # The server may still be at the last word of a worker that is gone.
    others = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with connection.cursor() as cursor:
        while cursor.execute(others + " AND backend_type = 'client backend'").fetchone():
            pass
with across_workspaces():
    asked = {Deal: ("deal_id", "outcome", "amount", "account__name"), Conversation: ("deal__deal_id", "at", "channel")}
    asked |= {Account: ("name",), DataSource: ("key", "payments_from")}
    rows = [sorted(map(repr, model.objects.values_list(*names))) for model, names in asked.items()]
    import hashlib
    print(Import.objects.get().state, [len(one) for one in rows], hashlib.sha256(repr(rows).encode()).hexdigest())
"""
PREPARE = """
import sys; from pathlib import Path
import django; django.setup()
from django.core.management import call_command; call_command("migrate", verbosity=0)
from notyet.exchange import jobs, runs
from notyet.exchange.models import Step
from notyet.workspaces.access import actor_of, operator
from notyet.workspaces.actions import add_person, create_workspace
from notyet.workspaces.models import Role
from notyet.workspaces.scope import within
made = create_workspace("Acme")
with within(made):
    actor = actor_of(add_person(operator(made), "a@example.org", Role.OWNER))
    paths = [Path(one) for one in sys.argv[1:]]
    run = runs.start_import(actor, [runs.Arrived(p.name, p, p.stat().st_size) for p in paths], "crm")
    for step in (Step.LOOK, Step.CHECK):
        runs.ask_for(actor, run, step)
        jobs.run_step.call(made.pk, run.pk, run.attempt)
        run.refresh_from_db()
    print(run.folder)
"""
ASK = """
import django; django.setup()
from django.contrib.auth.models import User
from notyet.exchange import jobs, pulse, runs
from notyet.exchange.models import Import, Step
from notyet.workspaces.access import actor_of, memberships
from notyet.workspaces.scope import within
pulse.DEAD_AFTER_SECONDS = 0
actor = actor_of(memberships(User.objects.get())[0])
with within(actor.workspace):
    run = Import.objects.get()
    runs.stop_if_dead(run)
    runs.ask_for(actor, run, Step.WRITE)
    jobs.go_on(run)
"""


ASK_AGAIN = """
with across_workspaces():
    stopped = Import.objects.get().state == "running"
if stopped:
    exec(ASK)
""".replace("ASK", repr(ASK))


class Installation:
    """A home, a database and files of its own, used by processes of their own."""

    def __init__(self, folder: Path, database: str | None, import_folder: str | None = None) -> None:
        self.env = {
            **os.environ,
            "NOTYET_HOME": str(folder / "home"),
            "DJANGO_SETTINGS_MODULE": "notyet.config.settings",
        }
        self.env |= {"DATABASE_URL": database} if database else {}
        self.home = folder / "home"
        self.import_folder = import_folder or self.run(PREPARE, *_files(folder)).strip()
        self.folder = self.home / "imports" / self.import_folder

    def run(self, code: str, *arguments: str) -> str:
        """Run some Python in it; gives what it prints."""
        command = [sys.executable, "-c", code, *arguments]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def record(self) -> list[str]:
        """How the import stands, and a digest of the record."""
        return self.run(RECORD).strip().split(maxsplit=1)

    def finish(self) -> float:
        """Ask for the import and let it through; gives the seconds that it took."""
        self.run(ASK)
        with self.worker() as worker:
            worker.wait_for_begin()
            started = time.monotonic()
            worker.wait_for_end()
            return time.monotonic() - started

    @contextmanager
    def worker(self) -> "Iterator[Worker]":
        """A real worker that is killed at the end of the block, whatever it is at."""
        worker = Worker(self.folder, self.env)
        try:
            yield worker
        finally:
            worker.process.send_signal(signal.SIGKILL)
            worker.process.wait()


class Worker:
    """A real worker that is asked to write an import, and what it leaves on the disk while it does.

    That it is at work is seen by its pulse. A busy machine may let this process sleep for as long as the whole import
    takes, so that the pulse comes and goes unseen: what an import that went in writes last is therefore looked at too.
    """

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self._pulse, self._result = folder / "pulse.json", folder / "preview.json"
        # What a killed one left behind is not this one's.
        self._pulse.unlink(missing_ok=True)
        self._before = self._result.stat().st_mtime_ns
        self._log = folder / "worker.log"
        command = [sys.executable, "-m", "django", "db_worker", "--queue-name", "*", "--no-startup-delay", "-v", "1"]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--interval", "0.05"],
                # Asked to abort, it says in its log what every thread of it was at.
                env={**env, "PYTHONFAULTHANDLER": "1", "PYTHONUNBUFFERED": "1"},
                stdout=log,
                stderr=log,
            )

    def wait_for_begin(self) -> None:
        """Until it is at the step, or through with it already."""
        self._wait(lambda: self._pulse.exists() or self._result.stat().st_mtime_ns != self._before, "begin")

    def wait_for_end(self) -> None:
        """Until it is through with the step that it had begun."""
        self._wait(lambda: not self._pulse.exists(), "end")

    def _wait(self, seen: Callable[[], bool], what: str) -> None:
        given_up = time.monotonic() + PATIENCE_SECONDS
        while not seen():
            if self.process.poll() is not None:
                raise AssertionError(f"the worker ended by itself ({self.process.returncode}):\n{self._said()}")
            if time.monotonic() > given_up:
                self.process.send_signal(signal.SIGABRT)
                self.process.wait()
                raise AssertionError(f"the worker did not {what} within {PATIENCE_SECONDS} s:\n{self._said()}")
            time.sleep(0.01)

    def _said(self) -> str:
        return self._log.read_text(errors="replace")[-8_000:]


def _files(folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    deals, talks = folder / "deals.csv", folder / "conversations.csv"
    with deals.open("w", newline="") as out:
        rows = [(f"D{n}", "won" if n % 3 else "lost", n, f"Buyer {n % 99}", "2026-01-02") for n in range(DEALS)]
        csv.writer(out).writerows([("deal_id", "outcome", "amount", "account", "opened_at"), *rows])
    with talks.open("w", newline="") as out:
        said = [(f"D{n}", f"2026-01-0{k + 1}", "call") for n in range(DEALS) for k in range(TALKS)]
        csv.writer(out).writerows([("deal_id", "at", "channel"), *said])
    return [str(deals), str(talks)]


Install = Callable[[], Installation]


@pytest.fixture
def install(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Install]:
    """Makes an installation with the files uploaded and tried out, on the kind of database under test."""
    made: list[str] = []
    on_server = request.config.getoption("--database") == "postgresql"

    def place(name: str, like: Installation | None = None) -> Installation:
        made.append(name)
        database = postgresql.create(name, READY if like else "") if on_server else None
        if like is not None:
            shutil.copytree(like.home, tmp_path / name / "home")
        return Installation(tmp_path / name, database, like.import_folder if like else None)

    ready = place(READY)

    def fresh() -> Installation:
        return place(f"killed_{len(made)}", ready)

    yield fresh
    for name in made if on_server else ():
        postgresql.drop(name)


@pytest.mark.django_db
def test_a_killed_import_is_in_or_not(install: Install) -> None:
    """At random moments, again and again, until it is let through. ``KILL_ROUNDS`` makes it more."""
    place = install()
    [_, before] = place.record()
    lasted = place.finish()
    [state, after] = place.record()
    assert state == "done" and after != before
    chance, place, killed_in_time = random.Random(4), install(), 0
    place.run(ASK)
    for number in range(ROUNDS):
        with place.worker() as worker:
            worker.wait_for_begin()
            time.sleep(chance.uniform(0, 0.8 * lasted))
        # Looked at and asked for again in one process: most of the test's time is starting them.
        state, record = place.run(RECORD + ASK_AGAIN).strip().split(maxsplit=1)
        assert (state, record) in (("running", before), ("done", after)), f"killed {number}"
        killed_in_time += state == "running"
        if state == "done" and number < ROUNDS - 1:
            place = install()
            place.run(ASK)
    assert killed_in_time, "no round was killed in time to matter"
    if state == "running":
        with place.worker() as worker:
            worker.wait_for_begin()
            worker.wait_for_end()
    assert place.record() == ["done", after]


def test_a_pulse_is_known_to_be_old(tmp_path: Path) -> None:
    """Its age is that of its last beat."""
    assert pulse.silent_for(tmp_path) is None
    with pulse.beating(tmp_path, 1, {"reading a.csv": 10}) as progress:
        progress(3, None, "reading a.csv")
        silent = pulse.silent_for(tmp_path)
        assert silent is not None and silent < pulse.DEAD_AFTER_SECONDS
        old = time.time() - 100
        os.utime(tmp_path / "pulse.json", (old, old))
    assert pulse.read(tmp_path) is None
