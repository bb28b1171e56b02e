"""Drivers on histories whose causes are known."""

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from notyet.analysis import drivers
from notyet.analysis.meta import Field
from notyet.analysis.results import Driver, DriverResult
from notyet.analysis.settings import LeakDecision, Settings
from tests.analysis.planted import DAY, Drawn, World, draw, moments, with_fields

PLANTED = World({"persona=Technical": -0.75, "source=Referral": 0.7, "reply": 0.6, "second": 0.55}, deals=2_000)
NAMES = {
    "persona=Technical": "Persona: Technical",
    "source=Referral": "Source: Referral",
    "reply": "First reply within 24 hours",
    "second": "A second contact on the buyer's side by day 7",
}
SEEDS = range(24)


@cache
def _found(seed: int) -> tuple[Drawn, DriverResult]:
    return _in(seed, PLANTED)


def _in(seed: int, world: World) -> tuple[Drawn, DriverResult]:
    drawn = draw(seed, world)
    return drawn, drivers.find(drawn.facts, drawn.meta)


def _named(result: DriverResult) -> dict[str, Driver]:
    return {one.name: one for one in result.drivers}


def test_planted_causes_are_found() -> None:
    """Nine in ten of those of 11 to 16 points among 2,000 deals, always with the right sign."""
    hits = []
    for seed in SEEDS:
        drawn, result = _found(seed)
        for planted, name in NAMES.items():
            one = _named(result).get(name)
            hits.append(one is not None)
            assert one is None or np.sign(one.effect) == np.sign(drawn.truth[planted]) == one.direction
    assert np.mean(hits) > 0.9


def test_intervals_cover_the_truth() -> None:
    """Near 95 %, of the drivers that are shown."""
    covered = [
        one.low <= drawn.truth[planted] <= one.high
        for drawn, result in map(_found, SEEDS)
        for planted, name in NAMES.items()
        if (one := _named(result).get(name))
    ]
    assert np.mean(covered) > 0.89
    widths = [one.high - one.low for _, result in map(_found, SEEDS) for one in result.drivers]
    assert np.median(widths) < 0.15


def test_false_discoveries_are_few() -> None:
    """Of what is shown, on average at most one in ten was not planted."""
    wrong = [
        len(set(_named(result)) - set(NAMES.values())) / max(1, len(result.drivers)) for _, result in map(_found, SEEDS)
    ]
    assert np.mean(wrong) <= 0.1


def test_a_history_of_nothing_is_left_alone() -> None:
    """Few in a hundred show anything; the others say that nothing tells won from lost, and how that was tried."""
    silent = 0
    for seed in range(40):
        _, result = _in(seed, World(deals=900, owner_sd=0.5))
        assert result.tested > 15
        if not result.drivers:
            silent += 1
            (said,) = [one for one in result.warnings if one.kind == "no_signal"]
            assert "nothing recorded at that point tells won from lost" in said.text
            assert "in time order" in said.text
            assert said.evidence
    assert silent >= 37


def test_without_dates_accounts_are_parted_instead() -> None:
    """And the warning says so."""
    drawn = draw(1, World(deals=900))
    facts = drawn.facts.drop_columns(["opened_at", "closed_at", "enquiry_at"])
    said = {one.kind: one.text for one in drivers.find(facts, drawn.meta).warnings}
    assert "by parts of the accounts" in said["no_signal"]
    assert "A meeting by day 7" in said["data_quality"]


def test_a_product_that_only_looks_bad_is_not_named() -> None:
    """Technical buyers buy Basic and seldom buy: the persona is named, the product is not."""
    for seed in range(6):
        drawn, result = _in(seed, World({"persona=Technical": -1.2}, deals=3_000))
        basic = drawn.facts["product"].to_numpy() == "Basic"
        assert drawn.won[~basic].mean() - drawn.won[basic].mean() > 0.04
        assert "Persona: Technical" in _named(result)
        assert not any(name.startswith("Product") for name in _named(result))


def test_living_longer_is_no_driver() -> None:
    """Won deals have far more conversations in all, and none more by a day that all had reached."""
    for seed in range(6):
        drawn, result = _in(seed, World({"persona=Technical": -1.2}, deals=3_000))
        talks = drawn.facts["conversations"].to_numpy()
        assert talks[drawn.won].mean() > 1.5 * talks[~drawn.won].mean()
        assert [one for one in result.drivers if "onversation" in one.name] == []


def test_people_are_never_named() -> None:
    """Whatever the differences between them, and whether the history says that they are people or not."""
    drawn = draw(4, World({"reply": 0.8}, owner_sd=1.2, deals=2_500))
    owner = drawn.facts["owner"].to_numpy()
    drawn = drawn.with_column("Account manager", owner, "category")
    result = drivers.find(drawn.facts, drawn.meta)
    assert {one.field for one in result.drivers} <= {"first_reply_hours"}
    assert result.drivers


def test_a_team_is_judged_by_how_much_its_people_differ() -> None:
    """Three teams of four sellers each who differ by themselves: no team stands out by that."""
    shown = 0
    for seed in range(20):
        drawn = draw(seed, World(deals=4_000, owners=12, owner_sd=0.6, account_sd=0.0))
        team = np.array(["Red", "Green", "Blue"])[
            [int(name.split()[1]) % 3 for name in drawn.facts["owner"].to_pylist()]
        ]
        facts = drawn.facts.append_column("team", [team])
        meta = with_fields(drawn.meta, Field("Team", "team", "team", "category"))
        shown += any(one.field == "team" for one in drivers.find(facts, meta).drivers)
    assert shown <= 2


