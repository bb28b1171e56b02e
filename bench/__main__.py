"""``python -m bench [facts|figures|drivers|import|import-postgresql|deals …] [--deals N | --full] [--rounds N]``."""

import argparse
import os
import platform
import sys
from importlib.metadata import version

from bench.comparisons import COMPARISONS, Comparison, Sizes
from bench.deal_pages import DEAL_PAGES
from bench.measuring import Cost, SideFailed, alternate
from bench.today import TODAY_PAGES

ALL = COMPARISONS | DEAL_PAGES | TODAY_PAGES
GROUPS = {"deals": list(DEAL_PAGES)} | {
    group: [name for name in TODAY_PAGES if name.startswith(f"{group}:")] for group in ("today", "today-postgresql")
}
USUAL, FULL = 100_000, 1_000_000
_LIBRARIES = ("duckdb", "ibis-framework", "pandas", "numpy", "statsmodels", "pyarrow", "django")


def main() -> int:
    """Run the comparisons that are asked for and print them as a table."""
    asked = _arguments()
    sizes = Sizes(FULL if asked.full else asked.deals)
    print(_machine())
    print(f"{sizes.deals:,} deals, {asked.rounds} rounds, in turn; medians, memory at its highest", flush=True)
    print(_HEADER, flush=True)
    failed = False
    for name in asked.comparisons or ALL:
        comparison = ALL[name]
        try:
            ours, theirs = alternate(comparison.sides(sizes), asked.rounds)
        except SideFailed as error:
            print(f"{name}: {error}", file=sys.stderr)
            failed = True
            continue
        print(_lines(comparison, ours, theirs), flush=True)
    return int(failed)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    named = ", ".join((*COMPARISONS, *GROUPS))
    parser.add_argument("comparisons", nargs="*", help=f"of {named}; all where none is named")
    parser.add_argument("--deals", type=int, default=USUAL, help=f"size of the history (default {USUAL:,})")
    parser.add_argument("--full", action="store_true", help=f"the size that aims are stated for: {FULL:,} deals")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    unknown = [name for name in asked.comparisons if name not in ALL and name not in GROUPS]
    if unknown:
        parser.error(f"no comparison is called {unknown[0]}; there are {', '.join((*ALL, *GROUPS))}")
    asked.comparisons = [one for name in asked.comparisons for one in GROUPS.get(name, [name])]
    return asked


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}; {libraries}"
    )


_HEADER = f"{'':42} {'wall s':>8} {'work s':>8} {'cpu s':>8} {'peak MB':>8}"


def _lines(comparison: Comparison, ours: Cost, theirs: Cost) -> str:
    ratio = ours.work / theirs.work
    memory = comparison.most_memory
    kept = ratio <= comparison.most and (memory is None or ours.peak < memory)
    aim = comparison.aim + (f", below {memory:.0f} MB" if memory else "")
    return "\n".join(
        (
            _row(f"{comparison.name}: {comparison.ours}", ours),
            _row(f"  {comparison.theirs}", theirs),
            f"{'  ratio':42} {ours.wall / theirs.wall:8.3f} {ratio:8.3f} {ours.cpu / theirs.cpu:8.3f} "
            f"{ours.peak / theirs.peak:8.2f}  aim {aim}: {'kept' if kept else 'missed'}",
        )
    )


def _row(label: str, cost: Cost) -> str:
    return f"{label:42} {cost.wall:8.2f} {cost.work:8.2f} {cost.cpu:8.2f} {cost.peak:8.0f}"


if __name__ == "__main__":
    sys.exit(main())
