"""Several sources in one import: an export of more than one source has a folder for each."""

from collections.abc import Collection
from pathlib import PurePosixPath

from django.utils.text import slugify

from notyet.exchange.plan import Opened, exchange_name

DEFAULT = "default"
"""The source of files of which nobody says where they come from."""
OWN = "notyet"
"""The source of the deals that are made in the application."""


def by_source(opened: list[Opened], source: str, known: Collection[str] = (OWN,)) -> dict[str, list[Opened]]:
    """The files by the key of their source.

    Where deals in the exchange format lie in more than one folder, each folder is a source by its name; also a single
    folder where it has the name of a ``known`` source and no other ``source`` is asked for. Everything else belongs to
    ``source``.
    """
    folders = {one.folder for one in opened if exchange_name(one, alone=False) == "deals"}
    if len(folders) < 2 and (source != DEFAULT or not {slugify(one) for one in folders} & {*known, OWN}):
        return {source: opened}
    groups: dict[str, list[Opened]] = {}
    for one in opened:
        key = slugify(PurePosixPath(one.folder).name)[:100] if one.folder in folders else ""
        groups.setdefault(key or source, []).append(one)
    return groups
