"""Export is the inverse of import."""

import zipfile
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notyet.analysis.tables import TABLES, Column, Table
from notyet.deals.models import DataSource, Deal
from notyet.exchange.actions import import_history
from notyet.exchange.errors import ExportFailed
from notyet.exchange.export import export_history
from notyet.workspaces.access import Denied, operator
from notyet.workspaces.actions import create_workspace
from notyet.workspaces.models import Role, Workspace
from notyet.workspaces.scope import within
from tests.exchange.conftest import Bring, Write, read_csv

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12).filter(
    lambda t: t.strip()
)
TIMES = st.one_of(
    st.dates(date(1990, 1, 1), date(2040, 1, 1)).map(lambda d: d.isoformat()),
    st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)).map(lambda m: m.isoformat() + "Z"),  # noqa: DTZ001
)
KINDS: dict[str, st.SearchStrategy[str]] = {
    "text": TEXTS,
    "list": TEXTS,
    "time": TIMES,
    "amount": st.decimals(-(10**14), 10**14, places=4).map(lambda d: format(d, "f")),
    "currency": st.sampled_from(["EUR", "USD", "JPY"]),
    "integer": st.integers(0, 10**6).map(str),
    "number": st.floats(0, 1e6).map(lambda f: format(Decimal(repr(f)), "f")),
    "share": st.floats(0, 1).map(lambda f: format(Decimal(repr(f)), "f")),
    "flag": st.sampled_from(["true", "false"]),
}
OWN = ["Own column", "id", "value", "=SUM(1)", 'quoted "name", and comma']


def field(column: Column) -> st.SearchStrategy[str]:
    """Texts that the column takes."""
    if column.name == "ask_again":
        return st.sampled_from(["never", "2026-05-01"])
    values = st.sampled_from(column.choices) if column.choices else KINDS[column.kind]
    return values if column.required else st.one_of(st.just(""), values)


@st.composite
def histories(draw: st.DrawFn) -> dict[str, list[dict[str, str]]]:
    """A few deals with attributes, and a few rows of some other tables."""
    ids = draw(st.lists(TEXTS, min_size=1, max_size=4, unique=True))
    history: dict[str, list[dict[str, str]]] = {"deals": []}
    for deal_id in ids:
        row = {column.name: draw(field(column)) for column in TABLES["deals"].columns}
        row |= {"deal_id": deal_id, "closed_at": ""}
        history["deals"].append(row | {name: draw(st.one_of(st.just(""), TEXTS)) for name in OWN})
    for name in draw(st.lists(st.sampled_from([name for name in TABLES if name != "deals"]), max_size=3, unique=True)):
        history[name] = draw(st.lists(row_of(TABLES[name], ids), min_size=1, max_size=4))
    return history


def row_of(table: Table, ids: list[str]) -> st.SearchStrategy[dict[str, str]]:
    """Rows of a table about some deals."""
    fields = {column.name: field(column) for column in table.columns}
    return st.fixed_dictionaries(fields | ({"deal_id": st.sampled_from(ids)} if table.name != "changes" else {}))


def canonical(history: dict[str, list[dict[str, str]]]) -> dict[str, Counter[tuple[tuple[str, Any], ...]]]:
    """A history without the freedom that its texts have: numbers as numbers, times as moments, no empty fields."""
    return {
        name: Counter(tuple(sorted((key, value(name, key, text)) for key, text in row.items() if text)) for row in rows)
        for name, rows in history.items()
        if rows
    }


def value(table: str, name: str, text: str) -> Any:
    """What a text means."""
    kind = TABLES[table].column(name).kind if name in TABLES[table].names else "text"
    if kind in ("amount", "number", "share", "integer"):
        return Decimal(text) if kind == "amount" else float(text)
    if kind == "time" and len(text) > 10:
        return datetime.fromisoformat(text).astimezone(UTC)
    return text


