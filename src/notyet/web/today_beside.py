"""What stands beside the list of Today: the pipeline in short."""

from dataclasses import dataclass

from notyet.pipeline.queries import Headline, headline
from notyet.web import pipeline_page, pipeline_words
from notyet.web.pipeline_page import BasketView, Links, PaidView
from notyet.workspaces.access import Actor


@dataclass(frozen=True)
class Need:
    """How many live prospects are missing, in the parts of a sentence."""

    more: str
    between: str
    goal: str
    rate: str


@dataclass(frozen=True)
class Beside:
    """The sentence, the basket, what is paid, and where to read on."""

    need: Need | None
    basket: BasketView | None
    paid: PaidView
    live_url: str
    url: str


def beside(actor: Actor) -> Beside | None:
    """The actor's pipeline in short; ``None`` without a history, or for who may not see it."""
    head = headline(actor)
    if head is None:
        return None
    currency, links = actor.workspace.currency, Links(actor, head.asked)
    return Beside(
        need=_need(head),
        basket=pipeline_page.basket_view(actor, head.asked, head.outlook),
        paid=pipeline_page.paid_view(head.asked, head.outlook, currency, links),
        live_url=links["live"],
        url=pipeline_page.address(head.asked),
    )


def _need(head: Headline) -> Need | None:
    """Only where a number can be given: a target, and enough deals to go by."""
    target, need = head.asked.target, head.outlook.need
    if target is None or need is None or isinstance(need, str):
        return None
    rate = ""
    if head.rate is not None and head.rate.value is not None:
        rate = f"{pipeline_words.percent(head.rate.value)}, {pipeline_words.between(head.rate, 'share')}"
    period = pipeline_words.the_period(target.since, target.until, head.asked.today)
    return Need(pipeline_words.missing(need), pipeline_words.between(need.more), period, rate)
