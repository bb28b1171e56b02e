"""The outlook on a record made by hand, and that every figure opens the very deals that it was counted on."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from notyet.analysis.behind import UnknownFigure
from notyet.analysis.concentration import Basket, basket
from notyet.analysis.history import History
from notyet.analysis.meta import DataSource
from notyet.analysis.pipeline import Money, Question, outlook, spending
from notyet.analysis.pipeline_behind import deals_behind
from notyet.analysis.pipeline_book import Period, Scope
from notyet.analysis.prospects import Need
from tests.analysis.written import Row, day, deal, meta, opened

NOW = day(320)
QUARTER = Period(date(2025, 10, 1), date(2025, 12, 31))
ASKED = Question(Scope(), QUARTER, target=20_000.0)
SUPPORT = frozenset({"Support let us down"})


def record() -> list[Row]:
    """Half a year of deals, one a day, won (paid after ten days) and lost in turn; and the special ones."""
    rows = [
        deal(
            n,
            "won" if n % 2 else "lost",
            team="North" if n % 4 < 2 else "South",
            owner="Ada" if n % 4 == 1 else "Bo",
            opened_at=day(n),
            closed_at=day(n + 20),
            paid_at=day(n + 30) if n % 2 else None,
        )
        for n in range(280)
    ]
    rows += [deal(1000 + n, "open", value=1000.0 * (n + 1), opened_at=day(300 + n), team="North") for n in range(4)]
    rows += [
        deal(2000, "won", opened_at=day(200), closed_at=day(219), paid_at=None, value=700.0),  # ordered long ago
        deal(2001, "won", opened_at=day(290), closed_at=day(310), paid_at=None, value=900.0),
        deal(2002, "disqualified", opened_at=day(290), closed_at=day(310)),
        deal(
            2003, "won", opened_at=day(230), closed_at=day(250), paid_at=day(315), value=300.0
        ),  # paid in, ordered before
    ]
    return rows


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """The record, frozen."""
    return opened(tmp_path_factory.mktemp("history"), {"deals": record()}, meta(frozen_at=NOW))


def test_sums_are_kept_apart(history: History) -> None:
    """Paid in the period whenever ordered; ordered in it and paid; waiting; waiting for too long."""
    found = outlook(history, ASKED, NOW)
    paid_days = [n + 30 for n in range(1, 280, 2)]
    begins = (date(2025, 10, 1) - day(0).date()).days
    assert found.paid == Money(
        sum(begins <= one for one in paid_days) + 1, 1000.0 * sum(begins <= one for one in paid_days) + 300
    )
    assert found.counted.deals == sum(n + 20 >= begins for n in range(1, 280, 2))
    assert found.unpaid == Money(2, 1600)
    assert found.waiting == Money(1, 900)
    assert found.late == Money(1, 700)
    assert found.live == Money(4, 10_000)
    assert found.payments_known


def test_the_need_is_of_what_is_missing(history: History) -> None:
    """Twenty wins of a thousand less those that are there."""
    found = outlook(history, ASKED, NOW)
    assert isinstance(found.need, Need)
    assert found.need.live == 4
    assert found.need.total.value is not None
    missing = (20_000 - found.counted.value) / 1000
    share = found.seen.live.estimate().value
    assert share is not None
    assert missing <= found.need.total.value <= 2 * missing / share
    assert outlook(history, replace(ASKED, target=1.0), NOW).need == "reached"
    assert outlook(history, replace(ASKED, target=None), NOW).need is None


def test_a_period_that_is_over_needs_nothing_more(history: History) -> None:
    """Reached or not, nothing can be added."""
    over = replace(ASKED, period=Period(date(2025, 7, 1), date(2025, 9, 30)))
    found = outlook(history, over, NOW)
    assert found.ending == "over"
    assert outlook(history, replace(over, target=10**9), NOW).need == "over"
    assert outlook(history, replace(over, target=1.0), NOW).need == "reached"


@pytest.mark.parametrize(
    ("scope", "teams", "owners"),
    [(Scope("team", "South"), {"South"}, {"Ada", "Bo"}), (Scope("owner", "Ada"), {"North"}, {"Ada"})],
)
def test_a_scope_is_its_own_deals(history: History, scope: Scope, teams: set[str], owners: set[str]) -> None:
    """A team's, or one's own; nobody else's."""
    rows = {row["deal"]: row for row in record()}
    asked = replace(ASKED, scope=scope)
    found = [rows[int(one)] for one in deals_behind(history, asked, NOW, "closed", "", SUPPORT)]
    assert len(found) > 20
    assert {row["team"] for row in found} == teams
    assert {row["owner"] for row in found} <= owners
    assert outlook(history, asked, NOW).seen.closed.n == len(found)


