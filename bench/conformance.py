"""Following the process, step by step, against pm4py's token replay: ``python -m bench.conformance [--cases N]``.

pm4py is under the AGPL and no dependency of the project: it is installed into an environment of its own in a temporary
folder, which is gone afterwards. The log (BPIC 2012, as Parquet) is no part of the project either: ``--log FILE``.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.measuring import ROOT, Cost, Side, alternate

LOG = ROOT.parent / "shared/data/bpic2012/bpic2012_until_2012-02-03.parquet"
CASES = 10_469
AIM = 1 / 30


def main() -> int:
    """Run both sides in turn and print what they cost; 1 where the log or the aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.conformance", description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES, help=f"repeat the log up to so many (default {CASES:,})")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--log", type=Path, default=LOG)
    asked = parser.parse_args()
    if not asked.log.exists():
        print(f"skipped: {asked.log} is not there; name it with --log", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="notyet-bench-") as place:
        folder = Path(place) / "history"
        command = [sys.executable, "-m", "bench.event_log", str(asked.log), str(folder), str(asked.cases)]
        subprocess.run(command, cwd=ROOT, check=True)
        sides = (
            Side("conformance_steps", (str(folder),)),
            Side("conformance_replay", (str(folder), str(_with_pm4py(Path(place) / "pm4py")))),
        )
        ours, theirs = alternate(sides, asked.rounds)
    return _told(ours, theirs)


def _with_pm4py(place: Path) -> Path:
    """The Python of a new environment with pm4py."""
    uv = shutil.which("uv") or str(Path(sys.executable).parent / "uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, place], check=True)
    python = place / "bin/python"
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, "pm4py", "pyarrow"], check=True)
    return python


def _told(ours: Cost, theirs: Cost) -> int:
    print(f"{'':20} {'wall s':>8} {'work s':>8} {'cpu s':>8} {'peak MB':>8}")
    for label, cost in (("steps followed", ours), ("pm4py token replay", theirs)):
        print(f"{label:20} {cost.wall:8.2f} {cost.work:8.2f} {cost.cpu:8.2f} {cost.peak:8.0f}")
    kept = ours.work / theirs.work <= AIM
    print(f"same answer on {len(ours.found)} counts; {theirs.work / ours.work:.1f} times faster by wall,", end=" ")
    print(f"{theirs.cpu / ours.cpu:.1f} by cpu; aim 30: {'kept' if kept else 'missed'}")
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
