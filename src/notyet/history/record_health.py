"""The health of a workspace's record, as its current history shows it."""

from collections import OrderedDict
from threading import Lock

from notyet.analysis.health import examine
from notyet.analysis.health_results import Health
from notyet.analysis.history import History
from notyet.deals.models import DataSource
from notyet.history import store
from notyet.history.reading import NoHistory, settings_of
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.scope import within

_KEPT = 16
_found: OrderedDict[tuple[object, ...], Health] = OrderedDict()
_lock = Lock()


def record_health(actor: Actor, *, wait: bool = True) -> Health | None:
    """What is missing or odd in the actor's workspace; kept while the history and the decisions stay the same.

    Without ``wait`` only what is known already, else ``None``: looking takes some seconds. Raises ``Denied`` or
    ``NoHistory``.
    """
    actor.require(Permission.SEE_ANALYSIS)
    folder = store.current(actor.workspace)
    if folder is None:
        raise NoHistory("no history has been frozen yet")
    with History.open(folder) as history:
        settings = settings_of(actor.workspace, history.meta)
        key = (folder, tuple(sorted(settings.leaks.items())), settings.reasons)
        with _lock:
            known = _found.get(key)
        if known is not None or not wait:
            return known
        with within(actor.workspace):
            headers = dict(DataSource.objects.values_list("key", "columns"))
        health = examine(history, settings, headers)
    with _lock:
        _found[key] = health
        while len(_found) > _KEPT:
            _found.popitem(last=False)
    return health
