"""What every page's frame shows: where one can go, and who one is."""

from dataclasses import dataclass
from functools import partial

from django.http import HttpRequest

from notyet import __version__
from notyet.today.queries import count
from notyet.workspaces.access import Actor, Permission


@dataclass(frozen=True)
class Entry:
    """A line of the sidebar. ``under`` is the beginning of the addresses that belong to it."""

    label: str
    url_name: str
    icon: str
    under: str
    permission: Permission
    group: str = ""


INSIGHT, DATA = "Insight", "Data and rules"
ENTRIES = (
    Entry("Today", "today", icon="home", under="/today/", permission=Permission.WORK_DEALS),
    Entry("Deals", "deals", icon="briefcase", under="/deals/", permission=Permission.SEE_DEALS),
    Entry("Debriefs", "debriefs", icon="message-question", under="/debriefs/", permission=Permission.SEE_DEALS),
    Entry("Win-backs", "win_backs", icon="arrow-back-up", under="/win-backs/", permission=Permission.SEE_DEALS),
    Entry(
        "Win/loss", "winloss", icon="chart-bar", under="/win-loss/", permission=Permission.SEE_ANALYSIS, group=INSIGHT
    ),
    Entry("Pipeline", "pipeline", icon="filter", under="/pipeline/", permission=Permission.SEE_PIPELINE, group=INSIGHT),
    Entry("Process", "process", icon="route", under="/process/", permission=Permission.SEE_DEALS, group=INSIGHT),
    Entry(
        "Report", "report", icon="file-analytics", under="/report/", permission=Permission.SEE_ANALYSIS, group=INSIGHT
    ),
    Entry(
        "Data health", "health", icon="stethoscope", under="/health/", permission=Permission.SEE_ANALYSIS, group=DATA
    ),
    Entry("Imports", "imports", icon="file-import", under="/imports/", permission=Permission.IMPORT, group=DATA),
    Entry(
        "Duplicates", "duplicates", icon="arrows-join", under="/duplicates/", permission=Permission.MERGE, group=DATA
    ),
    Entry("Reasons", "reasons", icon="list-check", under="/reasons/", permission=Permission.EDIT_REASONS, group=DATA),
    Entry("Settings", "settings", icon="adjustments", under="/settings/", permission=Permission.SET_UP, group=DATA),
)


def shell(request: HttpRequest) -> dict[str, object]:
    """The sidebar's lines for this actor, the workspace's name and the version."""
    actor: Actor | None = getattr(request, "actor", None)
    belongs = getattr(request, "workspaces", [])
    return {
        "actor": actor,
        "entries": partial(_entries, actor, request.path),
        "version": __version__,
        "reachable": actor is not None and actor.may(Permission.SEE_DEALS),
        "workspaces": belongs if len(belongs) > 1 else [],
    }


def _entries(actor: Actor | None, path: str) -> list[dict[str, object]]:
    """The sidebar's lines; asked for only where the frame is drawn."""
    return [
        {"entry": entry, "current": _is_current(entry, path), "count": _count(entry, actor)}
        for entry in ENTRIES
        if actor is not None and actor.may(entry.permission)
    ]


def _count(entry: Entry, actor: Actor) -> str:
    return count(actor) if entry.url_name == "today" else ""


def _is_current(entry: Entry, path: str) -> bool:
    return path.startswith(entry.under) or (entry.url_name == "winloss" and path == "/")
