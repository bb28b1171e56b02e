"""An installation with people whose mail is due, worked by processes of their own."""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import postgresql

PEOPLE = 20
PREPARE = """
import sys; from datetime import datetime, timedelta
import django; django.setup()
from django.core.management import call_command; call_command("migrate", verbosity=0)
from notyet.deals.models import DataSource, Deal, NextStep, Promise
from notyet.deals.touching import touch
from notyet.notices.models import Delivery
from notyet.workspaces.access import operator
from notyet.workspaces.actions import add_person, create_workspace
from notyet.workspaces.models import Role
from notyet.workspaces.scope import within
made = create_workspace("Acme")
due = datetime.fromisoformat("2026-01-02T00:00:00+00:00")
with within(made):
    source = DataSource.objects.create(workspace=made, key="crm", name="crm")
    for number in range(int(sys.argv[1])):
        name = f"person{number}"
        member = add_person(operator(made), f"{name}@example.org", Role.SELLER, seller_name=name)
        Delivery.objects.create(workspace=made, membership=member, digest=True, digest_hour=8)
        deal = Deal.objects.create(
            workspace=made, data_source=source, deal_id=name, owner=name, outcome="open", opened_at=due
        )
        Promise.objects.create(workspace=made, deal=deal, text="the offer", due_at=due, plain_dates=7)
        NextStep.objects.create(workspace=made, deal=deal, text="meet", due_at=due + timedelta(days=3650))
    touch(made, None)
"""
PREPARE_LETTERS = """
import sys; from datetime import datetime
import django; django.setup()
from notyet.deals.models import DataSource, Deal
from notyet.winbacks.parting_models import Letter
from notyet.workspaces.models import Workspace
from notyet.workspaces.scope import within
from notyet.core.clock import now
made = Workspace.objects.get()
with within(made):
    source = DataSource.objects.get()
    for number in range(int(sys.argv[1])):
        name = f"{sys.argv[2]}-{number}"
        deal = Deal.objects.create(
            workspace=made, data_source=source, deal_id=name, outcome="lost", opened_at=now(), closed_at=now()
        )
        Letter.objects.create(
            workspace=made, deal=deal, to=f"{name}@buyer.example", subject="Thank you", body="Hello", state="due",
            written_at=now(), due_at=now(), written_by="person1@example.org",
        )
"""
LETTERS = """
import json
import django; django.setup()
from notyet.deals.models import Conversation
from notyet.notices import mail
from notyet.winbacks.parting_models import Letter
from notyet.workspaces.scope import across_workspaces
with across_workspaces():
    rows = Letter.objects.order_by("pk").values_list("to", "state", "pk", "deal")
    told = list(Conversation.objects.values_list("deal", flat=True))
    print(json.dumps([[to, state, mail.buyers_message_id(pk), told.count(deal)] for to, state, pk, deal in rows]))
"""
STATES = """
import json, os
import django; django.setup()
from notyet.core.clock import now
from notyet.notices import mail
from notyet.notices.models import Push
from notyet.workspaces.scope import across_workspaces
with across_workspaces():
    rows = Push.objects.filter(day=now().date()).values_list("membership__user__email", "state", "pk")
    print(json.dumps([[person, state, mail.message_id(pk)] for person, state, pk in rows]))
"""
FINISH = """
from datetime import timedelta
import django; django.setup()
from notyet.notices import ledger, tick
from notyet.notices.models import Push
from notyet.winbacks.parting_models import Letter
from notyet.workspaces.scope import across_workspaces
with across_workspaces():
    for kind in (Push, Letter):
        kind.objects.filter(state="claimed").update(
            claimed_at=ledger.machine_time() - ledger.LEASE - timedelta(seconds=1)
        )
tick.tick("the one after")
tick.tick("the one after that")
"""


@dataclass(frozen=True)
class Stands:
    """How a message stands that was planned for somebody."""

    person: str
    state: str
    message_id: str


@dataclass(frozen=True)
class LetterStands:
    """How a letter to a buyer stands, and how often the record says that it was sent."""

    to: str
    state: str
    message_id: str
    told: int


class Installation:
    """A home and a database of its own; ``at`` moves the clock of everything it runs."""

    def __init__(self, home: Path, database: str | None, mail_port: int = 1) -> None:
        self.env = {
            **os.environ,
            "NOTYET_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "notyet.config.settings",
            "NOTYET_EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "NOTYET_EMAIL_FROM": "NotYet <notyet@example.org>",
            "NOTYET_URL": "https://notyet.example.org",
            "NOTYET_LOG_LEVEL": "ERROR",
        }
        self.env |= {"DATABASE_URL": database} if database else {}
        self.at("2026-03-02")

    def prepare(self) -> None:
        """Have people in it whose mail is due."""
        self.run(PREPARE, str(PEOPLE))

    def at(self, day: str) -> None:
        """Have it be the morning of a day."""
        self.env["NOTYET_CLOCK"] = f"{day}T08:30:00Z"

    def run(self, code: str, *arguments: str) -> str:
        """Run some Python in it; gives what it prints."""
        command = [sys.executable, "-c", code, *arguments]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def work(self, *options: str) -> "subprocess.Popen[str]":
        """Start a real worker."""
        command = [sys.executable, "-m", "notyet", "work", *options]
        return subprocess.Popen(
            command,
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def write_letters(self, number: int, name: str) -> None:
        """Have letters to buyers be due, each about a deal of its own."""
        self.run(PREPARE_LETTERS, str(number), name)

    def stands(self) -> list[Stands]:
        """How the day's messages stand."""
        return [Stands(*row) for row in json.loads(self.run(STATES))]

    def finish(self) -> tuple[list[LetterStands], list[Stands], list[LetterStands]]:
        """How all letters stand; and how the day's messages and they do when whoever comes after has sent the rest."""
        before, mails, letters = map(json.loads, self.run(LETTERS + FINISH + STATES + LETTERS).splitlines())
        return (
            [LetterStands(*row) for row in before],
            [Stands(*row) for row in mails],
            [LetterStands(*row) for row in letters],
        )


_READY: dict[str, str] = {}


def _ready(kind: str) -> str:
    """Where a prepared installation is: a home folder, or a database. Made once; the tests get copies."""
    if kind not in _READY:
        if kind == "postgresql":
            place = f"notices_{os.getpid()}_ready"
            home, database = tempfile.mkdtemp(prefix="notyet-ready-"), postgresql.create(place)
        else:
            place = home = tempfile.mkdtemp(prefix="notyet-ready-")
            database = None
        atexit.register(shutil.rmtree, home, ignore_errors=True)
        Installation(Path(home), database).prepare()
        _READY[kind] = place
    return _READY[kind]


@contextmanager
def installing(folder: Path, kind: str) -> Iterator[Callable[[int], Installation]]:
    """Makes installations on a kind of database that lead to a mail server's port; their databases go at the end."""
    made: list[str] = []

    def fresh(mail_port: int) -> Installation:
        ready, name = _ready(kind), f"notices_{os.getpid()}_{len(made)}"
        made.append(name)
        if kind != "postgresql":
            shutil.copytree(ready, folder / name)
            return Installation(folder / name, None, mail_port)
        return Installation(folder / name, postgresql.create(name, ready), mail_port)

    yield fresh
    if kind == "postgresql":
        for name in made:
            postgresql.drop(name)
