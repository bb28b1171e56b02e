"""Merged names in the frozen history, and what imports do to them."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from notyet.deals.duplicates import open_proposals
from notyet.deals.merging import merge, split
from notyet.deals.models import DataSource
from notyet.exchange.actions import import_history
from notyet.exchange.export import export_history
from notyet.history.freeze import freeze, refresh
from notyet.workspaces.access import operator
from notyet.workspaces.models import Workspace

pytestmark = pytest.mark.django_db

DEALS = """deal_id,account,product,opened_at,outcome
1,Halden,North Pro,2025-01-01,won
2,Halden GmbH,NorthPro,2025-01-02,lost
3,,North Pro,2025-01-03,lost
"""
TALKS = """deal_id,at,channel,direction,contact
1,2025-01-02T10:00:00Z,call,in,Ida Sommer
1,2025-01-03T10:00:00Z,call,out,I. Sommer
2,2025-01-03T10:00:00Z,call,out,
"""
CHANGES = """deal_id,field,value,at
2,product,NorthPro,2025-01-01
2,product,Other,2025-02-01
2,owner,NorthPro,2025-01-01
"""


def _import(workspace: Workspace, folder: Path, **files: str) -> Any:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return import_history(operator(workspace), [folder])


def _column(folder: Path, table: str, *columns: str) -> list[tuple[object, ...]]:
    rows = pq.read_table(folder / f"{table}.parquet").to_pylist()
    return [tuple(row[column] for column in columns) for row in rows]


def test_the_history_knows_each_by_one_name(workspace: Workspace, tmp_path: Path) -> None:
    """Buyers, products and contacts, in the tables and in the facts; other fields keep their words."""
    _import(workspace, tmp_path / "h", deals=DEALS, conversations=TALKS, field_changes=CHANGES)
    apart = freeze(workspace)
    actor = operator(workspace)
    merge(actor, "account", "Halden", ["Halden GmbH"])
    merge(actor, "product", "North Pro", ["NorthPro"])
    merge(actor, "contact", "Ida Sommer", ["I. Sommer"])
    folder = refresh(workspace)

    together = [("1", "Halden", "North Pro"), ("2", "Halden", "North Pro"), ("3", None, "North Pro")]
    assert _column(folder, "deals", "deal_id", "account", "product") == together
    assert sorted(_column(folder, "facts", "deal_id", "account", "product")) == together
    assert _column(folder, "conversations", "contact") == [("Ida Sommer",), ("Ida Sommer",), (None,)]
    assert sorted(_column(folder, "field_changes", "field", "value")) == [
        ("owner", "NorthPro"),
        ("product", "North Pro"),
        ("product", "Other"),
    ]
    [second] = [row[1] for row in _column(apart, "facts", "deal_id", "second_contact_hours") if row[0] == "1"]
    assert second is not None
    assert ("1", None) in _column(folder, "facts", "deal_id", "second_contact_hours")


def test_the_sources_own_header_for_the_product_is_followed(workspace: Workspace, tmp_path: Path) -> None:
    """Changes of a field may be told under the name that the source gives it."""
    _import(workspace, tmp_path / "h", deals=DEALS, field_changes=CHANGES.replace(",product,", ",Article,"))
    DataSource.objects.update(columns={"product": "Article"})
    merge(operator(workspace), "product", "North Pro", ["NorthPro"])
    values = _column(freeze(workspace), "field_changes", "field", "value")
    assert ("Article", "North Pro") in values
    assert ("owner", "NorthPro") in values


def test_the_same_file_again_changes_nothing_about_a_merge(workspace: Workspace, tmp_path: Path) -> None:
    """Nor does the next month's; the names it says again are the merged ones, and are not proposed again."""
    _import(workspace, tmp_path / "h", deals=DEALS, conversations=TALKS)
    actor = operator(workspace)
    merge(actor, "account", "Halden", ["Halden GmbH"])
    merge(actor, "product", "North Pro", ["NorthPro"])
    merged = _column(refresh(workspace), "deals", "deal_id", "account", "product")

    again = _import(workspace, tmp_path / "h", deals=DEALS, conversations=TALKS)
    assert not any(table.added + table.updated for table in again.tables)
    assert _column(refresh(workspace), "deals", "deal_id", "account", "product") == merged

    later = DEALS + "4,Halden GmbH,NorthPro,2025-02-01,won\n"
    _import(workspace, tmp_path / "h", deals=later)
    more = [*merged, ("4", "Halden", "North Pro")]
    assert _column(refresh(workspace), "deals", "deal_id", "account", "product") == more
    assert [one for one in open_proposals(actor).proposals if one.kind != "contact"] == []


def test_a_split_gives_every_deal_its_own_name_back(workspace: Workspace, tmp_path: Path) -> None:
    """Also those imported while the names were one."""
    actor = operator(workspace)
    _import(workspace, tmp_path / "h", deals=DEALS)
    made = merge(actor, "account", "Halden", ["Halden GmbH"])
    refresh(workspace)
    later = DEALS + "4,Halden GmbH,NorthPro,2025-02-01,won\n5,Halden,NorthPro,2025-02-01,won\n"
    _import(workspace, tmp_path / "h", deals=later)
    assert {account for _, account in _column(refresh(workspace), "deals", "deal_id", "account")} == {"Halden", None}

    split(actor, made.pk)

    assert _column(refresh(workspace), "deals", "deal_id", "account") == [
        ("1", "Halden"),
        ("2", "Halden GmbH"),
        ("3", None),
        ("4", "Halden GmbH"),
        ("5", "Halden"),
    ]


def test_a_merge_is_seen_by_the_analysis_as_soon_as_it_is_frozen(workspace: Workspace, tmp_path: Path) -> None:
    """The history that was frozen before is no longer the current one."""
    _import(workspace, tmp_path / "h", deals=DEALS)
    before = refresh(workspace)
    merge(operator(workspace), "account", "Halden", ["Halden GmbH"])
    assert refresh(workspace) != before


def test_what_goes_out_is_what_the_sources_said(workspace: Workspace, tmp_path: Path) -> None:
    """An export is the same before a merge and after it."""
    actor = operator(workspace)
    _import(workspace, tmp_path / "h", deals=DEALS, conversations=TALKS, field_changes=CHANGES)
    export_history(actor, tmp_path / "before")
    merge(actor, "account", "Halden", ["Halden GmbH"])
    merge(actor, "product", "North Pro", ["NorthPro"])
    merge(actor, "contact", "Ida Sommer", ["I. Sommer"])
    export_history(actor, tmp_path / "after")
    names = sorted(path.name for path in (tmp_path / "before").iterdir())
    assert "deals.csv" in names
    for name in names:
        assert (tmp_path / "after" / name).read_bytes() == (tmp_path / "before" / name).read_bytes()
