"""Changing the table of loss reasons, and what wordings found in the record mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from notyet.debriefs.models import Control, LossReason, ReasonWording
from notyet.debriefs.reasons import DEFAULT_REASONS
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.audit import note
from notyet.workspaces.scope import within

LONGEST_WORDING = 500


class BadReason(ValueError):
    """A reason cannot be saved as it stands; the text says why."""


@dataclass(frozen=True)
class ReasonEdit:
    """A line of the table as it shall be; ``pk`` is ``None`` for a new one."""

    pk: int | None
    label: str
    control: str
    retired: bool = False


@transaction.atomic
def save_reasons(actor: Actor, edits: Sequence[ReasonEdit]) -> int:
    """Write the table in the order given; returns how many lines were added or changed.

    A line that is left out stays as it is: a reason is retired, never removed, since deals carry it.
    Raises ``Denied``, or ``BadReason`` for an empty or repeated label, an unknown control or a foreign line.
    """
    actor.require(Permission.EDIT_REASONS)
    _check(edits)
    with within(actor.workspace):
        known = {reason.pk: reason for reason in LossReason.objects.all()}
        if any(edit.pk is not None and edit.pk not in known for edit in edits):
            raise BadReason("a line of the table is not there any more; load the page again")
        _refuse_taken(edits, known)
        changed = sum(_write(actor, known.get(edit.pk or 0), edit, place) for place, edit in enumerate(edits))
        if changed:
            note(actor, "save reasons", changed=changed)
    return changed


def _check(edits: Sequence[ReasonEdit]) -> None:
    labels = [edit.label.strip().casefold() for edit in edits]
    if not all(labels):
        raise BadReason("every reason needs a name")
    twice = next((edit.label for edit in edits if labels.count(edit.label.strip().casefold()) > 1), None)
    if twice is not None:
        raise BadReason(f"“{twice}” is in the table twice")
    unknown = next((edit.control for edit in edits if edit.control not in Control.values), None)
    if unknown is not None:
        raise BadReason(f"{unknown!r} is none of {', '.join(Control.values)}")


def _refuse_taken(edits: Sequence[ReasonEdit], known: Mapping[int, LossReason]) -> None:
    edited = {edit.pk for edit in edits}
    untouched = {reason.label.casefold() for pk, reason in known.items() if pk not in edited}
    taken = next((edit.label for edit in edits if edit.label.strip().casefold() in untouched), None)
    if taken is not None:
        raise BadReason(f"“{taken}” is in the table already")


def _write(actor: Actor, reason: LossReason | None, edit: ReasonEdit, position: int) -> bool:
    wanted = (edit.label.strip(), edit.control, edit.retired, position)
    reason = reason or LossReason(workspace=actor.workspace)
    if reason.pk and (reason.label, reason.control, reason.retired, reason.position) == wanted:
        return False
    reason.label, reason.control, reason.retired, reason.position = wanted
    reason.save()
    return True


@transaction.atomic
def map_wordings(actor: Actor, meanings: Mapping[str, str]) -> int:
    """Say what wordings mean: text -> a label of the table, or empty for "as the usual meaning has it".

    Returns how many meanings changed. A label of the default table that the workspace has not yet is added to it.
    Raises ``Denied``, or ``BadReason`` for a label that neither table has.
    """
    actor.require(Permission.EDIT_REASONS)
    with within(actor.workspace):
        if any("\0" in label for label in meanings.values()):
            raise BadReason("there is a label that no table can have; load the page again")
        reasons = {label: _reason(actor, label) for label in set(meanings.values()) if label}
        before = dict(ReasonWording.objects.filter(reason__isnull=False).values_list("text", "reason__label"))
        changed = {text: label for text, label in meanings.items() if before.get(text, "") != label}
        if any(len(text) > LONGEST_WORDING or "\0" in text for text in changed):
            raise BadReason(f"a meaning is kept for wordings of at most {LONGEST_WORDING} characters")
        for text, label in changed.items():
            ReasonWording.objects.update_or_create(
                workspace=actor.workspace, text=text, defaults={"reason": reasons.get(label)}
            )
        if changed:
            note(actor, "map reason wordings", changed=len(changed))
    return len(changed)


def _reason(actor: Actor, label: str) -> LossReason:
    found: LossReason | None = LossReason.objects.filter(label=label).first()
    if found is not None:
        return found
    for position, default in enumerate(DEFAULT_REASONS):
        if default.label == label:
            made: LossReason = LossReason.objects.create(
                workspace=actor.workspace, label=label, control=default.control, position=position
            )
            return made
    raise BadReason(f"“{label}” is not in the table of reasons")
