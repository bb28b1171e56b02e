"""Leaks: what could only be known at or after the close, and what could not."""

import numpy as np
import pyarrow as pa
import pytest

from notyet.analysis import leaks
from notyet.analysis.leaks_by_name import suspicion
from notyet.analysis.leaks_by_value import cross_validated_auc
from notyet.analysis.meta import Field
from notyet.analysis.population import closed_deals
from notyet.analysis.results import Warning as Said
from notyet.analysis.settings import Settings
from tests.analysis.planted import DAY, Drawn, World, draw, moments, with_fields

N = 2_000


@pytest.fixture
def drawn() -> Drawn:
    """Two thousand deals in which the buyer's persona matters much."""
    return draw(7, World({"persona=Technical": -1.2, "source=Referral": 1.0}, deals=N))


@pytest.fixture
def rng() -> np.random.Generator:
    """Chance, the same each time."""
    return np.random.default_rng(11)


def _found(drawn: Drawn, changes: pa.Table | None = None, settings: Settings | None = None) -> dict[str | None, Said]:
    return {one.field: one for one in leaks.find(drawn.facts, changes, drawn.meta, settings)}


def test_honest_fields_are_not_accused(drawn: Drawn, rng: np.random.Generator) -> None:
    """Drivers of thirty points, fields filled for half of the deals, numbers that matter."""
    won = drawn.won
    drawn = drawn.with_column("Has budget", rng.random(N) < np.where(won, 0.75, 0.4), "flag")
    drawn = drawn.with_column("Industry", np.where(rng.random(N) < 0.5, "Food", None), "category")
    drawn = drawn.with_column("Employees", np.exp(rng.normal(5 + 0.6 * won, 1)).round(), "number")
    drawn = drawn.with_column("Old customer", rng.random(N) < np.where(won, 0.3, 0.05), "flag")
    drawn = drawn.with_column("City", np.where(rng.random(N) < np.where(won, 0.9, 0.65), "Town", None), "category")
    assert _found(drawn) == {}


def test_filled_for_one_outcome_only(drawn: Drawn, rng: np.random.Generator) -> None:
    """Text, numbers where zero is as good as empty, flags, times; a few slips do not hide it."""
    won, some = drawn.won, rng.random(N) < 0.6
    slip = (rng.random(N) < 0.002) & ~won
    drawn = drawn.with_column("Contract", np.where((won & some) | slip, "C-1", None), "category")
    drawn = drawn.with_column("Rebate", np.where(won, 120.0, 0.0), "number")
    drawn = drawn.with_column("Handed over", won & some, "flag")
    drawn = drawn.with_column("Survey", np.where(~won, "sent", None), "category")
    drawn = drawn.with_column("Serial", np.where(won, np.char.add("S", np.arange(N).astype(str)), None), "text")
    start = np.where(won, 1.7e9, np.nan)
    facts = drawn.facts.append_column(
        "attr.Start", pa.array([None if np.isnan(s) else int(s * 1e6) for s in start], pa.timestamp("us", "UTC"))
    )
    drawn = Drawn(facts, with_fields(drawn.meta, Field("Start", "attr.Start", "Start", "time")), {})
    found = _found(drawn)
    assert set(found) == {"Contract", "Rebate", "Handed over", "Survey", "Serial", "Start"}
    assert all("can hardly have been known before the close" in one.text for one in found.values())
    assert "not won" in found["Survey"].evidence[0]
    assert "not zero" in found["Rebate"].evidence[0]


def test_filled_far_more_often_for_one_outcome(drawn: Drawn, rng: np.random.Generator) -> None:
    """A fill that depends on the outcome."""
    filled = rng.random(N) < np.where(drawn.won, 0.8, 0.3)
    drawn = drawn.with_column("Sponsor", np.where(filled, "known", None), "category")
    assert "filled on 8" in _found(drawn)["Sponsor"].evidence[0]


def test_the_amount_can_leak(drawn: Drawn) -> None:
    """Called by the header it had in its source; then nothing is adjusted for it."""
    at = drawn.facts.column_names.index("value")
    facts = drawn.facts.set_column(at, "value", [np.where(drawn.won, 500.0, 0.0)])
    meta = with_fields(drawn.meta, Field("Amount", "amount", "close_value", "number"))
    found = leaks.find(facts, None, meta)
    assert [one.field for one in found] == ["close_value"]
    assert leaks.left_out(found, meta) >= {"value"}


