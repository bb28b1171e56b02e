"""Steps as they are recorded, where no version of the process knows them: done or not done."""

from collections import defaultdict

import ibis.expr.types as ir

from notyet.analysis.conformance_record import OPENING, Plan
from notyet.analysis.history import History
from notyet.analysis.moments import epoch_us
from notyet.analysis.process import ProcessStage, ProcessVersion, Step

MOST_STEPS = 12
FEWEST_DEALS = 5
SOME = 0.02
"""What is recorded for fewer of the deals is a remark rather than a step."""


def as_recorded(history: History) -> Plan | None:
    """A plan of the most frequent steps that no version knows, each in the stage in which it is mostly done.

    It has no order and no due times. ``None`` where there is no such step.
    """
    counted = _counted(history)
    deals = history.table("deals").count().to_pyarrow().as_py()
    kept = [text for text, n in counted if n >= max(FEWEST_DEALS, SOME * deals)][:MOST_STEPS]
    if not kept:
        return None
    by_stage: dict[str, list[str]] = defaultdict(list)
    for text, stage in _stages(history, kept).items():
        by_stage[stage].append(text)
    order = [
        stage.label for stage in sorted(history.meta.stages, key=lambda one: (one.position is None, one.position or 0))
    ]
    labels = [OPENING, *order, *(label for label in by_stage if label not in order and label != OPENING)]
    stages = tuple(
        ProcessStage(label, label, tuple(Step(text, text) for text in by_stage[label]))
        for label in labels
        if by_stage[label]
    )
    said = ProcessVersion(
        OPENING,
        stages=stages,
        labels=tuple((stage.key, stage.key) for stage in stages),
        wordings=tuple((text, text) for text in kept),
    )
    return Plan((said,), ordered=False)


def _stage(label: str, texts: list[str]) -> ProcessStage:
    return ProcessStage(label, label, tuple(Step(text, text) for text in texts))


def _unknown(history: History) -> ir.Table:
    """The rows of steps that mean none in any version."""
    known = sorted({text for version in history.meta.process for text, _ in version.wordings})
    rows = history.table("steps_done")
    return rows.filter(~rows.step.isin(known)) if known else rows


def _counted(history: History) -> list[tuple[str, int]]:
    rows = _unknown(history)
    counted = rows.group_by("step").aggregate(deals=rows.deal.nunique())
    top = counted.order_by(counted.deals.desc(), counted.step).limit(MOST_STEPS).to_pyarrow().to_pylist()
    return [(row["step"], row["deals"]) for row in top]


def _stages(history: History, texts: list[str]) -> dict[str, str]:
    """The stage that most deals were in when they did each step; of steps done before any stage, the opening."""
    rows, entries = _unknown(history), history.table("stage_changes")
    done = rows.filter(rows.step.isin(texts)).select("deal", "step", at=epoch_us(rows.done_at))
    entered = entries.select("deal", "stage", since=epoch_us(entries.entered_at))
    placed = done.asof_join(entered, on=done["at"] >= entered.since, predicates="deal")
    counted = placed.group_by("step", "stage").aggregate(n=placed.count())
    found: dict[str, tuple[int, str]] = {}
    for row in counted.order_by("step", "stage").to_pyarrow().to_pylist():
        best = (row["n"], row["stage"] or OPENING)
        if row["step"] not in found or best[0] > found[row["step"]][0]:
            found[row["step"]] = best
    return {text: found[text][1] if text in found else OPENING for text in texts}
