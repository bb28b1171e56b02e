"""How a deal was prepared: the ticks that a debrief asks, as the workspace chooses them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.text import slugify

from notyet.core.texts import NotAText, one_line
from notyet.debriefs.work_models import PreparationItem
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.audit import note
from notyet.workspaces.scope import within

MOST, LONGEST = 12, 200


class BadTick(ValueError):
    """The ticks cannot be saved as they stand; the text says why."""


@dataclass(frozen=True)
class Tick:
    """Something that is asked about how a deal was prepared."""

    key: str
    text: str


USUAL = (
    Tick("planned-first-call", "Planned before the first call"),
    Tick("knew-their-business", "Knew their business before asking about it"),
    Tick("knew-who-signs", "Knew who signs, and by when"),
    Tick("had-a-like-case", "Had the case of a like buyer at hand"),
    Tick("rehearsed", "Went through the proposal with somebody else first"),
)
"""What is asked until the workspace chooses."""


def ticks() -> tuple[Tick, ...]:
    """What debriefs ask now, in the workspace in scope."""
    kept = list(PreparationItem.objects.all())
    if not kept:
        return USUAL
    return tuple(Tick(one.key, one.text) for one in kept if not one.retired)


@transaction.atomic
def save_ticks(actor: Actor, texts: Sequence[str]) -> tuple[Tick, ...]:
    """Ask these, in this order; what is no longer among them is retired, and answers that were given stay.

    Raises ``Denied`` or ``BadTick``.
    """
    actor.require(Permission.EDIT_REASONS)
    try:
        wanted = [one_line(text, LONGEST) for text in texts if text.strip()]
    except NotAText as error:
        raise BadTick(f"one cannot be kept: {error}") from error
    if len(wanted) > MOST:
        raise BadTick(f"ask at most {MOST}; a debrief takes minutes")
    if len({text.casefold() for text in wanted}) < len(wanted):
        raise BadTick("two of them are the same")
    with within(actor.workspace):
        known = {one.text.casefold(): one for one in PreparationItem.objects.all()}
        usual = {one.text.casefold(): one.key for one in USUAL}
        PreparationItem.objects.update(retired=True)
        for place, text in enumerate(wanted):
            row = known.get(text.casefold()) or PreparationItem(workspace=actor.workspace)
            row.key = row.key or usual.get(text.casefold()) or _new_key(text, {one.key for one in known.values()})
            row.text, row.position, row.retired = text, place, False
            row.save()
            known[text.casefold()] = row
        note(actor, "save preparation ticks", count=len(wanted))
        return ticks()


def _new_key(text: str, taken: set[str]) -> str:
    base, number = slugify(text)[:50] or "tick", 1
    key = base
    while key in taken or key in {one.key for one in USUAL}:
        number += 1
        key = f"{base}-{number}"
    return key
