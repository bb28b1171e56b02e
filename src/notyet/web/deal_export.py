"""The list of deals as a CSV file: what the filters find, with the columns chosen, sent while it is read."""

import csv
from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from django.utils import timezone

from notyet.deals.duplicates import kept_of_all
from notyet.history.list_index import Found
from notyet.web.deal_columns import ALWAYS, ListColumn
from notyet.web.deal_lists import read_deals
from notyet.workspaces.access import Actor
from notyet.workspaces.scope import within

AT_ONCE = 1_000
IDENTITY = ("data_source", "deal_id", ALWAYS)
"""Stand first in every file: by the first two a deal is known."""


class _Echo:
    """Gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def lines(actor: Actor, found: Found, columns: tuple[str, ...], zone: tzinfo) -> Iterator[str]:
    """The file line by line, times in ``zone``.

    The request's scope is closed by the time a response is sent, so each part opens its own.
    """
    listed = [ListColumn(name) for name in (*IDENTITY, *(one for one in columns if one not in IDENTITY))]
    writer: Any = csv.writer(_Echo())
    yield writer.writerow([heading for column in listed for heading in column.headings])
    for start in range(0, len(found), AT_ONCE):
        with within(actor.workspace), timezone.override(zone):
            kept = kept_of_all()
            wanted = found.page(start, AT_ONCE)
            deals = read_deals(actor).in_bulk(wanted)
            part = [
                writer.writerow([text for column in listed for text in column.exported(deals[pk], kept)])
                for pk in wanted
                if pk in deals
            ]
        yield "".join(part)
