"""The track over a deal's page: the stages of its process, how long it stayed in each, and what was answered there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from notyet.deals.models import StageChange
from notyet.process.definition import StageRule
from notyet.process.models import Stage, StageKind
from notyet.process.queries import Walk
from notyet.process.rules import stage_kind
from notyet.process.visits import visits
from notyet.web.moments import between, lasting

AHEAD = {"order": "counts for nothing yet", "paid": "the only win"}


@dataclass(frozen=True)
class TrackStage:
    """A stage on the track: ``state`` is done, skipped, now, lost or ahead; ``note`` how long the deal stayed.

    ``key`` is the stage's in the deal's process, where it can be entered.
    """

    label: str
    state: str
    note: str
    key: str = ""


def track(walk: Walk, end: datetime, *, is_open: bool) -> list[TrackStage]:
    """The stages of the deal's own version of the process. ``end`` is the close, or now for an open deal."""
    hours: dict[str, float] = {}
    for visit in visits(walk.entries):
        left = visit.left.at if visit.left else end
        hours[visit.stage] = hours.get(visit.stage, 0) + max(between(visit.entered.at, left), 0)
    here = walk.definition.position(walk.place.stage.key) if walk.place else -1
    return [
        _stage(stage, _state(stage, place, here, hours, is_open=is_open), hours.get(stage.key), walk.answers)
        for place, stage in enumerate(walk.definition.stages)
    ]


def _state(stage: StageRule, place: int, here: int, hours: Mapping[str, float], *, is_open: bool) -> str:
    if place == here and is_open:
        return "now"
    if stage.key in hours:
        return "done"
    return "skipped" if place < here else "ahead"


def _stage(stage: StageRule, state: str, hours: float | None, answers: Mapping[str, datetime]) -> TrackStage:
    if state == "ahead":
        return TrackStage(stage.label, state, AHEAD.get(stage.kind, ""), stage.key)
    if stage.kind == StageKind.PAID:
        return TrackStage(stage.label, state, "the only win")
    spent = "skipped" if state == "skipped" else lasting(hours or 0)
    answered = sum(1 for one in stage.questions if one.key in answers)
    parts = [f"day {int((hours or 0) // 24) + 1}" if state == "now" else spent]
    if stage.questions and state != "skipped":
        parts.append(f"{answered} of {len(stage.questions)} answered")
    return TrackStage(stage.label, state, " · ".join(parts), "" if state == "now" else stage.key)


def recorded_track(changes: Sequence[StageChange], stages: Sequence[Stage], end: datetime) -> list[TrackStage]:
    """The stages that a closed deal went through by its source's own labels, in the order of their first entry."""
    entered = sorted(changes, key=lambda one: (one.entered_at, one.pk))
    kinds = {stage.label: stage.kind for stage in stages}
    hours: dict[str, float] = {}
    for change, after in zip(entered, [*(one.entered_at for one in entered[1:]), end], strict=True):
        hours[change.stage] = hours.get(change.stage, 0) + max(between(change.entered_at, after), 0)
    return [_entered(label, spent, kinds.get(label) or stage_kind(label)) for label, spent in hours.items()]


def _entered(label: str, hours: float, kind: str) -> TrackStage:
    if kind == StageKind.LOST:
        return TrackStage(label, "lost", "")
    return TrackStage(label, "done", "the only win" if kind == StageKind.PAID else lasting(hours))
