"""The truth about a history, computed from the chances its outcomes were drawn from."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from notyet.simulator import company as catalogue
from notyet.simulator.company import Plan
from notyet.simulator.openings import Openings, changes_started
from notyet.simulator.outcomes import Cause, Endings, causes, counted
from notyet.simulator.reasons import confusions
from notyet.simulator.shares import Flags, Floats, is_label
from notyet.simulator.truth import Driver, Leak, LookAlike, TriedChange, Truth
from notyet.simulator.worktime import month

NEED_CHANGE = "Need in writing before the proposal"
IDLE_CHANGE = "Reference call offered"

_NULLS = (
    "campaign", "message", "region", "segment", "product", "team", "contract_term_months", "currency", "attr.Industry",
    "attr.Headcount", "attr.Sites", "attr.Language", "missed_unreturned", "conversations_7d", "conversations_14d",
    "first_meeting_hours", "next_step_hours", "preparation",
)  # fmt: skip
LEAKS = (
    Leak("Invoice number", "one_outcome_only"),
    Leak("Loss survey sent", "one_outcome_only"),
    Leak("Probability", "written_after_close"),
    Leak("Deal temperature", "too_good"),
    Leak("Days to close", "whole_life"),
    Leak("Last activity type", "whole_life"),
)


@dataclass(frozen=True)
class _Chances:
    """The chance to be won among the deals that count, and how likely each deal is to count."""

    logit: Floats
    if_won: Floats
    if_not: Floats

    def won(self, shift: Floats | float = 0.0) -> Floats:
        plain = 1 / (1 + np.exp(-(self.logit + shift)))
        return plain * self.if_won / np.maximum(plain * self.if_won + (1 - plain) * self.if_not, 1e-12)

    @property
    def weight(self) -> Floats:
        plain = 1 / (1 + np.exp(-self.logit))
        return plain * self.if_won + (1 - plain) * self.if_not


def truth_of(deals: Openings, endings: Endings, plan: Plan) -> Truth:
    """What was planted, with true effects: counterfactual, over the deals that count by ``until``."""
    chances = _chances(deals, endings)
    weight = chances.weight
    all_causes = causes(deals, plan)
    planted = [cause for cause in all_causes if cause.logit != 0]
    absent = tuple(cause.field for cause in all_causes if cause.logit == 0)
    return Truth(
        drivers=tuple(_driver(cause, chances, weight) for cause in planted),
        nulls=(*absent, *_NULLS),
        look_alikes=_look_alikes(deals, plan, chances.won(), weight),
        leaks=LEAKS if plan.after_the_close else LEAKS[-2:],
        confusions=confusions(plan.after_the_close),
        changes=_changes(deals, plan, chances, weight),
        win_rate=float(np.average(chances.won(), weights=weight)) if weight.sum() > 0 else 0.0,
    )


def _chances(deals: Openings, endings: Endings) -> _Chances:
    """Counting depends on the month of the opening: late deals that are won close or are paid after the end."""
    months = month(deals.opened) - month(deals.opened[:1])[0]
    size = np.maximum(np.bincount(months), 1)
    if_won, if_not = (np.bincount(months, weights=flags) / size for flags in counted(deals, endings))
    return _Chances(endings.logit, if_won[months], if_not[months])


def _mean(values: Floats, weight: Floats) -> float:
    return float(np.average(values, weights=weight)) if weight.sum() > 0 else 0.0


def _effect(cause: Cause, chances: _Chances) -> Floats:
    return chances.won(np.where(cause.on, 0.0, cause.logit)) - chances.won(np.where(cause.on, -cause.logit, 0.0))


def _driver(cause: Cause, chances: _Chances, weight: Floats) -> Driver:
    effect = _mean(_effect(cause, chances), weight)
    share = _mean(cause.on.astype(np.float64), weight)
    return Driver(cause.field, cause.level, cause.name, effect, share, cause.landmark_days)


def _difference(has: Flags, won: Floats, weight: Floats) -> float:
    return _mean(won[has], weight[has]) - _mean(won[~has], weight[~has])


def _look_alikes(deals: Openings, plan: Plan, won: Floats, weight: Floats) -> tuple[LookAlike, ...]:
    found: list[LookAlike] = []
    persona = f"{catalogue.HARD_PERSONA}s"
    if plan.product_pull and plan.persona:
        has = is_label(deals.product, catalogue.PRODUCTS, catalogue.DRAWN_PRODUCT)
        because = f"it is bought by {persona}"
        found.append(LookAlike("product", catalogue.DRAWN_PRODUCT, because, _difference(has, won, weight)))
    if plan.search_pull and plan.persona:
        has = is_label(deals.source, catalogue.SOURCES, catalogue.DRAWN_SOURCE)
        because = f"it brings {persona}"
        found.append(LookAlike("source", catalogue.DRAWN_SOURCE, because, _difference(has, won, weight)))
    if plan.won_days != plan.lost_days:
        because = "won deals live longer and collect more of everything"
        found += [LookAlike(field, None, because, None) for field in ("conversations", "promises", "missed_calls")]
    return tuple(found)


def _changes(deals: Openings, plan: Plan, chances: _Chances, weight: Floats) -> tuple[TriedChange, ...]:
    cause = next(cause for cause in causes(deals, plan) if cause.field == "process_version")
    effect = _effect(cause, chances)
    tried: list[TriedChange] = []
    for team, began in changes_started(deals.start, deals.until).items():
        touched = (deals.team == team) & (deals.opened >= began)
        size = _mean(effect[touched], weight[touched])
        tried.append(TriedChange(NEED_CHANGE, catalogue.TEAMS[team], datetime.fromtimestamp(began, UTC), size))
    idle = deals.start + int(0.6 * (deals.until - deals.start)) // 86400 * 86400
    tried.append(TriedChange(IDLE_CHANGE, catalogue.TEAMS[2], datetime.fromtimestamp(idle, UTC), 0.0))
    return tuple(tried)
