"""Facts are what a person would read off the rows of a deal."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notyet.analysis import facts
from notyet.analysis.history import History
from notyet.analysis.meta import Field, HistoryError
from tests.analysis.facts_oracle import Oracle
from tests.analysis.written import NOW, Row, day, deal, meta, opened, write

CHANGING = meta(fields=(*meta().fields[1:], Field("team", "team", "Team", "category", changes=True)))
BERLIN = meta().zone


def _midnight(moment: datetime) -> datetime:
    local = moment.astimezone(BERLIN)
    return datetime(local.year, local.month, local.day, tzinfo=BERLIN).astimezone(UTC)


# Around the change of the clocks on 30 March 2025, on a grid of hours, so that days and ties matter.
hours = st.integers(min_value=0, max_value=24 * 30).map(
    lambda n: datetime(2025, 3, 20, tzinfo=UTC) + timedelta(hours=n)
)
maybe = st.one_of(st.none(), hours)
reason = st.sampled_from([None, "Too pricey", "We were slow", "None"])


@st.composite
def plain(draw: st.DrawFn, row: Row, *columns: str) -> Row:
    """Some of a row's times as plain dates: at their local midnight, with their bit set."""
    bits = 0
    for number, column in enumerate(columns):
        if row.get(column) is not None and draw(st.booleans()):
            row[column] = _midnight(row[column])
            bits |= 1 << number
    return row | {"plain_dates": bits}


@st.composite
def one_deal(draw: st.DrawFn, number: int) -> Row:
    """A deal that may lack any of its times."""
    begun, ended = draw(maybe), draw(maybe)
    if begun and ended and ended < begun:
        begun, ended = ended, begun
    outcome = draw(st.sampled_from(["open", "won", "lost", "no_decision"]))
    row = deal(
        number,
        outcome,
        opened_at=begun,
        closed_at=None if outcome == "open" else ended,
        paid_at=draw(maybe),
        loss_reason=draw(reason),
        team=draw(st.sampled_from([None, "North", "South"])),
        data_source=draw(st.sampled_from(["crm", "old"])),
    )
    drawn: Row = draw(plain(row, "opened_at", "closed_at"))
    return drawn


def talk(number: int) -> st.SearchStrategy[Row]:
    """A conversation, missed or not, with or without a name."""
    rows = st.fixed_dictionaries(
        {
            "deal": st.just(number),
            "at": hours,
            "channel": st.sampled_from([None, "call", "meeting", "note"]),
            "direction": st.sampled_from([None, "in", "out"]),
            "missed": st.sampled_from([None, True, False]),
            "contact": st.sampled_from([None, "Ann", "Bo", "Cy"]),
        }
    )
    return rows.flatmap(lambda row: plain(row, "at"))


def _child(number: int, **columns: st.SearchStrategy[Any]) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries({"deal": st.just(number), **columns})


@st.composite
def histories(draw: st.DrawFn) -> dict[str, list[Row]]:
    """A dozen deals with everything that facts are made of (an example costs the same, however many)."""
    tables: dict[str, list[Row]] = {"deals": []}
    for number in range(draw(st.integers(1, 12))):
        tables["deals"].append(draw(one_deal(number)))
        promise = _child(number, made_at=maybe, due_at=maybe, kept_at=maybe)
        share = st.sampled_from([None, 0.25, 1.0])
        once = {"unique_by": lambda row: row.get("at") or row.get("answered_at")}
        drawn = {
            "conversations": st.lists(talk(number), max_size=6),
            "promises": st.lists(promise.flatmap(lambda row: plain(row, "made_at", "due_at", "kept_at")), max_size=3),
            "next_steps": st.lists(_child(number, due_at=maybe), max_size=2),
            "stage_changes": st.lists(
                _child(number, stage=st.sampled_from(["Enquiry", "Need", "Lost", "Odd"]), entered_at=hours), max_size=4
            ),
            "debriefs": st.lists(
                _child(number, at=hours, deciding_reason=reason, preparation=share), max_size=2, **once
            ),
            "buyer_answers": st.lists(
                _child(number, invited_at=hours, answered_at=maybe, deciding_reason=reason, signed=st.booleans()),
                max_size=2,
                **once,
            ),
            "field_changes": st.lists(
                _child(number, field=st.just("team"), value=st.sampled_from(["East", "West"]), at=hours),
                max_size=3,
                **once,
            ),
        }
        for name, rows in drawn.items():
            tables.setdefault(name, []).extend(draw(rows))
    return tables


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(), st.one_of(st.none(), hours))
def test_facts_agree_with_plain_python(tables: dict[str, list[Row]], as_of: datetime | None) -> None:
    """Also where the queries are those that were written out for another history of the same shape."""
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), tables, CHANGING) as history:
        made = {row["deal"]: row for row in facts.read(history, as_of).to_pyarrow().to_pylist()}
    expected = Oracle(tables, CHANGING, as_of).facts()
    assert made.keys() == expected.keys()
    for number, row in expected.items():
        for name, value in row.items():
            assert (
                made[number][name] == pytest.approx(value) if isinstance(value, float) else made[number][name] == value
            ), name


def _fact(tmp_path: Path, name: str, about: Any = None, **tables: list[Row]) -> Any:
    with opened(tmp_path, tables, about) as history:
        return facts.build(history).to_pyarrow().to_pylist()[0][name]


