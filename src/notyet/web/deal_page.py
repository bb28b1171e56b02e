"""What a deal's page says, gathered from the rooms that know parts of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from notyet.core.clock import now
from notyet.deals.contact_models import DealContact
from notyet.deals.duplicates import kept_of_all
from notyet.deals.edit_models import Edit
from notyet.deals.models import Conversation, Deal
from notyet.deals.queries import earlier_and_later, find_deal
from notyet.debriefs.models import Debrief
from notyet.process.deviations import deviations
from notyet.process.models import QuestionAnswer, Stage
from notyet.process.queries import Walk, walk_of
from notyet.web import deal_cards, timeline
from notyet.web.deal_cards import DatedLine, Difference
from notyet.web.deal_history import deal_history
from notyet.web.deal_opened import Forms, Opened, forms_of
from notyet.web.deal_process import OffProcess, StageWork, off_process, stage_work
from notyet.web.shown import standing, whole_amount
from notyet.web.stage_track import TrackStage, recorded_track, track
from notyet.web.timeline import Event
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.working import working_time

FIRST_EVENTS, MOST_EVENTS = 30, 500


@dataclass(frozen=True)
class Told:
    """What happened, as much of it as is shown."""

    events: list[Event]
    more: int
    all_shown: bool


@dataclass(frozen=True)
class ProcessPart:
    """The deal in its process. ``enterable``: whether another stage can be entered."""

    track: list[TrackStage]
    version: str
    work: StageWork | None = None
    off: list[OffProcess] = field(default_factory=list)
    enterable: bool = False

    @property
    def next(self) -> str:
        """The key of the stage that comes next."""
        return next((one.key for one in self.track if one.state == "ahead" and one.key), "")


@dataclass(frozen=True)
class DealPage:
    """Everything that the page of one deal shows."""

    deal: Deal
    buyer: str
    standing: str
    head: list[str]
    process: ProcessPart
    told: Told
    history: list[Event]
    last_edit: int
    promises: list[DatedLine]
    steps: list[DatedLine]
    people: list[DealContact]
    differences: list[Difference]
    debriefs: list[Debrief]
    ending: list[tuple[str, str]]
    facts: list[tuple[str, str]]
    earlier: Deal | None
    later: list[Deal]
    may_work: bool
    opened: Opened
    forms: Forms | None

    @property
    def promising_in_talk(self) -> bool:
        """Whether the form of a promise stands at the conversation in which it was made."""
        return self.opened.part == "promise" and self.opened.row > 0

    @property
    def open_differences(self) -> list[Difference]:
        """What its source says otherwise and nobody has settled."""
        return [one for one in self.differences if not one.settled]

    @property
    def settled_differences(self) -> list[Difference]:
        """What stands here by somebody's decision, as long as the source says the same."""
        return [one for one in self.differences if one.settled]

    @property
    def open_steps(self) -> int:
        """How many next steps are still to be done."""
        return sum(1 for one in self.steps if not one.settled)


def deal_page(actor: Actor, pk: int, opened: Opened | None = None) -> DealPage:
    """Gather a deal's page with what is ``opened`` on it. Raises ``Deal.DoesNotExist`` where the actor sees none."""
    deal, kept = find_deal(actor, pk), kept_of_all()
    opened, may_work = opened or Opened(), actor.may(Permission.WORK_DEALS)
    debriefs, talks = list(deal.debriefs.all()), _latest_talks(deal, opened)
    promised, planned = list(deal.promises.all()), list(deal.next_steps.all())
    contacts = deal_cards.people(deal.deal_contacts.select_related("contact"))
    edits = list(deal.edits.all()[:MOST_EVENTS])
    events = timeline.newest_first(
        timeline.talks(talks, deal.closed_at),
        timeline.stages(deal.stage_changes.all()),
        timeline.promises(promised),
        timeline.steps(planned),
        timeline.afterwards(debriefs, deal.buyer_answers.all(), deal.win_backs.all()),
    )
    (earlier, later), walk = earlier_and_later(actor, deal), walk_of(deal)
    return DealPage(
        deal=deal,
        buyer=deal_cards.counted(kept["account"], deal.account.name) if deal.account else "",
        standing=standing(deal),
        head=_head(deal),
        process=_process(deal, walk, may_work=may_work),
        told=_told(events, opened, deal.conversations.count() - len(talks)),
        history=deal_history(deal, deal.field_changes.all(), edits, asked_of(walk))[:MOST_EVENTS],
        last_edit=_last_of(actor, edits),
        promises=deal_cards.promises(promised, deal),
        steps=deal_cards.next_steps(planned, deal),
        people=contacts,
        differences=list(deal_cards.differences(deal, deal.edited_fields.all())),
        debriefs=debriefs,
        ending=deal_cards.ending(deal),
        facts=deal_cards.facts(deal, kept["product"]),
        earlier=earlier,
        later=later,
        may_work=may_work,
        opened=opened,
        forms=forms_of(actor, deal, opened, _names(contacts, talks)) if may_work else None,
    )