def test_amounts_that_are_made_exact_at_the_close_are_suspect(drawn: Drawn, rng: np.random.Generator) -> None:
    """Round for nearly all when estimated, exact for those that were sold; not so where all are estimated alike."""
    value = drawn.facts["value"].to_numpy()
    guess = np.where(rng.random(N) < 0.8, 1_000 * np.ceil(value / 1_000), value + 1)
    sold = np.where(drawn.won & (rng.random(N) < 0.5), value + 1, guess)
    at = drawn.facts.column_names.index("value")
    said = _found(Drawn(drawn.facts.set_column(at, "value", [sold]), drawn.meta, {}))["amount"]
    assert "suspected" in said.text
    assert "no multiple of 1,000" in said.evidence[0]
    assert _found(Drawn(drawn.facts.set_column(at, "value", [guess]), drawn.meta, {})) == {}


def test_too_good_to_be_early(drawn: Drawn, rng: np.random.Generator) -> None:
    """A score or a label that tells nearly all, whatever its name; the best honest field stands beside it."""
    won = drawn.won
    drawn = drawn.with_column("Warmth", 50 + 30 * won + rng.normal(0, 14, N), "number")
    drawn = drawn.with_column("Mood", np.where(rng.random(N) < 0.93, np.where(won, "good", "bad"), "so-so"), "category")
    found = _found(drawn)
    assert set(found) == {"Warmth", "Mood"}
    assert any("AUC" in one for one in found["Warmth"].evidence)
    assert any("best other field" in one for one in found["Warmth"].evidence)


def test_far_ahead_of_every_other_field_is_suspect(drawn: Drawn, rng: np.random.Generator) -> None:
    """A score that half leaks is left out until its owner decides; where others come near it is believed."""
    won = drawn.won
    half = drawn.with_column("Fit", 50 + 12 * won + rng.normal(0, 9, N), "number")
    said = _found(half)["Fit"]
    assert "suspected" in said.text
    assert "best other field" in said.evidence[-1]
    beside = half.with_column("Visits", 5 + won + rng.normal(0, 1, N), "number")
    assert _found(beside) == {}


def test_what_follows_the_length_of_the_deal_is_late(drawn: Drawn, rng: np.random.Generator) -> None:
    """The length itself surely, what piles up with it probably, a size that makes deals longer not."""
    population = closed_deals(drawn.facts)
    days = (population.closed - population.opened) / DAY
    drawn = drawn.with_column("Span", np.round(days), "number")
    drawn = drawn.with_column("Efforts", rng.poisson(days / 6).astype(float), "number")
    drawn = drawn.with_column("Seats", np.round(np.exp(rng.normal(3 + days / 200, 1))), "number")
    found = _found(drawn)
    assert set(found) == {"Span", "Efforts"}
    assert "follows the length of the deal" in found["Span"].text
    assert "suspected" in found["Efforts"].text


def test_one_value_that_says_it_all(drawn: Drawn, rng: np.random.Generator) -> None:
    """Most values are honest; one stands on won deals only."""
    value = np.where(drawn.won & (rng.random(N) < 0.25), "signed", rng.choice(["x", "y"], N))
    assert "“signed”" in _found(drawn.with_column("Note", value, "category"))["Note"].evidence[0]


def test_written_after_the_close(drawn: Drawn, rng: np.random.Generator) -> None:
    """First or again at the close, and so never seen at the opening; not fields merely corrected now and then."""
    drawn = drawn.with_column("Verdict", rng.choice(["a", "b"], N), "category")
    drawn = drawn.with_column("Chance", rng.choice(["a", "b"], N), "category")
    drawn = drawn.with_column("Sector", rng.choice(["a", "b"], N), "category")
    population = closed_deals(drawn.facts)
    opened, closed = population.opened - 1.68e9, population.closed - 1.68e9
    few = np.arange(0, N, 30)
    drawn = drawn.with_column("Postcode", rng.choice(["a", "b"], N), "category")
    drawn = drawn.with_column("Signed by", np.full(N, None), "category")
    rows = [
        ("Postcode", few, closed[few] + DAY),
        ("Signed by", np.arange(N), closed + DAY),
        ("Verdict", np.arange(N), closed + DAY),
        ("attr.Chance", np.arange(N), opened),
        ("attr.Chance", np.arange(N), closed),
        ("Sector", np.arange(N), opened),
        ("Sector", few, closed[few] + DAY),
    ]
    changes = pa.table(
        {
            "deal": np.concatenate([deals for _, deals, _ in rows]),
            "field": np.concatenate([np.full(len(deals), name) for name, deals, _ in rows]),
            "at": moments(np.concatenate([at for _, _, at in rows])),
        }
    )
    found = _found(drawn, changes)
    assert set(found) == {"Verdict", "Chance", "Signed by"}
    assert "for the first time at or after the close" in found["Verdict"].text
    assert "again at or after the close" in found["Chance"].text


