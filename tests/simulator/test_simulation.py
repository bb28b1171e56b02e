"""A history is the same for the same seed and keeps the rules of the exchange format."""

import subprocess
import sys
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from notyet.analysis.tables import ARROW_TYPES, TABLES
from notyet.simulator import Company, simulate
from tests.simulator.measured import history

KINDS = [(1, 3000, False), (2, 400, True), (3, 1, False)]


def test_same_arguments_same_history() -> None:
    """Whatever Python's hash seed is; and other seeds, sizes and plans differ."""
    first, again = simulate(5, 200), simulate(5, 200)
    assert first.truth == again.truth
    assert all(first.tables[name].equals(again.tables[name]) for name in TABLES)
    others = [
        simulate(6, 200),
        simulate(5, 201),
        simulate(5, 200, nothing=True),
        simulate(5, 200, until=date(2025, 1, 1)),
    ]
    assert all(not first.tables["deals"].equals(other.tables["deals"]) for other in others)


def test_same_history_in_another_process() -> None:
    """The order of sets and dictionaries of strings plays no part."""
    code = "from notyet.simulator import simulate; print(simulate(5, 60).tables['conversations'].to_pylist())"
    seen = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1
    assert len(seen.pop()) > 1000


@pytest.mark.parametrize("kind", KINDS)
def test_tables_have_the_columns_of_the_format(kind: tuple[int, int, bool]) -> None:
    """Every table, every column, its type; required ones filled and choices kept to."""
    tables = history(*kind).tables
    assert set(tables) == set(TABLES)
    for name, table in tables.items():
        for place, column in enumerate(TABLES[name].columns):
            assert table.column_names[place] == column.name
            assert table.schema.types[place] == ARROW_TYPES[column.kind]
            if column.required and column.name != "opened_at":
                assert table[column.name].null_count == 0, (name, column.name)
            if column.choices:
                assert set(table[column.name].drop_null().to_pylist()) <= set(column.choices)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_belong_to_deals(kind: tuple[int, int, bool]) -> None:
    """No row of another table without its deal, no deal twice, and win-backs lead to deals."""
    tables = history(*kind).tables
    ids = tables["deals"]["deal_id"].to_pylist()
    assert len(set(ids)) == len(ids) == kind[1]
    for name, table in tables.items():
        if "deal_id" in table.column_names:
            assert set(table["deal_id"].to_pylist()) <= set(ids), name
    assert set(tables["win_backs"]["new_deal_id"].drop_null().to_pylist()) <= set(ids)
    assert set(tables["deals"]["reopened_from"].drop_null().to_pylist()) <= set(ids)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_known_after_the_end(kind: tuple[int, int, bool]) -> None:
    """Only what is due may lie in the future."""
    simulation = history(*kind)
    for name, table in simulation.tables.items():
        for column in TABLES[name].times:
            if column != "due_at":
                latest = table[column].drop_null().to_pylist()
                assert all(moment <= simulation.known_at for moment in latest), (name, column)


def test_times_are_in_order() -> None:
    """Opened, worked, closed, ordered, paid; and what was learned only after the close."""
    tables = {name: table.to_pandas() for name, table in history(1).tables.items()}
    deal = tables["deals"].set_index("deal_id")
    closed = deal[deal["outcome"] != "open"]
    assert (closed["closed_at"] > closed["opened_at"]).all()
    assert deal.loc[deal["outcome"] == "open", "closed_at"].isna().all()
    assert deal["paid_at"].notna().any()
    assert not (deal["paid_at"] <= deal["ordered_at"]).any()
    assert deal.loc[deal["outcome"] != "won", ["ordered_at", "paid_at"]].isna().all().all()
    for name, column, latest in (
        ("conversations", "at", "closed_at"),
        ("promises", "made_at", "closed_at"),
        ("promises", "kept_at", "closed_at"),
        ("steps_done", "done_at", "closed_at"),
        ("next_steps", "done_at", "closed_at"),
    ):
        rows = tables[name].join(deal[["opened_at", "closed_at"]], on="deal_id")
        assert not (rows[column] > rows[latest]).any(), (name, column)
        assert not (rows[column] < rows["opened_at"] - pd.Timedelta(hours=1)).any(), (name, column)
    promises = tables["promises"]
    assert (promises["made_at"] < promises["due_at"]).all()
    assert not (promises["kept_at"] < promises["made_at"]).any()
    for name, column in (("debriefs", "at"), ("buyer_answers", "invited_at"), ("win_backs", "asked_at")):
        rows = tables[name].join(deal["closed_at"], on="deal_id")
        assert not (rows[column] <= rows["closed_at"]).any(), name


