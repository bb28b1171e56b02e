"""A real mail server on loopback: it keeps what it takes, and misbehaves as it is told."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

HANG_UP = "hang up"


@dataclass
class Post:
    """What arrived, and how the server answers.

    ``answers`` gives the answer to ``MAIL``, ``RCPT`` or ``DATA``; ``HANG_UP`` for ``DATA`` takes the message and cuts
    the line without a word. ``on_arrival`` is called, on the server's thread, before the answer is sent.
    """

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    on_arrival: Callable[[EmailMessage], float] = lambda message: 0.0
    """Gives the seconds to wait before the answer."""


class _Handler:
    def __init__(self, office: Post) -> None:
        self.office = office

    async def handle_MAIL(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.mail_from = address
        return self.office.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.rcpt_tos.append(address)
        return self.office.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        answer = self.office.answers.get("DATA", "250 OK")
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        if answer.startswith("250") or answer == HANG_UP:
            self.office.taken.append(message)
        await asyncio.sleep(self.office.on_arrival(message))
        if answer == HANG_UP:
            assert server.transport is not None
            server.transport.abort()
            return "421 never read"
        return answer


class _OnAnyPort(Controller):
    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def post() -> Iterator[Post]:
    """A mail server for the length of the block."""
    office = Post()
    running = _OnAnyPort(_Handler(office), hostname="127.0.0.1", port=0)  # type: ignore[no-untyped-call]
    running.start()  # type: ignore[no-untyped-call]
    try:
        office.port = running.port
        yield office
    finally:
        running.stop()  # type: ignore[no-untyped-call]
