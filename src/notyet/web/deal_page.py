"""What a deal's page says, gathered from the rooms that know parts of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from notyet.core.clock import now
from notyet.deals.duplicates import kept_of_all
from notyet.deals.models import Deal, NextStep, Promise
from notyet.deals.queries import earlier_and_later, find_deal
from notyet.debriefs.models import Debrief
from notyet.process.models import Stage
from notyet.web import moments, timeline
from notyet.web.deal_history import deal_history
from notyet.web.moments import Moment
from notyet.web.shown import standing, whole_amount
from notyet.web.stage_track import TrackStage, track
from notyet.web.timeline import Event
from notyet.workspaces.access import Actor

MOST_EVENTS = 500


@dataclass(frozen=True)
class DatedLine:
    """A promise or next step: its text, its day, and how it stands (kept, late, open, missed)."""

    text: str
    due: Moment | None
    state: str


@dataclass(frozen=True)
class DealPage:
    """Everything that the page of one deal shows."""

    deal: Deal
    buyer: str
    standing: str
    head: list[str]
    track: list[TrackStage]
    events: list[Event]
    more_events: int
    history: list[Event]
    promises: list[DatedLine]
    steps: list[DatedLine]
    debriefs: list[Debrief]
    ending: list[tuple[str, str]]
    attributes: list[tuple[str, str]]
    earlier: Deal | None
    later: list[Deal]


def deal_page(actor: Actor, pk: int) -> DealPage:
    """Gather a deal's page. Raises ``Deal.DoesNotExist`` where the actor sees no such deal."""
    deal, kept = find_deal(actor, pk), kept_of_all()
    promised, steps, debriefs = list(deal.promises.all()), list(deal.next_steps.all()), list(deal.debriefs.all())
    entered = list(deal.stage_changes.all())
    events = timeline.newest_first(
        timeline.talks(deal.conversations.all(), deal.closed_at),
        timeline.stages(entered),
        timeline.promises(promised),
        timeline.steps(steps),
        timeline.afterwards(debriefs, deal.buyer_answers.all(), deal.win_backs.all()),
    )
    earlier, later = earlier_and_later(actor, deal)
    return DealPage(
        deal=deal,
        buyer=_counted(kept["account"], deal.account.name) if deal.account else "",
        standing=standing(deal),
        head=_head(deal),
        track=track(entered, list(Stage.objects.all()), deal.closed_at or now(), is_open=deal.outcome == "open"),
        events=events[:MOST_EVENTS],
        more_events=max(len(events) - MOST_EVENTS, 0),
        history=deal_history(deal, deal.field_changes.all())[:MOST_EVENTS],
        promises=[_promise(one) for one in promised],
        steps=[_step(one) for one in steps],
        debriefs=debriefs,
        ending=_ending(deal),
        attributes=_attributes(deal, kept["product"]),
        earlier=earlier,
        later=later,
    )


def _counted(kept: Mapping[str, str], name: str) -> str:
    """The name that a merged one counts as, and how the source writes it."""
    root = kept.get(name, name)
    return name if root == name else f"{root} (the source says {name})"


def _head(deal: Deal) -> list[str]:
    parts = [
        whole_amount(deal),
        deal.owner,
        f"{deal.persona} persona" if deal.persona else "",
        f"from {deal.source}" if deal.source else "",
        f"against {deal.competitor}" if deal.competitor else "",
    ]
    return [part for part in parts if part]


def _promise(promise: Promise) -> DatedLine:
    due, kept = moments.of(promise, "promises", "due_at"), promise.kept_at
    state = "late" if timeline.is_late(promise) else "kept" if kept else _unmet(due, promise.deal)
    return DatedLine(promise.text or "Promise", due, state)


def _step(step: NextStep) -> DatedLine:
    due = moments.of(step, "next_steps", "due_at")
    return DatedLine(step.text or "Next step", due, "kept" if step.done_at else _unmet(due, step.deal))


def _unmet(due: Moment | None, deal: Deal) -> str:
    end = deal.closed_at or now()
    return "missed" if due and due.at < end else "open"


def _ending(deal: Deal) -> list[tuple[str, str]]:
    pairs = [
        ("Opened", moments.of(deal, "deals", "opened_at")),
        ("Closed", moments.of(deal, "deals", "closed_at")),
        ("Ordered", moments.of(deal, "deals", "ordered_at")),
        ("Paid", moments.of(deal, "deals", "paid_at")),
        ("Lost to", deal.lost_to),
        ("Reason given", deal.loss_reason),
    ]
    return [(label, str(value)) for label, value in pairs if value]


def _attributes(deal: Deal, products: Mapping[str, str]) -> list[tuple[str, str]]:
    own = [
        ("Team", deal.team),
        ("Segment", deal.segment),
        ("Region", deal.region),
        ("Product", _counted(products, deal.product)),
        ("Campaign", deal.campaign),
        ("Message", deal.message),
        ("Contract", f"{deal.contract_term_months} months" if deal.contract_term_months else ""),
        ("Process version", deal.process_version),
        ("Data source", str(deal.data_source)),
        ("Deal id", deal.deal_id),
    ]
    further = [(str(name), str(value)) for name, value in deal.attributes.items()]
    return [pair for pair in [*own, *further] if pair[1]]
