"""Something changed: the losses that it concerns are woken, each once, and say why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice

from django.db import transaction
from django.db.models import Q, QuerySet

from notyet.core.clock import now
from notyet.core.texts import NotAText, one_line
from notyet.deals.duplicates import kept
from notyet.deals.editing import new_row_id
from notyet.deals.merge_models import MergeKind
from notyet.deals.models import Account, Deal, Outcome
from notyet.deals.touching import touch
from notyet.deals.values import BadValue
from notyet.deals.when import start_of_day
from notyet.debriefs.models import Debrief
from notyet.debriefs.queries import read_reasons
from notyet.winbacks.models import WinBack, WinBackResult
from notyet.winbacks.parting_models import CheckUp, CheckUpOrigin, Trigger, TriggerKind, Waking
from notyet.winbacks.silence import silence
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.audit import note
from notyet.workspaces.models import Workspace
from notyet.workspaces.scope import within
from notyet.workspaces.working import working_time

AT_ONCE = 2_000
USUAL_REASONS: dict[str, tuple[str, ...]] = {
    TriggerKind.SHIPPED: ("Missing feature", "Integration missing"),
    TriggerKind.COMPETITOR: ("Competitor offer", "Incumbent kept"),
    TriggerKind.BUDGET_YEAR: ("Budget frozen", "Project stopped", "Bad timing"),
    TriggerKind.NEW_CONTACT: ("Champion left", "Wrong people in the room", "Trust / not understood"),
}
"""The reasons that a kind of change usually concerns."""


@dataclass(frozen=True)
class Event:
    """What changed: in words, and which losses it concerns: by their reasons' labels, words that the deal's product,
    competitor, to whom it was lost or its name has, and the buyer."""

    kind: str
    text: str
    reasons: tuple[str, ...] = ()
    words: str = ""
    buyer: str = ""
    happened_on: date | None = None


@dataclass(frozen=True)
class Woken:
    """What a trigger did: the losses woken, and how many were left alone since their buyers said never."""

    trigger: Trigger
    deals: tuple[int, ...]
    left_alone: int


@dataclass
class _Batch:
    """Rows to insert and to change for some losses."""

    added: list[tuple[WinBack, CheckUp, Waking]] = field(default_factory=list)
    moved: list[tuple[WinBack, CheckUp, Waking]] = field(default_factory=list)


@transaction.atomic
def wake(actor: Actor, event: Event) -> Woken:
    """Note what changed, and give each loss that it concerns a check-up on the next working day.

    A check-up that stands for later is brought forward. Left alone are buyers who said never, losses that came back,
    and those whose buyer was asked and has not answered yet. Raises ``Denied`` or ``BadValue``.
    """
    actor.require(Permission.WAKE_LOSSES)
    with within(actor.workspace):
        trigger = _noted(actor, event)
        silent, found, left = silence(), [], 0
        for deals in _chunks(concerned(trigger)):
            heard = [deal for deal in deals if not silent.covers(deal)]
            left += len(deals) - len(heard)
            found += _wake(actor.workspace, trigger, heard)
        note(actor, "wake losses", trigger.get_kind_display(), woken=len(found), left_alone=left)
        touch(actor.workspace, found)
    return Woken(trigger, tuple(found), left)


@transaction.atomic
def let_sleep(actor: Actor, trigger_pk: int) -> int:
    """Take a trigger back: check-ups that it made and nobody has asked yet go, those it moved stand as before.

    Returns how many. Raises ``Denied``, ``Trigger.DoesNotExist``, or ``BadValue`` where it was taken back already.
    """
    actor.require(Permission.WAKE_LOSSES)
    with within(actor.workspace):
        trigger: Trigger = Trigger.objects.select_for_update().get(pk=trigger_pk)
        if trigger.undone_at is not None:
            raise BadValue("trigger", "this was taken back already")
        asleep = []
        wakings = Waking.objects.filter(trigger=trigger, win_back__asked_at=None, win_back__isnull=False)
        for waking in wakings.select_related("win_back__check_up"):
            _put_back(waking)
            asleep.append(waking.deal_id)
        trigger.undone_at = now()
        trigger.save(update_fields=["undone_at"])
        note(actor, "let losses sleep", trigger.get_kind_display(), deals=len(asleep))
        touch(actor.workspace, asleep)
    return len(asleep)


def concerned(trigger: Trigger) -> QuerySet[Deal]:
    """The losses that a trigger concerns and has not woken, by key; those who said never are still among them."""
    found: QuerySet[Deal] = Deal.objects.filter(
        workspace=trigger.workspace_id, outcome__in=(Outcome.LOST, Outcome.NO_DECISION)
    )
    if trigger.reasons:
        worded = _worded(trigger.reasons)
        debriefed = Debrief.objects.filter(deciding_reason__in=worded).values("deal")
        told = Debrief.objects.exclude(deciding_reason="").values("deal")
        found = found.filter(Q(pk__in=debriefed) | Q(Q(loss_reason__in=worded) & ~Q(pk__in=told)))
    if trigger.words:
        words = trigger.words
        named = Q(product__icontains=words) | Q(competitor__icontains=words) | Q(lost_to__icontains=words)
        found = found.filter(named | Q(name__icontains=words))
    if trigger.account_id is not None:
        found = found.filter(account__name__in=_names_of(trigger))
    came_back = WinBack.objects.filter(result=WinBackResult.REOPENED).values("deal")
    asked = WinBack.objects.filter(
        result__in=("", WinBackResult.WAITING), asked_at__isnull=False, check_up__settled_at=None
    ).values("deal")
    woken = Waking.objects.filter(trigger=trigger).values("deal")
    found = found.exclude(pk__in=came_back).exclude(pk__in=asked).exclude(pk__in=woken)
    return found.select_related("account").order_by("pk")


def _noted(actor: Actor, event: Event) -> Trigger:
    if event.kind not in TriggerKind.values:
        raise BadValue("kind", "choose one of the list")
    try:
        text, words = one_line(event.text, 500), one_line(event.words, 200)
    except NotAText as error:
        raise BadValue("text", str(error)) from error
    if not text:
        raise BadValue("text", "say what changed, as you would tell the buyer")
    account = Account.objects.filter(name=event.buyer).first() if event.buyer else None
    if event.buyer and account is None:
        raise BadValue("buyer", f"no buyer is called “{event.buyer[:80]}”")
    if not (event.reasons or words or account):
        raise BadValue("reasons", "say which losses it concerns: by reason, by a word, or by the buyer")
    made: Trigger = Trigger.objects.create(
        workspace=actor.workspace,
        kind=event.kind,
        text=text,
        words=words,
        account=account,
        reasons=list(event.reasons),
        happened_on=event.happened_on or working_time(actor.workspace).day_of(now()),
        made_at=now(),
        made_by=actor.name,
    )
    return made


def _worded(labels: Iterable[str]) -> list[str]:
    """The wordings in the record that are read as one of these reasons."""
    wanted = set(labels)
    texts = set(Deal.objects.exclude(loss_reason="").order_by().values_list("loss_reason", flat=True).distinct())
    texts |= set(Debrief.objects.exclude(deciding_reason="").order_by().values_list("deciding_reason", flat=True))
    return [one.text for one in read_reasons(sorted(texts)) if one.label in wanted]


def _names_of(trigger: Trigger) -> list[str]:
    """The names under which sources write the trigger's buyer."""
    counted = kept(MergeKind.ACCOUNT)
    name = trigger.account.name if trigger.account else ""
    root = counted.get(name, name)
    return [root, *(one for one, counts_as in counted.items() if counts_as == root)]


