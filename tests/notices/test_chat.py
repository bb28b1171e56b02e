"""Chat: which addresses are taken, and what each failure says about whether anything was sent."""

import io
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from apprise import Apprise

from notyet.notices import chat, chat_address
from notyet.notices.chat_address import BadAddress, Service, check
from notyet.notices.errors import MaybeSent, NotSent

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

SLACK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
NOTE = chat.Note("", "1 missed call, 1 promise", "Call Helvia AG back\nhttps://n.example.org/deals/1/")


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A world of two hosts, one of them in a private network."""
    known = {"chat.example.org": "93.184.215.14", "chat.internal": "10.0.0.7", "both.example.org": "93.184.215.14"}
    known["2130706433"] = "127.0.0.1"  # as the system reads it

    def lookup(host: str, *rest: Any, **more: Any) -> list[Any]:
        found = known.get(host, host)
        if not found[0].isdigit() and ":" not in found:
            raise socket.gaierror("no such host")
        both = [found, "192.168.1.1"] if host == "both.example.org" else [found]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 0)) for one in both]

    monkeypatch.setattr(chat_address.socket, "getaddrinfo", lookup)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (SLACK, "Slack"),
        ("https://discord.com/api/webhooks/4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "Discord"),
        ("https://chat.googleapis.com/v1/spaces/AAAA/messages?key=k&token=t", "Google Chat"),
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", "Telegram"),
        ("mmosts://chat.example.org/abcdef123456", "Mattermost"),
        ("  ntfys://chat.example.org/topic  ", "ntfy"),
    ],
)
def test_addresses_that_are_taken(address: str, name: str) -> None:
    """Those of chat services over HTTPS; whatever they say, sent once and without redirects."""
    found = check(address)
    assert found.name == name
    assert (found.sender.retry, found.sender.redirects, found.sender.verify_certificate) == (0, False, True)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("", "no chat address"),
        ("hello", "no chat address"),
        ("https://example.org/hook", "no chat address"),
        ("file:///etc/passwd", "no chat address"),
        ("slack://a\nb", "no chat address"),
        ("slack://" + "a" * 2000, "no chat address"),
        ("json://chat.example.org/x", "not among the chat services"),
        ("jsons://chat.example.org/x", "not among the chat services"),
        ("form://127.0.0.1/x", "not among the chat services"),
        ("xml://chat.example.org", "not among the chat services"),
        ("syslog://", "not among the chat services"),
        ("rsyslog://10.0.0.1", "not among the chat services"),
        ("dbus://", "not among the chat services"),
        ("mailto://u:p@example.org", "not among the chat services"),
        ("mmost://chat.example.org/abcdef123456", "not among the chat services"),
        ("apprises://chat.example.org/token", "not among the chat services"),
        ("matrixs://u:p@chat.example.org", "not among the chat services"),
        ("mmosts://chat.internal/abcdef123456", "in a private network"),
        ("mmosts://both.example.org/abcdef123456", "in a private network"),
        ("mmosts://127.0.0.1/abcdef123456", "in a private network"),
        ("mmosts://169.254.169.254/abcdef123456", "in a private network"),
        ("mmosts://2130706433/abcdef123456", "in a private network"),
        ("mmosts://nowhere.example.org/abcdef123456", "is not known"),
        (SLACK + "?redirect=yes", "the option 'redirect' is not taken"),
        (SLACK + "?retry=5", "the option 'retry' is not taken"),
        (SLACK + "?verify=no", "the option 'verify' is not taken"),
        (SLACK + "?template=/etc/passwd", "the option 'template' is not taken"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#a/#b", "one conversation"),
    ],
)
def test_addresses_that_are_refused(address: str, says: str) -> None:
    """With a sentence; what reads files, leaves the network's edge or does more than to say something in one place."""
    with pytest.raises(BadAddress, match=says):
        check(address)


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("64:ff9b::5db8:d70e", True),  # 93.184.215.14
        ("64:ff9b::7f00:1", False),
        ("2002:a00:7::", False),
        ("::127.0.0.1", False),
        ("::ffff:10.0.0.7", False),
        ("fec0::1", False),
        ("fd00::7", False),
        ("224.0.0.1", False),
    ],
)
def test_an_address_that_leads_into_a_private_network_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str, taken: bool
) -> None:
    """Also where it is wrapped into one of the Internet."""
    found = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, 0, 0, 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *rest, **more: found)
    if taken:
        assert check("mmosts://wrapped.example.org/abcdef123456").host == "wrapped.example.org"
        return
    with pytest.raises(BadAddress, match="private network"):
        check("mmosts://wrapped.example.org/abcdef123456")


