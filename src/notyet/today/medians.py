"""The clocks of won deals, kept for a workspace from its frozen history until they have changed enough to matter."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta

from notyet.analysis.clocks import StageClock
from notyet.core.clock import now
from notyet.history import store
from notyet.history.clocks import current_clocks
from notyet.today.models import Upkeep
from notyet.workspaces.models import Workspace

MATERIAL = 0.05
"""By so much of itself a median has to change before deals are held against it anew."""
_EVERY = timedelta(days=1)
_HOURS = ("opening_hours", "stage_hours", "quiet_hours")


def kept_clocks(upkeep: Upkeep) -> dict[str, StageClock]:
    """The kept medians by kind of stage."""
    return {one["kind"]: StageClock(**one) for one in upkeep.clocks}


def are_stale(upkeep: Upkeep, *, at_once: bool = False) -> bool:
    """Whether a newer history is there, and the kept medians are a day old (or ``at_once``: however old they are)."""
    folder = store.current(upkeep.workspace)
    if folder is None or folder.name == upkeep.clocks_of:
        return False
    return at_once or upkeep.clocks_at is None or abs(now() - upkeep.clocks_at) >= _EVERY


def keep_clocks(workspace: Workspace) -> bool:
    """Read the medians of the current history; returns whether they differ enough to be kept."""
    folder = store.current(workspace)
    found = current_clocks(workspace)
    upkeep, _ = Upkeep.objects.get_or_create(workspace=workspace)
    differ = differ_materially(kept_clocks(upkeep), {one.kind: one for one in found})
    changes: dict[str, object] = {"clocks_of": folder.name if folder else "", "clocks_at": now()}
    if differ:
        changes["clocks"] = [asdict(one) for one in found]
    Upkeep.objects.filter(pk=upkeep.pk).update(**changes)
    return differ


def differ_materially(kept: Mapping[str, StageClock], found: Mapping[str, StageClock]) -> bool:
    """Whether a median came, went, or moved by more than ``MATERIAL`` of itself."""
    return any(_hours(kept.get(kind), found.get(kind)) for kind in kept.keys() | found.keys())


def _hours(was: StageClock | None, is_now: StageClock | None) -> bool:
    return any(_differ(getattr(was, name, None), getattr(is_now, name, None)) for name in _HOURS)


def _differ(was: float | None, is_now: float | None) -> bool:
    if was is None or is_now is None:
        return was is not is_now
    return abs(is_now - was) > MATERIAL * max(abs(was), abs(is_now))


def median_value(values: Sequence[float]) -> float | None:
    """The middle one, or the mean of the middle two; ``None`` of none."""
    if not values:
        return None
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
