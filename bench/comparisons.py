"""What is compared with what, and the ratio that is aimed at."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.measuring import Side
from bench.places import history


@dataclass(frozen=True)
class Sizes:
    """How large the histories are that a run is made on."""

    deals: int
    conversations: int = 20


@dataclass(frozen=True)
class Comparison:
    """Ours beside a named alternative. ``aim``: the ratio ours / theirs in words; ``most`` its highest value."""

    name: str
    ours: str
    theirs: str
    aim: str
    most: float
    sides: Callable[[Sizes], tuple[Side, Side]]
    most_memory: float | None = None


def facts(sizes: Sizes) -> tuple[Side, Side]:
    """Facts of every deal against a bare scan of what they are made of."""
    folder = str(history("frozen", sizes.deals, sizes.conversations))
    return Side("facts_made", (folder,)), Side("facts_scan", (folder,))


def figures(sizes: Sizes) -> tuple[Side, Side]:
    """A full set of figures for a filter, against plain pandas from the tables."""
    folder = str(with_facts(sizes))
    arguments = (folder, "persona", "Plant manager")
    return Side("figures_report", arguments), Side("figures_pandas", arguments)


def with_facts(sizes: Sizes) -> Path:
    """A frozen history with its facts, made anew by the present code."""
    folder = history("frozen", sizes.deals, sizes.conversations)
    Side("facts_made", (str(folder),)).run()
    return folder


COMPARISONS = {
    one.name: one
    for one in (
        Comparison("facts", "facts made and written", "bare DuckDB scan", "≤ 3 ×", 3.0, facts, 1000),
        Comparison("figures", "figures for a filter", "plain pandas", "≤ 1/20", 1 / 20, figures, 1000),
    )
}
