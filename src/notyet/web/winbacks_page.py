"""What the pages of win-backs show: who is to be asked, when and why, with what; and how asking has gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils.timezone import localtime

from notyet.analysis.intervals import Estimate, share
from notyet.analysis.returning import ReturnCurve
from notyet.core.clock import now
from notyet.core.money import readable
from notyet.deals.models import Deal
from notyet.deals.queries import find_deal, visible_deals
from notyet.deals.when import start_of_day
from notyet.debriefs.models import Debrief
from notyet.debriefs.queries import read_reasons
from notyet.history.win_backs import WinBackAnalysis, win_back_analysis
from notyet.web import numbers
from notyet.web.shown import whole_amount
from notyet.web.winback_reasons import ReturnBars, return_bars
from notyet.winbacks.check_up_rules import Proposal
from notyet.winbacks.check_ups import MOST_FOLLOW_UPS, times_asked, waiting
from notyet.winbacks.knowledge import loss_of, propose
from notyet.winbacks.models import WinBack, WinBackResult
from notyet.winbacks.offers import for_reason
from notyet.winbacks.parting_models import CheckUp, Parting, StayInTouch
from notyet.winbacks.silence import silence
from notyet.workspaces.access import Actor, Permission
from notyet.workspaces.working import working_time

FIRST_ROWS, MOST_ROWS = 12, 200
MOST_OFFERS = 12
CURVE_REASONS = 3
FEWEST = 5


@dataclass(frozen=True)
class Row:
    """A buyer to be asked again: when, why then, what to bring, and how it stands."""

    win_back: WinBack
    deal: Deal
    lost: str
    why: str
    bring: str
    state: str
    ready: bool
    on: str
    year: str


@dataclass(frozen=True)
class Figure:
    """A number with its interval and what it rests on."""

    label: str
    value: str
    below: str
    good: bool = False


@dataclass(frozen=True)
class Curve:
    """A curve as a drawing: its points in per cent, its name, its last value."""

    name: str
    points: str
    last: str
    n: int


@dataclass(frozen=True)
class CurveLine:
    """A curve as a line of a table: how many came back, and the share after 6, 12 and 24 months."""

    name: str
    returned: int
    n: int
    cells: Sequence[str]


@dataclass(frozen=True)
class WinBacksPage:
    """Everything that the list's page shows."""

    rows: Sequence[Row]
    more: bool
    count: int
    soon: int
    month: str
    figures: Sequence[Figure]
    curves: Sequence[Curve]
    lines: Sequence[tuple[str, str]]
    months: Sequence[tuple[str, str]]
    offers: Sequence[tuple[str, str, str, str]]
    best: str
    reasons: ReturnBars | None
    table: Sequence[CurveLine]
    analysis: WinBackAnalysis | None


@dataclass(frozen=True)
class LossPage:
    """One loss: what is known of it, its check-up or the day proposed, what to bring."""

    deal: Deal
    lost: str
    parting: Parting | None
    lesson: str
    silenced: bool
    win_back: WinBack | None
    check_up: CheckUp | None
    may_follow_up: bool
    proposal: Proposal | None
    bring: Sequence[str]
    asked: int
    back: Sequence[Deal]


def win_backs_page(actor: Actor, *, whole: bool = False) -> WinBacksPage:
    """Gather the list's page, its first lines or as many as are shown at all. Raises ``Denied``."""
    actor.require(Permission.SEE_DEALS)
    most = MOST_ROWS if whole else FIRST_ROWS
    standing = _standing(actor) if whole else _current(actor)
    found = list(standing[: most + 1])
    silent, today = silence(), working_time(actor.workspace).day_of(now())
    shown = [one for one in found[:most] if not silent.covers(one.deal)]
    labels = _labels([one.deal for one in shown])
    rows = [_row(one, labels.get(one.deal_id, ""), today) for one in shown]
    analysis = win_back_analysis(actor) if actor.may(Permission.SEE_ANALYSIS) else None
    curves = _drawn(analysis) if analysis else []
    top = _top(analysis) if analysis else 0.0
    return WinBacksPage(
        rows=rows,
        more=len(found) > most,
        count=standing.count(),
        soon=standing.filter(due_at__lt=start_of_day(_next_month(today), actor.workspace.time_zone)).count(),
        month=f"{today:%B}",
        figures=_figures(actor, analysis) if analysis else [],
        curves=curves,
        lines=[(f"{100 - 88 * part / 4 - 6:.1f}%", numbers.percent(top * part / 4)) for part in range(5)],
        months=[(f"{8 + 90 * month / 36:.1f}%", str(month)) for month in range(0, 37, 6)],
        offers=_offers(analysis) if analysis else [],
        best=_best(analysis) if analysis else "",
        reasons=return_bars(analysis.curves) if analysis else None,
        table=_table(analysis) if analysis else [],
        analysis=analysis,
    )


