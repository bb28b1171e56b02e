"""Losses that come back: curves against published figures and another implementation, times and offers as planted."""

from pathlib import Path

import numpy as np
import pytest

from notyet.analysis.asking import best_time, offers
from notyet.analysis.facts import read
from notyet.analysis.losses import Losses, losses
from notyet.analysis.readings import Reasons, with_readings
from notyet.analysis.returning import kaplan_meier, return_curves, steps
from notyet.analysis.settings import Settings
from tests.analysis.written import Row, day, deal, opened

# Freireich et al. (1963), Blood 21:699: weeks of remission under 6-mercaptopurine; a plus is a censored one.
REMISSION = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
# Survival with its log-log interval, as Kalbfleisch and Prentice and the manuals of several packages print it.
PRINTED = {
    6: (0.8571, 0.6197, 0.9516),
    7: (0.8067, 0.5631, 0.9228),
    10: (0.7529, 0.5032, 0.8894),
    13: (0.6902, 0.4316, 0.8491),
    16: (0.6275, 0.3675, 0.8049),
    22: (0.5378, 0.2678, 0.7468),
    23: (0.4482, 0.1881, 0.6801),
}
# By lifelines 0.30.3, KaplanMeierFitter, 1 - S with its interval.
MONTHS = (1.5, 2, 2, 3, 4.25, 5, 5, 5, 6, 7.5, 8, 8, 9, 10, 11, 12, 12, 15, 18, 24)
BACK = (1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 0)
LIFELINES = {
    2: (0.1, 0.02599, 0.343969),
    3: (0.152941, 0.051975, 0.403205),
    6: (0.327059, 0.16096, 0.59098),
    9: (0.470059, 0.263475, 0.732462),
    12: (0.558382, 0.329057, 0.812482),
    18: (0.705588, 0.419224, 0.936173),
    24: (0.705588, 0.419224, 0.936173),
}


def test_a_curve_is_that_of_the_literature() -> None:
    weeks = np.array([float(text.rstrip("+")) for text in REMISSION.split()])
    ended = np.array([float(not text.endswith("+")) for text in REMISSION.split()])
    for week, (stayed, low, high) in PRINTED.items():
        (found,) = kaplan_meier(weeks, ended, np.array([float(week)]))
        assert (1 - found.value, 1 - found.high, 1 - found.low) == pytest.approx((stayed, low, high), abs=6e-5)  # type: ignore[operator]


def test_a_curve_is_that_of_lifelines() -> None:
    found = kaplan_meier(np.array(MONTHS), np.array(BACK, dtype=float), np.array([0.0, *LIFELINES]))
    assert (found[0].value, found[0].low) == (0.0, None)
    for one, wanted in zip(found[1:], LIFELINES.values(), strict=True):
        assert (one.value, one.low, one.high) == pytest.approx(wanted, abs=1e-6)


def _lost(number: int, **more: object) -> Row:
    return deal(number, "lost", loss_reason="Too pricey" if number % 2 else "Frozen", closed_at=day(20), **more)


@pytest.fixture
def found(tmp_path: Path) -> Losses:
    """Ten losses: three were asked; one came back and paid, one ordered, one said no; another came back unasked."""
    back = [
        deal(100, "won", opened_at=day(80), reopened_from="D0", closed_at=day(100), paid_at=day(110)),
        deal(101, "won", opened_at=day(140), closed_at=day(160), paid_at=None),
        deal(102, "open", opened_at=day(200), reopened_from="D3"),
    ]
    asked = [
        {"deal": 0, "asked_at": day(50), "offer": "Smaller start", "result": "reopened", "new_deal_id": "D100"},
        {"deal": 1, "asked_at": day(110), "offer": "Pilot", "result": "reopened", "new_deal_id": "D101"},
        {"deal": 2, "asked_at": day(110), "offer": "Smaller start", "result": "no"},
        {"deal": 4, "due_at": day(300), "result": "waiting"},
    ]
    tables = {"deals": [*(_lost(number) for number in range(10)), *back], "win_backs": asked}
    with opened(tmp_path, tables) as history:
        reasons = Reasons.of(history.meta, Settings())
        facts = read(history)
        return losses(history, facts, with_readings(facts, reasons), reasons)


