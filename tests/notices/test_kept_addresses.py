"""How the addresses of chats are kept: encrypted, and what becomes of one that cannot be read any more."""

from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from django.apps import apps
from django.core.signing import dumps, loads

from notyet.core import sealing
from notyet.notices import tick
from notyet.notices.chat_address import BadAddress, seal, unseal
from notyet.notices.models import Delivery, Nag, Push
from tests.notices.test_chat import SLACK

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

Reach = Callable[..., Delivery]


def test_an_address_is_kept_encrypted(settings: "Settings") -> None:
    """Without the key it cannot be read, and what somebody else put there, or signed for us, is not taken."""
    kept = seal(SLACK)
    assert b"hooks" not in urlsafe_b64decode(kept)
    assert kept != seal(SLACK), "the same address looks different every time"
    assert unseal(kept) == SLACK
    for broken in (kept[:-2] + "xx", SLACK, "", "ä", dumps(SLACK, salt="notyet.notices.chat", compress=True)):
        with pytest.raises(BadAddress, match="enter it again"):
            unseal(broken)
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(kept, "another label")
    settings.SECRET_KEY, earlier = "another" * 10, settings.SECRET_KEY
    with pytest.raises(BadAddress, match="enter it again"):
        unseal(kept)
    settings.SECRET_KEY_FALLBACKS = [earlier]
    assert unseal(kept) == SLACK


def test_addresses_that_were_only_signed_are_encrypted(reach: Reach) -> None:
    """And signed again on the way back. One of an earlier secret key stays as it is: the page asks for it."""
    migration = import_module("notyet.notices.migrations.0002_encrypted_addresses")
    reach(chat_address=dumps(SLACK, salt="notyet.notices.chat", compress=True))
    migration.encrypt(apps, None)
    assert unseal(Delivery.objects.get().chat_address) == SLACK
    migration.encrypt(apps, None)
    assert unseal(Delivery.objects.get().chat_address) == SLACK, "what is encrypted stays"
    migration.sign(apps, None)
    assert loads(Delivery.objects.get().chat_address, salt="notyet.notices.chat") == SLACK
    reach(chat_address="signed:by:another")
    migration.encrypt(apps, None)
    assert Delivery.objects.get().chat_address == "signed:by:another"


def test_a_changed_secret_key_stops_the_chat_and_not_the_worker(
    reach: Reach, owe: Callable[..., object], settings: "Settings", clock: Callable[[str], datetime]
) -> None:
    """What it would have told of is told in the mail; the page says what to do."""
    reach(chat=True, chat_address=seal(SLACK))
    clock("2026-03-02T11:00:00+00:00")
    owe("the security sheet", "2026-03-02T10:00:00+00:00")
    settings.SECRET_KEY = "another" * 10
    tick.tick("one")
    delivery = Delivery.objects.get()
    assert (delivery.chat, delivery.chat_refused) == (
        False,
        "the address was kept with another secret key: enter it again",
    )
    assert [push.state for push in Push.objects.all()] == ["failed"]
    assert not Nag.objects.exists()
