"""What is settled when a deal opens: who buys what, who sells, and how the first fortnight will go.

The behaviours of the first fortnight (when the first reply comes, whether a second contact is met in
the first week, whether an early promise is broken) are drawn here, before anything about the outcome,
so that their effect on it is causal and nothing else.
"""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from notyet.simulator import company as catalogue
from notyet.simulator.company import Company, Plan
from notyet.simulator.shares import Flags, Floats, Ints, Shares, chance, draw, is_label, labels, pick, stream
from notyet.simulator.worktime import DAY, EVENING, HOUR, MINUTE, MORNING, is_working, next_at_work

_MONTHS = (0.95, 1.05, 1.20, 1.05, 1.0, 1.0, 0.75, 0.60, 1.20, 1.15, 1.10, 0.70)
"""How many deals open in each month of the year, against the mean."""


@dataclass(frozen=True)
class Openings:
    """One entry a deal, in the order of opening. Codes point into the catalogue's labels; times are seconds UTC."""

    opened: Ints
    account: Ints
    owner: Ints
    team: Ints
    persona: Ints
    source: Ints
    campaign: Ints
    message: Ints
    product: Ints
    competitor: Ints
    region: Ints
    segment: Ints
    industry: Ints
    language: Ints
    headcount: Ints
    sites: Ints
    term: Ints
    currency: Ints
    amount: Floats
    """In euro, as pitched at the opening."""
    new_process: Flags
    enquired: Ints
    replied: Ints
    second_early: Flags
    """A second contact of the buyer takes part within seven days."""
    promised_early: Flags
    broken_early: Flags
    """The promise that was due in the first week was not kept in time."""
    start: int
    until: int

    def part(self, rows: slice) -> "Openings":
        """Some of the deals, in the same order."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        arrays: dict[str, Any] = {
            name: values[rows] for name, values in given.items() if isinstance(values, np.ndarray)
        }
        return replace(self, **arrays)

    @property
    def fast_reply(self) -> Flags:
        """The first reply came within 24 hours of the enquiry."""
        return np.asarray(self.replied - self.enquired <= 24 * HOUR, dtype=np.bool_)

    @property
    def hard_persona(self) -> Flags:
        """The persona with which less is won."""
        return is_label(self.persona, catalogue.PERSONAS, catalogue.HARD_PERSONA)

    @property
    def hard_competitor(self) -> Flags:
        """The competitor against whom less is won."""
        return is_label(self.competitor, catalogue.COMPETITORS, catalogue.HARD_COMPETITOR)

    @property
    def good_source(self) -> Flags:
        """The source from which more is won."""
        return is_label(self.source, catalogue.SOURCES, catalogue.GOOD_SOURCE)

    @property
    def years(self) -> Floats:
        """Years from the beginning of the history to the opening."""
        return (self.opened - self.start) / (365.25 * DAY)


def changes_started(start: int, until: int) -> dict[int, int]:
    """The code of each team that works the new process, and the second it began to."""
    span = until - start
    return {0: start + int(0.45 * span) // DAY * DAY + MORNING, 1: start + int(0.72 * span) // DAY * DAY + MORNING}


def open_deals(seed: int, deals: int, start: int, until: int, company: Company) -> Openings:
    """Draw ``deals`` openings between two moments (seconds UTC). Raises ``ValueError`` below one deal."""
    if deals < 1:
        raise ValueError(f"{deals} deals are no history")
    opened = _opening_times(stream(seed, "openings"), deals, start, until)
    buyers = _buyers(stream(seed, "accounts"), deals, company)
    offers = _offers(stream(seed, "offers"), deals, company.plan)
    rng = stream(seed, "owners")
    owner = rng.integers(0, company.owners, deals)
    team = owner % len(catalogue.TEAMS)
    began = changes_started(start, until)
    new_process = np.zeros(deals, dtype=np.bool_)
    for code, moment in began.items():
        new_process |= (team == code) & (opened >= moment)
    size = np.array([0.55, 1.0, 2.3])[buyers["segment"]]
    amount = np.round(12_500 * size * np.exp(stream(seed, "amounts").normal(0, 0.75, deals)), -2)
    rng = stream(seed, "behaviours")
    enquired = opened - rng.integers(MINUTE, 40 * MINUTE, deals)
    hard = is_label(offers["persona"], catalogue.PERSONAS, catalogue.HARD_PERSONA)
    promised = chance(rng, 0.72, deals)
    return Openings(
        opened=opened,
        owner=owner,
        team=team,
        amount=np.maximum(amount, 900.0),
        new_process=new_process,
        enquired=enquired,
        replied=_replies(rng, enquired),
        second_early=chance(rng, np.where(hard, 0.34, 0.44), deals),
        promised_early=promised,
        broken_early=promised & chance(rng, 0.24, deals),
        start=start,
        until=until,
        **buyers,
        **offers,
    )


def _opening_times(rng: np.random.Generator, n: int, start: int, until: int) -> Ints:
    days = np.arange(start // DAY, until // DAY, dtype=np.int64)
    of_year = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    weights = np.array(_MONTHS)[of_year] * ((days + 3) % 7 < 5) * np.linspace(0.85, 1.15, len(days))
    chosen = rng.choice(days, n, p=weights / weights.sum())
    return np.sort(chosen * DAY + rng.integers(MORNING + HOUR, EVENING - 2 * HOUR, n))


def _buyers(rng: np.random.Generator, deals: int, company: Company) -> dict[str, Ints]:
    """The account of each deal and what is known of it; some accounts come back more often than others."""
    accounts = max(1, round(deals / company.deals_per_account))
    popularity = np.cumsum(rng.gamma(1.2, 1.0, accounts))
    account = np.searchsorted(popularity, rng.random(deals) * popularity[-1], side="right")
    headcount = np.round(np.exp(rng.normal(np.log(210), 1.0, accounts))).astype(np.int64) + 8
    sites = 1 + rng.poisson(np.log(headcount / 8) * 0.6)
    return {
        "account": account,
        "headcount": headcount[account],
        "sites": sites[account],
        "segment": np.digitize(headcount, (100, 500))[account],
        "region": draw(rng, catalogue.REGIONS, accounts)[account],
        "industry": draw(rng, catalogue.INDUSTRIES, accounts)[account],
        "language": draw(rng, catalogue.LANGUAGES, accounts)[account],
    }


def _offers(rng: np.random.Generator, deals: int, plan: Plan) -> dict[str, Ints]:
    persona = draw(rng, catalogue.PERSONAS, deals)
    hard = is_label(persona, catalogue.PERSONAS, catalogue.HARD_PERSONA)
    return {
        "persona": persona,
        "source": _pulled(rng, catalogue.SOURCES, catalogue.DRAWN_SOURCE, hard, plan.search_pull),
        "product": _pulled(rng, catalogue.PRODUCTS, catalogue.DRAWN_PRODUCT, hard, plan.product_pull),
        "campaign": draw(rng, catalogue.CAMPAIGNS, deals),
        "message": draw(rng, catalogue.MESSAGES, deals),
        "competitor": draw(rng, catalogue.COMPETITORS, deals),
        "term": draw(rng, catalogue.TERMS, deals),
        "currency": draw(rng, catalogue.CURRENCIES, deals),
    }


def _pulled(rng: np.random.Generator, shares: Shares, label: str, who: Flags, pull: float) -> Ints:
    """Draw by shares, but of ``who`` a share ``pull`` takes one label."""
    usual = np.array([share for _, share in shares])
    drawn = usual * (1 - pull)
    drawn[labels(shares).index(label)] += pull
    return pick(rng, np.array([usual, drawn]), who.astype(np.int64))


def _replies(rng: np.random.Generator, enquired: Ints) -> Ints:
    """When the first reply comes: 56 % within 24 hours, most others within the first week, a few after it."""
    n = len(enquired)
    fast = chance(rng, 0.56, n)
    soon = enquired + (np.clip(np.exp(rng.normal(np.log(3.5), 1.0, n)), 0.2, 23.4) * HOUR).astype(np.int64)
    day_end = enquired // DAY * DAY + EVENING
    same_day = enquired + (rng.uniform(0.1, 0.95, n) * (day_end - enquired)).astype(np.int64)
    soon = np.where(is_working(soon), soon, same_day)
    hours = np.where(chance(rng, 0.06, n), rng.uniform(192, 280, n), np.minimum(25 + rng.gamma(1.3, 24, n), 100))
    later = next_at_work(enquired + (hours * HOUR).astype(np.int64), rng.uniform(0, 2 * HOUR, n))
    return np.where(fast, soon, later)
