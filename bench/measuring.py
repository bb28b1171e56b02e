"""Runs two sides of a comparison in turn, each in a process of its own, and says what they cost."""

import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
TOLERANCE = 1e-6
Found = Mapping[str, float | None]


@dataclass(frozen=True)
class Cost:
    """What one process cost, and what it says that it found.

    ``wall``: seconds from its start to its end, ``work``: those without starting Python and importing libraries,
    ``cpu``: seconds of the work over all cores, ``peak``: MB of resident memory.
    """

    wall: float
    work: float
    cpu: float
    peak: float
    found: Found


class SideFailed(RuntimeError):
    """A side ended with an error, whose words are on standard error, or found something else than the other did."""


def alternate(sides: Sequence["Side"], rounds: int) -> list[Cost]:
    """The median cost of each side over so many rounds; in a round every side runs once, in turn (A B A B)."""
    costs: list[list[Cost]] = [[] for _ in sides]
    for _ in range(rounds):
        for place, side in enumerate(sides):
            costs[place].append(side.run())
    for one in costs[1:]:
        _agree(costs[0][0].found, one[0].found)
    return [_median(of_one) for of_one in costs]


@dataclass(frozen=True)
class Side:
    """One side of a comparison: a module of ``bench.sides`` and its arguments."""

    module: str
    arguments: tuple[str, ...] = ()

    def run(self) -> Cost:
        """Run it once. Raises ``SideFailed`` where it does not end well."""
        command = [sys.executable, "-m", f"bench.sides.{self.module}", *self.arguments]
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SideFailed(f"{self.module} ended with {process.returncode}")
        told: dict[str, Any] = {}
        for line in said.splitlines():
            told |= json.loads(line)
        # Linux counts the peak in KiB, macOS in bytes.
        unit = 1e6 if sys.platform == "darwin" else 1e6 / 1024
        return Cost(wall, told["work"], told["cpu"], usage.ru_maxrss / unit, told.get("found", {}))


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        wall=statistics.median(c.wall for c in costs),
        work=statistics.median(c.work for c in costs),
        cpu=statistics.median(c.cpu for c in costs),
        peak=max(c.peak for c in costs),
        found=costs[0].found,
    )


def _agree(ours: Found, theirs: Found) -> None:
    """Raise ``SideFailed`` where two sides that say what they found differ in it."""
    if not ours or not theirs:
        return
    for name in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(name), theirs.get(name)
        same = one is other if one is None or other is None else math.isclose(one, other, rel_tol=TOLERANCE)
        if not same:
            raise SideFailed(f"the sides differ in {name!r}: {one} and {other}")
