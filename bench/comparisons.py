"""What is compared with what, and the ratio that is aimed at."""

from collections.abc import Callable
from dataclasses import dataclass

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


COMPARISONS = {
    one.name: one
    for one in (Comparison("facts", "facts made and written", "bare DuckDB scan", "≤ 3 ×", 3.0, facts, 1000),)
}
