"""Where time and deals went: given away against got away, and what was spent on deals that were not won."""

from dataclasses import dataclass

from notyet.analysis.effort import Spent
from notyet.analysis.given_away import GivenAway, Part
from notyet.analysis.intervals import Estimate
from notyet.analysis.pipeline import Spending
from notyet.web import numbers
from notyet.web import pipeline_words as words
from notyet.web.drawing import Mark, Scale, mark, place
from notyet.web.pipeline_page import Links

CAUSES = {
    "unanswered": ("A call or an enquiry nobody answered", "a missed call never returned, or no reply at all"),
    "promise": ("A promise broken", "due before the end, and not kept by its day"),
    "support": ("Let down by support", "the deciding reason that the seller gave"),
    "no_record": ("No record", "not one conversation written down"),
}
WITHHELD = "withheld: fewer than five"


@dataclass(frozen=True)
class PartView:
    """A part of the lost deals: its share by count and by value, each with its interval, and a bar."""

    label: str
    hint: str
    deals: int
    share: str
    interval: str
    value: str
    value_share: str
    bar: str
    url: str


@dataclass(frozen=True)
class GivenView:
    """Given away and got away, and the causes; ``n`` deals judged."""

    n: int
    unjudged: int
    given: PartView
    got: PartView
    causes: list[PartView]


@dataclass(frozen=True)
class SpentView:
    """What was spent in a stage: conversations and hours by outcome, and the share that went into deals not won."""

    label: str
    won: str
    lost: str
    no_decision: str
    disqualified: str
    hours: str
    share: str
    interval: str
    mark: Mark | None
    basis: str
    url: str


@dataclass(frozen=True)
class SpendingView:
    """Both parts, and the period looked back on."""

    window: str
    given: GivenView
    total: SpentView | None
    stages: list[SpentView]
    timed: str
    minutes_share: str


def spending_view(found: Spending, currency: str, links: Links) -> SpendingView:
    """Ready to print."""
    effort = found.effort
    held = sum(effort.total.conversations.values()) if effort else 0
    return SpendingView(
        window=f"{found.since:%-d %b %Y} – {found.until:%-d %b %Y}",
        given=_given(found.given, currency, links),
        total=_spent(effort.total, "All stages", links["effort:*"]) if effort else None,
        stages=[_spent(one, one.label or "Before any stage", links[f"effort:{one.label}"]) for one in effort.stages]
        if effort
        else [],
        timed=f"{effort.timed:,} of {held:,}" if effort else "",
        minutes_share=_minutes(effort.total.minutes_share) if effort else "",
    )


def _minutes(share: Estimate) -> str:
    return f"{words.percent(share.value)} ({words.between(share, 'share')})" if share.value is not None else ""


def _given(found: GivenAway, currency: str, links: Links) -> GivenView:
    causes = [
        _part(part, *CAUSES[cause], currency, links[f"given:{cause}"]) for cause, part in found.causes if part.count
    ]
    causes.sort(key=lambda one: -one.deals)
    return GivenView(
        n=found.n,
        unjudged=found.unjudged,
        given=_part(found.given, "Given away", "", currency, links["given"]),
        got=_part(found.got, "Got away", "", currency, links["got"]),
        causes=causes,
    )


def _part(part: Part, label: str, hint: str, currency: str, url: str) -> PartView:
    known, by_value = part.share.value is not None, part.value_share.value is not None
    return PartView(
        label=label,
        hint=hint,
        deals=part.count,
        share=words.percent(part.share.value) if known else WITHHELD,
        interval=words.between(part.share, "share"),
        value=numbers.money(part.value, currency),
        value_share=f"{words.percent(part.value_share.value)} of the value ({words.between(part.value_share, 'share')})"
        if by_value
        else "",
        bar=place(Scale(0, 1).at(part.share.value or 0.0)),
        url=url if part.count else "",
    )


def _spent(one: Spent, label: str, url: str) -> SpentView:
    share = one.share
    drawn = share.value is not None and share.low is not None and share.high is not None
    minutes = sum(one.minutes.values())
    return SpentView(
        label=label,
        won=f"{one.conversations['won']:,}",
        lost=f"{one.conversations['lost']:,}",
        no_decision=f"{one.conversations['no_decision']:,}",
        disqualified=f"{one.conversations['disqualified']:,}",
        hours=f"{(minutes - one.minutes['won']) / 60:,.0f} of {minutes / 60:,.0f}" if minutes else "",
        share=words.percent(share.value) if share.value is not None else WITHHELD,
        interval=words.between(share, "share"),
        mark=mark(share.value or 0.0, share.low or 0.0, share.high or 0.0, Scale(0, 1)) if drawn else None,
        basis=f"{one.not_won:,} of {one.deals:,} deals not won",
        url=url if one.not_won else "",
    )
