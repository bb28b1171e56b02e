"""Texts that people type, made fit to keep. Pure."""

import unicodedata


class NotAText(ValueError):
    """A text cannot be kept; the message says why."""


def one_line(text: str, longest: int) -> str:
    """A text of one line: spaces and line ends run together. Raises ``NotAText``."""
    return _checked(" ".join(text.split()), longest, "")


def several_lines(text: str, longest: int) -> str:
    """A text with its lines, without spaces around it. Raises ``NotAText``."""
    return _checked(text.replace("\r\n", "\n").replace("\r", "\n").strip(), longest, "\n\t")


def cleaned(text: str, longest: int) -> str:
    """A text from elsewhere with what cannot be kept left out, and cut where it is too long."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(letter for letter in plain if letter in "\n\t" or not _unfit(letter)).strip()
    return kept if len(kept) <= longest else kept[: longest - 1].rstrip() + "…"


def looked_for(text: str, longest: int = 200) -> str:
    """What somebody looks for: without what no database takes in a query, and no longer than a pattern may be."""
    return text.replace("\0", "").strip()[:longest]


def _unfit(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs")


def _checked(text: str, longest: int, allowed: str) -> str:
    if len(text) > longest:
        raise NotAText(f"this is {len(text):,} characters long; {longest:,} can be kept")
    if any(_unfit(letter) for letter in text if letter not in allowed):
        raise NotAText("this holds control characters that cannot be kept; type it anew")
    return text