@pytest.mark.parametrize(
    "header",
    [
        "Elapsed Days In Sales Stage",
        "Sales Stage Change Count",
        "Total Days Identified Through Closing",
        "Ratio Days Validated To Total Days",
        "days_to_close",
        "Sales cycle (days)",
        "DaysInPipeline",
        "deal_age",
        "pipeline_days",
        "lifetime_touches",
        "emails_sent",
        "Meetings",
        "Hours spent",
        "exit_interview",
        "Rep confidence",
        "Last Activity",
        "last_notable_activity",
        "Number of sales activities",
        "num_meetings",
        "email_count",
        "Close quarter",
        "Probability (%)",
        "Forecast category",
        "Deal Stage",
        "Lead status",
        "Tags",
        "Lead Quality",
        "Lead Profile",
        "Disposition",
        "Loss reason detail",
        "Reason lost",
        "Invoice number",
        "contract_signed_at",
    ],
)
def test_suspect_names(header: str) -> None:
    """They speak of the whole life, of the close, or of a judgement made while selling."""
    assert suspicion(header) is not None


@pytest.mark.parametrize(
    "header",
    [
        "Lead Origin",
        "Total Time Spent on Website",
        "Page Views Per Visit",
        "TotalVisits",
        "Do Not Email",
        "Number of employees",
        "Marital status",
        "Company stage",
        "Payment terms",
        "Last degree",
        "Annual revenue",
        "Revenue From Client Past Two Years",
        "Closest office",
        "Time zone",
        "How did you hear about us",
        "Contract term",
        "Budget",
        "Total sites",
        "Newsletter",
        "Sales channel",
        "Lead source",
        "Payment days",
        "Founded",
        "Call centre",
        "Lifetime value",
        "Channel",
    ],
)
def test_names_that_are_not_suspect(header: str) -> None:
    """What buyers are, and did before."""
    assert suspicion(header) is None


def test_a_suspicion_is_marked_as_one_and_its_owner_decides(drawn: Drawn, rng: np.random.Generator) -> None:
    """Left out until then; judged fine it is not mentioned; a leak by decision needs no evidence."""
    drawn = drawn.with_column("Lead Quality", rng.choice(["high", "low"], N), "category")
    said = _found(drawn)["Lead Quality"]
    assert "suspected" in said.text
    assert leaks.left_out([said], drawn.meta) == {"attr.Lead Quality"}
    assert _found(drawn, settings=Settings(leaks={"Lead Quality": "fine"})) == {}
    assert set(_found(drawn, settings=Settings(leaks={"persona": "leak"}))) == {"Lead Quality", "persona"}


def test_none_under_competitor_is_a_value(drawn: Drawn) -> None:
    """The word is not a missing value, and a field filled with it is not empty."""
    assert "None" in drawn.facts["competitor"].to_pylist()
    assert "competitor" not in _found(drawn)


def test_a_competitor_named_on_losses_only_is_a_leak(drawn: Drawn) -> None:
    """Columns of the exchange format are checked like any other."""
    at = drawn.facts.column_names.index("competitor")
    facts = drawn.facts.set_column(at, "competitor", [np.where(drawn.won, None, "Alpha").tolist()])
    assert set(_found(Drawn(facts, drawn.meta, {}))) == {"competitor"}


def test_cross_validated_auc_is_that_of_unseen_deals(rng: np.random.Generator) -> None:
    """Nothing for names that never repeat, everything for the outcome itself, the known value for two groups."""
    won = rng.random(20_000) < 0.4
    assert cross_validated_auc(np.arange(20_000), won) == pytest.approx(0.5, abs=0.02)
    assert cross_validated_auc(won.astype(int), won) == 1.0
    group = (rng.random(20_000) < np.where(won, 0.7, 0.4)).astype(int)
    assert cross_validated_auc(group, won) == pytest.approx(0.65, abs=0.015)
