"""What every test stands on: a home folder of its own, one of two databases, a workspace, a clock."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import postgresql

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from notyet.workspaces.access import Actor
    from notyet.workspaces.models import Workspace

DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_setup", "django_db_reset_sequences"}
LEFT_ALONE = {"NOTYET_HOME", "DATABASE_URL"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--database``."""
    parser.addoption(
        "--database",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="where database tests keep their rows; with postgresql only they are run",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Set the surroundings before Django reads its settings: nothing of the developer's own is touched."""
    worker = getattr(config, "workerinput", {}).get("workerid", "")
    for name in [name for name in os.environ if name.startswith("NOTYET_") and name not in LEFT_ALONE]:
        del os.environ[name]
    home = Path(tempfile.mkdtemp(prefix="notyet-test-"))
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    os.environ["NOTYET_HOME"] = str(home)
    if not worker:  # workers of xdist inherit the address from the process that started the server
        os.environ.pop("DATABASE_URL", None)
        if config.getoption("--database") == "postgresql":
            _start_postgresql(config)
    os.environ["DJANGO_SETTINGS_MODULE"] = "notyet.config.settings"
    import django

    django.setup()
    _keep_sqlite_in_a_file(home)
    _check_passwords_quickly()


def _check_passwords_quickly() -> None:
    """What makes a password dear to guess makes it dear to check, in every test that signs in."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _keep_sqlite_in_a_file(home: Path) -> None:
    """As in use: in memory all threads of a served page would share one connection, and lock each other out."""
    from django.db import connections

    database = connections.settings["default"]
    if str(database["ENGINE"]).endswith("sqlite3"):
        database["TEST"]["NAME"] = str(home / "test.sqlite3")


def _start_postgresql(config: pytest.Config) -> None:
    try:
        server = postgresql.start()
    except postgresql.NoPostgreSQL as error:
        if os.environ.get("CI", "") not in ("", "0", "false"):
            raise pytest.UsageError(str(error)) from error
        pytest.exit(f"database tests on PostgreSQL were skipped: {error}", returncode=0)
    config.add_cleanup(server.stop)
    os.environ["DATABASE_URL"] = server.url


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With ``--database postgresql`` leave out the tests that no database can change."""
    if config.getoption("--database") != "postgresql":
        return
    kept = [item for item in items if _uses_database(item) and item.get_closest_marker("browser") is None]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def _uses_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(fixtures & DATABASE_FIXTURES)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: "Settings") -> Path:
    """A home folder for this test alone, with its cache."""
    settings.NOTYET_HOME = tmp_path / "home"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": str(settings.NOTYET_HOME / "cache")}}
    settings.NOTYET_HOME.mkdir()
    return Path(settings.NOTYET_HOME)


@pytest.fixture
def clock(settings: "Settings") -> Callable[[str], datetime]:
    """``clock("2026-03-02T08:00:00+00:00")`` sets the moment that the application takes for now."""

    def to(text: str) -> datetime:
        settings.NOTYET_CLOCK = datetime.fromisoformat(text)
        return datetime.fromisoformat(text)

    return to


@pytest.fixture
def workspace(db: None) -> "Iterator[Workspace]":
    """A workspace with its scope open."""
    from notyet.workspaces.actions import create_workspace
    from notyet.workspaces.scope import within

    made = create_workspace("Acme")
    with within(made):
        yield made


@pytest.fixture
def acting(workspace: "Workspace") -> "Callable[..., Actor]":
    """``acting(Role.SELLER, seller_name="Ada")`` is an actor of that role in the workspace."""
    from notyet.workspaces.access import Actor

    def make(role: str, **more: Any) -> "Actor":
        return Actor(workspace=workspace, role=role, name=f"a {role}", **more)

    return make
