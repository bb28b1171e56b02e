"""NotYet as people start it: ``notyet serve`` in a process of its own, with its worker."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

EMAIL = "owner@example.org"


@dataclass(frozen=True)
class Served:
    """Where it is, and the password of the win/loss owner."""

    url: str
    password: str


@contextmanager
def served(home: Path) -> Iterator[Served]:
    """A server on a free port for the length of the block, with one person who may import."""
    surroundings = {**os.environ, "NOTYET_HOME": str(home)}
    surroundings.pop("DATABASE_URL", None)
    notyet = [sys.executable, "-m", "notyet"]
    made = subprocess.run(
        [*notyet, "person", EMAIL, "--role", "win_loss_owner"],
        env=surroundings,
        capture_output=True,
        text=True,
        check=True,
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([*notyet, "serve", "--port", str(port)], env=surroundings, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, server)
        yield Served(f"http://127.0.0.1:{port}", made.stdout.rsplit(" ", 1)[-1].strip())
    finally:
        server.terminate()
        server.wait(60)


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        assert server.poll() is None, "the server ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not answer")
