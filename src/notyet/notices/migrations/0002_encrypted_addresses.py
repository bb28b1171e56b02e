"""Addresses of chats that were only signed are encrypted. One that cannot be read stays, and the page says so."""

from typing import Any

from django.core.signing import BadSignature, dumps, loads
from django.db import migrations

from notyet.core.sealing import Unreadable, seal, unseal

LABEL = "notyet.notices.chat"


def encrypt(apps: Any, schema_editor: Any) -> None:
    for delivery in apps.get_model("notices", "Delivery")._base_manager.exclude(chat_address="").iterator():
        try:
            address = str(loads(delivery.chat_address, salt=LABEL))
        except BadSignature:
            continue
        delivery.chat_address = seal(address, LABEL)
        delivery.save(update_fields=["chat_address"])


def sign(apps: Any, schema_editor: Any) -> None:
    for delivery in apps.get_model("notices", "Delivery")._base_manager.exclude(chat_address="").iterator():
        try:
            address = unseal(delivery.chat_address, LABEL)
        except Unreadable:
            continue
        delivery.chat_address = dumps(address, salt=LABEL, compress=True)
        delivery.save(update_fields=["chat_address"])


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0001_reaching_people'),
    ]

    operations = [migrations.RunPython(encrypt, sign)]
