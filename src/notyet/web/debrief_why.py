"""The step *Why* of a debrief: which reasons stand open and which are folded away, and the stages with their days."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from notyet.debriefs.models import Control
from notyet.process.queries import Walk
from notyet.process.visits import visits
from notyet.web.closing_form import ReasonGroup

OPEN = 10
"""So many reasons stand open, beside those chosen, those that the record speaks about, and *Unknown*."""
FEWEST_FOLDED = 4
"""Fewer are not worth a fold."""
AFTER_THE_CHOICE = ("order", "paid", "lost")


@dataclass(frozen=True)
class ReasonLine:
    """A reason, whose it is to change, and what the record says about it."""

    label: str
    control: str
    whose: str
    hint: str


@dataclass(frozen=True)
class ReasonLines:
    """The reasons that stand open and those behind *All reasons*, each in the order of the table."""

    first: tuple[ReasonLine, ...]
    more: tuple[ReasonLine, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.first) + len(self.more)


@dataclass(frozen=True)
class StageSeen:
    """A stage in which it may have turned, and from when to when the deal was in it; empty where it never was."""

    label: str
    when: str


def reason_lines(
    groups: Sequence[ReasonGroup], hints: Mapping[str, str], chosen: Collection[str], usual: Sequence[str]
) -> ReasonLines:
    """Fold the reasons. ``usual``: labels by how often losses carry them, the commonest first."""
    table = [(group, label) for group in groups for label in group.reasons]
    labels = {label for _, label in table}
    order = list(dict.fromkeys([*(one for one in usual if one in labels), *_heads(groups)]))
    unknown = {label for group, label in table if group.control == Control.UNKNOWN}
    named = [one for one in order if one not in unknown][:OPEN]
    first = {*named, *unknown, *chosen, *(label for label in labels if hints.get(label))}
    if len(labels - first) < FEWEST_FOLDED:
        first = labels
    lines = [ReasonLine(label, group.control, group.label.lower(), hints.get(label, "")) for group, label in table]
    return ReasonLines(
        tuple(one for one in lines if one.label in first), tuple(one for one in lines if one.label not in first)
    )


def _heads(groups: Sequence[ReasonGroup]) -> list[str]:
    """The labels of all groups, their first ones before their second ones."""
    longest = max((len(group.reasons) for group in groups), default=0)
    return [group.reasons[place] for place in range(longest) for group in groups if place < len(group.reasons)]


def stages_seen(walk: Walk, ended: datetime, zone: ZoneInfo) -> list[StageSeen]:
    """The stages before the choice, with the days of the last stay in each, in the order of the process."""
    stays = {one.stage: (one.entered.at, one.left.at if one.left else ended) for one in visits(walk.entries)}
    return [
        StageSeen(stage.label, _days(*stays[stage.key], zone) if stage.key in stays else "")
        for stage in walk.definition.stages
        if stage.kind not in AFTER_THE_CHOICE
    ]


def _days(entered: datetime, left: datetime, zone: ZoneInfo) -> str:
    """``3 Mar – 9 Apr``, ``9 – 12 Nov``, or one day; with the year where they differ in it."""
    begin, end = entered.astimezone(zone).date(), max(entered, left).astimezone(zone).date()
    if begin == end:
        return f"{begin:%-d %b}"
    if begin.year != end.year:
        return f"{begin:%-d %b %Y} – {end:%-d %b %Y}"
    return f"{begin:%-d} – {end:%-d %b}" if begin.month == end.month else f"{begin:%-d %b} – {end:%-d %b}"
