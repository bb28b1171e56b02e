"""Working the items out anew where the record changed: single deals in one go, all of them chunk by chunk.

Every write is one transaction that begins by locking the workspace's ``Upkeep``, so that of two who work on the same
deal the later reads what the earlier wrote about. The outbox's rows go in the transaction that has done what they ask
for, and the chunks go on where they ended, however that came about.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from notyet.deals.edit_models import ChangedDeal
from notyet.deals.models import Deal
from notyet.history.upkeep import tell_sizes
from notyet.process.models import ProcessVersion
from notyet.today.making import make_items
from notyet.today.medians import are_stale, keep_clocks, kept_clocks, median_value
from notyet.today.models import Upkeep
from notyet.today.rules import Rulebook
from notyet.today.states import Surroundings
from notyet.workspaces.models import Workspace
from notyet.workspaces.scope import within
from notyet.workspaces.working import working_time

Progress = Callable[[int, int], None]
"""Takes how many deals have been gone through, and of how many."""

CHUNK = 2_000
"""So many deals are in memory at once."""
SINGLES = 500
"""So many changed deals are worked out in one transaction."""
AT_ONCE = 2_000
"""A record of so many deals is gone through while a page waits; a larger one by the worker."""
_MADE_ANEW = 2
"""Raise it when the rules change, so that every workspace's items are made again."""
_VALUES_LOOKED_AT = 20_000


@dataclass(frozen=True)
class Waiting:
    """What has changed since the items were made: ``singles`` deals (counted up to a limit), or any of them."""

    singles: int
    everything: bool

    def __bool__(self) -> bool:
        return bool(self.singles or self.everything)


def waiting(workspace: Workspace) -> Waiting:
    """What is still to be worked out: four queries."""
    upkeep = Upkeep.objects.filter(workspace=workspace).first()
    singles = len(ChangedDeal.objects.exclude(deal=None).values_list("pk")[: SINGLES + 1])
    return Waiting(singles, upkeep is None or _is_wanted(workspace, upkeep))


def _is_wanted(workspace: Workspace, upkeep: Upkeep) -> bool:
    """Whether all deals have to be gone through, or somebody has begun to."""
    if upkeep.after is not None or upkeep.made_of != _made_of(workspace, upkeep):
        return True
    return bool(ChangedDeal.objects.filter(deal=None).exists())


def refresh(workspace: Workspace, say: Progress | None = None) -> None:
    """Bring all items up to date, however much has changed, by the clocks of the newest frozen history.

    What another process has begun is gone on with.
    """
    with within(workspace):
        upkeep, _ = Upkeep.objects.get_or_create(workspace=workspace)
        if are_stale(upkeep, at_once=True):
            keep_clocks(workspace)
        catch_up(workspace, say)


def catch_up(workspace: Workspace, say: Progress | None = None) -> None:
    """The same by the clocks as they are kept, for the workspace in scope."""
    workspace.refresh_from_db()
    while left := waiting(workspace):
        if left.everything:
            _go_on(workspace, say or (lambda done, total: None))
        else:
            work_off_singles(workspace)


@transaction.atomic
def work_off_singles(workspace: Workspace) -> None:
    """Work out the next changed deals, and take their rows off the outbox, for the workspace in scope."""
    upkeep = _locked(workspace)
    rows = list(ChangedDeal.objects.exclude(deal=None).order_by("pk").values_list("pk", "deal_id")[:SINGLES])
    if not rows:
        return
    keys = sorted({deal for _, deal in rows})
    make_items(workspace, keys, keys, *_with(workspace, upkeep))
    ChangedDeal.objects.filter(pk__in=[pk for pk, _ in rows]).delete()


@transaction.atomic
def _go_on(workspace: Workspace, say: Progress) -> None:
    """Work out the next chunk of all deals; the last one ends the going through."""
    upkeep = _locked(workspace)
    if not _is_wanted(workspace, upkeep):
        return
    if upkeep.after is None or upkeep.made_of != _made_of(workspace, upkeep):
        _begin(workspace, upkeep)
    after = upkeep.after or 0
    keys = list(Deal.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:CHUNK])
    last = len(keys) < CHUNK
    gone_through = range(after + 1, (keys[-1] if keys and not last else _TOP) + 1)
    make_items(workspace, keys, gone_through, *_with(workspace, upkeep))
    upkeep.after, upkeep.done = (None if last else keys[-1]), upkeep.done + len(keys)
    if last:
        ChangedDeal.objects.filter(pk__in=upkeep.covers).delete()
        upkeep.covers = []
    upkeep.save()
    if last:
        tell_sizes()
    say(upkeep.done, max(upkeep.total, upkeep.done))


_TOP = 2**63 - 1


def _begin(workspace: Workspace, upkeep: Upkeep) -> None:
    """Note what the going through covers, and keep it until its end. Rows committed later ask for another."""
    upkeep.covers = list(ChangedDeal.objects.filter(deal=None).values_list("pk", flat=True))
    ChangedDeal.objects.exclude(deal=None).delete()
    upkeep.after, upkeep.done, upkeep.total = 0, 0, Deal.objects.count()
    upkeep.made_of = _made_of(workspace, upkeep)
    around = Surroundings.read(workspace, working_time(workspace))
    latest = Deal.objects.exclude(amount=None).order_by("-pk")[:_VALUES_LOOKED_AT]
    values = [around.value(deal) for deal in latest.only("amount", "currency", "opened_at").iterator()]
    upkeep.median_value = median_value([value for value in values if value is not None])


def _locked(workspace: Workspace) -> Upkeep:
    Upkeep.objects.get_or_create(workspace=workspace)
    upkeep: Upkeep = Upkeep.objects.select_for_update().get(workspace=workspace)
    upkeep.workspace = workspace
    return upkeep


def _with(workspace: Workspace, upkeep: Upkeep) -> tuple[Rulebook, Surroundings]:
    working = working_time(workspace)
    rules = Rulebook(
        working=working,
        reply_hours=workspace.reply_hours,
        stalled_factor=workspace.stalled_factor,
        unpaid_days=workspace.unpaid_days,
        median_value=1.0 if upkeep.median_value is None else upkeep.median_value,
        clocks=kept_clocks(upkeep),
    )
    return rules, Surroundings.read(workspace, working)


def _made_of(workspace: Workspace, upkeep: Upkeep) -> str:
    """A digest of everything beside the record that decides what is due when."""
    latest = ProcessVersion.objects.aggregate(latest=Max("pk"))["latest"]
    parts = [
        _MADE_ANEW,
        workspace.currency,
        workspace.time_zone,
        workspace.country,
        workspace.subdivision,
        sorted(workspace.working_days),
        [str(workspace.day_starts), str(workspace.day_ends)],
        workspace.closed_days,
        [workspace.reply_hours, workspace.stalled_factor, workspace.unpaid_days],
        [workspace.term_rule, workspace.budget_month],
        upkeep.clocks,
        latest,
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
