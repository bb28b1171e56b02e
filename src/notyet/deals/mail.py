"""Conversations out of e-mails: files as mail programs save them. Pure.

Pasted ones are read by ``pasted``.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.headerregistry import BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import getaddresses, parsedate_to_datetime
from itertools import islice

from notyet.core.texts import cleaned
from notyet.deals.mail_text import html_to_text, without_quotes
from notyet.deals.pasted import read_pasted
from notyet.deals.talk import LONGEST_SUMMARY, Talk
from notyet.deals.values import BadValue
from notyet.deals.when import FIRST_YEAR, LAST_YEAR

MOST_BYTES = 10 * 1024 * 1024
_LONGEST_HEADER, _MOST_PARTS, _MOST_NAMES = 1_500, 500, 20
_TOO_MANY_PARTS = "this mail has more parts than can be read; paste its text instead"
_BROKEN = (MessageError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)
"""What Python's reader raises on mails that are none."""


class _ShortHeaders(HeaderRegistry):
    """Headers cut where nobody writes on: the time that Python takes for one grows with its square."""

    def __call__(self, name: str, value: str) -> BaseHeader:
        if len(value) > _LONGEST_HEADER:
            value = value[:_LONGEST_HEADER]
            value = value.rpartition(",")[0] if name.lower() in ("from", "to", "cc", "bcc", "reply-to") else value
        return super().__call__(name, value)


_POLICY = EmailPolicy(header_factory=_ShortHeaders())


def read_mail(data: bytes, own: Collection[str] = ()) -> Talk:
    """The e-mail in an ``.eml`` file as a conversation; one from an address of ``own`` (in small letters) went out.

    Raises ``BadValue`` for what is no e-mail, or is larger than ten megabytes.
    """
    if len(data) > MOST_BYTES:
        raise BadValue("file", "this mail is larger than 10 MB; paste its text instead")
    if data.count(b"Content-") > 10 * _MOST_PARTS:
        raise BadValue("file", _TOO_MANY_PARTS)
    try:
        mail = message_from_bytes(data, policy=_POLICY)
        talk = _talk(mail, own)
    except BadValue:
        raise
    except _BROKEN as error:
        raise BadValue("file", "this is no e-mail that can be read; paste its text instead") from error
    if talk is None:
        raise BadValue("file", "this is no e-mail: it has neither a sender nor a subject nor a date")
    return talk


def _talk(mail: EmailMessage, own: Collection[str]) -> Talk | None:
    if sum(1 for _ in islice(mail.walk(), _MOST_PARTS + 1)) > _MOST_PARTS:
        raise BadValue("file", _TOO_MANY_PARTS)
    senders, receivers = _people(mail, "From"), _people(mail, "To")
    subject, at = cleaned(_header(mail, "Subject"), 500).replace("\n", " "), _date(mail)
    if not senders and not subject and at is None:
        return None
    out = any(address in own for _, address in senders)
    others = [person for person in receivers if person[1] not in own] if out else senders
    parts = [subject, without_quotes(_body(mail)), _attached(mail)]
    return Talk(
        at=at,
        channel="email",
        direction="out" if out else "in",
        contact=cleaned(others[0][0] or others[0][1], 500) if others else "",
        summary=cleaned("\n\n".join(part for part in parts if part), LONGEST_SUMMARY),
    )


def _header(mail: EmailMessage, name: str) -> str:
    """A header's text; empty where it is not there, or so broken that Python's reader fails on it."""
    try:
        return str(mail[name] or "")
    except _BROKEN:
        return ""


def _people(mail: EmailMessage, name: str) -> list[tuple[str, str]]:
    """Names and addresses (in small letters) of a header."""
    found = getaddresses([_header(mail, name)])
    return [(" ".join(who.split()), address.lower()) for who, address in found if who or address]


def _date(mail: EmailMessage) -> datetime | None:
    try:
        at = parsedate_to_datetime(_header(mail, "Date"))
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if FIRST_YEAR < at.year < LAST_YEAR else None


def _body(mail: EmailMessage) -> str:
    found = mail.get_body(preferencelist=("plain", "html"))
    if found is None:
        return ""
    raw = found.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    text = _decoded(raw, found.get_content_charset() or "utf-8")
    return html_to_text(text) if found.get_content_subtype() == "html" else text


def _decoded(raw: bytes, charset: str) -> str:
    try:
        return raw.decode(charset, "replace")
    except (LookupError, ValueError):
        return raw.decode("utf-8", "replace")


def _attached(mail: EmailMessage) -> str:
    names: list[str] = []
    for part in mail.walk():
        if len(names) == _MOST_NAMES:
            break
        name = part.get_filename() if not part.is_multipart() else None
        if name:
            names.append(" ".join(cleaned(name, 200).split()))
    return f"Attached: {', '.join(names)}" if names else ""


__all__ = ["MOST_BYTES", "read_mail", "read_pasted"]
