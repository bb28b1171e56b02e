"""Behaviours are looked at when all deals compared are still open."""

import numpy as np

from notyet.analysis.behaviours import Observed, Skipped, observe
from notyet.analysis.population import closed_deals
from tests.analysis.planted import DAY, draw, moments


def _observed(facts: object) -> tuple[dict[str, Observed], tuple[Skipped, ...]]:
    found, skipped = observe(closed_deals(facts), {}, 7, 30)  # type: ignore[arg-type]
    return {one.factor.field: one for one in found}, skipped


def test_each_is_looked_at_at_its_earliest_landmark() -> None:
    """A reply a day after the enquiry, a contact or a meeting on day 7."""
    found, skipped = _observed(draw(1).facts)
    assert found["first_reply_hours"].landmark.label == "24 hours after the enquiry"
    assert found["second_contact_hours"].landmark.label == "day 7"
    assert found["conversations_7d"].factor.tested == ()
    assert skipped == ()


def test_deals_closed_by_then_are_not_compared() -> None:
    """Neither as with nor as without."""
    facts = draw(1).facts
    population = closed_deals(facts)
    found, _ = _observed(facts)
    still = found["second_contact_hours"].landmark.open(population)
    assert (still == (population.closed - population.opened > 7 * DAY)).all()
    assert 0 < (~still).sum() < population.n / 4


def test_where_few_had_done_it_the_next_landmark_is_taken() -> None:
    """The choice does not look at the outcome."""
    facts = draw(1).facts
    hours = np.random.default_rng(1).uniform(10 * 24, 40 * 24, facts.num_rows)
    at = facts.column_names.index("first_meeting_hours")
    found, _ = _observed(facts.set_column(at, "first_meeting_hours", [hours]))
    assert found["first_meeting_hours"].landmark.label == "day 14"
    assert found["first_meeting_hours"].factor.label(0) == "A meeting by day 14"


def test_a_broken_promise_is_held_against_promises_that_were_due() -> None:
    """Deals without any promise due by then are neither side."""
    facts = draw(1).facts
    rng = np.random.default_rng(1)
    due = np.where(rng.random(facts.num_rows) < 0.5, rng.uniform(0, 300, facts.num_rows), np.nan)
    broken = np.where(rng.random(facts.num_rows) < 0.4, due, np.nan)
    facts = facts.append_column("first_promise_due_hours", [due]).append_column("first_broken_hours", [broken])
    factor = _observed(facts)[0]["first_broken_hours"].factor
    assert factor.among is not None
    assert factor.among.sum() == np.isfinite(due).sum()
    assert (factor.codes == 0).sum() == np.isfinite(broken).sum()


def test_where_most_deals_have_closed_it_is_said_and_left() -> None:
    """A landmark that few deals reach compares a remnant."""
    facts = draw(1).facts.slice(0, 400)
    opened = closed_deals(facts).opened - 1.68e9
    closed = moments(opened + np.random.default_rng(1).uniform(0.5, 8, 400) * DAY)
    found, skipped = _observed(facts.set_column(facts.column_names.index("closed_at"), "closed_at", closed))
    assert "second_contact_hours" not in found
    assert any("second contact" in one.name and one.lost_share > 0.4 for one in skipped)


def test_what_nobody_recorded_is_not_looked_at() -> None:
    """No conversations, no behaviours, no word of them."""
    facts = draw(1).facts.drop_columns(
        ["first_reply_hours", "second_contact_hours", "first_meeting_hours", "conversations_7d"]
    )
    assert _observed(facts) == ({}, ())
