"""How many live prospects a target needs, and how a period is likely to end. By simulation.

A period is made by the orders that come in it, each counted once it is paid. What is not known (how many live deals
are won in the time that is left, how many orders are paid at last, what a won deal is worth) is drawn from what was
seen; for each such draw the prospects needed are counted over many possible courses. The interval is that of what is
not known, the chance of reaching the target is that of the courses. Seeded: the same record gives the same answer.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from notyet.analysis.intervals import Estimate
from notyet.analysis.pipeline_book import MONTH, Book

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SEED = 20_260_301
SMALLEST = 5
DRAWS, COURSES, ENDINGS = 500, 400, 4_000
MOST_VALUES = 2_000
MOST_SPANS = 26
LIVE_ONE_BY_ONE, ORDERS_ONE_BY_ONE = 500, 40
"""So many of the largest deals come or do not one by one in a simulated course; of the rest the sum is drawn."""
MOST_WINS = 150
"""Beyond so many expected wins their number is drawn from the renewal process' normal limit."""
OUT_OF_REACH = 100_000
LAG_SHARE = 0.9
INTERVAL = (0.025, 0.975)

Why = Literal["few_closed", "few_won", "few_live", "reached", "over"]


@dataclass(frozen=True)
class Trials:
    """Of ``n`` deals ``count`` came: were won, or were paid at last."""

    count: int
    n: int

    def estimate(self) -> Estimate:
        """The share with the interval of its posterior under Jeffreys' prior; needs at least one deal."""
        tails = special.betaincinv(self.count + 0.5, self.n - self.count + 0.5, INTERVAL)
        return Estimate(self.count / self.n, float(tails[0]), float(tails[1]))


@dataclass(frozen=True)
class Evidence:
    """What was seen of a scope's deals.

    ``closed``: of the closed deals those won, the win rate. ``live``: of the deals live at earlier moments those whose
    order came in as long a time as there is left now, and was paid. ``fresh``: the same of deals counted from their
    opening. ``orders``: of the orders that waited for their payment at those moments, those paid since.
    ``values`` of won deals (all above zero). ``lag_days``: how far back closes have matured into payments.
    """

    closed: Trials
    live: Trials
    fresh: Trials
    orders: Trials
    values: Floats = field(compare=False)
    lag_days: float = 0.0

    @property
    def withheld(self) -> Why | None:
        """Why nothing can be said; ``None`` where something can."""
        if self.closed.n < SMALLEST:
            return "few_closed"
        if len(self.values) < SMALLEST:
            return "few_won"
        return "few_live" if self.live.n < SMALLEST else None


def evidence(book: Book, now: float, ahead: tuple[float, float], months: int) -> Evidence:
    """What a book shows that a plan from ``now`` can rest on, of the last ``months`` months that have matured.

    Moments are days since 1970; ``ahead``: the first moment and the first after the period that is planned. Closes
    mature for as long as nine in ten payments took, so that wins that are not paid yet do not make the win rate low.
    """
    took = (book.paid - book.ended)[book.won]
    took = took[took > 0]
    lag = float(np.quantile(took, LAG_SHARE)) if len(took) else 0.0
    mature = now - lag
    recent = (book.ended > mature - months * MONTH) & (book.ended <= mature)
    starts, ends = max(ahead[0] - now, 0.0), max(ahead[1] - now, 0.0)
    live, orders = _came(book, mature, starts, ends, max(now - ahead[0], 0.0), months)
    return Evidence(
        closed=Trials(int((book.won & recent).sum()), int(((book.won | book.lost) & recent).sum())),
        live=live,
        fresh=_fresh(book, mature, starts, ends, months),
        orders=orders,
        values=_values(book, recent),
        lag_days=lag,
    )


def _values(book: Book, recent: npt.NDArray[np.bool_]) -> Floats:
    """What deals won lately were worth, the latest; all that were ever won where those are too few."""
    valued = book.won & (book.value > 0)
    chosen = valued & recent if (valued & recent).sum() >= SMALLEST else valued
    places = np.flatnonzero(chosen)
    return book.value[places[np.argsort(book.ended[places], kind="stable")][-MOST_VALUES:]]


