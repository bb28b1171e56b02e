"""What the pipeline's page shows: the need, the basket, what is paid, new prospects. In words and drawings."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from notyet.analysis.intervals import NOTHING, Estimate, mean
from notyet.analysis.pipeline import Money, Outlook
from notyet.analysis.pipeline_book import Floats
from notyet.analysis.pipeline_openings import RECENT_WEEKS
from notyet.analysis.prospects import Need, Trials
from notyet.deals.models import Deal
from notyet.deals.queries import visible_deals
from notyet.pipeline import queries
from notyet.pipeline.queries import Asked
from notyet.web import numbers
from notyet.web import pipeline_words as words
from notyet.web.pipeline_drawing import Arc, ring
from notyet.workspaces.access import Actor, Permission

SMALLEST = 5


def read_question(actor: Actor, query: QueryDict) -> Asked:
    """What an address asks; what cannot be read is as usual. Raises ``Denied`` or ``NoHistory``."""
    return queries.ask(
        actor,
        query.get("scope", ""),
        _number(query.get("target", "")),
        (_number(query.get("chance", "")) or 80) / 100,
        _number(query.get("months", "")) or 12,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def address(asked: Asked, name: str = "pipeline", **more: object) -> str:
    """The address of the page (or of a part of it) for a question, with changes."""
    pairs: dict[str, object] = {"scope": asked.choice.key}
    if asked.target is not None:
        pairs["target"] = asked.target.pk
    if asked.question.chance != 0.8:
        pairs["chance"] = round(asked.question.chance * 100)
    if asked.question.months != 12:
        pairs["months"] = asked.question.months
    return f"{reverse(name)}?{urlencode({**pairs, **more})}"


class Links:
    """Addresses of the deals behind the figures; empty for those who may not see deals."""

    def __init__(self, actor: Actor, asked: Asked) -> None:
        self._asked = asked if actor.may(Permission.SEE_DEALS) else None

    def __getitem__(self, figure: str) -> str:
        """The address for a figure; with its part after a colon."""
        key, _, part = figure.partition(":")
        if self._asked is None:
            return ""
        return address(self._asked, "pipeline_deals", figure=key, **({"part": part} if part else {}))


@dataclass(frozen=True)
class Line:
    """A figure in a list: what it is, its value, its interval, what it rests on, and the way to its deals."""

    label: str
    value: str
    interval: str
    basis: str
    url: str = ""


@dataclass(frozen=True)
class NeedView:
    """How many prospects are missing: a sentence, its figures, or why there is none."""

    more: str
    interval: str
    sentence: str
    why: str
    opened_now: str


@dataclass(frozen=True)
class BasketView:
    """On how few deals the pipeline rests."""

    arcs: list[Arc]
    largest: str
    largest_url: str
    share: str
    effective: str
    n: int
    total: str
    without: str


@dataclass(frozen=True)
class PaidView:
    """What was paid in the period and what is ordered and not paid, apart; of that what waits for too long."""

    paid: Line
    unpaid: Line
    late: Line | None
    known: bool


@dataclass(frozen=True)
class OpeningsView:
    """Whether enough prospects are opened: what was counted, its comparison, and whether it calls for attention."""

    recent: int
    weeks: int
    a_week: str
    url: str
    against: list[Line]
    alarms: list[str]
    silent: str


def need_view(asked: Asked, seen: Outlook, currency: str) -> NeedView | None:
    """What is missing; ``None`` without a target."""
    target = asked.target
    if target is None or seen.need is None:
        return None
    amount, until = numbers.money(float(target.amount), currency), f"{target.until:%-d %B}"
    if isinstance(seen.need, str):
        return NeedView("", "", f"{amount} by {until}", words.why(seen.need), "")
    need = seen.need
    sentence = (
        f"to reach {amount} by {until} with a chance of {need.chance:.0%}: it takes {words.whole(need.total.value)} "
        f"({words.between(need.total)}), {need.live:,} are live"
    )
    return NeedView(words.missing(need), words.between(need.more), sentence, "", _opened_now(need))


def _opened_now(need: Need) -> str:
    if need.opened_now is None or need.more.value == 0:
        return ""
    if need.opened_now.value == float("inf"):
        return "Hardly any deal that is opened today comes in time: what is live now decides this period."
    opened = f"{words.whole(need.opened_now.value)} ({words.between(need.opened_now)})"
    return f"Those are prospects as far along as the live ones are. If all of them are opened today, it takes {opened}."


def rests_on(asked: Asked, seen: Outlook, currency: str, links: Links) -> list[Line]:
    """What the need is made of: the win rate, how many live deals come in time, their value, the plain arithmetic."""
    known = seen.seen
    value = _mean(known.values)
    lines = [
        _share("Win rate of closed deals", known.closed, "closed deals", links["closed"]),
        _share(f"Live deals won {_how_soon(asked)}", known.live, "live at such moments before", ""),
        Line(
            "Value of a won deal, mean",
            numbers.money(value.value, currency) if value.value is not None else "",
            words.between(value, "money", currency),
            f"{len(known.values):,} won deals",
        ),
    ]
    if known.orders.n:
        lines.append(_share("Orders that wait and are paid at last", known.orders, "such orders", ""))
    if seen.plain is not None:
        covered = f"{seen.live.deals:,} live" if seen.live.deals else "none live"
        label = "Coverage: target ÷ (win rate × value)"
        lines.append(Line(label, f"{words.whole(seen.plain.value)} prospects", words.between(seen.plain), covered))
    return lines


def _how_soon(asked: Asked) -> str:
    """How much time there is for a live deal to be won in, in words."""
    period, day = asked.question.period, asked.today
    if period.since > day:
        return f"{(period.since - day).days} to {(period.until - day).days + 1} days later"
    days = max((period.until - day).days + 1, 0)
    return f"within {days} days" if days != 1 else "within a day"


def _mean(values: Floats) -> Estimate:
    n = len(values)
    return mean(n, float(values.sum()), float((values**2).sum())) if n >= SMALLEST else NOTHING


def _share(label: str, seen: Trials, of: str, url: str) -> Line:
    basis = f"{seen.count:,} of {seen.n:,} {of}"
    if seen.n < SMALLEST:
        return Line(label, "", "", basis, url)
    one = seen.estimate()
    return Line(label, words.percent(one.value), words.between(one, "share"), basis, url)


def basket_view(actor: Actor, asked: Asked, seen: Outlook) -> BasketView | None:
    """The basket; ``None`` where no live deal has a value."""
    basket = seen.basket
    if basket is None:
        return None
    names: Mapping[int, Deal] = {}
    if actor.may(Permission.SEE_DEALS):
        names = visible_deals(actor).select_related("account").in_bulk([deal for deal, _ in basket.largest])
    first = names.get(basket.largest[0][0])
    return BasketView(
        arcs=ring(basket, {pk: _name(deal) for pk, deal in names.items()}),
        largest=_name(first) if first else "The largest deal",
        largest_url=reverse("deal", args=[first.pk]) if first else "",
        share=words.percent(basket.share),
        effective=numbers.shown(basket.effective, "number", ""),
        n=basket.n,
        total=numbers.money(basket.total, actor.workspace.currency),
        without=_without(asked, seen, actor.workspace.currency),
    )


def _name(deal: Deal) -> str:
    return str(deal.account or deal)


def _without(asked: Asked, seen: Outlook, currency: str) -> str:
    """Where the period is likely to end without the largest deal."""
    if isinstance(seen.ending, str) or seen.ending.without_largest is None:
        return ""
    return f"Without it {_ends(asked, seen.ending.without_largest, currency)}."


def _ends(asked: Asked, one: Estimate, currency: str) -> str:
    the_period = words.the_period(asked.question.period.since, asked.question.period.until, asked.today)
    target = asked.question.target
    if target:
        of = Estimate(*((end or 0.0) / target for end in (one.value, one.low, one.high)))
        return f"{the_period} ends at {words.percent(of.value)} of target (likely {words.between(of, 'share')})"
    value = numbers.money(one.value or 0.0, currency)
    return f"{the_period} ends at {value} (likely {words.between(one, 'money', currency)})"


def ending_text(asked: Asked, seen: Outlook, currency: str) -> str:
    """Where the period is likely to end."""
    if isinstance(seen.ending, str):
        return words.why(seen.ending)
    return f"From what is paid, ordered and live now {_ends(asked, seen.ending.expected, currency)}."


def paid_view(asked: Asked, seen: Outlook, currency: str, links: Links) -> PaidView:
    """The two sums, never added up."""
    period = words.the_period(asked.question.period.since, asked.question.period.until, asked.today)
    in_it = "this quarter" if period == "the quarter" else f"in {period}"
    late = _sum(f"ordered more than {asked.question.unpaid_days} days ago", seen.late, currency, links["late"])
    return PaidView(
        paid=_sum(f"{'paid' if seen.payments_known else 'won'} {in_it}", seen.paid, currency, links["paid"]),
        unpaid=_sum("ordered, not paid", seen.unpaid, currency, links["unpaid"]),
        late=late if seen.late.deals else None,
        known=seen.payments_known,
    )


def progress_lines(asked: Asked, seen: Outlook, currency: str, links: Links) -> list[Line]:
    """What the drawing of the period shows: its orders, paid and waiting."""
    word = "ordered and paid" if seen.payments_known else "won"
    lines = [_sum(word, seen.counted, currency, links["counted"])]
    if seen.waiting.deals:
        lines.append(_sum("ordered, waiting for payment", seen.waiting, currency, links["waiting"]))
    return lines


def _sum(label: str, one: Money, currency: str, url: str) -> Line:
    deals = f"{one.deals:,} deal{'s' if one.deals != 1 else ''}"
    return Line(label, numbers.money(one.value, currency), "", deals, url if one.deals else "")


SILENT = {
    "short": "The record of openings is too short to compare: it takes sixteen weeks and five openings.",
    "ended": "The record saw nothing in the last two weeks, so nothing is said about them.",
}


def openings_view(seen: Outlook, links: Links) -> OpeningsView:
    """New prospects of the last weeks against one's own usual, and against what the target takes."""
    found = seen.openings
    against_usual = against_need = None
    if found.ratio is not None:
        usual = found.usual / found.weeks
        against_usual = _ratio(f"Against your usual {usual:.1f} a week", found.ratio, f"{found.weeks} weeks before")
    if found.of_needed is not None and found.needed is not None:
        needed = f"{found.needed.value:.1f} ({words.between(found.needed, 'rate')})"
        against_need = _ratio(f"Against the {needed} a week that the target takes", found.of_needed, "")
    alarms = []
    if found.below_usual:
        alarms.append("Fewer prospects are opened than usual, and chance alone does not explain it.")
    if found.below_need:
        alarms.append("Fewer prospects are opened than the target takes.")
    return OpeningsView(
        recent=found.recent,
        weeks=RECENT_WEEKS,
        a_week=f"{found.recent / RECENT_WEEKS:.1f}",
        url=links["opened"],
        against=[line for line in (against_usual, against_need) if line is not None],
        alarms=alarms,
        silent=SILENT.get(found.silent or "", ""),
    )


def _ratio(label: str, one: Estimate, basis: str) -> Line:
    return Line(label, f"{one.value:.2f} ×", words.between(one, "ratio"), basis)


@dataclass(frozen=True)
class Option:
    """A choice of the page: what it is called, its value or address, and whether it is chosen."""

    label: str
    to: str
    chosen: bool


@dataclass(frozen=True)
class Options:
    """What can be chosen on the page."""

    scopes: list[Option]
    targets: list[Option]
    chances: list[Option]
    months: list[Option]


def options(asked: Asked) -> Options:
    """The choices, with the present ones marked."""
    question = asked.question
    return Options(
        scopes=[Option(one.label, one.key, one == asked.choice) for one in asked.choices],
        targets=[Option(words.period(one.since, one.until), str(one.pk), one == asked.target) for one in asked.targets],
        chances=[
            Option(f"{chance:.0%}", address(asked, chance=round(chance * 100)), chance == question.chance)
            for chance in queries.CHANCES
        ],
        months=[
            Option(f"{months} months", address(asked, months=months), months == question.months)
            for months in queries.LOOKS_BACK
        ],
    )
