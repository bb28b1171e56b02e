"""Real workers before a real mail server: killed at any moment, stopped, and several at once; no mail comes twice."""

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from notyet.notices.models import PushState
from tests.notices.installation import PEOPLE, Installation, LetterStands, Stands, installing
from tests.notices.post import Post, post

ROUNDS = int(os.environ.get("KILL_ROUNDS", "3"))
WORKERS, LETTERS = 2, 12
SLOWEST = 0.08
"""Seconds that the mail server may take for a mail: time in which a worker can be killed."""

Install = Callable[[int], Installation]


@pytest.fixture
def install(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Install]:
    """Makes an installation on the kind of database under test."""
    with installing(tmp_path, str(request.config.getoption("--database"))) as fresh:
        yield fresh


@pytest.fixture
def office() -> Iterator[Post]:
    """The mail server; it takes its time, now more, now less."""
    chance = random.Random(4)

    def dawdle(message: EmailMessage) -> float:
        return chance.uniform(0, SLOWEST)

    with post() as running:
        running.on_arrival = dawdle
        yield running


def wait_for(condition: Callable[[], bool], workers: list["subprocess.Popen[str]"], seconds: float = 300) -> None:
    """Until it holds, while all workers are there."""
    end = time.monotonic() + seconds
    while not condition():
        for worker in workers:
            assert worker.poll() is None, worker.communicate()[1]
        assert time.monotonic() < end, "nothing is sent"
        time.sleep(0.005)


def days() -> Iterator[str]:
    """Working days, one after the other."""
    day = date(2026, 3, 2)
    while True:
        if day.weekday() < 5:
            yield day.isoformat()
        day += timedelta(days=1)


def check(stands: list[Stands], taken: list[EmailMessage]) -> Counter[str]:
    """Hold what the messages of a day say against what arrived; how many there are of each state."""
    arrived = Counter(str(mail["Message-ID"]) for mail in taken)
    assert Counter(str(mail["To"]) for mail in taken).keys() <= {one.person for one in stands}
    assert max(Counter(str(mail["To"]) for mail in taken).values(), default=0) <= 1, "somebody got two mails"
    assert len(stands) == PEOPLE == len({one.person for one in stands}), "somebody was forgotten"
    for one in stands:
        wanted = {PushState.SENT: (1,), PushState.UNKNOWN: (0, 1)}[PushState(one.state)]
        assert arrived[one.message_id] in wanted, one
    return Counter(one.state for one in stands)


def check_letters(stands: list[LetterStands], taken: list[EmailMessage]) -> Counter[str]:
    """Hold what is said of each letter against what arrived and what the record says; how many of each state."""
    arrived = Counter(str(mail["Message-ID"]) for mail in taken)
    to = Counter(str(mail["To"]) for mail in taken)
    assert max(to.values(), default=0) <= 1, "a buyer got two letters"
    assert to.keys() <= {one.to for one in stands}
    for one in stands:
        wanted = {"sent": (1,), "unknown": (0, 1), "due": (0,), "claimed": (0, 1)}[one.state]
        assert arrived[one.message_id] in wanted, one
        assert one.told == (one.state == "sent"), one
    return Counter(one.state for one in stands)


def is_letter(mail: EmailMessage) -> bool:
    """Whether it goes to a buyer rather than to one of us."""
    return str(mail["To"]).endswith("@buyer.example")


@pytest.mark.django_db
def test_killed_at_any_moment_nothing_is_sent_twice(install: Install, office: Post) -> None:
    """Two workers a round, each killed somewhere; whoever comes after sends the rest. ``KILL_ROUNDS`` makes it more.

    They have the digests of a day and letters to buyers to send. A letter was sent, is still due, or may have gone
    out; and the record shows those that were sent, once.
    """
    place, chance = install(office.port), random.Random(7)
    seen, letters, to_buyers = Counter[str](), Counter[str](), list[EmailMessage]()
    in_time, lasts = 0, (PEOPLE + LETTERS) * SLOWEST
    for number, day in zip(range(ROUNDS), days(), strict=False):
        place.at(day)
        place.write_letters(LETTERS, f"r{number}")
        office.taken.clear()
        workers = [place.work() for _ in range(WORKERS)]
        wait_for(lambda: bool(office.taken), workers)
        for worker in workers:
            time.sleep(chance.uniform(0, lasts / WORKERS / 2))
            os.killpg(worker.pid, signal.SIGKILL)
            worker.communicate()
        in_time += len(office.taken) < PEOPLE + LETTERS
        time.sleep(SLOWEST * 2)  # what was handed in before is taken down
        arrived = to_buyers + [mail for mail in office.taken if is_letter(mail)]
        before, mails, after = place.finish()
        check_letters(before, arrived)
        to_buyers += filter(is_letter, office.taken)
        letters = check_letters(after, to_buyers)
        seen += check(mails, [mail for mail in office.taken if not is_letter(mail)])
    print(f"{ROUNDS} rounds, {in_time} of them killed in time to matter: mails {dict(seen)}, letters {dict(letters)}")
    assert letters.total() == ROUNDS * LETTERS
    assert set(letters) <= {"sent", "unknown"}
    assert in_time, "no round was killed in time to matter"


@pytest.mark.django_db
def test_several_workers_send_each_mail_once_and_stop_when_told(install: Install, office: Post) -> None:
    """Told to stop in the middle they finish what is on its way: nothing is left unknown. The next does the rest."""
    place = install(office.port)
    workers = [place.work() for _ in range(3)]
    wait_for(lambda: len(office.taken) > PEOPLE // 4, workers)
    for worker in workers:
        worker.terminate()
    for worker in workers:
        _, said = worker.communicate(timeout=60)
        # One that was still starting has nothing to finish and ends as the system has it.
        assert worker.returncode in (0, -signal.SIGTERM), said
    states = Counter(one.state for one in place.stands())
    assert set(states) <= {PushState.SENT, PushState.DUE}
    assert states[PushState.SENT] == len(office.taken)
    last = place.work("--once")
    _, said = last.communicate(timeout=120)
    assert last.returncode == 0, said
    assert check(place.stands(), list(office.taken)) == {PushState.SENT: PEOPLE}


@pytest.mark.django_db
def test_a_worker_that_is_let_go_by_its_server_finishes_its_mail(install: Install, office: Post) -> None:
    """``notyet serve`` closes its worker's input when it stops."""
    place = install(office.port)
    worker = place.work("--attached")
    wait_for(lambda: len(office.taken) > 2, [worker])
    _, said = worker.communicate(timeout=60)  # which closes its input
    assert worker.returncode == 0, said
    states = Counter(one.state for one in place.stands())
    assert set(states) <= {PushState.SENT, PushState.DUE}
    assert states[PushState.SENT] == len(office.taken)
