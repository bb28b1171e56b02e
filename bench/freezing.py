"""Freezing a record again after one deal in a hundred has changed: ``python -m bench.freezing [--deals N]``.

A record of ``bench.deal_pages`` is copied, frozen whole, changed by an import of every hundredth deal with another
amount, and frozen again. Prints the seconds of each, what they are a million rows, and the ratio.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from bench.deal_pages import home
from bench.records import write_deals

EVERY = 100


def main() -> None:
    """Measure one size and print it."""
    parser = argparse.ArgumentParser(prog="python -m bench.freezing", description=__doc__)
    parser.add_argument("--deals", type=int, default=100_000)
    deals = parser.parse_args().deals
    kept = home(deals)
    with tempfile.TemporaryDirectory(prefix="notyet-bench-") as below:
        copied = Path(below) / "home"
        shutil.copytree(kept, copied)
        _measure(copied, Path(below), deals)


def _measure(copied: Path, below: Path, deals: int) -> None:
    os.environ |= {"NOTYET_HOME": str(copied), "DJANGO_SETTINGS_MODULE": "notyet.config.settings", "DATABASE_URL": ""}
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from notyet.exchange.actions import import_history
    from notyet.history.freeze import freeze, refresh
    from notyet.history.list_keeping import make_list
    from notyet.workspaces.access import operator
    from notyet.workspaces.models import Workspace

    call_command("migrate", verbosity=0, interactive=False)
    workspace = Workspace.objects.get()
    whole = _timed("frozen whole", deals, lambda: freeze(workspace))
    changes = _changes(below, deals)
    result = import_history(operator(workspace), [changes])
    print(f"changed by an import: {result.table('deals').updated:,} deals", flush=True)
    again = _timed("frozen again", deals, lambda: refresh(workspace))
    _timed("  its list of deals", deals, lambda: make_list(workspace))
    print(f"again / whole: {again / whole:.2f}")
    connection.close()


def _changes(below: Path, deals: int) -> Path:
    folder = below / "changes"
    folder.mkdir()
    write_deals(deals, below)
    with duckdb.connect() as db:
        numbered = f"(SELECT *, row_number() OVER () AS n FROM '{below / 'deals.parquet'}')"
        db.execute(
            f"COPY (SELECT deal_id, outcome, amount + 1 AS amount FROM {numbered} "
            f"WHERE n % {EVERY} = 0 AND amount IS NOT NULL) TO '{folder / 'deals.parquet'}' (FORMAT parquet)"
        )
    return folder


def _timed(what: str, deals: int, act: Callable[[], object]) -> float:
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{what:24} {wall:8.2f} s wall {cpu:8.2f} s cpu {wall / deals * 1e6:8.2f} s a million deals", flush=True)
    return wall


if __name__ == "__main__":
    main()
