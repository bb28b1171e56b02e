"""Addresses that messages and calendars carry, and the signed tokens in them."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.signing import BadSignature, Signer

from notyet.notices.models import Delivery
from notyet.workspaces.models import Workspace
from notyet.workspaces.scope import within

_HERE = "http://127.0.0.1:8000"
"""Where `notyet serve` listens unless it is told otherwise."""

NOTICES, TODAY, DEAL, OFF, CALENDAR = "/notices/", "/today/", "/deals/{}/", "/notices/off/{}/", "/calendar/{}.ics"
GROUP = "/today/group/{}/"
"""The pages' own addresses, held against theirs by a test: to ask for them would load every page into the worker."""


def notices_url() -> str:
    """The page of a person's switches."""
    return _base() + NOTICES


def host() -> str:
    """The host that people know this installation by; part of the names of its messages and events."""
    return urlsplit(_base()).hostname or "localhost"


def _base() -> str:
    return settings.NOTYET_URL or _HERE


def deal_url(deal: int) -> str:
    """A deal's page."""
    return _base() + DEAL.format(deal)


def today_url() -> str:
    """The list of what is due."""
    return _base() + TODAY


def group_url(group: str) -> str:
    """One's own items of a group, one by one."""
    return f"{_base()}{GROUP.format(group)}?whose=mine"


def off_url(delivery: Delivery) -> str:
    """The page that ends the daily mail without signing in."""
    return _base() + OFF.format(off_token(delivery))


def calendar_url(delivery: Delivery, here: str) -> str:
    """Where a person's calendar is, under the address that people reach this installation by, or else ``here``."""
    return (settings.NOTYET_URL or here) + CALENDAR.format(calendar_token(delivery))


@dataclass(frozen=True)
class Held:
    """What a token opens: one person's switches, reached by the holder without signing in."""

    workspace: Workspace
    delivery: Delivery
    generation: int


def calendar_token(delivery: Delivery) -> str:
    """The secret part of a calendar's address; the same until a new address is made."""
    return _signer("calendar").sign_object([delivery.workspace_id, delivery.pk, delivery.calendar_generation])


def off_token(delivery: Delivery) -> str:
    """The secret part of the address that ends the daily mail."""
    return _signer("off").sign_object([delivery.workspace_id, delivery.pk, 0])


def read_calendar_token(token: str) -> Held | None:
    """Whose calendar it opens; ``None`` for what we never signed or whose person is gone."""
    return _read(token, "calendar")


def read_off_token(token: str) -> Held | None:
    """Whose daily mail it ends; ``None`` as above."""
    return _read(token, "off")


def _read(token: str, purpose: str) -> Held | None:
    try:
        workspace_id, delivery_id, generation = _signer(purpose).unsign_object(token)
    except (BadSignature, ValueError):
        return None
    workspace = Workspace.objects.filter(pk=workspace_id).first()
    if workspace is None:
        return None
    with within(workspace):
        delivery = (
            Delivery.objects.filter(pk=delivery_id, membership__user__is_active=True)
            .select_related("membership__user", "membership__team", "membership__workspace")
            .first()
        )
    return Held(workspace, delivery, int(generation)) if delivery else None


def _signer(purpose: str) -> Signer:
    return Signer(salt=f"notyet.notices.{purpose}", sep="~")
