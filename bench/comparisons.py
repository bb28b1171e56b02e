"""What is compared with what, and the ratio that is aimed at."""

import atexit
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.measuring import Side, SideFailed
from bench.places import history


@dataclass(frozen=True)
class Sizes:
    """How large the histories are that a run is made on."""

    deals: int
    conversations: int = 20


@dataclass(frozen=True)
class Comparison:
    """Ours beside a named alternative. ``aim``: the ratio ours / theirs in words; ``most`` its highest value."""

    name: str
    ours: str
    theirs: str
    aim: str
    most: float
    sides: Callable[[Sizes], tuple[Side, Side]]
    most_memory: float | None = None


def facts(sizes: Sizes) -> tuple[Side, Side]:
    """Facts of every deal against a bare scan of what they are made of."""
    folder = str(history("frozen", sizes.deals, sizes.conversations))
    return Side("facts_made", (folder,)), Side("facts_scan", (folder,))


def figures(sizes: Sizes) -> tuple[Side, Side]:
    """A full set of figures for a filter, against plain pandas from the tables."""
    folder = str(with_facts(sizes))
    arguments = (folder, "persona", "Plant manager")
    return Side("figures_report", arguments), Side("figures_pandas", arguments)


def with_facts(sizes: Sizes) -> Path:
    """A frozen history with its facts, made anew by the present code."""
    folder = history("frozen", sizes.deals, sizes.conversations)
    Side("facts_made", (str(folder),)).run()
    return folder


def drivers(sizes: Sizes) -> tuple[Side, Side]:
    """The whole driver analysis against one fit of statsmodels' Logit on the largest of its matrices."""
    folder = with_facts(sizes)
    matrix = str(folder / "matrix")
    Side("drivers_found", (str(folder), matrix)).run()
    return Side("drivers_found", (str(folder),)), Side("drivers_logit", (matrix,))


def import_sqlite(sizes: Sizes) -> tuple[Side, Side]:
    """An import of CSV files into SQLite against ``executemany`` of the same rows."""
    folder = str(history("exported", sizes.deals, sizes.conversations // 2))
    return Side("import_product", (folder,)), Side("import_executemany", (folder,))


def import_postgresql(sizes: Sizes) -> tuple[Side, Side]:
    """An import of CSV files into PostgreSQL against ``COPY`` of the same rows.

    On the server at ``DATABASE_URL``, else on one that is started as the tests start theirs.
    """
    folder = history("exported", sizes.deals, sizes.conversations // 2)
    arguments = (str(folder), os.environ.get("DATABASE_URL") or started_server())
    return Side("import_product", arguments), Side("import_copy", arguments)


@cache
def started_server() -> str:
    """A PostgreSQL server that ends with this process, as the tests start theirs."""
    from tests import postgresql

    try:
        server = postgresql.start()
    except postgresql.NoPostgreSQL as error:
        raise SideFailed(str(error)) from error
    atexit.register(server.stop)
    return server.url


COMPARISONS = {
    one.name: one
    for one in (
        Comparison("facts", "facts made and written", "bare DuckDB scan", "≤ 3 ×", 3.0, facts, 1000),
        Comparison("figures", "figures for a filter", "plain pandas", "≤ 1/20", 1 / 20, figures, 1000),
        Comparison("drivers", "leaks and drivers", "one fit of statsmodels' Logit", "≤ 2 ×", 2.0, drivers),
        Comparison("import", "import into SQLite", "csv → executemany", "≤ 4 ×", 4.0, import_sqlite, 1000),
        Comparison("import-postgresql", "import into PostgreSQL", "COPY", "≤ 4 ×", 4.0, import_postgresql, 1000),
    )
}
