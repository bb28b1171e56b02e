"""Addresses of chat services: which are taken, how they are kept, what is shown of them.

An address holds the secret of its channel. It is kept encrypted: a copy of the database without the installation's
secret key gives none away. An address is only ever one conversation at a known service reached over HTTPS.
"""

import ipaddress
import socket
from dataclasses import dataclass
from typing import Any

from apprise import Apprise, AppriseAsset, NotifyBase
from apprise.plugins import url_to_dict
from django.conf import settings

from notyet.core import sealing

_LABEL = "notyet.notices.chat"
LONGEST = 1000

HOSTED = frozenset(
    {
        *("slack", "discord", "gchat", "webex", "wxteams", "tgram", "twist", "flock", "ryver", "lark", "feishu"),
        *("dingtalk", "wecombot", "pover", "pbul", "revolt"),
    }
)
"""Services at an address of their own, whatever the user writes."""
OWN_HOST = frozenset({"mmosts", "rockets", "nctalks", "ntfys", "gotifys", "synologys", "workflow", "workflows"})
"""Services at a host that the user names, over HTTPS."""
OPTIONS = frozenset({"api-version", "sp", "sv", "sig", "key", "token", "to", "mode", "thread", "secret", "version"})
"""What may stand after the question mark: others read files, follow redirects, switch checks off or send repeatedly."""

_ENDING_IN_IPV4 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
"""RFC 6052 and RFC 4291, 2.5.5.1."""

_WANTED = "paste the address of an incoming webhook of Slack, Discord, Google Chat or Teams, or an apprise address"


class BadAddress(Exception):
    """A chat address that is not taken; the text says why and never repeats the address."""


@dataclass(frozen=True)
class Service:
    """A chat service ready to be sent to, and what the page may say of it."""

    name: str
    host: str
    """Only where the user named it."""
    sender: NotifyBase


def seal(address: str) -> str:
    """The address as it is kept."""
    return sealing.seal(address, _LABEL)


def unseal(kept: str) -> str:
    """The address again. Raises ``BadAddress`` where the secret key has changed since."""
    try:
        return sealing.unseal(kept, _LABEL)
    except sealing.Unreadable as error:
        raise BadAddress("the address was kept with another secret key: enter it again") from error


def check(address: str) -> Service:
    """The service that an address means, made safe. Raises ``BadAddress``."""
    text = address.strip()
    read: dict[str, Any] | None = None
    if text.isprintable() and len(text) <= LONGEST:
        read = url_to_dict(text)  # type: ignore[no-untyped-call]
    if not read:
        raise BadAddress(f"this is no chat address: {_WANTED}")
    schema = str(read["schema"])
    if schema not in HOSTED | OWN_HOST:
        raise BadAddress(f"{schema}:// is not among the chat services that are taken: {_WANTED}")
    if unknown := sorted(set(read["qsd"]) - OPTIONS):
        raise BadAddress(f"the option {unknown[0]!r} is not taken: leave it out")
    sender = Apprise.instantiate(read, asset=_asset())
    if sender is None:
        raise BadAddress("the address is not complete: copy it again from the service")
    _tame(sender)
    if len(sender) != 1:
        raise BadAddress("an address is one conversation: leave the others out")
    host = str(sender.host or "").lower() if schema in OWN_HOST else ""
    if schema in OWN_HOST:
        _check_host(host)
    return Service(str(sender.service_name), host, sender)


def _asset() -> AppriseAsset:
    return AppriseAsset(app_id="NotYet", app_desc="NotYet", app_url=settings.NOTYET_URL, http_redirects=False)


def _tame(sender: NotifyBase) -> None:
    """One attempt, no redirects, certificates checked, an end to every wait, one message however long."""
    sender.redirects = False
    sender.verify_certificate = True
    sender.retry = 0
    sender.socket_connect_timeout, sender.socket_read_timeout = 5.0, 10.0


def _check_host(host: str) -> None:
    """Refuse a host in a private network unless the operator has named it: nobody looks around there from here."""
    if host in settings.NOTYET_CHAT_HOSTS:
        return
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise BadAddress(f"the host {host} is not known") from error
    if not all(_is_public(str(address).partition("%")[0]) for address in found):
        raise BadAddress(f"{host} is in a private network: the operator may name it in NOTYET_CHAT_HOSTS")


def _is_public(text: str) -> bool:
    """Whether an address is one of the Internet; of an IPv6 address that leads to an IPv4 one, that one counts."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        if address.is_site_local:
            return False
        inner = address.ipv4_mapped or address.sixtofour
        if any(address in network for network in _ENDING_IN_IPV4):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        address = inner or address
    return address.is_global and not address.is_multicast
