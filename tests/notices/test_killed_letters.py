"""Real workers before a real mail server, killed while letters to buyers leave: none arrives twice."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import pytest

from tests.notices.installation import FINISH_LETTERS, Installation, LetterStands, installing
from tests.notices.post import Post, post
from tests.notices.test_killed_workers import ROUNDS, SLOWEST, WORKERS, wait_for

LETTERS = 12


@pytest.fixture
def office() -> Iterator[Post]:
    """The mail server; it takes its time, now more, now less."""
    chance = random.Random(5)

    def dawdle(message: EmailMessage) -> float:
        return chance.uniform(0, SLOWEST)

    with post() as running:
        running.on_arrival = dawdle
        yield running


@pytest.fixture
def install(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[int], Installation]]:
    """Makes an installation on the kind of database under test."""
    with installing(tmp_path, str(request.config.getoption("--database"))) as fresh:
        yield fresh


def to_buyers(office: Post) -> list[EmailMessage]:
    """The letters that arrived."""
    return [mail for mail in office.taken if str(mail["To"]).endswith("@buyer.example")]


def more_than(office: Post, number: int) -> bool:
    """Whether more letters than so many have arrived."""
    return len(to_buyers(office)) > number


def check(stands: list[LetterStands], taken: list[EmailMessage]) -> Counter[str]:
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


@pytest.mark.django_db
def test_killed_at_any_moment_no_letter_arrives_twice(install: Callable[[int], Installation], office: Post) -> None:
    """Each is sent, still due, or may have gone out; and the record shows those that were sent, once."""
    place, chance = install(office.port), random.Random(8)
    seen: Counter[str] = Counter()
    in_time = 0
    for number in range(ROUNDS):
        place.write_letters(LETTERS, f"r{number}")
        before = len(to_buyers(office))
        workers = [place.work() for _ in range(WORKERS)]
        wait_for(partial(more_than, office, before), workers)
        for worker in workers:
            time.sleep(chance.uniform(0, LETTERS * SLOWEST / WORKERS / 2))
            os.killpg(worker.pid, signal.SIGKILL)
            worker.communicate()
        in_time += len(to_buyers(office)) - before < LETTERS
        time.sleep(SLOWEST * 2)  # what was handed in before is taken down
        check(place.letters(), to_buyers(office))
        seen = check(place.letters(FINISH_LETTERS), to_buyers(office))
        assert set(seen) <= {"sent", "unknown"}
    print(f"{ROUNDS} rounds, {in_time} of them killed in time to matter: {dict(seen)}")
    assert seen.total() == ROUNDS * LETTERS
    assert in_time, "no round was killed in time to matter"
