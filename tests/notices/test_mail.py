"""A mail as it arrives, and what each failure says about whether it was sent."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from notyet.notices import mail, tick
from notyet.notices.errors import MaybeSent, NotSent
from notyet.notices.ledger import MOST_ATTEMPTS
from notyet.notices.models import Push, PushState
from tests.notices.post import HANG_UP, Post

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

Make = Callable[..., Any]

LETTER = mail.Letter(
    to="mara@example.org",
    subject="2 things keep your word today",
    text="Grüße\n.\nFrom here on: “more”\n" + "long " * 300,
    html="<p>Grüße</p>",
    message_id="<push-1.abc@notyet.example.org>",
    off_url="https://notyet.example.org/notices/off/token/",
)


def test_a_mail_as_it_arrives(mailbox: Post) -> None:
    """Both parts, marked as automatic, with a way to end it by one click; lines of a dot and long ones survive."""
    mail.send(LETTER)
    [got] = mailbox.taken
    assert got.get_body(("plain",)).get_content().replace("\r\n", "\n") == LETTER.text + "\n"  # type: ignore[union-attr]
    assert got.get_body(("html",)).get_content().strip() == LETTER.html  # type: ignore[union-attr]
    assert {name: got[name] for name in ("From", "To", "Subject", "Message-ID")} == {
        "From": "NotYet <notyet@example.org>",
        "To": "mara@example.org",
        "Subject": "2 things keep your word today",
        "Message-ID": "<push-1.abc@notyet.example.org>",
    }
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["List-Unsubscribe"] == f"<{LETTER.off_url}>"
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert got["Date"] is not None


def test_the_bytes_pass_any_server(mailbox: Post) -> None:
    """Seven bits a byte, no line over 998: nothing has to be agreed on first."""
    lines = mail.build(LETTER).as_bytes().split(b"\r\n")
    assert all(byte < 128 for line in lines for byte in line)
    assert max(map(len, lines)) <= 998


@pytest.mark.parametrize(
    ("command", "answer", "again"),
    [
        ("MAIL", "451 later", True),
        ("MAIL", "550 not you", False),
        ("RCPT", "452 mailbox full", True),
        ("RCPT", "550 nobody here", False),
        ("DATA", "451 later", True),
        ("DATA", "554 spam", False),
    ],
)
def test_a_refusal_in_words_means_nothing_was_sent(mailbox: Post, command: str, answer: str, again: bool) -> None:
    """A number from 400 may be tried again, one from 500 not."""
    mailbox.answers[command] = answer
    with pytest.raises(NotSent, match=answer[:3]) as failure:
        mail.send(LETTER)
    assert failure.value.again is again
    assert mailbox.taken == []


def test_silence_after_the_text_means_nothing(mailbox: Post) -> None:
    """The server took it, as it happens; nobody on this side can know."""
    mailbox.answers["DATA"] = HANG_UP
    with pytest.raises(MaybeSent):
        mail.send(LETTER)
    assert len(mailbox.taken) == 1


def test_waiting_for_the_answer_has_an_end(mailbox: Post, settings: "Settings") -> None:
    """A server that takes the text and then says nothing."""
    settings.EMAIL_TIMEOUT = 0.3
    mailbox.on_arrival = lambda message: 1.5
    with pytest.raises(MaybeSent):
        mail.send(LETTER)


def test_nobody_listens(settings: "Settings") -> None:
    """Connection refused: certainly nothing was sent."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", probe.getsockname()[1]
    with pytest.raises(NotSent, match="could not be reached") as failure:
        mail.send(LETTER)
    assert failure.value.again


