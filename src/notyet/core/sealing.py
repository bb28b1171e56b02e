"""Secrets that are kept in the database: encrypted with a key made from the installation's own secret key."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes


class Unreadable(ValueError):
    """What is kept cannot be read: it was sealed with another secret key, for something else, or by nobody here."""


def seal(secret: str, label: str) -> str:
    """A secret as it is kept: readable only with the secret key and by the same ``label``, which says what it is."""
    return _cipher(label).encrypt(secret.encode()).decode()


def unseal(kept: str, label: str) -> str:
    """The secret again, also if it was sealed with a key of ``SECRET_KEY_FALLBACKS``. Raises ``Unreadable``."""
    try:
        return _cipher(label).decrypt(kept.encode()).decode()
    except InvalidToken as error:
        raise Unreadable(label) from error


def _cipher(label: str) -> MultiFernet:
    """A key of its own for every label (HKDF, RFC 5869), so that what is sealed for one thing opens nothing else."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    derived = (HKDF(SHA256(), length=32, salt=None, info=label.encode()).derive(force_bytes(key)) for key in keys)
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in derived])
