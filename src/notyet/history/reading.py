"""The bridge between the record's people and the pure analysis: reports and lists for whoever may see them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from notyet.analysis.behind import Asked, Behind, deals_behind
from notyet.analysis.groups import field_levels
from notyet.analysis.history import History
from notyet.analysis.meta import Meta, ReasonEntry
from notyet.analysis.report import analyse
from notyet.analysis.results import Report
from notyet.analysis.selection import Selection
from notyet.analysis.settings import LeakDecision as Verdict
from notyet.analysis.settings import Settings
from notyet.debriefs.queries import read_reasons
from notyet.history import store
from notyet.history.jobs import refresh_history
from notyet.history.kept import Kept
from notyet.history.models import LeakDecision
from notyet.workspaces.access import Actor, Permission, visible_owner_filter
from notyet.workspaces.models import Workspace
from notyet.workspaces.scope import within


class NoHistory(Exception):
    """Nothing has been frozen yet."""


@dataclass(frozen=True)
class State:
    """What there is to read: when it was frozen, how many deals it holds, and whether the record has moved on."""

    frozen_at: datetime | None
    stale: bool

    @property
    def empty(self) -> bool:
        """Whether there is nothing to read yet."""
        return self.frozen_at is None


def state(actor: Actor) -> State:
    """What the actor's workspace has frozen."""
    folder = store.current(actor.workspace)
    if folder is None:
        return State(None, stale=False)
    meta = Meta.load(folder)
    return State(meta.frozen_at, stale=not store.is_current(folder, actor.workspace))


def ask_for_refresh(actor: Actor) -> None:
    """Have the worker freeze the record again."""
    refresh_history.enqueue(actor.workspace.pk)


def settings_of(workspace: Workspace, meta: Meta) -> Settings:
    """The workspace's present decisions on leaks and reasons, for the wordings that the history holds."""
    with within(workspace):
        leaks: dict[str, Verdict] = dict(LeakDecision.objects.values_list("field", "verdict"))
        reasons = [
            ReasonEntry(one.text, one.label, one.control)  # type: ignore[arg-type]
            for one in read_reasons(entry.text for entry in meta.reasons)
        ]
    return Settings(leaks=leaks, reasons=tuple(reasons))


_reports: Kept[Report] = Kept(64)
_levels: Kept[dict[str, list[str]]] = Kept(4)


def current_report(actor: Actor, selection: Selection, *, drivers: bool = True) -> Report:
    """The report on a selection of the workspace's current history.

    A report once made is kept while the history and the workspace's decisions stay the same. Raises ``Denied``,
    ``NoHistory``, or ``UnknownField`` for a filter on a field that there is not.
    """
    actor.require(Permission.SEE_ANALYSIS)
    folder = current_folder(actor.workspace)
    with History.open(folder) as history:
        settings = settings_of(actor.workspace, history.meta)
        key = (folder, tuple(sorted(settings.leaks.items())), settings.reasons, selection, drivers)
        return _reports.get(key, lambda: analyse(history, settings, selection, drivers=drivers))


def dimensions(actor: Actor) -> dict[str, list[str]]:
    """The fields that the actor may filter by, each with its levels, the most frequent first."""
    actor.require(Permission.SEE_ANALYSIS)
    folder = current_folder(actor.workspace)

    def read() -> dict[str, list[str]]:
        with History.open(folder) as history:
            return field_levels(history, settings_of(actor.workspace, history.meta))

    return _levels.get(folder, read)


def deals_of(
    actor: Actor, selection: Selection, asked: Asked, *, order: str = "-closed_at", offset: int = 0, limit: int = 25
) -> Behind:
    """A page of the deals behind a figure, of those that the actor may see.

    Raises ``Denied``, ``NoHistory``, ``UnknownFigure`` or ``UnknownField``.
    """
    actor.require(Permission.SEE_DEALS)
    with History.open(current_folder(actor.workspace)) as history:
        return deals_behind(
            history,
            settings_of(actor.workspace, history.meta),
            selection,
            asked,
            seen=visible_owner_filter(actor),
            order=order,
            offset=offset,
            limit=limit,
        )


def current_folder(workspace: Workspace) -> Path:
    """Where the workspace's current history lies. Raises ``NoHistory``."""
    folder = store.current(workspace)
    if folder is None:
        raise NoHistory("no history has been frozen yet")
    return folder
