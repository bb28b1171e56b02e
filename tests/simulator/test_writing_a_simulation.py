"""A simulation on disk: the exchange format, whole or not at all; and the form that the analysis reads."""

import csv
import json
import zipfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from notyet.analysis.meta import Meta
from notyet.analysis.tables import OUTCOMES, TABLES, frozen_schema
from notyet.simulator import frozen_tables, write
from notyet.simulator.writing import as_text
from tests.simulator.measured import history

SMALL = (7, 150, False)


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV file as Python reads it."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_is_the_exchange_format(tmp_path: Path) -> None:
    """Every table a file; ISO times with an offset; an empty field where nothing is known."""
    simulation = history(*SMALL)
    folder = write(simulation, tmp_path / "sample")
    assert {file.name for file in folder.iterdir()} == {f"{name}.csv" for name in TABLES}
    deals = rows(folder / "deals.csv")
    expected = simulation.tables["deals"].to_pylist()
    assert len(deals) == len(expected) == 150
    for read, row in zip(deals, expected, strict=True):
        assert list(read) == list(row)
        assert datetime.fromisoformat(read["opened_at"]) == row["opened_at"]
        assert read["closed_at"] == "" if row["closed_at"] is None else read["closed_at"].endswith("Z")
        assert read["amount"] == ("" if row["amount"] is None else f"{row['amount']:.2f}")
        assert read["outcome"] in OUTCOMES
    assert {row["missed"] for row in rows(folder / "conversations.csv")} == {"true", "false"}


def test_parquet_keeps_the_types(tmp_path: Path) -> None:
    """What is read is what was simulated."""
    simulation = history(*SMALL)
    folder = write(simulation, tmp_path / "sample", format="parquet")
    for name in TABLES:
        assert pq.read_table(folder / f"{name}.parquet").equals(simulation.tables[name])


def test_a_zip_is_the_same_for_the_same_history(tmp_path: Path) -> None:
    """Byte for byte, and holds the files of the folder."""
    first, again = (write(history(*SMALL), tmp_path / name) for name in ("a.zip", "b.zip"))
    assert first.read_bytes() == again.read_bytes()
    folder = write(history(*SMALL), tmp_path / "folder")
    with zipfile.ZipFile(first) as archive:
        for file in folder.iterdir():
            assert archive.read(file.name) == file.read_bytes()


def test_an_earlier_history_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    """A folder with something else in it, or a file, is refused and left as it was; nothing half written stays."""
    target = write(history(*SMALL), tmp_path / "sample", format="parquet")
    write(history(8, 20), target)
    assert {file.suffix for file in target.iterdir()} == {".csv"}
    assert len(rows(target / "deals.csv")) == 20
    (target / "mine.txt").write_text("keep")
    with pytest.raises(FileExistsError, match=r"mine\.txt"):
        write(history(*SMALL), target)
    with pytest.raises(FileExistsError, match="is a file"):
        write(history(*SMALL), target / "mine.txt")
    assert (target / "mine.txt").read_text() == "keep"
    (tmp_path / "folder.zip").mkdir()
    with pytest.raises(FileExistsError, match="is a folder"):
        write(history(*SMALL), tmp_path / "folder.zip")
    assert {entry.name for entry in tmp_path.iterdir()} - {"home"} == {"sample", "folder.zip"}


def test_text_of_odd_values() -> None:
    """Nulls stay nulls, times end in Z, money has two decimals."""
    moment = pa.array([0, None], pa.timestamp("us", tz="UTC"))
    text = as_text(pa.table({"at": moment, "amount": pa.array([Decimal(1), None], pa.decimal128(19, 4))}))
    assert text.to_pylist() == [{"at": "1970-01-01T00:00:00Z", "amount": "1.00"}, {"at": None, "amount": None}]


def test_frozen_tables_have_the_frozen_schema() -> None:
    """Numbered deals, values in euro, attributes after them with their types."""
    simulation = history(*SMALL)
    frozen = frozen_tables(simulation)
    assert set(frozen.tables) == set(TABLES)
    for name, table in frozen.tables.items():
        schema = frozen_schema(TABLES[name])
        assert table.select(schema.names).schema.equals(schema), name
        assert table.num_rows == simulation.tables[name].num_rows
    deals = frozen.tables["deals"].to_pylist()
    assert [row["deal"] for row in deals] == list(range(150))
    for row in deals:
        known = row["amount"] is not None
        assert row["value"] == (
            pytest.approx(float(row["amount"]) * simulation.rates[row["currency"]]) if known else None
        )
    ids = simulation.tables["conversations"]["deal_id"].to_pylist()
    assert [deals[number]["deal_id"] for number in frozen.tables["conversations"]["deal"].to_pylist()] == ids
    attributes = {name: frozen.tables["deals"].schema.field(name).type for name in frozen.tables["deals"].column_names}
    assert attributes["attr.Headcount"] == pa.float64()
    assert attributes["attr.Loss survey sent"] == pa.bool_()


def test_the_meta_is_read_by_the_analysis() -> None:
    """Every field has its column, sellers are people, changed fields are marked."""
    frozen = frozen_tables(history(*SMALL))
    meta = Meta.from_json(json.loads(json.dumps(frozen.meta)))
    assert {field.column for field in meta.fields} <= set(frozen.tables["deals"].column_names)
    assert [field.name for field in meta.fields if field.person] == ["owner"]
    assert {field.name for field in meta.fields if field.changes} == set(
        history(*SMALL).tables["field_changes"]["field"].to_pylist()
    )
    used = set(history(*SMALL).tables["deals"]["loss_reason"].drop_null().to_pylist())
    assert used <= {reason.text for reason in meta.reasons}
    assert len(meta.reasons) == 25
    assert meta.sources[0].payments_from == history(*SMALL).payments_from
