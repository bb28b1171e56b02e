"""A browser before a served sample company; what the browser complains about fails the test."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page
    from pytest_django.live_server_helper import LiveServer

    from notyet.workspaces.models import Workspace

DESKTOP = {"width": 1360, "height": 1000}


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Chromium, once a run."""
    from playwright.sync_api import expect, sync_playwright

    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    path = chromium.find()
    assert path is not None, chromium.WANTED
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=list(chromium.FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def as_it_began(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sample company is kept as it was when it was made: its database, and its home folder."""
    return tmp_path_factory.mktemp("company")


@pytest.fixture
def company(transactional_db: None, as_it_began: Path, home: Path, tmp_path: Path) -> "Iterator[Workspace]":
    """A sample company that came in by the front door, once a run: every test has it as it was then."""
    from notyet.workspaces.models import Workspace
    from notyet.workspaces.scope import within

    database = as_it_began / "company.sqlite3"
    if not database.exists():
        _begin(tmp_path)
        shutil.copytree(home, as_it_began / "home")
        _copy(_database(), database)
    else:
        shutil.copytree(as_it_began / "home", home, dirs_exist_ok=True)
        _copy(database, _database())
    made = Workspace.objects.get()
    with within(made):
        yield made


def _begin(folder: Path) -> None:
    """Simulated, written, imported, frozen."""
    from notyet.exchange.actions import import_history
    from notyet.history.freeze import refresh
    from notyet.simulator import simulate, write
    from notyet.workspaces.access import operator
    from notyet.workspaces.actions import add_person, create_workspace
    from notyet.workspaces.models import Role
    from tests.journeys.people import PASSWORD

    made = create_workspace("Acme")
    write(simulate(3, 900, until=date(2026, 6, 30)), folder / "sample", format="parquet")
    import_history(operator(made), [folder / "sample"], source="sample")
    refresh(made)
    for role in (Role.OWNER, Role.SELLER):
        add_person(operator(made), f"{role}@example.org", role, PASSWORD)


def _database() -> Path:
    """The file of the database under test."""
    from django.db import connection

    return Path(str(connection.settings_dict["NAME"]))


def _copy(source: Path, target: Path) -> None:
    """As SQLite copies a database that is in use: whole, and seen by who has it open."""
    with closing(sqlite3.connect(source)) as there, closing(sqlite3.connect(target)) as here:
        there.backup(here)


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console said that it should not have."""
    return []


@pytest.fixture
def context(browser: "Browser", live_server: "LiveServer", complaints: list[str]) -> "Iterator[BrowserContext]":
    """A fresh browser profile; errors on its console fail the test, refusals by the content security policy too."""
    opened = browser.new_context(viewport=DESKTOP, accept_downloads=True, base_url=live_server.url)  # type: ignore[arg-type]
    opened.set_default_timeout(60_000)
    opened.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    opened.on("weberror", lambda error: complaints.append(str(error.error)))
    yield opened
    opened.close()
    assert complaints == []


@pytest.fixture
def page(context: "BrowserContext", live_server: "LiveServer", company: "Workspace") -> "Page":
    """A page on the sign-in of the served company."""
    opened = context.new_page()
    opened.goto(f"{live_server.url}/")
    return opened
