"""What is said to be planted is there, at its size; what is said to be null is null; the traps are traps."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from notyet.analysis.tables import OUTCOMES
from tests.simulator.measured import OPENING_FIELDS, closed_deals, history

SEEDS = range(1, 41)
LARGE = 30_000
COLUMN = {
    "first_reply_hours": "fast",
    "second_contact_hours": "second",
    "first_broken_hours": "broken",
}


def design(deal: pd.DataFrame, seed: int) -> pd.DataFrame:
    """A column of 0 and 1 for each planted driver, and what goes with time and team."""
    x = pd.DataFrame(index=deal.index)
    for driver in history(seed, LARGE).truth.drivers:
        known = deal[COLUMN[driver.field]] if driver.field in COLUMN else deal[driver.field] == driver.level
        x[driver.field] = known.astype(float)
    x["time"] = (deal["opened_at"] - deal["opened_at"].min()).dt.days / 365
    return x.join(pd.get_dummies(deal[["team"]], drop_first=True, dtype=float))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_plain_fit_finds_the_true_effects(seed: int) -> None:
    """Average marginal effects of a logistic regression on the true causes lie within four standard errors."""
    deal = closed_deals(seed, LARGE)
    deal = deal[(deal["life"] > 14) & deal["persona"].notna() & deal["source"].notna()]
    fit = sm.Logit(deal["win"], sm.add_constant(design(deal, seed))).fit(disp=0)
    found = fit.get_margeff(dummy=True).summary_frame()
    for driver in history(seed, LARGE).truth.drivers:
        effect, error = found.loc[driver.field, "dy/dx"], found.loc[driver.field, "Std. Err."]
        assert error < 0.012
        assert abs(effect - driver.effect) < 4 * error, (driver.name, effect, driver.effect)


def test_the_planted_effects_are_large_enough_to_matter() -> None:
    """Between 7 and 16 points each, and the shares are those of the table."""
    truth = history(1, LARGE).truth
    assert len(truth.drivers) == 7
    x = design(closed_deals(1, LARGE), 1)
    for driver in truth.drivers:
        assert 0.07 < abs(driver.effect) < 0.16
        assert x[driver.field].mean() == pytest.approx(driver.share, abs=0.015)
    assert closed_deals(1, LARGE)["win"].mean() == pytest.approx(truth.win_rate, abs=0.01)


def chi_square(values: pd.Series, win: pd.Series) -> float:
    """The p-value of outcomes against a field; numbers are cut at their quartiles."""
    groups = pd.qcut(values, 4, duplicates="drop") if values.dtype.kind in "if" and values.nunique() > 6 else values
    return float(stats.chi2_contingency(pd.crosstab(groups, win), correction=False).pvalue)


def test_nothing_means_nothing() -> None:
    """In null histories p-values of outcomes against everything known at the opening are uniform."""
    fields = [*OPENING_FIELDS, "fast", "second", "broken", "first_week"]
    found = [chi_square(deal[f], deal["win"]) for s in SEEDS for deal in [closed_deals(s, 800, True)] for f in fields]
    assert len(found) == len(SEEDS) * len(fields)
    assert stats.kstest(found, "uniform").pvalue > 0.01
    assert 0.03 < np.mean(np.array(found) < 0.05) < 0.07


def test_nothing_has_no_lives_to_tell_by() -> None:
    """In null histories won deals live no longer and talk no more."""
    deal = pd.concat([closed_deals(s, 800, True) for s in SEEDS])
    won, rest = deal[deal["win"] == 1], deal[deal["win"] == 0]
    assert abs(stats.ttest_ind(won["talks"], rest["talks"]).statistic) < 3
    assert history(1, 800, True).truth.drivers == ()
    assert all(change.effect == 0 for change in history(1, 800, True).truth.changes)


def test_what_is_null_in_a_planted_history() -> None:
    """Attributes without effect show none, although others have theirs."""
    fields = ["campaign", "message", "region", "Industry", "Language", "contract_term_months", "Headcount"]
    found = [
        chi_square(closed_deals(seed)[field], closed_deals(seed)["win"]) for seed in range(1, 16) for field in fields
    ]
    assert stats.kstest(found, "uniform").pvalue > 0.01


def test_activity_only_looks_helpful() -> None:
    """Talks over the whole life go with winning; those of the first week do not."""
    deal = closed_deals(1, LARGE)
    whole, week = (stats.pearsonr(deal[column], deal["win"]) for column in ("talks", "first_week"))
    assert whole.statistic > 0.2
    assert abs(week.statistic) < 0.015
    rate = deal["talks"] / deal["life"]
    long_lived = deal["life"].between(50, 60)
    assert abs(stats.pearsonr(rate[long_lived], deal["win"][long_lived]).statistic) < 0.06
    assert {one.field for one in history(1).truth.look_alikes} >= {"conversations", "promises", "product", "source"}


def test_a_product_only_looks_bad() -> None:
    """Its win rate is lower by what the truth expects, and no longer so among buyers of one persona."""
    deal = closed_deals(1, LARGE).dropna(subset=["persona", "source"])
    for trap in [one for one in history(1, LARGE).truth.look_alikes if one.difference is not None]:
        has = deal[trap.field] == trap.level
        assert trap.difference is not None
        assert trap.difference < -0.03
        assert deal[has]["win"].mean() - deal[~has]["win"].mean() == pytest.approx(trap.difference, abs=0.02)
        other = deal["source"] != "Referral"
        for _, same in deal[other].groupby(deal["persona"] == "IT generalist"):
            mine = same[trap.field] == trap.level
            error = np.sqrt(0.21 / mine.sum() + 0.21 / (~mine).sum())
            assert abs(same[mine]["win"].mean() - same[~mine]["win"].mean()) < 3.5 * error


def test_leaks_are_leaks() -> None:
    """Each planted leak shows the evidence it is said to show, and in a null history none tells the outcome."""
    simulation, deal = history(1), closed_deals(1)
    assert {leak.field for leak in simulation.truth.leaks} == {
        "Invoice number", "Loss survey sent", "Probability", "Deal temperature", "Days to close", "Last activity type",
    }  # fmt: skip
    win = deal["win"] == 1
    assert (deal["Invoice number"].notna() == win).all()
    assert not deal["Loss survey sent"].notna()[win].any()
    changes = simulation.tables["field_changes"].to_pandas().query("field == 'Probability'")
    last = changes.groupby("deal_id").last().loc[deal.index]
    assert (last["at"] >= deal["closed_at"]).mean() > 0.99
    assert ((last["value"] == "100") == win).mean() > 0.99
    assert chi_square(deal["Deal temperature"], win) < 1e-50
    null = pd.concat([closed_deals(s, 800, True) for s in SEEDS])
    for field in ("Deal temperature", "Last activity type"):
        assert chi_square(null[field], null["win"]) > 0.01
    for field in ("Invoice number", "Loss survey sent"):
        assert chi_square(null[field].isna().astype(str), null["win"]) > 0.01


def test_sellers_file_other_causes_under_price() -> None:
    """And buyers, who say what it was, answer the less the more it was our fault."""
    simulation = history(1, LARGE)
    deal = simulation.tables["deals"].to_pandas().set_index("deal_id")
    answer = simulation.tables["buyer_answers"].to_pandas().set_index("deal_id").join(deal[["outcome", "loss_reason"]])
    lost = answer[answer["outcome"].isin(["lost", "no_decision"])]
    said = lost.dropna(subset=["deciding_reason", "loss_reason"])
    for confusion in simulation.truth.confusions:
        filed = said.loc[said["deciding_reason"] == confusion.reason, "loss_reason"] == confusion.filed_as
        assert filed.mean() == pytest.approx(confusion.share, abs=0.08)
    answered = answer["answered_at"].notna().groupby(answer["loss_reason"]).mean()
    assert answered["Not our buyer"] + 0.1 < answered["Missing feature"]
    by_outcome = answer["answered_at"].notna().groupby(answer["outcome"]).mean()
    assert by_outcome["won"] > by_outcome["lost"] + 0.1


def test_quarter_ends_bunch_and_win() -> None:
    """More closings in a quarter's last week than elsewhere, and more of them won."""
    deal = closed_deals(1, LARGE)
    quarter_end = deal["closed_at"].dt.tz_localize(None).dt.to_period("Q").dt.end_time.dt.tz_localize("UTC")
    last_week = (quarter_end - deal["closed_at"]).dt.days < 7
    assert last_week.mean() > 1.5 * 7 / 91
    assert deal[last_week]["win"].mean() > deal[~last_week]["win"].mean() + 0.1