@contextmanager
def talking(*answers: bytes) -> Iterator[int]:
    """A server that gives these answers whatever it is told, then cuts the line; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            line, _ = listening.accept()
            with line:
                for answer in answers:
                    line.sendall(answer)
                    line.recv(4096)

        thread = threading.Thread(target=talk)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


@pytest.mark.parametrize(
    "answers",
    [
        (),
        (b"554 go away\r\n",),
        (b"220 hi\r\n", b"250 ok\r\n"),
        (b"220 hi\r\n", b"250 ok\r\n", b"250 ok\r\n"),
        (b"220 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n", b"451 not now\r\n"),
    ],
)
def test_a_line_that_is_cut_before_the_text(settings: "Settings", answers: tuple[bytes, ...]) -> None:
    """Wherever it is cut, nothing was sent."""
    with talking(*answers) as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
        with pytest.raises(NotSent) as failure:
            mail.send(LETTER)
    assert failure.value.again


@pytest.mark.parametrize("last", [b"nonsense\r\n", b"\r\n"])
def test_an_answer_that_is_none(settings: "Settings", last: bytes) -> None:
    """After the text, what cannot be understood says nothing."""
    ok = b"250 ok\r\n"
    with talking(b"220 hi\r\n", ok, ok, ok, b"354 go on\r\n", last) as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
        with pytest.raises(MaybeSent):
            mail.send(LETTER)


def stands() -> tuple[str, int, str]:
    """The only message: its state, its attempts, its reason."""
    push = Push.objects.get()
    return push.state, push.attempts, push.reason


def test_what_was_not_sent_is_tried_again_later(mailbox: Post, owe: Make, reach: Make) -> None:
    """After a while, with the same Message-ID, and what it tells of is told once it is out."""
    owe("the offer", "2026-03-02")
    reach(digest=True)
    mailbox.answers["RCPT"] = "452 mailbox full"
    tick.tick("one")
    assert stands() == (PushState.DUE, 1, "the mail server refused the address (452)")
    mailbox.answers.clear()
    tick.tick("one")
    assert mailbox.taken == [], "it waits a minute"
    Push.objects.update(not_before=None)
    tick.tick("another")
    assert stands() == (PushState.SENT, 2, "")
    assert mailbox.taken[0]["Message-ID"] == mail.message_id(Push.objects.get().pk)


def test_it_is_not_tried_for_ever(mailbox: Post, owe: Make, reach: Make) -> None:
    """A dozen times at most, and never on another day."""
    owe("the offer", "2026-03-02")
    reach(digest=True)
    mailbox.answers["RCPT"] = "452 mailbox full"
    for _ in range(MOST_ATTEMPTS + 3):
        tick.tick("one")
        Push.objects.update(not_before=None)
    assert stands() == (PushState.FAILED, MOST_ATTEMPTS, "the mail server refused the address (452)")


def test_its_day_is_over(mailbox: Post, owe: Make, reach: Make, clock: Make) -> None:
    """The next day has a mail of its own."""
    owe("the offer", "2026-03-02")
    reach(digest=True)
    mailbox.answers["RCPT"] = "452 mailbox full"
    tick.tick("one")
    mailbox.answers.clear()
    clock("2026-03-03T08:30:00+00:00")
    tick.tick("one")
    assert list(Push.objects.order_by("pk").values_list("state", flat=True)) == [PushState.FAILED, PushState.SENT]


def test_what_may_have_gone_out_is_not_sent_again(mailbox: Post, owe: Make, reach: Make, as_mara: Any) -> None:
    """Not by the worker; by a person, with the same Message-ID."""
    from notyet.notices.actions import send_again

    owe("the offer", "2026-03-02")
    reach(digest=True)
    mailbox.answers["DATA"] = HANG_UP
    for _ in range(3):
        tick.tick("one")
        Push.objects.update(not_before=None)
    assert stands()[0] == PushState.UNKNOWN
    assert len(mailbox.taken) == 1
    mailbox.answers.clear()
    assert send_again(as_mara, Push.objects.get().pk)
    tick.tick("one")
    assert stands()[0] == PushState.SENT
    assert mailbox.taken[0]["Message-ID"] == mailbox.taken[1]["Message-ID"]
    assert not send_again(as_mara, Push.objects.get().pk), "it was sent"


def test_no_secret_is_logged_or_kept(
    settings: "Settings", owe: Make, reach: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """The password of a server that refuses it."""
    caplog.set_level(logging.DEBUG)
    owe("the offer", "2026-03-02")
    reach(digest=True)
    with talking(b"220 hi\r\n", b"250-ok\r\n250 AUTH PLAIN LOGIN\r\n", b"535 no\r\n", b"535 no\r\n") as port:
        settings.NOTYET_SENDS_MAIL = True
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 1
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "mara", "a very secret password"
        tick.tick("one")
    assert stands()[2] == "the mail server refused the user or the password (535)"
    assert "very secret" not in caplog.text
