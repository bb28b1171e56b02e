"""The audit trail: one line an action, written in the action's own transaction."""

from typing import Any

from notyet.core.clock import now
from notyet.workspaces.access import Actor
from notyet.workspaces.models import AuditEntry


def note(actor: Actor, action: str, subject: str = "", **detail: Any) -> None:
    """Record that the actor did this. ``detail`` holds counts and names, never notes or answers."""
    AuditEntry.objects.create(
        workspace=actor.workspace, at=now(), actor=actor.name, action=action, subject=subject[:300], detail=detail
    )
