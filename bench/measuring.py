"""Runs two sides of a comparison in turn, each in a process of its own, and says what they cost."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Cost:
    """What one process cost: ``wall`` seconds from its start to its end, ``work`` those without starting Python and
    importing libraries, ``cpu`` seconds over all cores, ``peak`` MB of resident memory.
    """

    wall: float
    work: float
    cpu: float
    peak: float


class SideFailed(RuntimeError):
    """A side ended with an error; its own words are on standard error."""


def alternate(sides: Sequence["Side"], rounds: int) -> list[Cost]:
    """The median cost of each side over so many rounds; in a round every side runs once, in turn (A B A B)."""
    costs: list[list[Cost]] = [[] for _ in sides]
    for _ in range(rounds):
        for place, side in enumerate(sides):
            costs[place].append(side.run())
    return [_median(of_one) for of_one in costs]


@dataclass(frozen=True)
class Side:
    """One side of a comparison: a module of ``bench.sides``, its arguments, and what is set in its environment."""

    module: str
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] | None = None

    def run(self) -> Cost:
        """Run it once. Raises ``SideFailed`` where it does not end well."""
        command = [sys.executable, "-m", f"bench.sides.{self.module}", *self.arguments]
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **(self.environment or {})}, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SideFailed(f"{self.module} ended with {process.returncode}")
        work = float(json.loads(said.splitlines()[-1])["work"])
        # Linux counts the peak in KiB, macOS in bytes.
        unit = 1e6 if sys.platform == "darwin" else 1e6 / 1024
        return Cost(wall, work, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        wall=statistics.median(c.wall for c in costs),
        work=statistics.median(c.work for c in costs),
        cpu=statistics.median(c.cpu for c in costs),
        peak=max(c.peak for c in costs),
    )
