"""How many live prospects a target needs at one's own win rate, and how a period is likely to end. By simulation.

What is not known (the win rate, the share of live deals that close in time, what a won deal is worth) is drawn from
what was seen; for each such draw the prospects needed are counted over many possible courses. The interval is that
of what is not known, the chance of reaching the target is that of the courses. Seeded: the same record gives the
same answer.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from notyet.analysis.intervals import Estimate
from notyet.analysis.pipeline_book import MONTH, Book

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SEED = 20_260_301
SMALLEST = 5
DRAWS, COURSES, ENDINGS = 500, 400, 4_000
MOST_VALUES = 2_000
MOST_WINDOWS = 26
ONE_BY_ONE = 500
"""So many of the largest live deals are won or lost one by one in a simulated ending; of the rest the sum is drawn."""
MOST_WINS = 150
"""Beyond so many expected wins their number is drawn from the renewal process' normal limit."""
OUT_OF_REACH = 100_000
LAG_SHARE = 0.9
INTERVAL = (0.025, 0.975)

Why = Literal["few_closed", "few_won", "few_live", "reached", "over"]


@dataclass(frozen=True)
class Evidence:
    """What was seen of a scope's deals.

    ``won`` of ``closed`` deals were won; ``ended`` of ``watched`` deals that were live at earlier moments came to an
    end in as long a time as there is left; ``fresh_ended`` of ``fresh`` deals did, counted from their opening;
    ``values`` of won deals (all above zero). ``lag_days`` is how far back closes have matured into payments.
    """

    won: int
    closed: int
    ended: int
    watched: int
    fresh_ended: int
    fresh: int
    values: Floats = field(compare=False)
    lag_days: float = 0.0

    @property
    def withheld(self) -> Why | None:
        """Why nothing can be said; ``None`` where something can."""
        if self.closed < SMALLEST:
            return "few_closed"
        if len(self.values) < SMALLEST:
            return "few_won"
        return "few_live" if self.watched < SMALLEST else None


def evidence(book: Book, now: float, ahead: tuple[float, float], months: int) -> Evidence:
    """What a book shows that a plan from ``now`` can rest on, of the last ``months`` months that have matured.

    Moments are days since 1970; ``ahead``: the first moment and the first after the period that is planned. Closes
    mature for as long as nine in ten payments took, so that wins that are not paid yet do not make the win rate low.
    """
    took = (book.paid - book.closed)[book.won]
    took = took[took > 0]
    lag = float(np.quantile(took, LAG_SHARE)) if len(took) else 0.0
    recent = (book.closed > now - lag - months * MONTH) & (book.closed <= now - lag)
    starts, ends = max(ahead[0] - now, 0.0), max(ahead[1] - now, 0.0)
    ended, watched = _ended(book, now, starts, ends, months)
    fresh_ended, fresh = _fresh(book, now, starts, ends, months)
    return Evidence(
        won=int((book.won & recent).sum()),
        closed=int(((book.won | book.lost) & recent).sum()),
        ended=ended,
        watched=watched,
        fresh_ended=fresh_ended,
        fresh=fresh,
        values=_values(book, recent),
        lag_days=lag,
    )


def _values(book: Book, recent: npt.NDArray[np.bool_]) -> Floats:
    """What deals won lately were worth, the latest; all that were ever won where those are too few."""
    valued = book.won & (book.value > 0)
    chosen = valued & recent if (valued & recent).sum() >= SMALLEST else valued
    places = np.flatnonzero(chosen)
    return book.value[places[np.argsort(book.closed[places], kind="stable")][-MOST_VALUES:]]


