"""What fields of deals hold already, to choose from while typing: of the deals that the actor may see."""

from collections.abc import Mapping, Sequence

from notyet.history.list_keeping import last_list
from notyet.web.deal_list_page import seen_by
from notyet.workspaces.access import Actor

SUGGESTED = ("owner", "team", "source", "campaign", "message", "persona", "segment", "region", "product", "competitor")
MOST = 60


def known_values(actor: Actor) -> Mapping[str, Sequence[str]]:
    """A field -> its values, for fields with at most sixty of them; from the last list of deals that was made."""
    index = last_list(actor.workspace)
    if index is None:
        return {}
    rows = index.rows(seen_by(actor))
    fields = (index.fields[name] for name in SUGGESTED if name in index.fields)
    return {one.name: one.levels_in(rows) for one in fields if 0 < len(one.levels) <= MOST}