def read_folder(folder: Path) -> dict[str, list[dict[str, str]]]:
    """The tables of an exported folder of CSV files."""
    return {path.stem: read_csv(path) for path in folder.glob("*.csv")}


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(history=histories(), zone=st.sampled_from(["UTC", "Europe/Berlin", "America/Sao_Paulo"]))
@pytest.mark.django_db
def test_what_goes_in_comes_out(
    tmp_path_factory: pytest.TempPathFactory, history: dict[str, list[dict[str, str]]], zone: str
) -> None:
    """For any history; and what came out changes nothing when it goes in again, as CSV and as Parquet."""
    from tests.exchange.conftest import write_rows

    workspace = create_workspace("Round trip")
    workspace.time_zone = zone
    workspace.save()
    base = tmp_path_factory.mktemp("round")
    write_rows(base / "in", history)
    actor = operator(workspace)
    result = import_history(actor, [base / "in"])
    assert result.refusals == ()
    export_history(actor, base / "out", answers=True)
    assert canonical(read_folder(base / "out")) == canonical(history)
    export_history(actor, base / "parquet", format="parquet", answers=True)
    for folder in ("out", "parquet"):
        again = import_history(actor, [base / folder])
        assert again.refusals == ()
        assert sum(one.added + one.updated for one in again.tables) == 0, again.tables
    other = create_workspace("Elsewhere")
    other.time_zone = zone
    other.save()
    import_history(operator(other), [base / "parquet"])
    export_history(operator(other), base / "other", answers=True)
    assert canonical(read_folder(base / "other")) == canonical(history)


def test_times_and_amounts_come_out_plainly(write: Write, bring: Bring, workspace: Workspace, tmp_path: Path) -> None:
    """A plain date as it came, a time in UTC, an amount without needless digits, a formula literally."""
    write(
        "deals.csv",
        "deal_id,outcome,amount,opened_at,closed_at,name\nA,won,12.5000,2026-01-31,2026-02-01T10:00+02:00,=1+1\n",
    )
    bring()
    export_history(operator(workspace), tmp_path / "out")
    [row] = read_csv(tmp_path / "out" / "deals.csv")
    assert (row["amount"], row["opened_at"], row["closed_at"], row["name"]) == (
        "12.5",
        "2026-01-31",
        "2026-02-01T08:00:00Z",
        "=1+1",
    )


ANSWERS = "deal_id,text,signed,ask_again\nA,mine,true,never\nA,secret,false,\nA,quiet,,2026-05-01\n"


def test_unsigned_answers_stay_in(write: Write, bring: Bring, workspace: Workspace, tmp_path: Path) -> None:
    """One by one they leave only in an administrator's full export."""
    from notyet.workspaces.access import Actor

    write("deals.csv", "deal_id,outcome\nA,won\n")
    write("buyer_answers.csv", ANSWERS)
    bring()
    manager = Actor(workspace=workspace, role=Role.MANAGER, name="Mo")
    export_history(manager, tmp_path / "small")
    assert [row["text"] for row in read_csv(tmp_path / "small" / "buyer_answers.csv")] == ["mine"]
    with pytest.raises(Denied):
        export_history(manager, tmp_path / "large", answers=True)
    assert not (tmp_path / "large").exists()
    export_history(operator(workspace), tmp_path / "full", answers=True)
    assert len(read_csv(tmp_path / "full" / "buyer_answers.csv")) == 3


def test_a_zip_and_several_sources(write: Write, bring: Bring, workspace: Workspace, tmp_path: Path) -> None:
    """A folder a source, and all of it goes in again where it was."""
    path = write("deals.csv", "deal_id,outcome,Own\nA,won,x\n")
    bring(path, source="east")
    bring(path, source="west")
    archive = tmp_path / "all.zip"
    assert export_history(operator(workspace), archive)["deals"] == 2
    with zipfile.ZipFile(archive) as opened:
        assert sorted(opened.namelist()) == ["east/deals.csv", "west/deals.csv"]
    assert bring(archive).table("deals").unchanged == 2
    other = create_workspace("Other")
    with within(other):
        import_history(operator(other), [archive])
        assert set(DataSource.objects.values_list("key", flat=True)) == {"east", "west"}
        assert Deal.objects.count() == 2


def test_what_is_there_is_not_overwritten(bring: Bring, workspace: Workspace, tmp_path: Path) -> None:
    """A folder with something in it, or a file."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "precious.txt").write_text("x", encoding="utf-8")
    with pytest.raises(ExportFailed, match="there already"):
        export_history(operator(workspace), tmp_path / "full")
    (tmp_path / "empty").mkdir()
    export_history(operator(workspace), tmp_path / "empty")
    assert (tmp_path / "empty" / "deals.csv").exists()
