"""Prospects that a target needs: against a closed form, against the truth of simulated records, and at the edges."""

from math import inf

import numpy as np
import pytest
from scipy import stats

from notyet.analysis.pipeline_book import Book
from notyet.analysis.prospects import Ending, Evidence, Need, Trials, ending, evidence, needed, plain

NONE = np.empty(0)
NAN = float("nan")


def seen(count: int, n: int, value: float = 10.0, **more: object) -> Evidence:
    """Of ``n`` live deals ``count`` were won in time, each worth the same."""
    known: dict[str, object] = {
        "closed": Trials(count, n),
        "live": Trials(count, n),
        "fresh": Trials(count, n),
        "orders": Trials(0, 0),
        "values": np.full(50, value),
    }
    return Evidence(**(known | more))  # type: ignore[arg-type]


def need(*args: object, **more: object) -> Need:
    """A need that is one."""
    found = needed(*args, **more)  # type: ignore[arg-type]
    assert isinstance(found, Need)
    return found


@pytest.mark.parametrize(("rate", "wins", "chance"), [(0.3, 5, 0.8), (0.3, 5, 0.5), (0.08, 12, 0.95), (0.5, 1, 0.9)])
def test_a_known_rate_and_a_fixed_value_give_the_negative_binomials_quantile(
    rate: float, wins: int, chance: float
) -> None:
    """So many prospects until the last of the wins that the sum takes: wins plus failures before them."""
    exact = wins + stats.nbinom.ppf(chance, wins, rate)
    found = need(seen(round(rate * 10**7), 10**7), 10.0 * wins, NONE, 0, chance)
    assert found.total.value == pytest.approx(exact, abs=1)
    assert found.more == found.total
    assert found.total.low is not None
    assert found.total.high is not None
    # What is left of the interval is the noise of four hundred courses.
    assert found.total.high - found.total.low <= max(0.25 * exact, 2)


def test_many_wins_are_drawn_from_the_renewal_limit_and_agree() -> None:
    """Two hundred wins of varying value: the mean and the spread of the exact count."""
    values = np.array([5.0, 10.0, 15.0])
    known = seen(5 * 10**6, 10**7, values=np.tile(values, 400))
    rng = np.random.default_rng(1)
    sums = rng.choice(values, (20_000, 260)).cumsum(axis=1)
    wins = (sums < 2_000).sum(axis=1) + 1
    exact = np.quantile(wins + rng.negative_binomial(wins, 0.5), 0.8)
    assert need(known, 2_000.0, NONE, 0).total.value == pytest.approx(exact, rel=0.01)


def test_live_deals_are_counted_off() -> None:
    """What is live is no more needed; never less than none."""
    known = seen(300, 1000)
    all_of_them = need(known, 100.0, NONE, 0).total
    assert all_of_them.value is not None
    some = need(known, 100.0, NONE, 20)
    assert some.total == all_of_them
    assert some.more.value == all_of_them.value - 20
    assert need(known, 100.0, NONE, 10_000).more.value == 0


def test_orders_that_wait_count_by_how_they_were_paid() -> None:
    """With orders paid nine times in ten fewer prospects are needed; with orders never known to be paid, none fewer."""
    known = seen(300, 1000)
    alone = need(known, 100.0, NONE, 0).total.value
    orders = np.full(5, 10.0)
    paid = need(seen(300, 1000, orders=Trials(900, 1000)), 100.0, orders, 0).total.value
    half = need(known, 55.0, NONE, 0).total.value
    assert alone is not None
    assert paid is not None
    assert half is not None
    assert half - 4 <= paid < alone - 10
    assert need(known, 100.0, orders, 0).total.value == alone


def test_the_same_record_gives_the_same_answer() -> None:
    """Seeded: a page that is loaded again says the same."""
    assert needed(seen(30, 100), 100.0, NONE, 3) == needed(seen(30, 100), 100.0, NONE, 3)


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (seen(1, 4), "few_closed"),
        (seen(30, 100, values=np.full(4, 1.0)), "few_won"),
        (seen(30, 100, live=Trials(1, 4)), "few_live"),
    ],
)
def test_below_five_nothing_is_said(known: Evidence, why: str) -> None:
    """Neither of the need nor of the end."""
    assert needed(known, 100.0, NONE, 3) == why
    assert ending(known, 0.0, NONE, np.ones(3)) == why


def test_a_reached_target_needs_nothing_whatever_is_known() -> None:
    """Even below five."""
    assert needed(seen(1, 4), 0.0, NONE, 3) == "reached"


def test_what_nobody_could_work_is_infinite() -> None:
    """No live deal of thousands ever came in so little time."""
    assert need(seen(0, 100_000), 10_000.0, NONE, 5).total.value == inf


@pytest.mark.parametrize(("rate", "n"), [(0.3, 40), (0.15, 150)])
def test_the_interval_covers_the_truth(rate: float, n: int) -> None:
    """Of records made with a known rate and known values 19 in 20 intervals hold the number that is needed in truth."""
    rng = np.random.default_rng(7)
    values = rng.lognormal(2, 0.5, 100_000)
    wins = (rng.choice(values, (100_000, 60)).cumsum(axis=1) < 100).sum(axis=1) + 1
    truth = np.quantile(wins + rng.negative_binomial(wins, rate), 0.8)
    hits = []
    for _ in range(80):
        won = int(rng.binomial(n, rate))
        found = needed(seen(won, n, values=rng.choice(values, 40)), 100.0, NONE, 0)
        assert isinstance(found, Need)
        low, high = found.total.low, found.total.high
        assert low is not None
        assert high is not None
        hits.append(low <= truth <= high)
    assert np.mean(hits) >= 0.89


