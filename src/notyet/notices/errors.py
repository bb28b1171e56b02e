"""How sending fails."""


class NotSent(Exception):
    """Certainly nothing was sent; the text is a sentence of ours. ``again``: trying later may help."""

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.again = again


class MaybeSent(Exception):
    """Whether it was sent cannot be known: the connection broke while the message was on its way."""
