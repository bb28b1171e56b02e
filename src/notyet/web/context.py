"""What every page's frame shows: where one can go, and who one is."""

from dataclasses import dataclass

from django.http import HttpRequest

from notyet import __version__
from notyet.workspaces.access import Actor, Permission


@dataclass(frozen=True)
class Entry:
    """A line of the sidebar. ``under`` is the beginning of the addresses that belong to it."""

    label: str
    url_name: str
    icon: str
    under: str
    permission: Permission


ENTRIES = (
    Entry("Win/loss", "winloss", icon="chart-bar", under="/win-loss/", permission=Permission.SEE_ANALYSIS),
    Entry("Deals", "deals", icon="briefcase", under="/deals/", permission=Permission.SEE_DEALS),
    Entry("Process", "process", icon="route", under="/process/", permission=Permission.SEE_DEALS),
    Entry("Report", "report", icon="file-analytics", under="/report/", permission=Permission.SEE_ANALYSIS),
    Entry("Data health", "health", icon="stethoscope", under="/health/", permission=Permission.SEE_ANALYSIS),
    Entry("Imports", "imports", icon="file-import", under="/imports/", permission=Permission.IMPORT),
    Entry("Duplicates", "duplicates", icon="arrows-join", under="/duplicates/", permission=Permission.MERGE),
    Entry("Settings", "settings", icon="adjustments", under="/settings/", permission=Permission.SET_UP),
    Entry("Reasons", "reasons", icon="list-check", under="/reasons/", permission=Permission.EDIT_REASONS),
)


def shell(request: HttpRequest) -> dict[str, object]:
    """The sidebar's lines for this actor, the workspace's name and the version."""
    actor: Actor | None = getattr(request, "actor", None)
    entries = [
        {"entry": entry, "current": _is_current(entry, request.path)}
        for entry in ENTRIES
        if actor is not None and actor.may(entry.permission)
    ]
    belongs = getattr(request, "workspaces", [])
    return {
        "actor": actor,
        "entries": entries,
        "version": __version__,
        "workspaces": belongs if len(belongs) > 1 else [],
        "reachable": actor is not None and actor.may(Permission.SEE_DEALS),
    }


def _is_current(entry: Entry, path: str) -> bool:
    return path.startswith(entry.under) or (entry.url_name == "winloss" and path == "/")
