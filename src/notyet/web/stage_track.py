"""The track over a deal's page: the stages it went through, and how long it stayed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from notyet.deals.models import StageChange
from notyet.process.models import Stage, StageKind
from notyet.process.rules import stage_kind
from notyet.web.moments import between, lasting


@dataclass(frozen=True)
class TrackStage:
    """A stage on the track: ``state`` is done, now, lost or ahead; ``note`` how long the deal stayed."""

    label: str
    state: str
    note: str


def track(changes: Sequence[StageChange], stages: Sequence[Stage], end: datetime, *, is_open: bool) -> list[TrackStage]:
    """The stages entered, in the order of their first entry, then those still ahead of an open deal.

    ``end`` is the close, or now for an open deal: the last stage lasted until then.
    """
    entered = sorted(changes, key=lambda one: (one.entered_at, one.pk))
    kinds = {stage.label: stage.kind for stage in stages}
    hours: dict[str, float] = {}
    for change, after in zip(entered, [*(one.entered_at for one in entered[1:]), end], strict=True):
        hours[change.stage] = hours.get(change.stage, 0) + max(between(change.entered_at, after), 0)
    last = entered[-1].stage if entered else None
    shown = [
        _entered(label, spent, kinds.get(label) or stage_kind(label), is_open and label == last)
        for label, spent in hours.items()
    ]
    return shown + (_ahead(stages, set(hours), last) if is_open else [])


def _entered(label: str, hours: float, kind: str, now: bool) -> TrackStage:
    if kind == StageKind.LOST:
        return TrackStage(label, "lost", "")
    if kind == StageKind.PAID:
        return TrackStage(label, "done", "the only win")
    return TrackStage(label, "now" if now else "done", f"for {lasting(hours)}" if now else lasting(hours))


def _ahead(stages: Sequence[Stage], entered: set[str], last: str | None) -> list[TrackStage]:
    positions = {stage.label: stage.position for stage in stages if stage.position is not None}
    reached = positions.get(last or "", -1)
    return [
        TrackStage(stage.label, "ahead", "")
        for stage in stages
        if stage.position is not None
        and stage.position > reached
        and stage.label not in entered
        and stage.kind != StageKind.LOST
    ]
