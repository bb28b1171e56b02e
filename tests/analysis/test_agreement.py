"""Agreement between sellers and buyers, and what may not be told of it."""

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa as reference

from notyet.analysis.agreement import agreement, cohens_kappa
from notyet.analysis.readings import Reasons
from notyet.analysis.reasons import Pair
from notyet.analysis.results import ConfusionCell, Hides
from notyet.analysis.settings import Settings
from tests.analysis.written import meta

REASONS = Reasons.of(meta(), Settings())


def test_kappa_of_cohens_own_example() -> None:
    # Cohen (1960), Educ. Psychol. Meas. 20:37, table 1, 200 cases: kappa .492.
    kappa, _, _ = cohens_kappa([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    assert kappa == pytest.approx(0.492, abs=5e-4)


@pytest.mark.parametrize("seed", range(5))
def test_kappa_and_its_interval_are_those_of_statsmodels(seed: int) -> None:
    table = np.random.default_rng(seed).integers(1, 30, (4, 4)) + 40 * np.eye(4, dtype=int)
    expected = reference(table)
    assert cohens_kappa(table) == pytest.approx((expected.kappa, expected.kappa_low, expected.kappa_upp))


def test_kappa_is_none_where_everybody_says_the_same() -> None:
    assert cohens_kappa([[9, 0], [0, 0]]) == (None, None, None)


def test_wordings_are_compared_by_their_label() -> None:
    found = (Pair("Too pricey", "zu teuer", 8, 0.0), Pair("Too pricey", "We were slow", 2, 0.0))
    made = agreement(found, REASONS, 5)
    assert (made.share, made.n) == (0.8, 10)


def test_what_hides_behind_a_reason_and_cells_below_five_are_withheld() -> None:
    found = (
        Pair("Too pricey", "Too pricey", 38, 0.0),
        Pair("Too pricey", "We were slow", 31, 0.0),
        Pair("We were slow", "Too pricey", 4, 0.0),
        Pair("We were slow", "We were slow", 25, 0.0),
        Pair(None, "We were slow", 9, 0.0),
        Pair("Frozen", None, 9, 0.0),
    )
    made = agreement(found, REASONS, 5)
    assert made.n == 98
    assert made.hides == (Hides("Price", "Reply", 69, 31),)
    assert ConfusionCell("Reply", "Price", None) in made.matrix
    assert ConfusionCell("Price", "Reply", 31) in made.matrix


def test_four_answers_are_withheld_but_counted() -> None:
    made = agreement((Pair("Frozen", "Frozen", 4, 0.0),), REASONS, 5)
    assert (made.share, made.kappa, made.n, made.withheld, made.matrix) == (None, None, 4, "below_five", ())
