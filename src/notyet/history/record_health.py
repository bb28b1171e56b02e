"""The health of a workspace's record, as its current history shows it."""

from notyet.analysis.health import examine
from notyet.analysis.health_results import Health
from notyet.analysis.history import History
from notyet.deals.models import DataSource
from notyet.history.kept import Kept
from notyet.history.reading import current_folder, settings_of
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.scope import within

_found: Kept[Health] = Kept(16)


def record_health(actor: Actor, *, wait: bool = True) -> Health | None:
    """What is missing or odd in the actor's workspace; kept while the history and the decisions stay the same.

    Without ``wait`` only what is known already, else ``None``: looking takes some seconds. Raises ``Denied`` or
    ``NoHistory``.
    """
    actor.require(Permission.SEE_ANALYSIS)
    folder = current_folder(actor.workspace)
    with History.open(folder) as history:
        settings = settings_of(actor.workspace, history.meta)
        key = (folder, tuple(sorted(settings.leaks.items())), settings.reasons)
        known = _found.known(key)
        if known is not None or not wait:
            return known
        with within(actor.workspace):
            headers = dict(DataSource.objects.values_list("key", "columns"))
        return _found.get(key, lambda: examine(history, settings, headers))
