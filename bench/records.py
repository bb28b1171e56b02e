"""Records of deals alone, of any size, imported as the product does it: ``python -m bench.records FOLDER DEALS``.

The folder is a home of the application with a database, a workspace and its list of deals; it is made once.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from bench.places import history

FROZEN = (20_000, 100_000, 1_000_000)
"""Sizes of histories that other comparisons use too; deals are taken from the smallest that has enough."""


def make(target: Path, deals: int) -> None:
    """Import ``deals`` deals into a new home that appears under its name only when it is whole."""
    work = target.with_name(target.name + ".new")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    os.environ |= {"NOTYET_HOME": str(work), "DJANGO_SETTINGS_MODULE": "notyet.config.settings", "DATABASE_URL": ""}
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from notyet.exchange.actions import import_history
    from notyet.history.upkeep import bring_up_to_date
    from notyet.workspaces.access import operator
    from notyet.workspaces.actions import add_person, create_workspace
    from notyet.workspaces.models import Role

    call_command("migrate", verbosity=0, interactive=False)
    workspace = create_workspace("Measured")
    add_person(operator(workspace), "manager@example.org", Role.MANAGER)
    with tempfile.TemporaryDirectory() as folder:
        write_deals(deals, Path(folder))
        result = import_history(operator(workspace), [Path(folder)])
    if any(table.accepted != deals for table in result.tables if table.table == "deals"):
        sys.exit(f"only some of the deals went in: {result}")
    bring_up_to_date(workspace)
    connection.close()
    work.rename(target)


def write_deals(deals: int, folder: Path) -> None:
    """Write the first ``deals`` deals of a simulated history as a table in the exchange format."""
    source = history("frozen", next(size for size in FROZEN if size >= deals), 20) / "deals.parquet"
    left_out = ("deal", "data_source", "value", "plain_dates")
    names = [name for name in pq.read_schema(source).names if name not in left_out]
    columns = ", ".join(f'"{name}" AS "{name.removeprefix("attr.")}"' for name in names)
    with duckdb.connect() as db:
        db.execute(
            f"COPY (SELECT {columns} FROM '{source}' ORDER BY deal LIMIT {deals}) "
            f"TO '{folder / 'deals.parquet'}' (FORMAT parquet)"
        )


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
