"""What the record knows of a loss that decides when to ask again."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from notyet.deals.models import Deal, StageChange
from notyet.debriefs.models import Debrief
from notyet.debriefs.queries import read_reasons
from notyet.feedback.models import BuyerAnswer
from notyet.process.models import Stage
from notyet.process.rules import stage_kind
from notyet.winbacks.check_up_rules import Loss, Proposal, when_to_ask
from notyet.winbacks.parting_models import Parting
from notyet.winbacks.silence import silence
from notyet.workspaces.models import TermRule, Workspace


def propose(loss: Loss, workspace: Workspace) -> Proposal | None:
    """The day on which to ask again by the rules as the workspace set them; ``None`` where the buyer said never."""
    return when_to_ask(loss, TermRule(workspace.term_rule), workspace.budget_month)


def loss_of(deal: Deal) -> Loss:
    """A closed deal as the rules of asking again see it. The latest instruction of the buyer counts."""
    zone = ZoneInfo(deal.workspace.time_zone)
    if deal.closed_at is None:
        raise ValueError("the deal is not closed")
    parting = Parting.objects.filter(deal=deal).first()
    return Loss(
        closed_on=deal.closed_at.astimezone(zone).date(),
        pitched_on=_pitched(deal, zone),
        term_months=deal.contract_term_months,
        reason=read_reasons([said])[0].label if (said := _decided(deal)) else "",
        wish_on=(parting.wish_on if parting else None) or _asked_for(deal),
        never=silence().covers(deal),
    )


def _decided(deal: Deal) -> str:
    """What decided it: by the latest debrief, else as it was closed."""
    debriefs = Debrief.objects.filter(deal=deal).exclude(deciding_reason="").order_by("-at", "-pk")
    said: str | None = debriefs.values_list("deciding_reason", flat=True).first()
    return said or deal.loss_reason


def _pitched(deal: Deal, zone: ZoneInfo) -> date | None:
    """The day of the last proposal: the last time that a stage of that kind was entered."""
    kinds = dict(Stage.objects.values_list("label", "kind"))
    entered: list[datetime] = [
        at
        for label, at in StageChange.objects.filter(deal=deal).values_list("stage", "entered_at")
        if (kinds.get(label) or stage_kind(label)) == "proposal"
    ]
    return max(entered).astimezone(zone).date() if entered else None


def _asked_for(deal: Deal) -> date | None:
    """The day that the buyer named in his latest answer."""
    said = BuyerAnswer.objects.filter(deal=deal).exclude(ask_again="").order_by("-answered_at", "-pk")
    for text in said.values_list("ask_again", flat=True):
        try:
            return date.fromisoformat(text)
        except ValueError:
            continue
    return None
