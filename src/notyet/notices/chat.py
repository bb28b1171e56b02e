"""One chat message, sent through apprise so that a failure says whether anything was sent."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

from apprise import Apprise, LogCapture, NotifyFormat

from notyet.notices import chat_address, links, rules
from notyet.notices.chat_address import BadAddress
from notyet.notices.errors import MaybeSent, NotSent
from notyet.notices.models import Delivery
from notyet.notices.things import Thing

_REFUSED = re.compile(r"^WARNING .*error=([34]\d\d)\b", re.MULTILINE)
_BUSY = re.compile(r"^WARNING .*error=(408|425|429)\b", re.MULTILINE)
_NEVER_REACHED = re.compile(
    r"^DEBUG Socket Exception:.*(NewConnectionError|NameResolutionError|ConnectTimeout|CERTIFICATE_VERIFY_FAILED)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Note:
    """A chat message before it is sent."""

    address: str
    subject: str
    text: str


def compose(delivery: Delivery, things: Sequence[Thing], *, trial: bool) -> Note:
    """One message about all of them. Raises ``BadAddress`` where the address cannot be read any more."""
    subject = rules.chat_subject(things) if things else "Nothing urgent just now"
    texts = [_line(line) for line in rules.lines(things)]
    texts.append(f"Your day: {links.today_url()}")
    address = chat_address.unseal(delivery.chat_address)
    return Note(address, f"{'A trial: ' if trial else ''}{subject}", "\n".join(texts))


def _line(line: rules.Line) -> str:
    if line.thing is None:
        return f"{line.text}: {links.group_url(line.kind)}"
    return f"{line.thing.when.capitalize()}: {line.thing.text}\n{links.deal_url(line.thing.deal)}"


def send(note: Note) -> None:
    """Send it. Raises ``NotSent`` where the service certainly has not taken it, ``MaybeSent`` where nobody can tell."""
    try:
        service = chat_address.check(note.address)
    except BadAddress as error:
        raise NotSent(f"{error}", again=False) from error
    sender = Apprise()
    sender.add(service.sender)
    # What apprise logs names the address; it is read here, for what became of the message, and kept nowhere.
    with LogCapture(level=logging.DEBUG, fmt="%(levelname)s %(message)s") as said:  # type: ignore[no-untyped-call]
        taken = bool(sender.notify(body=note.text, title=note.subject, body_format=NotifyFormat.TEXT))
        report = said.getvalue()
    if not taken:
        raise _failure(service.name, report)


def _failure(service: str, report: str) -> Exception:
    if busy := _BUSY.search(report):
        return NotSent(f"{service} asks to wait ({busy[1]})", again=True)
    if refused := _REFUSED.search(report):
        return NotSent(f"{service} refused the message ({refused[1]})", again=False)
    if _NEVER_REACHED.search(report):
        return NotSent(f"{service} could not be reached", again=True)
    return MaybeSent(f"{service} did not confirm the message")
