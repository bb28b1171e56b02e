"""What a workspace has decided about its analysis."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from notyet.analysis.meta import Control, ReasonEntry

LeakDecision = Literal["leak", "fine"]


@dataclass(frozen=True)
class Settings:
    """Decisions of the workspace's owner that figures and drivers follow.

    ``leaks``: by the field's source column, what its owner said of a suspect. ``reasons``: entries that stand
    before those of the history's own. ``controls``: by the field's name, whose a driver made of it is to change.
    ``smallest_group``: below so many deals or answers a figure is withheld (never below five).
    ``landmark_days`` and ``matured_share`` are the moments at which behaviours and cohorts are compared.
    """

    leaks: Mapping[str, LeakDecision] = field(default_factory=lambda: MappingProxyType({}))
    reasons: tuple[ReasonEntry, ...] = ()
    controls: Mapping[str, Control] = field(default_factory=lambda: MappingProxyType({}))
    smallest_group: int = 5
    landmark_days: int = 7
    matured_share: float = 0.9
    most_levels: int = 50

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where a group smaller than five would be shown."""
        if self.smallest_group < 5:
            raise ValueError("groups below five deals or answers are never shown")