def _ended(book: Book, now: float, starts: float, ends: float, months: int) -> tuple[int, int]:
    """Of the deals live at earlier moments those that ended ``starts`` to ``ends`` days later, and how many were live.

    A life table of periods that do not overlap (Cutler and Ederer 1958, J. Chronic Diseases 8:699): each deal is one
    trial in each period that it was live at the beginning of. Deals of all ages are in it, as they are in what is live
    now, also those that nobody will ever close.
    """
    if ends <= 0:
        return 0, 0
    windows = min(max(int(months * MONTH // ends), 1), MOST_WINDOWS)
    ended = watched = 0
    for number in range(1, windows + 1):
        then = now - number * ends
        live = (book.opened <= then) & ~(book.closed <= then)
        ended += int((live & (book.counted > then + starts) & (book.counted <= then + ends)).sum())
        watched += int(live.sum())
    return ended, watched


def _fresh(book: Book, now: float, starts: float, ends: float, months: int) -> tuple[int, int]:
    """Of the deals opened long enough ago those that ended ``starts`` to ``ends`` days after their opening, and all."""
    old = (book.opened <= now - ends) & (book.opened > now - ends - months * MONTH)
    lasted = book.counted - book.opened
    return int((old & (lasted > starts) & (lasted <= ends)).sum()), int(old.sum())


@dataclass(frozen=True)
class Need:
    """Live prospects that a sum needs, with 95 % intervals.

    ``total``: all of them; ``more``: beyond those live now; ``opened_now``: the same where all that are added are
    opened today, of which fewer close in time; infinite: more than anybody could work. ``rate`` is the win rate,
    ``in_time`` the share of live deals that close in time, ``value`` the mean of won deals.
    """

    live: int
    chance: float
    total: Estimate
    more: Estimate
    opened_now: Estimate | None
    rate: Estimate
    in_time: Estimate
    value: Estimate


def needed(seen: Evidence, remaining: float, live: int, chance: float = 0.8) -> Need | Why:
    """How many live prospects are needed to bring in ``remaining`` with this ``chance``.

    Each prospect closes in time with one probability and is then won with another (beta posteriors under Jeffreys'
    prior), and is worth a won deal's value (bootstrap; Efron 1979, Ann. Stat. 7:1). The number of prospects until the
    sum is reached is the wins that it takes, plus the failures before so many wins (negative binomial).
    """
    if remaining <= 0:
        return "reached"
    if seen.withheld:
        return seen.withheld
    rng = np.random.default_rng(SEED)
    rate, in_time = _posterior(rng, seen.won, seen.closed), _posterior(rng, seen.ended, seen.watched)
    worth = _resampled(rng, seen.values)
    wins = _wins(rng, worth, remaining)
    odds = np.maximum(rate * in_time, 1e-9)[:, None]
    total = _quantile(wins + _failures(rng, wins, odds), chance)
    opened_now = None
    if seen.fresh >= SMALLEST:
        won_live = rng.binomial(live, np.broadcast_to(odds, wins.shape))
        missing = np.maximum(wins - won_live, 0)
        fresh_odds = np.maximum(rate * _posterior(rng, seen.fresh_ended, seen.fresh), 1e-9)[:, None]
        opened_now = _between(_quantile(missing + _failures(rng, missing, fresh_odds), chance))
    return Need(
        live=live,
        chance=chance,
        total=_between(total),
        more=_between(np.maximum(total - live, 0)),
        opened_now=opened_now,
        rate=_share(rate, seen.won, seen.closed),
        in_time=_share(in_time, seen.ended, seen.watched),
        value=_spread(worth.mean(axis=1), float(seen.values.mean())),
    )


def plain(seen: Evidence, amount: float) -> Floats | None:
    """Draws of the prospects that an amount takes by plain arithmetic, amount / (win rate × mean value of a won deal):
    as if every prospect came to an end in time. ``None`` where too little was seen."""
    if seen.closed < SMALLEST or len(seen.values) < SMALLEST:
        return None
    rng = np.random.default_rng(SEED)
    rate = _posterior(rng, seen.won, seen.closed)
    return np.asarray(amount / (rate * _resampled(rng, seen.values).mean(axis=1)))


def spread(draws: Floats) -> Estimate:
    """The median of draws with the interval that holds 95 % of them."""
    return _spread(draws)


def _posterior(rng: np.random.Generator, count: int, n: int, draws: int = DRAWS) -> Floats:
    """Draws of a share of which ``count`` of ``n`` were seen, under Jeffreys' prior."""
    return np.maximum(rng.beta(count + 0.5, n - count + 0.5, draws), 1e-9)


def _resampled(rng: np.random.Generator, values: Floats) -> Floats:
    return np.asarray(rng.choice(values, (DRAWS, len(values))))


def _wins(rng: np.random.Generator, worth: Floats, remaining: float) -> Ints:
    """Wins until their values reach the sum: by draw (row) and course (column)."""
    means = worth.mean(axis=1)
    expected = remaining / means
    if expected.max() > MOST_WINS:
        # Renewal theorem (Feller II, XI.1): variance t·σ²/μ³, and an overshoot of (σ² + μ²) / 2μ² wins.
        spread = worth.var(axis=1) / means**2
        centre = expected + (1 + spread) / 2
        drawn = centre[:, None] + rng.standard_normal((DRAWS, COURSES)) * np.sqrt(expected * spread)[:, None]
        return np.asarray(np.maximum(np.rint(drawn), 1), dtype=np.int64)
    left, wins = np.full(DRAWS * COURSES, float(remaining)), np.zeros(DRAWS * COURSES, dtype=np.int64)
    going = np.arange(DRAWS * COURSES)
    while len(going):
        left[going] -= worth[going // COURSES, rng.integers(worth.shape[1], size=len(going))]
        wins[going] += 1
        going = going[(left[going] > 0) & (wins[going] < OUT_OF_REACH)]
    return np.asarray(wins.reshape(DRAWS, COURSES), dtype=np.int64)


def _failures(rng: np.random.Generator, wins: Ints, odds: Floats) -> Ints:
    """Prospects that come to nothing in time before so many were won; none before no win."""
    drawn = rng.negative_binomial(np.maximum(wins, 1), np.broadcast_to(odds, wins.shape))
    return np.asarray(np.where(wins > 0, drawn, 0), dtype=np.int64)


def _quantile(prospects: Ints, chance: float) -> Floats:
    """By draw the least number that suffices in ``chance`` of its courses."""
    return np.asarray(np.quantile(prospects, chance, axis=1, method="inverted_cdf"), dtype=float)


def _between(draws: Floats) -> Estimate:
    """Whole numbers: the median and the interval of the draws; infinite where out of anybody's reach."""
    found = np.quantile(draws, (0.5, *INTERVAL), method="inverted_cdf")
    value, low, high = (float("inf") if one > OUT_OF_REACH else float(one) for one in found)
    return Estimate(value, low, high)


def _spread(draws: Floats, value: float | None = None) -> Estimate:
    middle, low, high = (float(one) for one in np.quantile(draws, (0.5, *INTERVAL)))
    return Estimate(middle if value is None else value, low, high)


def _share(draws: Floats, count: int, n: int) -> Estimate:
    return _spread(draws, count / n)


@dataclass(frozen=True)
class Ending:
    """How much is paid by the end of the period, of what is live now: the mean with a 95 % interval of what may come,
    and the same without the largest live deal. In the workspace's currency."""

    paid: float
    expected: Estimate
    without_largest: Estimate | None


def ending(seen: Evidence, paid: float, live: Floats) -> Ending | Why:
    """The period's end from what is paid and the live deals' ``values`` (NaN: unknown, drawn from won deals').

    Every live deal closes in time and is won with the same probability, which is itself drawn. Deals that are opened
    later are not in it, nor are orders that wait for their payment.
    """
    if seen.withheld:
        return seen.withheld
    rng = np.random.default_rng(SEED)
    rate = _posterior(rng, seen.won, seen.closed, ENDINGS)
    odds = np.clip(rate * _posterior(rng, seen.ended, seen.watched, ENDINGS), 0, 1)
    known = np.where(np.isnan(live), rng.choice(seen.values, len(live)), live)
    values = np.sort(known)[::-1]
    first, rest = values[:ONE_BY_ONE], values[ONE_BY_ONE:]
    come = rng.random((ENDINGS, len(first))) < odds[:, None]
    sums = paid + come @ first + _many(rng, odds, rest)
    largest = float(np.nanmax(live)) if len(live) and not np.isnan(live).all() else 0.0
    places = np.flatnonzero((first == largest) & (first > 0))
    without = _predicted(sums - come[:, places[0]] * largest) if len(places) else None
    return Ending(paid, _predicted(sums), without)


def _many(rng: np.random.Generator, odds: Floats, values: Floats) -> Floats:
    if not len(values):
        return np.zeros(len(odds))
    drawn = odds * values.sum() + rng.standard_normal(len(odds)) * np.sqrt(odds * (1 - odds) * (values**2).sum())
    return np.asarray(np.maximum(drawn, 0))


def _predicted(sums: Floats) -> Estimate:
    low, high = (float(one) for one in np.quantile(sums, INTERVAL))
    return Estimate(float(sums.mean()), low, high)
