"""What may import what, as pyproject.toml says it."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT


def test_the_import_contracts_are_kept() -> None:
    """The layers and the purity of analysis and simulator."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_analysis_runs_without_django() -> None:
    """A notebook has no settings: importing the analysis and the simulator must not want any."""
    code = (
        "import sys, pkgutil, importlib, notyet.analysis, notyet.simulator\n"
        "for package in (notyet.analysis, notyet.simulator):\n"
        "    for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        importlib.import_module(module.name)\n"
        "wrong = [name for name in sys.modules if name.split('.')[0] == 'django']\n"
        "sys.exit(f'{len(wrong)} modules of Django were loaded' if wrong else 0)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
