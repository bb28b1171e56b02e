"""The mail server's address and the sender's, as the environment gives them."""

import ipaddress
from dataclasses import dataclass, field
from email.utils import parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

_ACCEPTED = "wanted: smtp://user:password@host:587/?tls=1, or smtps://user:password@host"
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = False
    tls: bool = False
    """Encrypted from the first byte on."""


def read_mail_server(url: str) -> MailServer | None:
    """The server that ``NOTYET_EMAIL_URL`` names; ``None`` where it is empty. Raises ``ValueError``.

    No message of an error holds the address itself, which holds the password.
    """
    if not url:
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"NOTYET_EMAIL_URL is not an address ({_ACCEPTED})") from error
    if parts.scheme not in ("smtp", "smtps") or not host:
        raise ValueError(f"NOTYET_EMAIL_URL must begin with smtp:// or smtps:// and name a host ({_ACCEPTED})")
    server = MailServer(
        host=host,
        port=port or (465 if parts.scheme == "smtps" else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=_starttls(parts.query),
        tls=parts.scheme == "smtps",
    )
    if server.tls and server.starttls:
        raise ValueError("NOTYET_EMAIL_URL: smtps:// is encrypted already, leave tls=1 out")
    if server.password and not (server.tls or server.starttls or _is_here(host)):
        raise ValueError("NOTYET_EMAIL_URL would send the password in the clear: add ?tls=1, or use smtps://")
    return server


def _starttls(query: str) -> bool:
    asked = parse_qs(query, keep_blank_values=True)
    wrong = sorted(set(asked) - {"tls"})
    if wrong:
        raise ValueError(f"NOTYET_EMAIL_URL has an unknown option {wrong[0]!r} ({_ACCEPTED})")
    value = asked.get("tls", ["0"])[-1].lower()
    if value not in _YES + _NO:
        raise ValueError("NOTYET_EMAIL_URL: tls is 1 or 0")
    return value in _YES


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_sender(text: str, server: MailServer | None) -> str:
    """Whom ``NOTYET_EMAIL_FROM`` names as the sender. Raises ``ValueError`` where a server is set and no sender is."""
    if not text:
        if server is not None:
            raise ValueError("NOTYET_EMAIL_FROM must say whom mail comes from, like NotYet <notyet@example.org>")
        return ""
    _, address = parseaddr(text)
    name, _, domain = address.partition("@")
    if not (name and domain and text.isprintable()) or " " in address:
        raise ValueError(f"NOTYET_EMAIL_FROM {text!r} is not an address like NotYet <notyet@example.org>")
    return text


def read_public_url(text: str, *, production: bool, mails: bool) -> str:
    """Where people reach the pages, without a slash at the end; empty where it is not said. Raises ``ValueError``."""
    if not text:
        if production and mails:
            raise ValueError("NOTYET_URL must say where people reach the pages, like https://notyet.example.org")
        return ""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError(f"NOTYET_URL {text!r} is not an address like https://notyet.example.org")
    return text.rstrip("/")