def test_stages_follow_one_another() -> None:
    """Never backwards; an order only where won; some deals skip a stage."""
    simulation = history(1)
    place = {label: number for number, (label, _) in enumerate(simulation.stages)}
    rows = simulation.tables["stage_changes"].to_pandas()
    rows["place"] = rows["stage"].map(place)
    rows = rows.sort_values(["deal_id", "entered_at", "place"])
    step = rows.groupby("deal_id")["place"].diff().dropna()
    assert (step > 0).all()
    assert (step > 1).any()
    deal = simulation.tables["deals"].to_pandas().set_index("deal_id")
    ordered = set(rows.loc[rows["stage"] == "Order placed", "deal_id"])
    assert ordered == set(deal.index[deal["outcome"] == "won"])


def test_a_reopened_deal_stays_with_its_account() -> None:
    """It opens after the question, and both sides of the link agree."""
    tables = {name: table.to_pandas() for name, table in history(1).tables.items()}
    deal = tables["deals"].set_index("deal_id")
    back = tables["win_backs"].query("result == 'reopened'")
    assert len(back) > 20
    old, new = deal.loc[back["deal_id"]], deal.loc[back["new_deal_id"]]
    assert list(old["account"]) == list(new["account"])
    assert list(new["reopened_from"]) == list(back["deal_id"])
    assert (new["opened_at"].to_numpy() > back["asked_at"].to_numpy()).all()
    never = set(tables["buyer_answers"].query("ask_again == 'never'")["deal_id"])
    assert never
    assert not never & set(tables["win_backs"]["deal_id"])


def test_the_default_company_is_believable() -> None:
    """A win rate of some 30 %, eight conversations a deal, tens of millions, mostly euro, some deals open."""
    deal = history(1).tables["deals"].to_pandas()
    outcome = deal["outcome"].value_counts(normalize=True)
    assert 0.26 < outcome["won"] / outcome[["won", "lost", "no_decision"]].sum() < 0.34
    assert 0.03 < outcome["open"] < 0.12
    assert 7 < history(1).tables["conversations"].num_rows / len(deal) < 9
    assert 30e6 < deal["amount"].dropna().astype(float).sum() < 90e6
    assert 0.9 < (deal["currency"] == "EUR").mean() < 0.96
    paid = deal["paid_at"].min()
    assert paid == history(1).payments_from
    assert paid > datetime(2024, 1, 1, tzinfo=UTC)
    late = deal[(deal["outcome"] == "won") & (deal["closed_at"] > paid)]
    assert 0.03 < late["paid_at"].isna().mean() < 0.25


def test_the_end_is_the_day_asked_for() -> None:
    """``until`` moves the whole history."""
    simulation = simulate(1, 100, until=date(2024, 5, 6), company=Company(years=2))
    assert simulation.known_at == datetime(2024, 5, 6, tzinfo=UTC)
    opened = simulation.tables["deals"]["opened_at"].to_pylist()
    assert min(opened) >= datetime(2022, 5, 5, tzinfo=UTC)
    assert max(opened) < simulation.known_at


def test_parameters_that_no_history_can_have() -> None:
    """Refused with a reason."""
    with pytest.raises(ValueError, match="no history"):
        simulate(1, 0)
    with pytest.raises(ValueError, match="non-negative"):
        simulate(-1, 10)
    with pytest.raises(ValueError, match="conversations"):
        Company(conversations=2)
    with pytest.raises(ValueError, match="win_rate"):
        Company(win_rate=1.2)
