"""What looking through the record gives back: frozen results, source by source."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from notyet.analysis.health_checks import Place
from notyet.analysis.health_costs import Cost

Counts = Mapping[str, Mapping[str, Any]]
"""By data source: what was counted, by name."""


@dataclass(frozen=True)
class Finding:
    """One thing missing or odd in a data source: of ``of`` deals or rows, ``count``.

    ``field`` is the field or table of the exchange format (an attribute's own name), ``column`` its header in the
    source. ``costs``: the figures that lose by it; ``loses``: what else it costs, in words; ``mend``: the shortest way
    to put it right, and ``place`` where.
    """

    source: str
    key: str
    field: str
    column: str
    text: str
    count: int
    of: int
    mend: str
    place: Place = "source"
    loses: str = ""
    costs: tuple[Cost, ...] = ()

    @property
    def weight(self) -> tuple[int, float, float]:
        """How heavy it is: figures withheld, the most that one is widened, the share of deals or rows."""
        withheld = sum(cost.withheld for cost in self.costs)
        wider = max((cost.wider or 0.0 for cost in self.costs), default=0.0)
        return withheld, wider, self.count / self.of


@dataclass(frozen=True)
class Filled:
    """How many of the deals that should have a field do: ``filled`` of ``of``."""

    field: str
    column: str
    filled: int
    of: int

    @property
    def share(self) -> float:
        """The filled share; of no deals it is whole."""
        return self.filled / self.of if self.of else 1.0


@dataclass(frozen=True)
class SourceHealth:
    """One data source: its deals, the fields that it tells, those that it does not, what was found (heaviest first)."""

    key: str
    deals: int
    closed: int
    fields: tuple[Filled, ...]
    absent: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Health:
    """The record's health as it was frozen, source by source, the largest first."""

    as_of: datetime
    workspace: str
    sources: tuple[SourceHealth, ...]