def loss_page(actor: Actor, pk: int) -> LossPage:
    """Gather the page of one loss. Raises ``Denied`` or ``Deal.DoesNotExist``, also where the deal is no loss."""
    deal = find_deal(actor, pk)
    if deal.outcome not in ("lost", "no_decision") or deal.closed_at is None:
        raise Deal.DoesNotExist
    row = waiting(deal)
    told = CheckUp.objects.filter(win_back=row).first() if row else None
    known = loss_of(deal)
    lesson = Debrief.objects.filter(deal=deal).exclude(lesson="").order_by("-at", "-pk").first()
    return LossPage(
        deal=deal,
        lost=_lost(deal, known.reason),
        parting=Parting.objects.filter(deal=deal).first(),
        lesson=lesson.lesson if lesson else "",
        silenced=known.never,
        win_back=row,
        check_up=told,
        may_follow_up=row is not None
        and row.asked_at is not None
        and (told.follow_ups if told else 0) < MOST_FOLLOW_UPS,
        proposal=propose(known, actor.workspace) if row is None else None,
        bring=for_reason(known.reason),
        asked=times_asked(deal),
        back=list(visible_deals(actor).filter(data_source=deal.data_source_id, reopened_from=deal.deal_id)),
    )


def _may_follow_up(row: WinBack | None, told: CheckUp | None) -> bool:
    return row is not None and row.asked_at is not None and (told.follow_ups if told else 0) < MOST_FOLLOW_UPS


def _standing(actor: Actor) -> "QuerySet[WinBack]":
    """The check-ups of losses that the actor sees, not answered and not left, the soonest first."""
    found: QuerySet[WinBack] = (
        WinBack.objects.filter(deal__in=visible_deals(actor), deal__outcome__in=("lost", "no_decision"))
        .filter(result__in=("", WinBackResult.WAITING), due_at__isnull=False)
        .filter(Q(check_up=None) | Q(check_up__settled_at=None))
        .select_related("deal__account", "deal__workspace", "check_up")
        .order_by("due_at", "pk")
    )
    return found


def _current(actor: Actor) -> "QuerySet[WinBack]":
    """Of them those that are dated here, and of what came with an import those with a day that was still ahead."""
    began = min(actor.workspace.created_at, now())
    return _standing(actor).filter(Q(check_up__isnull=False) | Q(asked_at=None, due_at__gte=began))


def _labels(deals: Sequence[Deal]) -> dict[int, str]:
    """The label of what decided each deal, the debrief's where there is one."""
    said = {deal.pk: deal.loss_reason for deal in deals}
    debriefs = Debrief.objects.filter(deal__in=list(said)).exclude(deciding_reason="").order_by("at", "pk")
    said.update(debriefs.values_list("deal_id", "deciding_reason"))
    read = {one.text: one.label for one in read_reasons(sorted(set(said.values()) - {""}))}
    return {pk: read.get(text, "") for pk, text in said.items()}


