"""Find the Chromium that the browser tests drive; ``python -m tests.chromium --install`` gets one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
"""What a browser started by root, in a container or not, needs."""

WANTED = "Chromium is needed by the browser tests: install it and put it on the path, or name it in CHROMIUM."


def find() -> str | None:
    """The browser's path: as ``CHROMIUM`` says, else the first known name on the path; ``None`` without one."""
    named = os.environ.get("CHROMIUM", "")
    if named:
        return shutil.which(named)
    return next((path for path in map(shutil.which, NAMES) if path), None)


def install() -> str | None:
    """Install Debian's package where that is possible; the browser's path, or ``None``."""
    if not shutil.which("apt-get") or not Path("/etc/debian_version").exists():
        return None
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if root and not shutil.which("sudo"):
        return None
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", "chromium"]):
        if subprocess.run([*root, "apt-get", *command], env=quiet, check=False).returncode:
            return None
    return find()


def main() -> None:
    """Print the browser's path, installing it first where ``--install`` asks for it; exit 1 without one."""
    path = find() or (install() if "--install" in sys.argv[1:] else None)
    sys.exit(WANTED) if path is None else print(path)


if __name__ == "__main__":
    main()
