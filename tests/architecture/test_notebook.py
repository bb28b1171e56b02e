"""The code in ``docs/notebook.md`` runs as it stands, block after block."""

import json
import runpy
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from notyet.analysis.registry import BY_KEY
from notyet.simulator import frozen_tables, simulate
from tests.architecture.documents import read


def test_the_code_of_the_notebook_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a small simulated history in the folder ``history``."""
    frozen = frozen_tables(simulate(seed=1, deals=300))
    folder = tmp_path / "history"
    folder.mkdir()
    for name, table in frozen.tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    (folder / "history.json").write_text(json.dumps(frozen.meta), encoding="utf-8")
    script = tmp_path / "notebook.py"
    script.write_text("\n".join(read("docs/notebook.md").code("python")), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names = runpy.run_path(str(script))
    assert names["report"].deals.closed > 100
    assert {figure.key for figure in names["report"].figures} <= set(BY_KEY), "a figure without a definition"
    assert names["mine"].deals.closed == 60
    assert names["mine"].figure("win_rate").value == pytest.approx(1 / 3)
    assert "closed," in capsys.readouterr().out
