"""Conversations out of e-mails and out of lines that people paste."""

from notyet.deals.talk import Talk


def read_mail(data: bytes) -> Talk:
    """The e-mail in an ``.eml`` file as a conversation. Raises ``BadValue``."""
    return Talk(channel="email", summary=data[:2_000].decode("utf-8", "replace"))


def read_pasted(text: str) -> Talk:
    """A pasted e-mail, or one line like ``call Tom Corwin 12m: asked about price``. Raises ``BadValue``."""
    return Talk(channel="note", summary=text)