def test_a_group_of_a_few_accounts_is_not_tested() -> None:
    """It would say something of these accounts."""
    drawn = draw(1, World(deals=900, deals_an_account=100, account_sd=1.0))
    region = np.where(np.isin(drawn.facts["account"].to_pylist(), ["account 1", "account 2"]), "Far", "Near")
    at = drawn.facts.column_names.index("region")
    facts = drawn.facts.set_column(at, "region", [region])
    before = drivers.find(facts.drop_columns(["account"]), drawn.meta).tested
    assert drivers.find(facts, drawn.meta).tested < before


def test_too_few_deals_are_said_to_be_too_few() -> None:
    """No driver, nothing tested, a warning."""
    drawn = draw(1, World({"reply": 3.0}))
    for few in (drawn.facts.slice(0, 59), drawn.facts.filter(pa.array(drawn.won))):
        result = drivers.find(few, drawn.meta)
        assert (result.drivers, result.tested) == ((), 0)
        assert [one.kind for one in result.warnings] == ["small_sample"]


@pytest.mark.parametrize("deals", [80, 150, 300])
def test_a_large_effect_is_found_in_a_small_history(deals: int) -> None:
    """Groups may be smaller there."""
    drawn = draw(2, World({"reply": 3.0}, deals=deals, owners=4))
    assert "First reply within 24 hours" in _named(drivers.find(drawn.facts, drawn.meta))


def test_open_and_disqualified_deals_count_for_nothing() -> None:
    """The same result whatever their number."""
    drawn, result = _found(0)
    more = drawn.facts.slice(0, 500)
    at = more.column_names.index("outcome")
    for outcome in ("open", "disqualified", "ordered_unpaid"):
        others = more.set_column(at, "outcome", [np.full(500, outcome).tolist()])
        assert drivers.find(pa.concat_tables([drawn.facts, others]), drawn.meta) == result


def test_the_owner_of_the_analysis_decides_on_suspects() -> None:
    """Left out until then, back in when judged fine, out for good when judged a leak."""
    drawn, _ = _found(0)
    drawn = drawn.with_column("Deal status", np.random.default_rng(2).choice(["A", "B", "C"], 2_000), "category")
    drawn = drawn.with_column(
        "Colour", np.where(np.random.default_rng(1).random(2_000) < 0.3 + 0.3 * drawn.won, "red", "blue"), "category"
    )

    def found(**leaks: LeakDecision) -> DriverResult:
        settings = Settings(leaks={name.replace("_", " "): decision for name, decision in leaks.items()})
        return drivers.find(drawn.facts, drawn.meta, settings)

    assert "attr.Colour" in {one.field for one in found().drivers}
    assert "attr.Colour" not in {one.field for one in found(Colour="leak").drivers}
    assert found(Deal_status="fine").tested == found().tested + 3
    assert {one.field: one.kind for one in found().warnings} == {"Deal status": "leak"}
    assert found(Deal_status="fine").warnings == ()


def test_a_control_can_be_overruled() -> None:
    """By the field's name."""
    drawn, result = _found(0)
    assert _named(result)["Persona: Technical"].control == "shared"
    changed = drivers.find(drawn.facts, drawn.meta, Settings(controls={"Persona": "theirs"}))
    assert _named(changed)["Persona: Technical"].control == "theirs"


def test_a_driver_counts_and_says_what_it_compares() -> None:
    """Deals on both sides, money at stake a year, a plain sentence that claims no cause."""
    drawn, result = _found(0)
    one = _named(result)["Persona: Technical"]
    technical = drawn.facts["persona"].to_numpy() == "Technical"
    assert (one.deals_with, one.deals_without, one.n) == (technical.sum(), (~technical).sum(), technical.sum())
    value = drawn.facts["value"].to_numpy()
    closed = drawn.facts["closed_at"].to_numpy()
    years = float((closed.max() - closed.min()) / np.timedelta64(1, "D")) / 365.25
    assert one.at_stake == pytest.approx(-one.effect * value[technical].sum() / years, rel=0.2)
    assert one.at_stake_low is not None
    assert one.at_stake_high is not None
    assert one.at_stake_low < one.at_stake < one.at_stake_high
    assert one.landmark == "opening"
    assert "goes with" in one.reading
    assert "less" in one.reading


def test_without_amounts_nothing_is_said_to_be_at_stake() -> None:
    """Unknown, or themselves a leak."""
    drawn, _ = _found(0)
    at = drawn.facts.column_names.index("value")
    unknown = drawn.facts.set_column(at, "value", [np.full(2_000, np.nan)])
    leaking = drawn.facts.set_column(at, "value", [np.where(drawn.won, 100.0, 0.0)])
    for facts in (unknown, leaking):
        result = drivers.find(facts, drawn.meta)
        assert {one.at_stake for one in result.drivers} == {None}


def test_the_rows_order_and_the_table_kind_do_not_matter() -> None:
    """An Ibis table gives the same as an Arrow table."""
    import ibis

    drawn, result = _found(0)
    shuffled = drawn.facts.take(pa.array(np.random.default_rng(1).permutation(2_000)))
    assert drivers.find(ibis.memtable(shuffled), drawn.meta) == result


def test_a_landmark_that_few_reach_is_said() -> None:
    """Behaviours of day 7 where most deals live a few days."""
    drawn = draw(1, World(deals=400))
    opened = np.random.default_rng(2).uniform(0, 700 * DAY, 400)
    closed = opened + np.random.default_rng(3).uniform(1.5, 8, 400) * DAY
    facts = drawn.facts
    for name, seconds in (("opened_at", opened), ("enquiry_at", opened), ("closed_at", closed)):
        facts = facts.set_column(facts.column_names.index(name), name, moments(seconds))
    said = drivers.find(facts, drawn.meta).warnings
    assert any(one.kind == "data_quality" and "had closed" in one.text for one in said)
