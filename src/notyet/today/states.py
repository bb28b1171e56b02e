"""Reading the record into deal states, many deals at once, for the workspace in scope."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from notyet.analysis.clocks import EVERY_STAGE
from notyet.analysis.tables import TABLES
from notyet.core.money import Rate, RateTable
from notyet.core.working_time import WorkingTime
from notyet.deals.editing import NOTYET
from notyet.deals.models import Conversation, Deal, NextStep, Outcome, Promise, StageChange
from notyet.process.definition import Definition
from notyet.process.models import Stage
from notyet.process.open_work import OpenQuestion, open_work
from notyet.process.queries import Walk, versions, walks_of
from notyet.process.rules import stage_kind
from notyet.today.afterwards import Aftermath, afterwards
from notyet.today.models import LONGEST_NAME, Group
from notyet.today.rules import Dated, DealState, Talk, When, Work
from notyet.workspaces.models import CurrencyRate, Workspace

WORTH_A_LOOK = Q(outcome=Outcome.OPEN) | Q(
    outcome=Outcome.WON, paid_at=None, closed_at__gte=F("data_source__payments_from")
)
"""Deals about which something can be due: open ones, and orders whose payment their source would know of."""
MADE_HERE = "n-"
"""How the ids of rows begin that were made in the application."""
_Row = TypeVar("_Row")


@dataclass(frozen=True)
class Surroundings:
    """What the states of all deals are read with, read once."""

    zone: ZoneInfo
    working: WorkingTime
    rates: RateTable
    kinds: Mapping[str, str]
    named: frozenset[str]
    """The names of the versions of the process."""
    after: Aftermath

    @classmethod
    def read(cls, workspace: Workspace, working: WorkingTime) -> "Surroundings":
        """Those of the workspace in scope."""
        rates = (Rate(*row) for row in CurrencyRate.objects.values_list("currency", "day", "rate"))
        known = versions()
        kinds = _labels(one.definition for one in known) | dict(Stage.objects.values_list("label", "kind"))
        published = frozenset(one.name for one in known if one.pk is not None)
        after = Aftermath.read(workspace, kinds)
        return cls(working.zone, working, RateTable.of(workspace.currency, rates), kinds, published, after)

    def value(self, deal: Deal) -> float | None:
        """A deal's amount in the workspace's currency, at the rate of its opening."""
        day = deal.opened_at.astimezone(self.zone).date() if deal.opened_at else None
        rate = self.rates.rate(deal.currency or None, day)
        return None if deal.amount is None or rate is None else float(deal.amount) * rate


def _labels(definitions: Iterable[Definition]) -> dict[str, str]:
    return {stage.label: stage.kind for one in definitions for stage in one.stages}


def read_states(keys: Sequence[int], around: Surroundings) -> list[DealState]:
    """The states of those of the deals about which something can be due, in a number of queries that does not grow."""
    after = afterwards(keys, around.after)
    worth = Deal.objects.filter(WORTH_A_LOOK | Q(pk__in=list(after)), pk__in=keys)
    found = list(worth.select_related("data_source").order_by("pk"))
    opened = [deal for deal in found if deal.outcome == Outcome.OPEN]
    rows = _Rows.read([deal.pk for deal in opened])
    walks = walks_of(deal for deal in opened if _worked_here(deal, rows, around))
    states = (_state(deal, rows, walks.get(deal.pk), around) for deal in found)
    return [replace(state, after=after.get(state.key, ())) for state in states]


@dataclass(frozen=True)
class _Entered:
    stage: str
    when: When
    here: bool


@dataclass(frozen=True)
class _Rows:
    """The rows about deals, by the deals' keys, in the order of time."""

    entered: Mapping[int, list[_Entered]]
    talks: Mapping[int, list[Talk]]
    promises: Mapping[int, list[Dated]]
    next_steps: Mapping[int, list[Dated]]

    @classmethod
    def read(cls, keys: Sequence[int]) -> "_Rows":
        about: dict[str, Any] = {"deal_id__in": keys}
        talks = Conversation.objects.filter(**about).exclude(channel="note").order_by("at", "pk")
        fields = ("pk", "at", "plain_dates", "channel", "direction", "missed", "contact")
        return cls(
            _by_deal(
                StageChange.objects.filter(**about).order_by("entered_at", "pk"),
                ("stage", "entered_at", "plain_dates", "row_id"),
                lambda stage, at, plain, row_id: _Entered(
                    stage, When(at, bool(plain & 1)), row_id.startswith(MADE_HERE)
                ),
            ),
            _by_deal(talks, fields, _talk),
            _by_deal(
                Promise.objects.filter(**about, kept_at=None).exclude(due_at=None).order_by("due_at", "pk"),
                ("pk", "text", "due_at", "made_at", "plain_dates"),
                lambda pk, text, due, made, plain: Dated(
                    pk, text, _when("promises", "due_at", due, plain), _when("promises", "made_at", made, plain)
                ),
            ),
            _by_deal(
                NextStep.objects.filter(**about, done_at=None).exclude(due_at=None).order_by("due_at", "pk"),
                ("pk", "text", "due_at", "plain_dates"),
                lambda pk, text, due, plain: Dated(pk, text, _when("next_steps", "due_at", due, plain)),
            ),
        )