def _head(deal: Deal) -> list[str]:
    parts = [
        whole_amount(deal),
        deal.owner,
        f"{deal.persona} persona" if deal.persona else "",
        f"from {deal.source}" if deal.source else "",
        _rivals(deal.competitor),
    ]
    return [part for part in parts if part]


def _rivals(competitor: str) -> str:
    """Whom the deal is contested with; many a CRM writes "None" for nobody."""
    if competitor.casefold() == "none":
        return "no competitor"
    return f"against {competitor}" if competitor else ""


def _latest_talks(deal: Deal, opened: Opened) -> list[Conversation]:
    """As many conversations as can be shown. The answer to one is always later than it, so none is missed."""
    most = MOST_EVENTS if opened.all_events or opened.id or opened.promised_in else FIRST_EVENTS
    return list(deal.conversations.order_by("-at", "-pk")[:most])


def _told(events: list[Event], opened: Opened, unread: int) -> Told:
    """The latest events; all of them up to a limit where they were asked for, or where one of them stands open.

    ``unread``: earlier conversations that were not even read.
    """
    first = events[:FIRST_EVENTS]
    looked_for = opened.id or opened.promised_in
    hidden = looked_for and all(one.id != looked_for for one in first)
    shown = events[:MOST_EVENTS] if opened.all_events or hidden else first
    total = len(events) + unread
    return Told(shown, total - len(shown), len(shown) > FIRST_EVENTS or total <= FIRST_EVENTS)


def asked_of(walk: Walk) -> dict[str, str]:
    """The keys of the buyer's questions -> what is asked."""
    return {question.key: question.text for _, question in walk.definition.questions()}


def _process(deal: Deal, walk: Walk, *, may_work: bool) -> ProcessPart:
    """The deal by its own version, unless it ended before anybody worked by one: then by its source's own stages."""
    end, is_open = deal.closed_at or now(), deal.outcome == "open"
    if not (is_open or walk.judged):
        recorded = recorded_track(list(deal.stage_changes.all()), list(Stage.objects.all()), end)
        return ProcessPart(recorded, deal.process_version)
    pays = deal.outcome == "won" and deal.paid_at is None
    working = working_time(deal.workspace)
    answers = list(QuestionAnswer.objects.filter(deal=deal))
    found = deviations(walk.definition, walk.entries, walk.done, walk.answers, working, end) if walk.judged else ()
    return ProcessPart(
        track=_marked(walk, track(walk, end, is_open=is_open), is_open=is_open, pays=pays),
        version=walk.version.name,
        work=stage_work(walk, answers, working, now()) if is_open else None,
        off=off_process(walk, found, deal.deviation_notes.all()),
        enterable=may_work and (is_open or pays),
    )


def _marked(walk: Walk, stages: list[TrackStage], *, is_open: bool, pays: bool) -> list[TrackStage]:
    """Of a deal that is won and not paid only the payment can be entered, of another that ended nothing."""
    if is_open:
        return stages
    paid = {one.key for one in walk.definition.stages if one.kind == "paid" and pays}
    return [TrackStage(one.label, one.state, one.note, one.key if one.key in paid else "") for one in stages]


def _last_of(actor: Actor, edits: list[Edit]) -> int:
    """The last thing that this person did and did not take back."""
    own = (one for one in edits if one.by == actor.name and one.user_id == actor.user_id)
    return next((one.pk for one in own if not one.undone_at and not one.undoes_id), 0)


def _names(contacts: list[DealContact], talks: list[Conversation]) -> list[str]:
    """The people of the deal, and those who spoke for the buyer before."""
    spoken: Mapping[str, None] = dict.fromkeys(one.contact for one in reversed(talks) if one.contact)
    return list(dict.fromkeys([*(one.contact.name for one in contacts), *list(spoken)[:20]]))