def _next_month(day: date) -> date:
    """The first day of the month after."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _row(row: WinBack, reason: str, today: date) -> Row:
    told: CheckUp | None = getattr(row, "check_up", None)
    due = localtime(row.due_at).date() if row.due_at else today
    bring = row.offer or next(iter(for_reason(reason)), "")
    if row.asked_at is not None:
        state = "Asked"
    elif told is not None and told.origin == "trigger":
        state = "Woken"
    else:
        state = "Ready" if due <= today else "Waiting"
    why = told.why if told else "The day came with the record"
    year = "" if due.year == today.year else f"{due:%Y}"
    lost = _lost(row.deal, reason)
    return Row(row, row.deal, lost, why, bring, state, state in ("Ready", "Woken"), f"{due:%-d %b}", year)


def _lost(deal: Deal, reason: str) -> str:
    when = f"Lost {localtime(deal.closed_at):%-d %b %Y}" if deal.closed_at else "Lost"
    to = f"to {deal.lost_to}" if deal.lost_to else ""
    return " · ".join(part for part in (f"{when} {to}".strip(), reason.lower(), whole_amount(deal)) if part)


def _figures(actor: Actor, found: WinBackAnalysis) -> list[Figure]:
    by_key = {one.key: one for one in found.steps}
    made = [
        Figure(
            "Revenue won back, paid",
            readable(found.value, found.currency),
            f"{found.paid} {'deal' if found.paid == 1 else 'deals'}",
            good=found.value > 0,
        )
    ]
    for key, label in (("returned", "Asked again and came back"), ("paid", "Asked again, won and paid")):
        step = by_key[key]
        if step.share.value is None:
            made.append(Figure(label, f"{step.count} of {step.n}", "a share is given from five asked on"))
        else:
            made.append(Figure(label, numbers.percent(step.share.value), f"{_between(step.share)} · {step.n} asked"))
    made.append(_doors(actor))
    return made


def _doors(actor: Actor) -> Figure:
    """Of the losses closed here, those with an agreed way to stay in touch."""
    closed = visible_deals(actor).filter(outcome__in=("lost", "no_decision"), closings__isnull=False).distinct()
    n = closed.count()
    if not n:
        return Figure("Doors left open", "–", "no loss has been closed here yet")
    open_doors = closed.filter(parting__isnull=False).exclude(parting__channel__in=("", StayInTouch.NEVER)).count()
    if n < FEWEST:
        return Figure("Doors left open", f"{open_doors} of {n}", "losses closed here with a way to stay in touch")
    told = share(open_doors, n)
    return Figure("Doors left open", numbers.percent(open_doors / n), f"{_between(told)} · {n} losses closed here")


def _between(told: Estimate) -> str:
    """An interval as it stands beside its value; empty without bounds."""
    if told.low is None or told.high is None:
        return ""
    return numbers.interval(told.low, told.high, "share", "")


def _shown(found: WinBackAnalysis) -> list[ReturnCurve]:
    whole = [one for one in found.curves if not one.reason]
    reasons = sorted((one for one in found.curves if one.reason), key=lambda one: -one.returned)
    return [one for one in (*whole, *reasons[:CURVE_REASONS]) if len(one.months) > 1]


def _top(found: WinBackAnalysis) -> float:
    """The top of the scale: the highest share, rounded up to a fortieth."""
    highest = max((one.value or 0 for curve in _shown(found) for one in curve.shares), default=0.0)
    return max((int(highest * 40) + 1) / 40, 0.05)


def _drawn(found: WinBackAnalysis) -> list[Curve]:
    top = _top(found)
    made = []
    for curve in _shown(found):
        steps: list[str] = []
        before = 0.0
        for month, one in zip(curve.months, curve.shares, strict=True):
            x, y = 8 + 90 * month / 36, 94 - 88 * before / top
            steps.append(f"{x * 6:.1f},{y * 2.2:.1f}")
            before = one.value or 0.0
            steps.append(f"{x * 6:.1f},{(94 - 88 * before / top) * 2.2:.1f}")
        made.append(Curve(curve.reason or "All losses", " ".join(steps), numbers.percent(before), curve.n))
    return made


def _table(found: WinBackAnalysis) -> list[CurveLine]:
    made = []
    for curve in found.curves:
        by_month = dict(zip(curve.months, curve.shares, strict=True))
        cells = [_cell(by_month.get(month)) for month in (6, 12, 24)]
        made.append(CurveLine(curve.reason or "All losses", curve.returned, curve.n, cells))
    return made


def _cell(told: Estimate | None) -> str:
    if told is None or told.value is None:
        return "not known yet"
    between = _between(told)
    return f"{numbers.percent(told.value)} ({between})" if between else numbers.percent(told.value)


def _offers(found: WinBackAnalysis) -> list[tuple[str, str, str, str]]:
    rows = []
    for one in sorted(found.offers, key=lambda one: -one.n)[:MOST_OFFERS]:
        told = one.returned
        shown = "" if told.value is None else f"{numbers.percent(told.value)} ({_between(told)})"
        rows.append((one.reason or "No reason given", one.offer, shown, f"{one.returned_count} of {one.n}"))
    return rows


def _best(found: WinBackAnalysis) -> str:
    best = found.best
    if best.low is None or best.share.value is None or best.rest.value is None:
        return best.unsaid
    inside, outside = numbers.percent(best.share.value), numbers.percent(best.rest.value)
    return (
        f"Buyers asked {best.low} to {best.high} months after the loss came back most often: {inside} of {best.n}, "
        f"against {outside} of the others. Whom one asked when was not drawn by lot, so it may be another thing."
    )