def test_a_close_on_the_day_of_the_opening_takes_no_days(tmp_path: Path) -> None:
    midnight = _midnight(day(10))
    same_day = deal(1, "lost", opened_at=day(10), closed_at=midnight, plain_dates=0b10)
    assert _fact(tmp_path, "cycle_days", deals=[same_day]) == 0


def test_a_promise_due_on_a_plain_date_is_kept_until_that_day_ends(tmp_path: Path) -> None:
    promise = {"deal": 1, "made_at": day(1), "due_at": _midnight(day(5)), "kept_at": day(5, 12), "plain_dates": 0b10}
    assert _fact(tmp_path, "promises_kept", deals=[deal(1)], promises=[promise]) == 1


def test_value_at_the_opening_is_the_first_amount_and_the_final_one_is_kept(tmp_path: Path) -> None:
    about = meta(fields=(Field("amount", "amount", "Amount", "number", changes=True),))
    row = deal(1, currency="USD", amount=200, value=100.0)
    changes = [
        {"deal": 1, "field": "amount", "value": "50", "at": row["opened_at"]},
        {"deal": 1, "field": "amount", "value": "200", "at": row["closed_at"]},
    ]
    assert _fact(tmp_path, "value", about, deals=[row], field_changes=changes) == 25.0
    assert _fact(tmp_path, "value_final", about, deals=[row], field_changes=changes) == 100.0


def test_a_value_that_first_came_after_the_opening_was_not_known_then(tmp_path: Path) -> None:
    row = deal(1, team="North")
    changes = [{"deal": 1, "field": "team", "value": "North", "at": row["closed_at"]}]
    assert _fact(tmp_path, "team", CHANGING, deals=[row], field_changes=changes) is None


def test_written_facts_are_those_that_are_made_in_any_number_of_ranges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [deal(n * 7, "won" if n % 3 else "lost") for n in range(20)]
    talks = [
        {"deal": n * 7, "at": day(n, 30), "channel": "call", "direction": "out", "missed": False} for n in range(20)
    ]
    write(tmp_path, {"deals": rows, "conversations": talks})
    with History.open(tmp_path) as history:
        whole = facts.build(history).order_by("deal").to_pyarrow()
    monkeypatch.setattr(facts, "RANGE", 6)
    facts.write(tmp_path)
    with History.open(tmp_path) as history:
        read = facts.read(history).order_by("deal").to_pyarrow()
    assert read.num_rows == 20
    assert read.to_pylist() == whole.to_pylist()


def test_queries_written_out_once_do_for_another_history_at_another_moment(tmp_path: Path) -> None:
    """Of the same shape; one with other columns, stages or whole days has queries of its own."""
    talk = {"deal": 1, "channel": "call", "direction": "out", "missed": False}
    first = {"deals": [deal(1)], "conversations": [talk | {"at": day(2)}]}
    others: list[dict[str, list[Row]]] = [
        {"deals": [deal(1), deal(2, "lost")], "conversations": [talk | {"at": day(9)}]},
        {"deals": [deal(1, **{"attr.Size": 3.5})], "conversations": []},
        {"deals": [deal(1)], "conversations": [talk | {"at": _midnight(day(2)), "plain_dates": 1}]},
    ]
    for number, tables in enumerate([first, *others]):
        for as_of in (None, day(8)):
            with opened(tmp_path / f"{number} {as_of}", tables) as history:
                made = facts.build(history, as_of).order_by("deal").to_pyarrow().to_pylist()
                assert facts.read(history, as_of).order_by("deal").to_pyarrow().to_pylist() == made


def test_all_tables_that_facts_are_made_of_are_known(tmp_path: Path) -> None:
    """Queries written out once are told apart by the columns of these."""
    with opened(tmp_path, {"deals": [deal(1)]}, CHANGING) as history:
        part = history.in_ranges()
        facts.build(part)
        assert set(part.tables) == set(facts.READ)


def test_writing_leaves_no_half_behind(tmp_path: Path) -> None:
    folder = write(tmp_path / "history", {"deals": [deal(1)]})
    facts.write(folder)
    assert sorted(place.name for place in folder.iterdir()) == ["deals.parquet", "facts.parquet", "history.json"]


def test_an_empty_history_has_no_facts_but_their_columns(tmp_path: Path) -> None:
    write(tmp_path, {"deals": []})
    facts.write(tmp_path)
    with History.open(tmp_path) as history:
        rows = facts.read(history)
        assert rows.count().to_pyarrow().as_py() == 0
        assert {"outcome", "cycle_days", "stage.Enquiry"} <= set(rows.columns)


def test_attributes_are_carried_with_their_types(tmp_path: Path) -> None:
    rows = [deal(1, **{"attr.Size": 3.5, "attr.Hot": True, "attr.Tier": "None"})]
    with opened(tmp_path, {"deals": rows}) as history:
        made = facts.build(history).to_pyarrow().to_pylist()[0]
    assert (made["attr.Size"], made["attr.Hot"], made["attr.Tier"]) == (3.5, True, "None")


def test_a_folder_without_a_history_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"history\.json"):
        History.open(tmp_path)


def test_what_is_known_at_an_earlier_moment_ends_there(tmp_path: Path) -> None:
    tables = {"deals": [deal(1), deal(2, opened_at=day(40), closed_at=day(45))]}
    with opened(tmp_path, tables) as history:
        earlier = facts.read(history, day(10)).to_pyarrow().to_pylist()
        assert [(row["deal"], row["outcome"], row["closed_at"]) for row in earlier] == [(1, "open", None)]
        assert facts.read(history, NOW).count().to_pyarrow().as_py() == 2
