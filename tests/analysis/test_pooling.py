"""Small groups are drawn towards the mean, large ones stay where they are."""

import numpy as np
import pytest

from notyet.analysis.pooling import pooled


def test_a_group_of_four_does_not_lead_the_list() -> None:
    counts, sizes = [4, 450, 300, 250, 330], [4, 1000, 1000, 1000, 1000]
    made = pooled(counts, sizes)
    assert made.value[0] < 0.7
    assert np.argmax(made.value) in (0, 1)
    assert made.value[1] == pytest.approx(0.45, abs=0.01)
    assert (made.low < made.value).all() and (made.value < made.high).all()


def test_groups_that_differ_by_chance_alone_all_get_about_the_mean() -> None:
    made = pooled([30, 31, 29, 30], [100, 100, 100, 100])
    assert np.ptp(made.value) < 0.01


def test_pooled_values_miss_the_truth_less_than_the_plain_ones() -> None:
    random = np.random.default_rng(3)
    plain, drawn = 0.0, 0.0
    for _ in range(200):
        truth = random.beta(12, 28, 30)
        sizes = random.integers(4, 60, 30)
        counts = random.binomial(sizes, truth)
        plain += ((counts / sizes - truth) ** 2).sum()
        drawn += ((pooled(counts, sizes).value - truth) ** 2).sum()
    assert drawn < 0.6 * plain


def test_intervals_cover_nine_in_ten_and_more() -> None:
    random = np.random.default_rng(4)
    covered = total = 0
    for _ in range(200):
        truth = random.beta(12, 28, 30)
        sizes = random.integers(5, 80, 30)
        made = pooled(random.binomial(sizes, truth), sizes)
        covered += int(((made.low <= truth) & (truth <= made.high)).sum())
        total += 30
    assert 0.90 <= covered / total <= 0.98


def test_where_all_were_won_there_is_no_interval() -> None:
    made = pooled([3, 5], [3, 5])
    assert (made.value == 1).all() and np.isnan(made.low).all()