def _by_deal(rows: Any, fields: Sequence[str], make: Callable[..., _Row]) -> dict[int, list[_Row]]:
    found: dict[int, list[_Row]] = {}
    for deal, *values in rows.values_list("deal_id", *fields).iterator(chunk_size=5_000):
        found.setdefault(deal, []).append(make(*values))
    return found


def _talk(pk: int, at: datetime, plain: int, channel: str, direction: str, missed: bool | None, contact: str) -> Talk:
    return Talk(pk, When(at, bool(plain & 1)), channel, direction, bool(missed), contact)


def _when(table: str, column: str, at: datetime | None, plain: int) -> When | None:
    return None if at is None else When(at, bool(plain >> TABLES[table].times.index(column) & 1))


def _worked_here(deal: Deal, rows: _Rows, around: Surroundings) -> bool:
    """Whether the process asks for anything: what was only imported is left alone until it is moved to a version."""
    if deal.data_source.key == NOTYET or deal.process_version.strip() in around.named:
        return True
    entered = rows.entered.get(deal.pk)
    return bool(entered and entered[-1].here)


def _state(deal: Deal, rows: _Rows, walk: Walk | None, around: Surroundings) -> DealState:
    stage, kind, since = _standing(rows.entered.get(deal.pk, []), walk, around)
    is_open = deal.outcome == Outcome.OPEN
    ordered = "ordered_at" if deal.ordered_at else "closed_at"
    return DealState(
        key=deal.pk,
        is_open=is_open,
        owner=deal.owner[:LONGEST_NAME],
        team=deal.team[:LONGEST_NAME],
        value=around.value(deal),
        opened=_when("deals", "opened_at", deal.opened_at, deal.plain_dates),
        stage=stage,
        stage_kind=kind,
        stage_since=since,
        talks=tuple(rows.talks.get(deal.pk, ())),
        promises=tuple(rows.promises.get(deal.pk, ())),
        next_steps=tuple(rows.next_steps.get(deal.pk, ())),
        work=_work(walk, around.working) if walk else (),
        unpaid_since=_when("deals", ordered, getattr(deal, ordered), deal.plain_dates) if _is_unpaid(deal) else None,
    )


def _is_unpaid(deal: Deal) -> bool:
    """What ``WORTH_A_LOOK`` asks of an order, for deals that are here for another reason."""
    since = deal.data_source.payments_from
    if deal.outcome != Outcome.WON or deal.paid_at is not None or since is None or deal.closed_at is None:
        return False
    return deal.closed_at >= since


def _standing(entered: Sequence[_Entered], walk: Walk | None, around: Surroundings) -> tuple[str, str, When | None]:
    """The stage where a deal stands, its kind, and since when: entering a stage again changes nothing."""
    if walk and walk.place:
        since, of = walk.place.entered, walk.place.stage
        return of.label, of.kind, When(since.at, since.until > since.at) if since else None
    if not entered:
        return "", EVERY_STAGE, None
    last = entered[-1]
    for one in reversed(entered):
        if one.stage != last.stage:
            break
        last = one
    return last.stage, around.kinds.get(last.stage) or stage_kind(last.stage), last.when


def _work(walk: Walk, working: WorkingTime) -> tuple[Work, ...]:
    if walk.place is None:
        return ()
    stage = walk.place.stage.key
    asked = open_work(walk.definition, stage, walk.place.entered_at, walk.done, walk.answers, working)
    return tuple(
        Work(
            Group.QUESTION if isinstance(one, OpenQuestion) else Group.STEP, f"{stage}:{one.key}", one.text, one.due_at
        )
        for one in asked
    )
