"""Decisions about how the history is read."""

from django.db import transaction

from notyet.core.clock import now
from notyet.history.models import LeakDecision, LeakVerdict
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.audit import note
from notyet.workspaces.scope import within


@transaction.atomic
def decide_leak(actor: Actor, field: str, verdict: str) -> LeakDecision:
    """Say of a suspected field (by its source's own column name) that it is a ``leak``, or ``fine``.

    Raises ``Denied``, or ``ValueError`` for another verdict.
    """
    actor.require(Permission.DECIDE_LEAKS)
    chosen = LeakVerdict(verdict)
    with within(actor.workspace):
        decision, _ = LeakDecision.objects.update_or_create(
            workspace=actor.workspace,
            field=field,
            defaults={"verdict": chosen, "decided_by": actor.name, "decided_at": now()},
        )
        note(actor, "decide leak", field, verdict=str(chosen))
    decided: LeakDecision = decision
    return decided


@transaction.atomic
def undo_leak_decision(actor: Actor, field: str) -> None:
    """Take a decision back: the field stands again as the evidence has it."""
    actor.require(Permission.DECIDE_LEAKS)
    with within(actor.workspace):
        LeakDecision.objects.filter(workspace=actor.workspace, field=field).delete()
        note(actor, "undo leak decision", field)
