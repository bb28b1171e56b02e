"""How the process was followed in a workspace, and what went with it, as its current history tells."""

from notyet.analysis.conformance import conformance
from notyet.analysis.conformance_results import Conformance
from notyet.analysis.history import History
from notyet.history.kept import Kept
from notyet.history.reading import current_folder, settings_of
from notyet.workspaces.access import Actor, Permission

_told: Kept[Conformance] = Kept(16)


def current_conformance(actor: Actor) -> Conformance:
    """What became of the steps of the process, over the whole of the workspace's current history.

    It is kept while the history and the decisions on leaks stay the same. Raises ``Denied`` or ``NoHistory``.
    """
    actor.require(Permission.SEE_ANALYSIS)
    folder = current_folder(actor.workspace)
    with History.open(folder) as history:
        settings = settings_of(actor.workspace, history.meta)
        key = (folder, tuple(sorted(settings.leaks.items())))
        return _told.get(key, lambda: conformance(history, settings))
