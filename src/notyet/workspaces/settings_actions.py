"""Changing a workspace's settings."""

from datetime import date

from django.db import transaction

from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.actions import touch_record
from notyet.workspaces.audit import note
from notyet.workspaces.models import Workspace
from notyet.workspaces.scope import within
from notyet.workspaces.settings_rules import ClosedDay, Settings

_PLAIN = (
    "name",
    "time_zone",
    "visibility",
    "country",
    "subdivision",
    "day_starts",
    "day_ends",
    "reply_hours",
    "stalled_factor",
    "unpaid_days",
    "big_sale",
    "term_rule",
    "budget_month",
)


def settings_of(workspace: Workspace) -> Settings:
    """The settings as they stand."""
    days = tuple(_closed(one) for one in workspace.closed_days)
    plain = {name: getattr(workspace, name) for name in _PLAIN}
    return Settings(**plain, working_days=tuple(workspace.working_days), closed_days=days)


@transaction.atomic
def change_settings(actor: Actor, wanted: Settings) -> tuple[str, ...]:
    """Set the workspace's settings; returns the names of those that changed. Raises ``Denied`` or ``BadSettings``."""
    actor.require(Permission.SET_UP)
    wanted.check()
    workspace = Workspace.objects.select_for_update().get(pk=actor.workspace.pk)
    was = settings_of(workspace)
    changed = tuple(name for name in Settings.__dataclass_fields__ if getattr(was, name) != getattr(wanted, name))
    if not changed:
        return ()
    for name in _PLAIN:
        setattr(workspace, name, getattr(wanted, name))
    workspace.working_days = sorted(wanted.working_days)
    workspace.closed_days = [{"day": one.day.isoformat(), "name": one.name} for one in wanted.closed_days]
    workspace.save()
    with within(workspace):
        note(actor, "change settings", workspace.name, fields=list(changed))
    touch_record(workspace)
    return changed


def _closed(kept: dict[str, str]) -> ClosedDay:

    return ClosedDay(date.fromisoformat(kept["day"]), kept.get("name", ""))
