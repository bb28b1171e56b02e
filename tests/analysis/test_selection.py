"""What a selection lets in, against plain Python over the same rows."""

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notyet.analysis import facts
from notyet.analysis.history import History
from notyet.analysis.meta import Field
from notyet.analysis.selection import NOT_RECORDED, Selection, UnknownField, selected
from tests.analysis.written import Row, deal, meta, write

ABOUT = meta(
    fields=(
        *meta().fields,
        Field("Tier", "attr.Tier", "Deal Tier", "category"),
        Field("Seats", "attr.Seats", "Seats", "number"),
        Field("Hot", "attr.Hot", "Hot", "flag"),
        Field("Seen", "attr.Seen", "Seen", "time"),
        Field("manager", "attr.manager", "Manager", "category", person=True),
    )
)
SEEN = datetime(2025, 3, 30, 1, tzinfo=UTC)


def _rows() -> list[Row]:
    """Deals that close every seven hours across the change of the clocks, some without a close."""
    found = []
    for number in range(60):
        closed = datetime(2025, 3, 25, tzinfo=UTC) + timedelta(hours=7 * number)
        more = {"team": ("North", "None", None)[number % 3], "persona": ("IT", "Founder")[number % 2]}
        attributes = {
            "attr.Tier": "NA",
            "attr.Seats": float(number % 4),
            "attr.Hot": number % 5 == 0,
            "attr.Seen": SEEN,
        }
        outcome = ("won", "lost", "no_decision", "open", "disqualified")[number % 5]
        gone = outcome == "open" or number % 7 == 0
        found.append(deal(number, outcome, closed_at=None if gone else closed, **more, **attributes))
    return found


ROWS = _rows()


def _chosen(history: History, **selection: object) -> set[int]:
    rows = selected(facts.read(history), history.meta, Selection(**selection))  # type: ignore[arg-type]
    return set(rows.deal.to_pyarrow().to_pylist())


@pytest.fixture(scope="module")
def history() -> object:
    with tempfile.TemporaryDirectory() as folder:
        facts.write(write(Path(folder), {"deals": ROWS}, ABOUT))
        with History.open(folder) as found:
            yield found


days = st.one_of(st.none(), st.dates(date(2025, 3, 24), date(2025, 4, 12)))


@settings(max_examples=25, deadline=None)
@given(since=days, until=days, team=st.sampled_from([(), ("North",), ("None", "South"), (NOT_RECORDED,)]))
def test_a_window_holds_the_days_of_the_workspaces_calendar(
    history: History, since: date | None, until: date | None, team: tuple[str, ...]
) -> None:
    expected = set()
    for row in ROWS:
        named = row["team"] or NOT_RECORDED
        if team and named not in team:
            continue
        closed = row["closed_at"] and row["closed_at"].astimezone(ABOUT.zone).date()
        inside = closed and (since is None or closed >= since) and (until is None or closed <= until)
        if row["outcome"] == "open" or inside or (since is None and until is None):
            expected.add(row["deal"])
    where = (("team", team),) if team else ()
    assert _chosen(history, since=since, until=until, where=where) == expected


@pytest.mark.parametrize(
    ("field", "values", "holds"),
    [
        ("Deal Tier", ("NA",), lambda row: True),
        ("Tier", (NOT_RECORDED,), lambda row: False),
        ("Seats", ("1", "2.0"), lambda row: row["attr.Seats"] in (1, 2)),
        ("Seats", ("many",), lambda row: False),
        ("Hot", ("True",), lambda row: row["attr.Hot"]),
        ("Seen", ("2025-03-30",), lambda row: True),
        ("Seen", ("2025-03-29", "someday"), lambda row: False),
        ("outcome", ("won", "lost"), lambda row: row["outcome"] in ("won", "lost")),
    ],
)
def test_filters_match_values_of_each_kind(
    history: History, field: str, values: tuple[str, ...], holds: object
) -> None:
    expected = {row["deal"] for row in ROWS if holds(row)}  # type: ignore[operator]
    assert _chosen(history, where=((field, values),)) == expected


def test_filters_narrow_each_other(history: History) -> None:
    both = (("team", ("North",)), ("persona", ("IT",)))
    expected = {row["deal"] for row in ROWS if row["team"] == "North" and row["persona"] == "IT"}
    assert _chosen(history, where=both) == expected


def test_an_unknown_field_is_refused_with_those_there_are(history: History) -> None:
    with pytest.raises(UnknownField) as refused:
        _chosen(history, where=(("colour", ("red",)),))
    assert {"persona", "Tier", "Deal Tier"} <= set(refused.value.known)
    assert "owner" not in refused.value.known


@pytest.mark.parametrize("name", ["owner", "manager", "buyer_reason", "answered_at", "signed"])
def test_neither_people_nor_buyers_answers_can_be_asked_for(history: History, name: str) -> None:
    with pytest.raises(UnknownField) as refused:
        _chosen(history, where=((name, ("Ann",)),))
    assert refused.value.person == (name in ("owner", "manager"))