def test_an_ending_is_the_mean_and_spread_of_its_deals() -> None:
    """Against the binomial's own, with and without the largest deal."""
    found = ending(seen(3 * 10**6, 10**7), 100.0, NONE, np.array([10.0] * 40 + [200.0]))
    assert isinstance(found, Ending)
    assert found.without_largest is not None
    assert found.without_largest.value == pytest.approx(100 + 0.3 * 400, rel=0.02)
    low, high = stats.binom.ppf((0.025, 0.975), 40, 0.3)
    assert found.without_largest.low == pytest.approx(100 + 10 * low, abs=10)
    assert found.without_largest.high == pytest.approx(100 + 10 * high, abs=10)
    assert found.expected.value == pytest.approx(100 + 0.3 * 600, rel=0.05)


def test_an_ending_of_many_deals_and_of_unknown_values() -> None:
    """Beyond the largest five hundred the sum is drawn; an unknown value is worth what won deals are."""
    many = ending(seen(3 * 10**6, 10**7), 0.0, NONE, np.full(2_000, 10.0))
    assert isinstance(many, Ending)
    assert many.expected.value == pytest.approx(6_000, rel=0.01)
    assert many.expected.high == pytest.approx(10 * stats.binom.ppf(0.975, 2_000, 0.3), rel=0.02)
    unknown = ending(seen(3 * 10**6, 10**7), 0.0, NONE, np.full(30, NAN))
    assert isinstance(unknown, Ending)
    assert unknown.expected.value == pytest.approx(90, rel=0.05)
    assert unknown.without_largest is None


def test_plain_arithmetic_is_the_target_over_rate_and_value() -> None:
    """And is withheld below five."""
    draws = plain(seen(3 * 10**6, 10**7), 600.0)
    assert draws is not None
    assert np.median(draws) == pytest.approx(200, rel=0.01)
    assert plain(seen(1, 4), 600.0) is None


def book(*rows: tuple[float, float, str, float]) -> Book:
    """Deals by opening, end, outcome and payment (days; NaN: none), each worth 10."""
    opened, ended, outcome, paid = (np.array(column) for column in zip(*rows, strict=True))
    won, unpaid, lost = outcome == "won", outcome == "unpaid", outcome == "lost"
    return Book(
        np.arange(len(rows)),
        opened.astype(float),
        ended.astype(float),
        paid.astype(float),
        np.full(len(rows), 10.0),
        won,
        lost,
        unpaid,
        outcome == "open",
    )


def test_what_was_live_is_watched_for_as_long_as_there_is_left() -> None:
    """Thirty days are left: who was live thirty days ago, and won since; and so sixty days ago."""
    rows = book(
        (50, 90, "won", 90),  # live on day 70, won by 100; live on day 40? not yet opened
        (30, 65, "won", 65),  # live on day 40, won by 70
        (30, 95, "lost", NAN),  # live on both, lost in the second
        (10, NAN, "open", NAN),  # live on both, and still
        (80, 90, "won", 90),  # opened since
    )
    found = evidence(rows, 100.0, (10.0, 130.0), months=2)
    assert found.live == Trials(2, 6)
    assert found.closed == Trials(3, 4)
    # Those opened thirty days ago or more, counted for thirty days from their opening.
    assert found.fresh == Trials(0, 4)


def test_wins_that_are_not_paid_yet_do_not_make_the_rate_low() -> None:
    """One looks back from as long ago as nine in ten payments take."""
    paid = [(10, 20 + day, "won", 40 + day) for day in range(20)]
    waiting = [(10, 90, "unpaid", NAN) for _ in range(20)]
    lost = [(10, 20 + day, "lost", NAN) for day in range(20)] + [(10, 90, "lost", NAN) for _ in range(20)]
    found = evidence(book(*paid, *waiting, *lost), 100.0, (10.0, 130.0), months=12)
    assert found.lag_days == pytest.approx(20)
    assert found.closed == Trials(20, 40)


def test_orders_are_watched_until_they_are_paid() -> None:
    """Of those that had come since the period began and waited, looked at from when payments have matured."""
    rows = [(0, 60, "won", 70)] * 6 + [(0, 60, "unpaid", NAN)] * 2 + [(0, 20, "won", 21)] * 5
    found = evidence(book(*rows), 100.0, (80.0, 130.0), months=2)
    # Payments take 1 to 10 days, so one looks from day 90: thirty days before that is day 60.
    assert found.orders == Trials(6, 8)


def test_a_period_to_come_counts_what_falls_into_it_only() -> None:
    """What is won before it begins is of no use to it."""
    rows = book(
        (0, 45, "won", 45), (0, 75, "won", 75), (0, 99, "lost", NAN), (0, NAN, "open", NAN), (0, 80, "lost", NAN)
    )
    found = evidence(rows, 100.0, (120.0, 160.0), months=2)
    assert found.live == Trials(1, 5)