def test_the_operator_may_name_hosts_of_her_own(settings: "Settings") -> None:
    """``NOTYET_CHAT_HOSTS``."""
    settings.NOTYET_CHAT_HOSTS = frozenset({"chat.internal"})
    assert check("mmosts://chat.internal/abcdef123456").host == "chat.internal"
    with pytest.raises(BadAddress, match="private"):
        check("mmosts://10.0.0.7/abcdef123456")


@contextmanager
def answering(code: int, wait: float = 0.0) -> Iterator[tuple[int, list[str]]]:
    """A web server that gives this answer; its port and what it was sent."""
    got: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            time.sleep(wait)
            self.send_response(code)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_port, got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def at_port(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Have the next message go to a port of this machine, without the checks of a host."""
    monkeypatch.undo()

    def to(port: int) -> None:
        sender = Apprise.instantiate(f"mmost://127.0.0.1:{port}/abcdef123456token")
        assert sender is not None
        chat_address._tame(sender)
        sender.socket_read_timeout = 0.3
        monkeypatch.setattr(chat_address, "check", lambda address: Service("Mattermost", "", sender))

    return to


def test_a_message_as_it_arrives(at_port: Callable[[int], None]) -> None:
    """Subject and text, once."""
    with answering(200) as (port, got):
        at_port(port)
        chat.send(NOTE)
    [body] = got
    assert "1 missed call, 1 promise" in body
    assert "https://n.example.org/deals/1/" in body


@pytest.mark.parametrize(
    ("code", "again"), [(400, False), (403, False), (404, False), (302, False), (429, True), (408, True)]
)
def test_a_refusal_means_nothing_was_sent(at_port: Callable[[int], None], code: int, again: bool) -> None:
    """An answer from 300 to 499; no redirect is followed."""
    with answering(code) as (port, got):
        at_port(port)
        with pytest.raises(NotSent, match=str(code)) as failure:
            chat.send(NOTE)
    assert failure.value.again is again
    assert len(got) == 1


@pytest.mark.parametrize(("code", "wait"), [(500, 0.0), (502, 0.0), (200, 0.6)])
def test_what_cannot_be_known(at_port: Callable[[int], None], code: int, wait: float) -> None:
    """A server that fails while it works on it, or says nothing."""
    with answering(code, wait) as (port, got):
        at_port(port)
        with pytest.raises(MaybeSent):
            chat.send(NOTE)
    assert len(got) == 1


def test_nobody_listens(at_port: Callable[[int], None]) -> None:
    """Connection refused: nothing was sent."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        at_port(probe.getsockname()[1])
    with pytest.raises(NotSent, match="could not be reached") as failure:
        chat.send(NOTE)
    assert failure.value.again


def test_a_message_cannot_pass_for_a_failure(at_port: Callable[[int], None]) -> None:
    """What a buyer's name may hold is no evidence."""
    note = chat.Note("", "x", "WARNING error=404\nDEBUG Socket Exception: NewConnectionError")
    with answering(500) as (port, _):
        at_port(port)
        with pytest.raises(MaybeSent):
            chat.send(note)


def test_no_secret_is_logged(at_port: Callable[[int], None], caplog: pytest.LogCaptureFixture) -> None:
    """Even where everything is. pytest listens to loggers that pass nothing on as well, so this listens at the root."""
    caplog.set_level(logging.DEBUG)
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    try:
        with answering(404) as (port, _), pytest.raises(NotSent) as failure:
            at_port(port)
            chat.send(NOTE)
        logging.getLogger("notyet").debug("it listens")
    finally:
        logging.getLogger().removeHandler(handler)
    assert "it listens" in written.getvalue()
    assert "abcdef123456token" not in written.getvalue()
    assert "abcdef123456token" not in str(failure.value)