def _came(book: Book, mature: float, starts: float, ends: float, begun: float, months: int) -> tuple[Trials, Trials]:
    """Of the deals live at earlier moments those won ``starts`` to ``ends`` days later, and of the orders that had
    come in ``begun`` days before and waited, those paid at last.

    A life table of spans that do not overlap (Cutler and Ederer 1958, J. Chronic Diseases 8:699): each deal is one
    trial in each span that it was live at the beginning of. Deals of all ages are in it, as they are in what is live
    now, also those that nobody will ever close; so cycle time enters as it was, and not as that of closed deals only.
    """
    if ends <= 0:
        return Trials(0, 0), Trials(0, 0)
    spans = min(max(int(months * MONTH // ends), 1), MOST_SPANS)
    placed = book.won | book.unpaid
    counts = np.zeros(4, dtype=np.int64)
    for number in range(1, spans + 1):
        then = mature - number * ends
        live = (book.opened <= then) & ~(book.ended <= then)
        came = book.won & (book.ended > then + starts) & (book.ended <= then + ends)
        waiting = placed & (book.ended > then - begun) & (book.ended <= then) & ~(book.paid <= then)
        counts += [(live & came).sum(), live.sum(), (waiting & book.won).sum(), waiting.sum()]
    return Trials(int(counts[0]), int(counts[1])), Trials(int(counts[2]), int(counts[3]))


def _fresh(book: Book, mature: float, starts: float, ends: float, months: int) -> Trials:
    """Of the deals opened long enough ago those whose order came so long after their opening, and was paid."""
    old = (book.opened <= mature - ends) & (book.opened > mature - ends - months * MONTH)
    took = book.ended - book.opened
    return Trials(int((old & book.won & (took > starts) & (took <= ends)).sum()), int(old.sum()))


@dataclass(frozen=True)
class Need:
    """Live prospects that a sum needs, with 95 % intervals, of ``live`` that there are.

    ``total``: all of them; ``more``: beyond those live now; ``opened_now``: the same where all that are added are
    opened today, of which fewer come in time (``None``: not known). Infinite: more than anybody could work.
    """

    live: int
    chance: float
    total: Estimate
    more: Estimate
    opened_now: Estimate | None


def needed(seen: Evidence, remaining: float, orders: Floats, live: int, chance: float = 0.8) -> Need | Why:
    """How many live prospects are needed to bring in ``remaining`` with this ``chance``.

    Each prospect is won in time with a probability (its beta posterior under Jeffreys' prior) and is worth a won deal's
    value (bootstrap; Efron 1979, Ann. Stat. 7:1); ``orders`` that wait (their values, NaN: unknown) are paid at last
    as such orders were. The prospects until the sum is reached are the wins that it takes, plus the
    failures before so many wins (negative binomial).
    """
    if remaining <= 0:
        return "reached"
    if seen.withheld:
        return seen.withheld
    rng = np.random.default_rng(SEED)
    odds, worth = _posterior(rng, seen.live)[:, None], _resampled(rng, seen.values)
    wins = _wins(rng, worth, remaining - _orders(rng, seen, orders))
    total = _quantile(wins + _failures(rng, wins, odds), chance)
    opened_now = None
    if seen.fresh.n >= SMALLEST:
        missing = np.maximum(wins - rng.binomial(live, np.broadcast_to(odds, wins.shape)), 0)
        fresh = missing + _failures(rng, missing, _posterior(rng, seen.fresh)[:, None])
        opened_now = _between(_quantile(fresh, chance))
    more = np.maximum(total - live, 0)
    return Need(live, chance, _between(total, OUT_OF_REACH + live), _between(more), opened_now)


def _orders(rng: np.random.Generator, seen: Evidence, orders: Floats) -> Floats:
    """What waiting orders bring, by draw and course; nothing where too few have ever waited."""
    if seen.orders.n < SMALLEST or not len(orders):
        return np.zeros((DRAWS, COURSES))
    odds = np.repeat(_posterior(rng, seen.orders), COURSES)
    return _arriving(rng, odds, _known(rng, orders, seen.values), ORDERS_ONE_BY_ONE).reshape(DRAWS, COURSES)


def plain(seen: Evidence, amount: float) -> Floats | None:
    """Draws of the prospects that an amount takes by plain arithmetic, amount / (win rate × mean value of a won deal):
    as if every prospect came to an end in time. ``None`` where too little was seen."""
    if seen.closed.n < SMALLEST or len(seen.values) < SMALLEST:
        return None
    rng = np.random.default_rng(SEED)
    rate = _posterior(rng, seen.closed)
    return np.asarray(amount / (rate * _resampled(rng, seen.values).mean(axis=1)))


def spread(draws: Floats) -> Estimate:
    """The median of draws with the interval that holds 95 % of them."""
    middle, low, high = (float(one) for one in np.quantile(draws, (0.5, *INTERVAL)))
    return Estimate(middle, low, high)


def _posterior(rng: np.random.Generator, seen: Trials, draws: int = DRAWS) -> Floats:
    """Draws of a share, under Jeffreys' prior."""
    return np.maximum(rng.beta(seen.count + 0.5, seen.n - seen.count + 0.5, draws), 1e-9)


def _resampled(rng: np.random.Generator, values: Floats) -> Floats:
    return np.asarray(rng.choice(values, (DRAWS, len(values))))


def _known(rng: np.random.Generator, values: Floats, of: Floats) -> Floats:
    """Values with the unknown ones drawn from won deals', the highest first."""
    return np.sort(np.where(np.isnan(values), rng.choice(of, len(values)), values))[::-1]


def _arriving(rng: np.random.Generator, odds: Floats, values: Floats, one_by_one: int) -> Floats:
    """The sum of those ``values`` (the highest first) that come, each with the odds, by course."""
    sums = np.zeros(len(odds))
    for value in values[:one_by_one]:
        sums += value * (rng.random(len(odds)) < odds)
    rest = values[one_by_one:]
    if len(rest):
        error = rng.standard_normal(len(odds)) * np.sqrt(odds * (1 - odds) * (rest**2).sum())
        sums += np.maximum(odds * rest.sum() + error, 0)
    return sums


def _wins(rng: np.random.Generator, worth: Floats, remaining: Floats) -> Ints:
    """Wins until their values reach the sum, none where nothing remains: by draw (row) and course (column)."""
    means = worth.mean(axis=1)[:, None]
    expected = np.maximum(remaining, 0) / means
    if expected.max() > MOST_WINS:
        # Renewal theorem (Feller II, XI.1): variance t·σ²/μ³, and an overshoot of (σ² + μ²) / 2μ² wins.
        spread_ = worth.var(axis=1)[:, None] / means**2
        drawn = expected + (1 + spread_) / 2 + rng.standard_normal(expected.shape) * np.sqrt(expected * spread_)
        return np.asarray(np.where(remaining > 0, np.maximum(np.rint(drawn), 1), 0), dtype=np.int64)
    left, wins = remaining.ravel().copy(), np.zeros(remaining.size, dtype=np.int64)
    going = np.flatnonzero(left > 0)
    while len(going):
        left[going] -= worth[going // COURSES, rng.integers(worth.shape[1], size=len(going))]
        wins[going] += 1
        going = going[(left[going] > 0) & (wins[going] < OUT_OF_REACH)]
    return wins.reshape(remaining.shape)


def _failures(rng: np.random.Generator, wins: Ints, odds: Floats) -> Ints:
    """Prospects that come to nothing in time before so many were won; none before no win."""
    drawn = rng.negative_binomial(np.maximum(wins, 1), np.broadcast_to(odds, wins.shape))
    return np.asarray(np.where(wins > 0, drawn, 0), dtype=np.int64)


def _quantile(prospects: Ints, chance: float) -> Floats:
    """By draw the least number that suffices in ``chance`` of its courses."""
    return np.asarray(np.quantile(prospects, chance, axis=1, method="inverted_cdf"), dtype=float)


def _between(draws: Floats, reach: float = OUT_OF_REACH) -> Estimate:
    """Whole numbers: the median and the interval of the draws; infinite where out of anybody's reach."""
    found = np.quantile(draws, (0.5, *INTERVAL), method="inverted_cdf")
    value, low, high = (float("inf") if one > reach else float(one) for one in found)
    return Estimate(value, low, high)


@dataclass(frozen=True)
class Ending:
    """What the period's orders come to, once paid: the mean of what may come with the interval that holds 95 % of it,
    and the same without the largest live deal (``None``: none has a value). ``paid`` of it is there already. In the
    workspace's currency."""

    paid: float
    expected: Estimate
    without_largest: Estimate | None


def ending(seen: Evidence, paid: float, orders: Floats, live: Floats) -> Ending | Why:
    """The period's end from its orders that are paid, those that wait and the live deals (values; NaN: unknown).

    Each live deal is won in time with the same probability, which is itself drawn; so are the orders. Deals
    that are opened later are not in it.
    """
    if seen.withheld:
        return seen.withheld
    rng = np.random.default_rng(SEED)
    sums = np.full(ENDINGS, paid)
    if seen.orders.n >= SMALLEST:
        waiting = _known(rng, orders, seen.values)
        sums += _arriving(rng, _posterior(rng, seen.orders, ENDINGS), waiting, LIVE_ONE_BY_ONE)
    odds = _posterior(rng, seen.live, ENDINGS)
    known = live[~np.isnan(live)]
    largest = float(known.max(initial=0.0))
    others = np.delete(live, np.flatnonzero(live == largest)[:1]) if largest > 0 else live
    sums += _arriving(rng, odds, _known(rng, others, seen.values), LIVE_ONE_BY_ONE)
    if largest <= 0:
        return Ending(paid, _predicted(sums), None)
    return Ending(paid, _predicted(sums + largest * (rng.random(ENDINGS) < odds)), _predicted(sums))


def _predicted(sums: Floats) -> Estimate:
    low, high = (float(one) for one in np.quantile(sums, INTERVAL))
    return Estimate(float(sums.mean()), low, high)