def test_what_became_of_each_loss(found: Losses) -> None:
    assert found.n == 10
    assert found.asked.tolist() == [True, True, True] + [False] * 7
    assert found.returned.tolist() == [True, True, False, True] + [False] * 6
    assert found.won.tolist() == [True, True] + [False] * 8
    assert found.paid.tolist() == [True] + [False] * 9
    assert found.returned_months[[0, 1, 3]] == pytest.approx(np.array([60, 120, 180]) / 30.4375)
    assert found.asked_months[:3] == pytest.approx(np.array([30, 90, 90]) / 30.4375)
    assert set(found.reason) == {"Price", "Budget"}
    assert found.value.tolist() == [1000.0] + [0.0] * 9


def test_steps_are_shares_of_those_asked_and_withheld_below_five(found: Losses) -> None:
    told = {one.key: (one.count, one.n, one.share.value) for one in steps(found, 3)}
    assert told == {"returned": (2, 3, 2 / 3), "won": (2, 3, 2 / 3), "paid": (1, 3, 1 / 3)}
    assert all(one.share.value is None for one in steps(found, 5))


def test_curves_are_of_all_and_of_each_reason(found: Losses) -> None:
    curves = {curve.reason: curve for curve in return_curves(found, 5)}
    assert {name: (curve.n, curve.returned) for name, curve in curves.items()} == {
        "": (10, 3),
        "Budget": (5, 1),
        "Price": (5, 2),
    }
    whole = curves[""]
    assert [round(share.value or 0, 3) for share in whole.shares[:7]] == [0, 0, 0.1, 0.1, 0.2, 0.2, 0.3]
    assert return_curves(found, 6)[0].reason == ""
    assert len(return_curves(found, 6)) == 1


def test_offers_by_reason(found: Losses) -> None:
    told = {
        (one.reason, one.offer): (one.n, one.returned_count, one.won_count, one.returned.value)
        for one in offers(found, 2)
    }
    assert told == {("Budget", "Smaller start"): (2, 1, 1, 0.5), ("Price", "Pilot"): (1, 1, 1, None)}


def _asked(chance: np.ndarray, months: np.ndarray, seed: int) -> Losses:
    random = np.random.default_rng(seed)
    back = random.random(len(months)) < chance
    none = np.zeros(len(months), dtype=bool)
    texts = np.full(len(months), "", dtype=object)
    returned = np.where(back, months + 1, np.nan)
    return Losses(texts, texts, months + 12, months, returned, none, none, np.zeros(len(months)))


def test_a_planted_time_is_found() -> None:
    hits = 0
    for seed in range(20):
        months = np.random.default_rng(seed).uniform(0, 18, 600)
        named = best_time(_asked(np.where((months >= 6) & (months < 12), 0.3, 0.1), months, 100 + seed))
        hits += named.low in (6, 9) and named.high in (9, 12)
    assert hits >= 17


def test_where_the_time_does_not_matter_none_is_named() -> None:
    """At most one history in twenty may err: of a hundred, twelve would be a chance of less than one in a hundred."""
    named = 0
    for seed in range(100):
        months = np.random.default_rng(seed).uniform(0, 18, 300)
        named += best_time(_asked(np.full(300, 0.2), months, 500 + seed)).low is not None
    assert named <= 11


def test_where_nobody_comes_back_no_time_is_named() -> None:
    months = np.linspace(0, 18, 400)
    told = best_time(_asked(np.zeros(400), months, 1))
    assert told.low is None
    assert told.unsaid == "400 asked again, 0 came back: too few to tell the time that matters"
    curve = return_curves(_asked(np.zeros(400), months, 1), 5)[0]
    assert {share.value for share in curve.shares} == {0.0}
