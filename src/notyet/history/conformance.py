"""How the process was followed in a workspace, and what went with it, as its current history tells."""

from collections import OrderedDict
from threading import Lock

from notyet.analysis.conformance import conformance
from notyet.analysis.conformance_results import Conformance
from notyet.analysis.history import History
from notyet.history import store
from notyet.history.reading import NoHistory, settings_of
from notyet.workspaces.access import Actor, Permission

_KEPT = 16
_told: OrderedDict[tuple[object, ...], Conformance] = OrderedDict()
_lock = Lock()


def current_conformance(actor: Actor) -> Conformance:
    """What became of the steps of the process, over the whole of the workspace's current history.

    It is kept while the history and the decisions on leaks stay the same. Raises ``Denied`` or ``NoHistory``.
    """
    actor.require(Permission.SEE_ANALYSIS)
    folder = store.current(actor.workspace)
    if folder is None:
        raise NoHistory("no history has been frozen yet")
    with History.open(folder) as history:
        settings = settings_of(actor.workspace, history.meta)
        key = (folder, tuple(sorted(settings.leaks.items())))
        with _lock:
            if key in _told:
                _told.move_to_end(key)
                return _told[key]
        found = conformance(history, settings)
    with _lock:
        _told[key] = found
        while len(_told) > _KEPT:
            _told.popitem(last=False)
    return found
