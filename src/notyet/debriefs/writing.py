"""Writing a debrief: saved as it is typed, finished into the record."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from notyet.core.clock import now
from notyet.deals.closing import standing_closing
from notyet.deals.edit_models import Edit
from notyet.deals.editing import Work, lock_deal, new_row_id, put
from notyet.deals.models import Deal, Outcome
from notyet.deals.touching import touch
from notyet.deals.when import When
from notyet.debriefs.content import BadContent, Content
from notyet.debriefs.models import Debrief
from notyet.debriefs.preparation import Tick, ticks
from notyet.debriefs.work_models import DebriefWork
from notyet.workspaces.access import Actor
from notyet.workspaces.scope import within

_FIELDS = ("at", "deciding_reason", "contributing_reasons", "preparation", "lesson")


class NotClosed(ValueError):
    """An open deal is not debriefed; the text says what to do."""


@dataclass(frozen=True)
class Clash:
    """Somebody else, or another window, saved the field since it was shown."""

    field: str
    mine: str
    theirs: str
    by: str


class FieldClash(Exception):
    """A field was saved by somebody else meanwhile; nothing was written."""

    def __init__(self, clash: Clash) -> None:
        super().__init__(f"{clash.by} wrote something else there in the meantime")
        self.clash = clash


def work_of(deal: Deal) -> DebriefWork | None:
    """The debrief that belongs to how the deal stands: of its last closing, or of the close that an import brought."""
    closing = standing_closing(deal)
    found: DebriefWork | None = DebriefWork.objects.filter(deal=deal, closing=closing).first()
    return found


@transaction.atomic
def save_field(actor: Actor, deal_pk: int, name: str, seen: str, text: str) -> DebriefWork:
    """Keep one field as it is typed. ``seen``: what the window showed before.

    Raises ``NotClosed``, ``BadContent``, ``FieldClash``, ``Denied`` or ``Deal.DoesNotExist``.
    """
    with within(actor.workspace):
        deal = _held(actor, deal_pk)
        work = _work(actor, deal)
        content, asked = Content.from_json(work.content), [one.key for one in ticks()]
        held, wanted = content.get(name), content.put(name, text, asked)
        if held not in (seen, wanted.get(name)):
            raise FieldClash(Clash(name, text, held, work.saved_by))
        if work.pk is None or wanted != content:
            work.content, work.saved_at, work.saved_by = wanted.to_json(), now(), actor.name
            work.revision += 1
            work.save()
        return work


@transaction.atomic
def finish(actor: Actor, deal_pk: int, then: Callable[[Work, Deal], object] | None = None) -> Edit:
    """Put the debrief into the record; finished again it takes the place of what it said before.

    What decided it must be said; *Unknown* says it. The edit can be undone, with what ``then`` (a higher room's part
    of the same change, called once the debrief stands) makes and takes. Raises ``NotClosed``, ``BadContent``,
    ``Denied`` or ``Deal.DoesNotExist``.
    """
    with within(actor.workspace):
        deal = _held(actor, deal_pk)
        kept = _work(actor, deal)
        content = Content.from_json(kept.content)
        if not content.deciding:
            raise BadContent("deciding", "say what decided it; “Unknown” is an answer too")
        work = Work(actor, deal, "debrief")
        known = kept.debrief if kept.pk else None
        row = known or Debrief(workspace=actor.workspace, deal=deal, row_id=new_row_id())
        before = work.texts(row, _FIELDS)
        _fill(work, row, content, ticks())
        if known is None:
            work.make(row)
        else:
            row.save()
        kept.debrief, kept.finished_at, kept.finished_by = row, work.at, actor.name
        kept.saved_at, kept.saved_by = work.at, actor.name
        kept.save()
        if then is not None:
            then(work, deal)
        return work.keep("debriefs", row.pk, before if known else None, work.texts(row, _FIELDS))


@transaction.atomic
def discard(actor: Actor, deal_pk: int) -> bool:
    """Throw away what was typed of a debrief that was never finished; ``False`` where there is none."""
    with within(actor.workspace):
        deal = _held(actor, deal_pk)
        kept = work_of(deal)
        if kept is None or kept.finished_at is not None:
            return False
        kept.delete()
        touch(actor.workspace, [deal.pk])
        return True


def is_finished(work: DebriefWork | None) -> bool:
    """Whether the debrief is in the record: finished, and not taken back since."""
    return work is not None and work.debrief_id is not None


def _held(actor: Actor, deal_pk: int) -> Deal:
    deal = lock_deal(actor, deal_pk)
    if deal.outcome == Outcome.OPEN:
        raise NotClosed("the deal is open; close it first")
    return deal


def _work(actor: Actor, deal: Deal) -> DebriefWork:
    """The debrief under way, or a new one that holds what was said at the close."""
    known = work_of(deal)
    if known is not None:
        return known
    return DebriefWork(
        workspace=actor.workspace,
        deal=deal,
        closing=standing_closing(deal),
        content=first_content(deal).to_json(),
        saved_at=now(),
        saved_by=actor.name,
        revision=0,
    )


def first_content(deal: Deal) -> Content:
    """What a debrief that nobody began would show."""
    return Content(deciding=deal.loss_reason[:200], competitor=(deal.lost_to or deal.competitor)[:200])


def _fill(work: Work, row: Debrief, content: Content, asked: tuple[Tick, ...]) -> None:
    row.deciding_reason = content.deciding
    row.contributing_reasons = ";".join(content.contributing)
    row.preparation = content.preparation([one.key for one in asked])
    row.lesson = content.lesson
    put(row, "at", When(work.at))
