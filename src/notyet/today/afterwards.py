"""What is due after a deal has ended: its debrief, the actions that came of it, the day to ask again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max, Q

from notyet.core.clock import now
from notyet.deals.closing_models import Closing
from notyet.deals.editing import NOTYET
from notyet.deals.models import Deal, Outcome, StageChange
from notyet.deals.when import start_of_day
from notyet.debriefs.ledger import DUE_AFTER
from notyet.debriefs.models import Debrief
from notyet.debriefs.queries import read_reasons
from notyet.debriefs.work_models import Action
from notyet.feedback.models import BuyerAnswer
from notyet.process.rules import stage_kind
from notyet.today.models import Group
from notyet.today.rules import After, When
from notyet.winbacks.check_up_rules import LONGEST_WAIT_MONTHS, Loss
from notyet.winbacks.knowledge import propose
from notyet.winbacks.models import WinBack, WinBackResult
from notyet.winbacks.parting_models import Parting
from notyet.winbacks.silence import Silence, silence
from notyet.workspaces.models import Workspace

LOST = (Outcome.LOST, Outcome.NO_DECISION)
PROPOSED = "proposed"
"""What of a deal a proposed check-up is; those that somebody made are named by their keys."""
_LOOKED_BACK = timedelta(days=31 * (LONGEST_WAIT_MONTHS + 1))


@dataclass(frozen=True)
class Aftermath:
    """What the items after a close are read with, read once."""

    zone: str
    silent: Silence
    kinds: Mapping[str, str]
    workspace: Workspace
    since: datetime
    """What was imported with a day before this is past: nobody is reminded of it."""

    @classmethod
    def read(cls, workspace: Workspace, kinds: Mapping[str, str]) -> "Aftermath":
        """That of the workspace in scope. Days still ahead are counted from when the workspace began."""
        return cls(workspace.time_zone, silence(), kinds, workspace, min(workspace.created_at, now()))

    def day(self, at: datetime) -> date:
        """The workspace's date at a moment."""
        return at.astimezone(ZoneInfo(self.zone)).date()


def afterwards(keys: Sequence[int], around: Aftermath) -> dict[int, tuple[After, ...]]:
    """What is due about those of the deals that have ended, by their keys."""
    found: dict[int, list[After]] = {}
    about: dict[str, Any] = {"deal_id__in": keys}
    for deal, one in (*_debriefs(about), *_actions(about, around), *_check_ups(about, around)):
        found.setdefault(deal, []).append(one)
    for deal, one in _proposals(keys, around):
        found.setdefault(deal, []).append(one)
    return {deal: tuple(those) for deal, those in found.items()}


def _debriefs(about: Mapping[str, Any]) -> Iterator[tuple[int, After]]:
    owed = Closing.objects.filter(**about, reopening=None).exclude(debrief_work__debrief__isnull=False)
    for pk, deal, made, outcome in owed.values_list("pk", "deal_id", "made_at", "outcome"):
        yield deal, After(Group.DEBRIEF, str(pk), When(made + DUE_AFTER), When(made), what=outcome, at_once=True)


def _actions(about: Mapping[str, Any], around: Aftermath) -> Iterator[tuple[int, After]]:
    rows = Action.objects.filter(**about, settled_at=None)
    for pk, deal, text, owner, due, made in rows.values_list("pk", "deal_id", "text", "owner", "due_on", "made_at"):
        when = When(start_of_day(due, around.zone), plain=True)
        yield deal, After(Group.ACTION, str(pk), when, When(made), what=text, owner=owner)


def _check_ups(about: Mapping[str, Any], around: Aftermath) -> Iterator[tuple[int, After]]:
    rows = (
        WinBack.objects.filter(**about, result__in=("", WinBackResult.WAITING), deal__outcome__in=LOST)
        .filter(Q(check_up=None) | Q(check_up__settled_at=None))
        .exclude(due_at=None)
        .select_related("check_up", "deal__account")
    )
    for row in rows:
        if row.due_at is None or around.silent.covers(row.deal):
            continue
        told = getattr(row, "check_up", None)
        since = When(row.deal.closed_at) if row.deal.closed_at else None
        if row.asked_at is None and (told is not None or row.due_at >= _begin(around)):
            due = When(row.due_at, bool(row.plain_dates & 1))
            yield row.deal_id, After(Group.CHECK_UP, str(row.pk), due, since, what=told.why if told else "")
        elif told is not None and told.follow_up_on is not None:
            due = When(start_of_day(told.follow_up_on, around.zone), plain=True)
            words = "They have not answered yet: follow up once, then leave it"
            yield row.deal_id, After(Group.CHECK_UP, f"{row.pk}:follow-up", due, since, what=words)


