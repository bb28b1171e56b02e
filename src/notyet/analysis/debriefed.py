"""How many closed deals were debriefed, to stand beside whatever is made of debriefs. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from notyet.analysis.results import Figure

SHARE = "debriefed"
MADE_OF_DEBRIEFS = frozenset(
    {"preparation_won", "preparation_lost", "lost_in_our_control", "lost_in_our_control_deals", "agreement"}
)
"""Figures that read debriefs: preparation comes from nowhere else, and what a debrief found to be the deciding reason
takes the place of the seller's, so that whatever is counted by sellers' reasons is made of debriefs too."""


@dataclass(frozen=True)
class Debriefed:
    """Of ``closed`` deals ``count`` were debriefed, won and lost alike."""

    count: int
    closed: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.count / self.closed

    def words(self, percent: str) -> str:
        """In words, with the share as the surface prints it: ``412 of 1,284 closed deals debriefed (32.1%)``."""
        return f"{self.count:,} of {self.closed:,} closed deals debriefed ({percent})"


def debriefed(figures: Iterable[Figure]) -> Debriefed | None:
    """What a report's figures say of it; ``None`` where no deal was closed."""
    found = next((one for one in figures if one.key == SHARE and not one.by), None)
    return Debriefed(found.count, found.n) if found is not None and found.count is not None and found.n else None
