"""The deals that went one way at a step of the process: those that its win rate was made of."""

from collections.abc import Mapping

import numpy as np

from notyet.analysis.conformance import COMPARED
from notyet.analysis.conformance_plans import followed, landmark, plans
from notyet.analysis.conformance_record import Plan
from notyet.analysis.conformance_sample import Tally
from notyet.analysis.history import History
from notyet.analysis.population import Ints

CODES = {way: code for code, way in COMPARED}


def deals_of_way(history: History, by: Mapping[str, str], smallest: int) -> Ints | None:
    """The numbers of the closed deals that had gone the ``way`` at the landmark of a ``step`` of a ``stage`` (keys).

    ``recorded`` is not empty for a step that no process knows. ``None`` where there is no such step or way.
    """
    wanted = (by.get("stage", ""), by.get("step", ""))
    code = CODES.get(by.get("way", ""))  # type: ignore[call-overload]
    for plan in plans(history):
        if plan.ordered != bool(by.get("recorded")) and code is not None and _knows(plan, wanted):
            return _found(history, plan, wanted, code, smallest)
    return None


def _knows(plan: Plan, wanted: tuple[str, str]) -> bool:
    return any(
        (stage.key, key) == wanted
        for version in plan.versions
        for stage in version.stages
        for key in ("", *(step.key for step in stage.steps))
    )


def _found(history: History, plan: Plan, wanted: tuple[str, str], code: int, smallest: int) -> Ints:
    tally = Tally(*wanted)
    there: list[tuple[Ints, ...]] = []
    every, judge = followed(history, plan)
    for ways in every:
        for one in judge.judged(ways):
            if (one.stage, one.step) == wanted:
                tally.add(one, ways.won, np.zeros(len(ways.deal), dtype=bool))
                there.append(tuple(ways.deal[group == code] for group in one.groups))
    chosen = landmark(tally, smallest)
    return np.concatenate([groups[chosen] for groups in there]) if there else np.zeros(0, dtype=np.int64)
