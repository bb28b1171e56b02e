"""The page Today with 200,000 open items beside the same with 2,000, on both databases."""

import os
import subprocess
import sys
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from bench.comparisons import Comparison, Sizes, started_server
from bench.measuring import Side
from bench.places import DATA
from bench.today_records import MANAGER, SELLER

LARGE, SMALL = 200_000, 2_000
TIMES = 40
PAGES = {
    "everybody": (MANAGER, "/today/?whose=all"),
    "a seller": (SELLER, "/today/"),
    "a group, everybody": (MANAGER, "/today/group/missed_call/?whose=all"),
    "a group, further on": (MANAGER, "/today/group/reply/?whose=all&after=1200.0~2026-02-20T09:00:00%2B00:00~50"),
    "any page": (SELLER, "/accounts/password/"),
}
"""*Any page* is one beside Today, for the number in the sidebar."""


def pages(person: str, address: str, where: str, sizes: Sizes) -> tuple[Side, Side]:
    """An address of the large record against the same of the small one; ``where``: sqlite or postgresql."""
    kept = _in_postgresql if where == "postgresql" else _in_sqlite
    large, small = (
        Side("today_page", (str(home), person, address, str(TIMES), url))
        for home, url in (kept(items) for items in (LARGE, SMALL))
    )
    return large, small


@cache
def _in_sqlite(items: int) -> tuple[Path, str]:
    home = DATA / f"today-{items}"
    if home.exists():
        _bring_up(home, items, "")
    else:
        work = home.with_name(f"{home.name}.new")
        _make(work, items, "")
        work.rename(home)
    return home, ""


@cache
def _in_postgresql(items: int) -> tuple[Path, str]:
    """In a database of its own on the server at ``DATABASE_URL``, else on one that ends with this process."""
    server, name = os.environ.get("DATABASE_URL") or started_server(), f"notyet_bench_today_{items}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        connection.execute(f"CREATE DATABASE {name}".encode())
    url, home = urlsplit(server)._replace(path=f"/{name}").geturl(), DATA / f"today-postgresql-{items}"
    _make(home, items, url)
    return home, url


def _make(home: Path, items: int, url: str) -> None:
    print(f"making {home.name}", file=sys.stderr, flush=True)
    subprocess.run(["rm", "-rf", str(home)], check=True)
    home.mkdir(parents=True)
    _bring_up(home, items, url)


def _bring_up(home: Path, items: int, url: str) -> None:
    """Make the rows that are not there yet; those of an earlier run get the tables of the present code."""
    subprocess.run([sys.executable, "-m", "bench.today_records", home, f"{items}", url], check=True)


TODAY_PAGES = {
    f"today{mark}:{label}": Comparison(
        f"today{mark}:{label}",
        f"{LARGE:,} open items",
        f"{SMALL:,} open items",
        "≤ 1.5 ×",
        1.5,
        partial(pages, person, address, where),
    )
    for where, mark in (("sqlite", ""), ("postgresql", "-postgresql"))
    for label, (person, address) in PAGES.items()
}