def _chunks(found: QuerySet[Deal]) -> Iterable[list[Deal]]:
    """The deals a few thousand at a time, each chunk after the last key of the one before."""
    last = 0
    while deals := list(islice(found.filter(pk__gt=last), AT_ONCE)):
        yield deals
        last = deals[-1].pk


def _wake(workspace: Workspace, trigger: Trigger, deals: Sequence[Deal]) -> list[int]:
    working = working_time(workspace)
    day = working.on_or_after(working.day_of(now()))
    due = start_of_day(day, workspace.time_zone)
    standing = {
        row.deal_id: row
        for row in WinBack.objects.filter(
            deal__in=[deal.pk for deal in deals], asked_at=None, result__in=("", WinBackResult.WAITING)
        )
        .filter(Q(check_up=None) | Q(check_up__settled_at=None))
        .select_related("check_up")
        .order_by("-due_at", "-pk")
    }
    batch, woken = _Batch(), []
    for deal in deals:
        row = standing.get(deal.pk)
        if row is not None and row.due_at is not None and row.due_at <= due:
            continue
        woken.append(deal.pk)
        if row is None:
            row = WinBack(workspace=workspace, deal=deal, row_id=new_row_id(), result=WinBackResult.WAITING)
            batch.added.append((row, _reason(trigger, row), Waking(workspace=workspace, trigger=trigger, deal=deal)))
        else:
            was = _remembered(trigger, deal, row)  # before the new reason takes the old one's place
            batch.moved.append((row, _reason(trigger, row), was))
        row.due_at, row.plain_dates = due, row.plain_dates | 1
    _write(batch)
    return woken


def _write(batch: _Batch) -> None:
    """Insert and change the rows of a batch in a few statements."""
    WinBack.objects.bulk_create([row for row, _, _ in batch.added])
    WinBack.objects.bulk_update([row for row, _, _ in batch.moved], ["due_at", "plain_dates"], batch_size=500)
    CheckUp.objects.filter(win_back__in=[row.pk for row, _, _ in batch.moved]).delete()
    both = [*batch.added, *batch.moved]
    for row, check_up, waking in both:
        check_up.win_back, waking.win_back = row, row
    CheckUp.objects.bulk_create([check_up for _, check_up, _ in both])
    Waking.objects.bulk_create([waking for _, _, waking in both])


def _reason(trigger: Trigger, row: WinBack) -> CheckUp:
    return CheckUp(
        workspace_id=trigger.workspace_id, win_back=row, origin=CheckUpOrigin.TRIGGER, why=trigger.text[:500]
    )


def _remembered(trigger: Trigger, deal: Deal, row: WinBack) -> Waking:
    """The waking with how the check-up stood before."""
    check_up: CheckUp | None = getattr(row, "check_up", None)
    was = {
        "due_at": row.due_at.isoformat() if row.due_at else None,
        "plain_dates": row.plain_dates,
        "origin": check_up.origin if check_up else "",
        "why": check_up.why if check_up else "",
    }
    return Waking(workspace_id=trigger.workspace_id, trigger=trigger, deal=deal, was=was)


def _put_back(waking: Waking) -> None:
    row = waking.win_back
    if row is None:
        return
    if waking.was is None:
        row.delete()
        return
    due = waking.was["due_at"]
    row.due_at = datetime.fromisoformat(due) if due else None
    row.plain_dates = waking.was["plain_dates"]
    row.save(update_fields=["due_at", "plain_dates"])
    if waking.was["origin"]:
        CheckUp.objects.filter(win_back=row).update(origin=waking.was["origin"], why=waking.was["why"])
    else:
        CheckUp.objects.filter(win_back=row).delete()
