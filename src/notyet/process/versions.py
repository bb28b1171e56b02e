"""The versions of a workspace's process, and which of them a deal is worked by. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from notyet.process.definition import Definition
from notyet.process.templates import USUAL

FIRST_NAME = "1"


@dataclass(frozen=True)
class Version:
    """A published process. Without ``pk`` and ``published_at`` it is the template that stands in for the first."""

    pk: int | None
    number: int
    name: str
    definition: Definition
    published_at: datetime | None = None
    published_by: str = ""
    note: str = ""


UNPUBLISHED = Version(None, 1, FIRST_NAME, USUAL.definition)
"""What a workspace without versions works by."""


def version_among(versions: Sequence[Version], name: str, opened_at: datetime | None) -> Version:
    """Of the versions (oldest first, at least one) the one that a deal is worked by.

    That is the one whose name the deal carries, else the one in force when it was opened, else the first.
    """
    named = next((one for one in versions if one.name == name), None)
    if named is not None:
        return named
    in_force = [one for one in versions if opened_at and one.published_at and one.published_at <= opened_at]
    return in_force[-1] if in_force else versions[0]
