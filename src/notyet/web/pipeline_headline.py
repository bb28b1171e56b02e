"""The pipeline in short, for its own heading and for other pages: one sentence and two cards."""

from dataclasses import dataclass

from notyet.analysis.pipeline import Outlook
from notyet.pipeline import queries
from notyet.pipeline.queries import Asked
from notyet.web import numbers
from notyet.web import pipeline_words as words
from notyet.web.pipeline_page import BasketView, Links, PaidView, address, basket_view, paid_view
from notyet.workspaces.access import Actor

FEWEST = 5


@dataclass(frozen=True)
class Said:
    """A sentence; ``more`` is the part that matters most."""

    begins: str
    more: str = ""
    ends: str = ""


@dataclass(frozen=True)
class HeadlineView:
    """What ``pipeline/headline.html`` (the sentence) and ``pipeline/cards.html`` (the two cards) show."""

    said: Said
    url: str
    basket: BasketView | None
    live_url: str
    paid: PaidView


def headline_view(actor: Actor) -> HeadlineView | None:
    """The actor's pipeline in short; ``None`` where she may not see it, or there is no history yet."""
    found = queries.headline(actor)
    if found is None:
        return None
    asked, seen, links = found.asked, found.outlook, Links(actor, found.asked)
    currency = actor.workspace.currency
    return HeadlineView(
        said=said(asked, seen, currency),
        url=address(asked),
        basket=basket_view(actor, asked, seen),
        live_url=links["live"],
        paid=paid_view(asked, seen, currency, links),
    )


def said(asked: Asked, seen: Outlook, currency: str) -> Said:
    """``You need 9 more live prospects (6 – 13) to reach the quarter at your win rate (29%, 24 – 35).``"""
    if seen.need is None or asked.target is None:
        return Said("What the live deals are likely to bring, and what that rests on.")
    period = words.the_period(asked.target.since, asked.target.until, asked.today)
    amount = numbers.money(float(asked.target.amount), currency)
    if isinstance(seen.need, str):
        return Said(f"The target for {period} is {amount}.", ends=words.why(seen.need))
    who, whose = _who(asked)
    rate = ""
    if seen.seen.closed.n >= FEWEST:
        one = seen.seen.closed.estimate()
        rate = f" at {whose} win rate ({words.percent(one.value)}, {words.between(one, 'share')})"
    more, interval = words.missing(seen.need), words.between(seen.need.more)
    return Said(who, more, f"({interval}) to reach {period}{rate}.")


def _who(asked: Asked) -> tuple[str, str]:
    return {
        "": ("Together you need", "your common"),
        "team": (f"{asked.choice.scope.name} needs", "its"),
        "owner": ("You need", "your"),
    }[asked.choice.scope.column]
