"""The latest quarter's orders wait for their payment: that is no drift."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from notyet.analysis import drift
from notyet.analysis.meta import Meta

META = Meta("Acme", "EUR", "UTC", datetime(2026, 1, 1, tzinfo=UTC))


def _facts(last_won: str) -> pa.Table:
    """Four quarters of 100 closes with 40 wins each; the wins of the last are ``last_won``."""
    outcomes, closes = [], []
    for quarter in range(4):
        for number in range(100):
            won = last_won if quarter == 3 else "won"
            outcomes.append(won if number < 40 else "lost")
            closes.append(datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=91.4 * quarter + number / 10))
    times = pa.array(closes, pa.timestamp("us", tz="UTC"))
    return pa.table({"outcome": outcomes, "closed_at": times, "opened_at": times})


def _drifts(facts: pa.Table) -> bool:
    return any(one.kind == "drift" for one in drift.find(facts, META))


def test_a_steady_rate_is_no_drift() -> None:
    assert not _drifts(_facts("won"))


def test_a_rate_that_falls_is_drift() -> None:
    assert _drifts(_facts("lost"))


def test_orders_that_wait_for_payment_are_no_fall() -> None:
    assert not _drifts(_facts("ordered_unpaid"))
