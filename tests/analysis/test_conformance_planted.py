"""Deviations in companies whose truth is known: what helps is found, and what does nothing is not claimed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from notyet.analysis.conformance import conformance
from notyet.analysis.conformance_results import Conformance, Deviated
from tests.analysis.conformance_planted import World, draw

SEEDS = range(4)
SKIPPED_AND_LATE = 4


def _companies(folder: Path, world: World) -> Iterator[tuple[Conformance, float, float]]:
    """What is said of each company, its truth, and how far deals with and without the step at any time differ."""
    for seed in SEEDS:
        drawn = draw(folder / str(seed), seed, world)
        with drawn.history as history:
            deals = history.table("deals")
            done = history.table("steps_done")
            written = done.filter(done.step == "In writing").select("deal").distinct()
            won = deals.mutate(won=deals.outcome == "won", done=deals.deal.isin(written.deal))
            rates = (
                won.group_by("done").aggregate(rate=won.won.mean()).order_by("done").to_pyarrow()["rate"].to_pylist()
            )
            yield conformance(history), drawn.truth, rates[1] - rates[0]


def _deviations(told: Conformance) -> list[tuple[str, Deviated]]:
    return [(step.key, one) for step in told.steps for one in step.deviations if one.equal is not None]


def test_a_deal_that_lives_longer_has_no_more_time_to_do_a_step(tmp_path: Path) -> None:
    """Won deals live twice as long, so steps were done on more of them; none of the steps does anything."""
    claimed = 0
    for told, _, at_any_time in _companies(tmp_path, World(living=2.0)):
        assert at_any_time > 0.1
        looked = _deviations(told)
        assert len(looked) == told.tested >= SKIPPED_AND_LATE
        claimed += sum(one.stands for _, one in looked)
    assert claimed <= 1


def test_a_step_that_helps_is_found_with_its_effect(tmp_path: Path) -> None:
    covered, found, wrong = 0, 0, 0
    for told, truth, _ in _companies(tmp_path, World(worth=0.7)):
        for key, one in _deviations(told):
            if key != "written":
                wrong += one.stands
            elif one.way == "skipped":
                assert one.equal is not None and one.equal.low is not None and one.equal.high is not None
                found += one.stands
                covered += one.equal.low <= truth <= one.equal.high
    assert found == len(SEEDS)
    assert covered >= len(SEEDS) - 1
    assert wrong <= 1


def test_what_good_sellers_do_anyway_is_not_what_makes_them_good(tmp_path: Path) -> None:
    """Owners who win more do every step more often: plainly compared each step helps, other things equal none does."""
    plainly, claimed = 0, 0
    for told, _, _ in _companies(tmp_path, World(owner_sd=0.6, diligence=0.5)):
        for _, one in _deviations(told):
            plainly += one.plain.high is not None and one.plain.high < 0
            claimed += one.stands
    assert plainly >= 2 * len(SEEDS)
    assert claimed <= 1


def test_too_few_deals_are_counted_and_not_compared(tmp_path: Path) -> None:
    with draw(tmp_path, 1, World(deals=55)).history as history:
        told = conformance(history)
    assert told.tested == 0
    assert not [one for step in told.steps for one in step.deviations if one.equal or one.stands]
    assert told.steps[0].ways[0].share.value == pytest.approx(told.steps[0].ways[0].won / told.steps[0].ways[0].deals)