def test_every_figure_opens_its_deals(history: History) -> None:
    """As many as it counts, and of the same value."""
    found = outlook(history, ASKED, NOW)
    values = {row["deal"]: row["value"] for row in record()}

    def behind(figure: str) -> tuple[int, float]:
        deals = deals_behind(history, ASKED, NOW, figure, "", SUPPORT).tolist()
        return len(deals), sum(values[one] for one in deals)

    for figure, money in (
        ("live", found.live),
        ("paid", found.paid),
        ("unpaid", found.unpaid),
        ("late", found.late),
        ("counted", found.counted),
        ("waiting", found.waiting),
    ):
        assert behind(figure) == (money.deals, money.value), figure
    assert behind("closed")[0] == found.seen.closed.n
    assert behind("opened")[0] == found.openings.recent
    spent = spending(history, ASKED, NOW, SUPPORT)
    assert behind("lost")[0] == spent.given.n
    assert behind("got")[0] == spent.given.got.count
    assert behind("given")[0] == spent.given.given.count


def test_the_order_is_that_in_which_one_reads(history: History) -> None:
    """The oldest order first, the newest prospect first."""
    assert deals_behind(history, ASKED, NOW, "unpaid", "", SUPPORT).tolist() == [2000, 2001]
    assert deals_behind(history, ASKED, NOW, "live", "", SUPPORT).tolist() == [1003, 1002, 1001, 1000]


@pytest.mark.parametrize(("figure", "part"), [("nothing", ""), ("given", "nothing")])
def test_what_is_no_figure_opens_nothing(history: History, figure: str, part: str) -> None:
    """Neither an unknown figure nor an unknown cause."""
    with pytest.raises(UnknownFigure):
        deals_behind(history, ASKED, NOW, figure, part, SUPPORT)


def test_where_payments_are_not_known_a_deal_counts_from_its_order_on(tmp_path: Path) -> None:
    """A source that never knew payments has no order that waits."""
    rows = [deal(n, "won", opened_at=day(280), closed_at=day(300), paid_at=None) for n in range(3)]
    about = meta(frozen_at=NOW, sources=(DataSource("crm", None),))
    with opened(tmp_path, {"deals": rows}, about) as without:
        found = outlook(without, ASKED, NOW)
    assert found.paid == Money(3, 3000)
    assert found.counted == Money(3, 3000)
    assert found.unpaid == Money(0, 0)
    assert not found.payments_known


def test_what_is_opened_after_now_is_not_live(tmp_path: Path) -> None:
    """A moved clock sees what was there by then."""
    rows = [deal(0, "open", opened_at=NOW - timedelta(days=1)), deal(1, "open", opened_at=NOW + timedelta(days=1))]
    with opened(tmp_path, {"deals": rows}, meta(frozen_at=NOW)) as moved:
        assert outlook(moved, ASKED, NOW).live.deals == 1


def test_a_basket_of_equal_deals_and_of_one_large() -> None:
    """Ten of one size are ten; with one of half of the value they are 3.6, as of Herfindahl's index."""
    deals = np.arange(10)
    equal = basket(deals, np.full(10, 5.0))
    assert equal is not None
    assert equal.effective == pytest.approx(10)
    assert equal.share == pytest.approx(0.1)
    large = basket(deals, np.array([9.0] + [1.0] * 9))
    assert large is not None
    assert large.effective == pytest.approx(3.6)
    assert large.largest[0] == (0, 9.0)
    assert large.share == 0.5


def test_a_basket_without_values_is_none() -> None:
    """Unknown, zero or less is no part of it, and is counted apart."""
    assert basket(np.arange(3), np.array([np.nan, 0.0, -5.0])) is None
    assert basket(np.empty(0, dtype=np.int64), np.empty(0)) is None
    assert basket(np.arange(3), np.array([np.nan, 2.0, 2.0])) == Basket(2, 1, 4.0, 2.0, ((1, 2.0), (2, 2.0)))
