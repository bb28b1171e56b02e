"""The record frozen: nothing lost, nothing half, one currency."""

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from notyet.analysis.meta import Meta
from notyet.analysis.tables import TABLES, frozen_schema
from notyet.core.money import Rate
from notyet.deals.models import Account, Conversation, DataSource, Deal, FieldChange
from notyet.history import freeze as freezing
from notyet.history import store
from notyet.history.freeze import freeze, refresh
from notyet.workspaces.access import operator
from notyet.workspaces.actions import create_workspace, set_rates, touch_record
from notyet.workspaces.scope import within

if TYPE_CHECKING:
    from notyet.workspaces.models import Workspace

OPENED = datetime(2025, 3, 30, 1, 30, 0, 7, tzinfo=UTC)


def _source(workspace: "Workspace", key: str = "crm", **more: Any) -> DataSource:
    made: DataSource = DataSource.objects.create(workspace=workspace, key=key, name=key, **more)
    return made


def _deal(source: DataSource, deal_id: str, **more: Any) -> Deal:
    more.setdefault("outcome", "won")
    made: Deal = Deal.objects.create(workspace=source.workspace, data_source=source, deal_id=deal_id, **more)
    return made


def _deals(folder: Path) -> list[dict[str, Any]]:
    return list(pq.read_table(folder / "deals.parquet").to_pylist())


def test_every_table_is_there_with_its_schema_even_when_empty(workspace: "Workspace") -> None:
    folder = freeze(workspace)

    for name, table in TABLES.items():
        written = pq.read_schema(folder / f"{name}.parquet")
        for wanted in frozen_schema(table):
            assert written.field(wanted.name).type == wanted.type, f"{name}.{wanted.name}"
    assert (folder / "facts.parquet").exists()


def test_values_survive_to_the_last_digit(workspace: "Workspace") -> None:
    account = Account.objects.create(workspace=workspace, name='Øre "quoted", a\nline')
    largest = Decimal("999999999999999.9999")
    deal = _deal(_source(workspace), "None", account=account, amount=largest, opened_at=OPENED, plain_dates=1)
    Conversation.objects.create(
        workspace=workspace, deal=deal, at=OPENED + timedelta(hours=1), channel="call", missed=False, minutes=2.5
    )

    folder = freeze(workspace)

    (row,) = _deals(folder)
    assert row["deal_id"] == "None"
    assert row["account"] == 'Øre "quoted", a\nline'
    assert row["amount"] == largest
    assert row["opened_at"] == OPENED
    assert row["plain_dates"] == 1
    assert row["persona"] is None
    (talk,) = pq.read_table(folder / "conversations.parquet").to_pylist()
    assert talk["deal"] == row["deal"]
    assert (talk["missed"], talk["minutes"], talk["direction"]) == (False, 2.5, None)


def test_attributes_get_the_type_that_their_values_show(workspace: "Workspace") -> None:
    source = _source(workspace, columns={"amount": "close_value"})
    for number in range(3):
        _deal(
            source,
            f"d{number}",
            amount=1,
            attributes={
                'Head "count".x\'y': str(number * 1.5),
                "Trial": "true" if number else "false",
                "Zip": "N/A" if number else "10115",
                "Seen": f"2025-01-0{number + 1}",
                "Account Manager": "Ada",
            },
        )
    _deal(source, "bare")

    folder = freeze(workspace)

    rows = {row["deal_id"]: row for row in _deals(folder)}
    assert rows["d2"]['attr.Head "count".x\'y'] == 3.0
    assert rows["d0"]["attr.Trial"] is False
    assert rows["d1"]["attr.Zip"] == "N/A"
    assert rows["bare"]["attr.Zip"] is None
    fields = {field.name: field for field in Meta.load(folder).fields}
    assert fields['Head "count".x\'y'].kind == "number"
    assert fields["Trial"].kind == "flag"
    assert fields["Zip"].kind == "category"
    assert fields["Seen"].kind == "time"
    assert fields["Account Manager"].person
    assert fields["amount"].source_column == "close_value"
    assert "persona" not in fields


def test_money_is_converted_at_the_rate_of_its_day(workspace: "Workspace") -> None:
    set_rates(
        operator(workspace),
        [Rate("USD", date(2025, 2, 1), 0.9), Rate("USD", date(2025, 6, 1), 0.8)],
    )
    source = _source(workspace)
    for deal_id, currency, closed in (
        ("own", "EUR", datetime(2025, 3, 1, tzinfo=UTC)),
        ("assumed", "", datetime(2025, 3, 1, tzinfo=UTC)),
        ("before", "USD", datetime(2025, 1, 1, tzinfo=UTC)),
        ("between", "USD", datetime(2025, 5, 31, 23, 59, tzinfo=UTC)),
        ("after", "USD", datetime(2025, 6, 1, tzinfo=UTC)),
        ("undated", "USD", None),
        ("unknown", "CHF", datetime(2025, 3, 1, tzinfo=UTC)),
    ):
        _deal(source, deal_id, amount=100, currency=currency, closed_at=closed)

    values = {row["deal_id"]: row["value"] for row in _deals(freeze(workspace))}

    assert values == {
        "own": 100,
        "assumed": 100,
        "before": 90,
        "between": 90,
        "after": 80,
        "undated": 80,
        "unknown": None,
    }


def test_only_this_workspace_is_in_it(workspace: "Workspace") -> None:
    other = create_workspace("Other")
    with within(other):
        deal = _deal(_source(other), "theirs")
        FieldChange.objects.create(workspace=other, deal=deal, field="persona", value="CFO", at=OPENED)
    _deal(_source(workspace), "ours")

    folder = freeze(workspace)

    assert [row["deal_id"] for row in _deals(folder)] == ["ours"]
    assert pq.read_metadata(folder / "field_changes.parquet").num_rows == 0


def test_it_is_frozen_again_only_when_the_record_changed(workspace: "Workspace") -> None:
    first = refresh(workspace)
    assert refresh(workspace) == first

    touch_record(workspace)
    second = refresh(workspace)

    assert second != first
    assert store.current(workspace) == second


def test_a_failure_leaves_the_old_history(workspace: "Workspace", monkeypatch: pytest.MonkeyPatch) -> None:
    first = freeze(workspace)

    def broken(folder: Path) -> Path:
        raise OSError("no space left on device")

    monkeypatch.setattr(freezing.facts, "write", broken)
    with pytest.raises(OSError, match="no space"):
        freeze(workspace)

    assert store.current(workspace) == first
    assert [path for path in store.root(workspace).iterdir() if path.is_dir()] == [first]


def test_an_older_freeze_never_replaces_a_newer_one(workspace: "Workspace") -> None:
    with store.replacing(workspace) as slow:
        touch_record(workspace)
        newer = freeze(workspace)
        Meta("Acme", "EUR", "UTC", datetime(2025, 1, 1, tzinfo=UTC), revision=0).save(slow)

    assert store.current(workspace) == newer


def test_readers_always_find_a_whole_history(workspace: "Workspace") -> None:
    freeze(workspace)
    stop, faults, looks = threading.Event(), [], []

    def read() -> None:
        while not stop.is_set():
            folder = store.current(workspace)
            looks.append(folder)
            if folder is None or not (folder / "facts.parquet").exists():
                faults.append(folder)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(5):
        touch_record(workspace)
        freeze(workspace)
    stop.set()
    reader.join()

    assert looks
    assert faults == []