def _begin(around: Aftermath) -> datetime:
    return start_of_day(around.day(around.since), around.zone)


def _proposals(keys: Sequence[int], around: Aftermath) -> Iterator[tuple[int, After]]:
    """Days to ask again for losses that came with an import and that nobody has dated yet."""
    lost = list(_undated(keys, around))
    if not lost:
        return
    known = _Known.read([deal.pk for deal in lost], around)
    for deal in lost:
        if deal.closed_at is None or around.silent.covers(deal):
            continue
        proposal = propose(known.loss(deal, around), around.workspace)
        if proposal is None or proposal.on < around.day(around.since):
            continue
        due = When(start_of_day(proposal.on, around.zone), plain=True)
        group = Group.CHECK_UP if proposal.origin == "wish" else Group.PROPOSED
        yield deal.pk, After(group, PROPOSED, due, When(deal.closed_at), what=proposal.why)


def _undated(keys: Sequence[int], around: Aftermath) -> Iterable[Deal]:
    found = Deal.objects.filter(pk__in=keys, outcome__in=LOST, closed_at__gte=around.since - _LOOKED_BACK)
    found = found.filter(win_backs=None, closings=None).exclude(data_source__key=NOTYET)
    losses: list[Deal] = list(found.select_related("account").order_by("pk"))
    if not losses:
        return []
    ids = [deal.deal_id for deal in losses]
    back = set(Deal.objects.filter(reopened_from__in=ids).values_list("data_source_id", "reopened_from"))
    return [deal for deal in losses if (deal.data_source_id, deal.deal_id) not in back]


@dataclass(frozen=True)
class _Known:
    """What decides the day to ask again, by deal."""

    pitched: Mapping[int, datetime]
    decided: Mapping[int, str]
    wishes: Mapping[int, date]
    labels: Mapping[str, str]

    @classmethod
    def read(cls, keys: Sequence[int], around: Aftermath) -> "_Known":
        about: dict[str, Any] = {"deal_id__in": keys}
        debriefs = Debrief.objects.filter(**about).exclude(deciding_reason="").order_by("at", "pk")
        decided = dict(debriefs.values_list("deal_id", "deciding_reason"))
        texts = set(decided.values()) | set(Deal.objects.filter(pk__in=keys).values_list("loss_reason", flat=True))
        labels = {one.text: one.label for one in read_reasons(sorted(texts - {""}))}
        return cls(_pitched(about, around), decided, _wishes(about), labels)

    def loss(self, deal: Deal, around: Aftermath) -> Loss:
        """The deal as the rules see it."""
        said = self.decided.get(deal.pk, deal.loss_reason)
        pitched = self.pitched.get(deal.pk)
        return Loss(
            closed_on=around.day(deal.closed_at or around.since),
            pitched_on=around.day(pitched) if pitched else None,
            term_months=deal.contract_term_months,
            reason=self.labels.get(said, ""),
            wish_on=self.wishes.get(deal.pk),
        )


def _pitched(about: Mapping[str, Any], around: Aftermath) -> dict[int, datetime]:
    """The last time that each deal entered a stage of the kind proposal."""
    labels = set(StageChange.objects.filter(**about).order_by().values_list("stage", flat=True).distinct())
    wanted = [one for one in labels if (around.kinds.get(one) or stage_kind(one)) == "proposal"]
    rows = StageChange.objects.filter(**about, stage__in=wanted).order_by().values("deal_id")
    return {row["deal_id"]: row["last"] for row in rows.annotate(last=Max("entered_at"))}


def _wishes(about: Mapping[str, Any]) -> dict[int, date]:
    """The day that each buyer asked for: in an answer, or on parting, which is the later word."""
    found: dict[int, date] = {}
    answers = BuyerAnswer.objects.filter(**about).exclude(ask_again="").order_by("answered_at", "pk")
    for deal, text in answers.values_list("deal_id", "ask_again"):
        try:
            found[deal] = date.fromisoformat(text)
        except ValueError:
            continue
    found.update(Parting.objects.filter(**about).exclude(wish_on=None).values_list("deal_id", "wish_on"))
    return found