def test_the_win_rate_rises_without_the_change() -> None:
    """Also in the team that never changed, so that before against after exaggerates what the change did."""
    deal = history(1, LARGE).tables["deals"].to_pandas()
    old = deal[(deal["team"] == "Danube") & deal["outcome"].isin(["won", "lost", "no_decision"])]
    won = (old["outcome"] == "won").groupby(old["opened_at"].dt.year).mean()
    assert won[2023] + 0.02 < won[2024]
    changed = next(change for change in history(1, LARGE).truth.changes if change.team == "Rhine")
    rhine = deal[(deal["team"] == "Rhine") & deal["outcome"].isin(["won", "lost", "no_decision"])]
    rhine_won = (rhine["outcome"] == "won").groupby(rhine["opened_at"] >= changed.started_at).mean()
    assert rhine_won[True] - rhine_won[False] > changed.effect + 0.02


def test_the_new_process_came_to_two_teams() -> None:
    """Deals of a team are worked by version 2 from its change on, and by none where there was no change."""
    simulation = history(1)
    deal = simulation.tables["deals"].to_pandas()
    started = {c.team: c.started_at for c in simulation.truth.changes if c.effect}
    assert set(started) == {"Rhine", "Elbe"}
    for team, rows in deal.groupby("team"):
        expected = rows["opened_at"] >= started[team] if team in started else pd.Series(False, rows.index)
        assert ((rows["process_version"] == "2") == expected).all()
    listed = {(row["change"], row["team"], row["started_at"]) for row in simulation.tables["changes"].to_pylist()}
    assert listed == {(c.change, c.team, c.started_at) for c in simulation.truth.changes}


def test_reasons_move_where_deals_leave() -> None:
    """Deals lost on price get further than those that were not our buyers."""
    simulation = history(1)
    deal = simulation.tables["deals"].to_pandas().set_index("deal_id").query(f"outcome in {OUTCOMES[2:4]}")
    rows = simulation.tables["stage_changes"].to_pandas()
    proposed = deal.index.isin(rows.loc[rows["stage"] == "Proposal", "deal_id"])
    share = pd.Series(proposed, deal.index).groupby(deal["loss_reason"]).mean()
    assert share["Competitor offer"] > share["Not our buyer"] + 0.1
