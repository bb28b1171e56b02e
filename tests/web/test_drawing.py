"""Where marks stand."""

import pytest

from notyet.analysis.results import Figure
from notyet.web.drawing import Scale, mark, nice, share_scale, symmetric


@pytest.mark.parametrize(("value", "place"), [(0, 0), (5, 50), (10, 100), (-3, 0), (12, 100)])
def test_a_scale_is_straight_and_holds_everything_inside(value: float, place: float) -> None:
    assert Scale(0, 10).at(value) == place


def test_a_scale_without_width_puts_everything_at_its_start() -> None:
    assert Scale(3, 3).at(3) == 0


@pytest.mark.parametrize(("value", "expected"), [(0, 1), (0.07, 0.08), (1, 1), (4.2e6, 5e6), (9, 10), (1.2, 1.5)])
def test_a_scale_ends_at_a_round_number(value: float, expected: float) -> None:
    assert nice(value) == pytest.approx(expected)


def test_a_mark_shows_point_and_interval_and_knows_its_side() -> None:
    found = mark(-0.1, -0.15, -0.05, Scale(-0.2, 0.2))
    assert (found.point, found.start, found.width, found.down) == ("25.00%", "12.50%", "25.00%", True)


def test_differences_lie_around_zero() -> None:
    scale = symmetric([-0.19, 0.16])
    assert scale.at(0) == 50
    assert (scale.low, scale.high) == (-0.2, 0.2)


def test_shares_end_at_the_next_ten_per_cent() -> None:
    figures = [Figure("win_rate", "", "share", 0.31, 0.2, 0.42, 10)]
    assert share_scale(figures).high == pytest.approx(0.5)
    assert share_scale([]).high == 1.0
