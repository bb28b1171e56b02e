"""How a field becomes groups."""

import numpy as np
import pytest

from notyet.analysis.factors import from_flag, from_levels, from_number, round_cut


@pytest.mark.parametrize(
    ("values", "cut"),
    [
        (np.exp(np.random.default_rng(1).normal(6.2, 1.0, 4_000)).round(), 500),
        (np.random.default_rng(2).integers(1950, 2020, 4_000), 1980),
        (np.random.default_rng(3).normal(0, 1, 4_000), 0),
        (np.repeat([12, 24, 36], [300, 500, 200]), 24),
        (np.repeat([1, 2, 3, 4], [700, 100, 100, 100]), 2),
        (np.repeat([0, 1, 2, 3, 4, 5], [100, 90, 140, 300, 200, 170]), 4),
        (np.random.default_rng(4).uniform(0, 1, 4_000), 0.5),
    ],
)
def test_a_number_is_cut_where_a_person_would(values: np.ndarray, cut: float) -> None:
    """Round, near the median, whole where the numbers are whole."""
    assert round_cut(values.astype(float)) == pytest.approx(cut)


def test_a_cut_is_named_by_its_upper_side() -> None:
    """Thousands with a comma, but not in years; missing numbers are a group that is never named."""
    values = np.r_[np.full(50, np.nan), np.exp(np.random.default_rng(1).normal(8.5, 1, 400)).round()]
    factor = from_number("Employees", "attr.e", "unknown", values, 30)
    assert factor is not None
    assert [factor.label(i) for i in factor.tested] == ["Employees: 5,000 and more"]
    assert factor.levels[-1] == "(not recorded)"
    years = from_number("Founding year", "attr.y", "unknown", np.arange(1900.0, 2020), 30)
    assert years is not None
    assert years.label(0).startswith("Founding year: 19")


def test_two_groups_are_one_question() -> None:
    """The yes, or else the rarer side, is named."""
    codes = np.repeat([0, 1], [60, 40])
    for levels, named in ((("No", "Yes"), "F: Yes"), (("Yes", "No"), "F: Yes"), (("SMB", "Large"), "F: Large")):
        factor = from_levels("F", "f", "unknown", codes, levels, 10, 50)
        assert factor is not None
        assert [factor.label(i) for i in factor.tested] == [named]
    flag = from_flag("Budget", "f", "unknown", np.array([1.0] * 20 + [0.0] * 20 + [np.nan] * 5), 10)
    assert flag is not None
    assert [flag.label(i) for i in flag.tested] == ["Budget: yes"]
    assert from_flag("Budget", "f", "unknown", np.array([1.0] * 20 + [0.0] * 5), 10) is None


def test_rare_and_missing_groups_are_not_named() -> None:
    """They are pooled, and adjusted for; the word None is a group like any other."""
    codes = np.repeat([0, 1, 2, 3, -1], [50, 40, 3, 2, 20])
    factor = from_levels("C", "competitor", "theirs", codes, ("None", "Alpha", "Beta", "Gamma"), 10, 50)
    assert factor is not None
    assert {factor.label(i) for i in factor.tested} == {"C: None", "C: Alpha"}
    assert np.bincount(factor.codes).tolist() == [50, 40, 5, 20]


def test_a_field_of_names_is_no_category() -> None:
    """Many levels of which the frequent ones hold few deals."""
    codes = np.r_[np.repeat(0, 40), np.arange(1, 400)]
    assert from_levels("Name", "attr.n", "unknown", codes, tuple(map(str, range(400))), 30, 50) is None
