"""The clocks of a workspace's won deals, as its current history tells them."""

from notyet.analysis.clocks import StageClock, stage_clocks
from notyet.analysis.history import History
from notyet.history import store
from notyet.workspaces.models import Workspace


def current_clocks(workspace: Workspace) -> tuple[StageClock, ...]:
    """The medians by stage kind of what was frozen last; none before the first history or the first win.

    They are worked out anew at every call (two seconds for a hundred thousand deals): keep them for as long as the
    history stays the same.
    """
    folder = store.current(workspace)
    if folder is None:
        return ()
    with History.open(folder) as history:
        return stage_clocks(history)
