"""Facts made of promises, next steps, stages, debriefs and buyers' answers."""

import ibis
import ibis.expr.types as ir

from notyet.analysis.history import History
from notyet.analysis.meta import Stage
from notyet.analysis.moments import (
    end_of,
    epoch_us,
    flag_at_last,
    from_zero,
    hours,
    make_timestamptz,
    number_at_last,
    text_at_last,
)

STAGE_PREFIX = "stage."
"""In the facts the moment at which a deal first entered the stage *Need* is ``stage.Need``."""
MOST_STAGES = 40


def promises(history: History, lives: ir.Table) -> ir.Table:
    """By deal: promises made, due by the close, kept by their due date (its end, where it came as a plain date)."""
    rows, zone = history.table("promises"), history.meta.timezone
    now = history.horizon
    joined = rows.filter(rows.made_at.isnull() | (epoch_us(rows.made_at) <= now)).inner_join(lives, "deal")
    due_us = end_of(joined, "promises", "due_at", zone)
    kept_us = epoch_us(joined.kept_at)
    due = (due_us <= joined.end_us).fill_null(False)
    kept = due & (kept_us <= due_us).fill_null(False) & (kept_us <= now).fill_null(False)
    return joined.group_by("deal").aggregate(
        promises=joined.count(),
        promises_due=joined.count(where=due),
        promises_kept=joined.count(where=kept),
        first_promise_due_hours=hours((due_us - joined.opened_us).min(where=due)),
        first_broken_hours=hours((due_us - joined.opened_us).min(where=due & ~kept)),
    )


def next_steps(history: History, lives: ir.Table) -> ir.Table:
    """By deal: hours from the opening to the first dated next step."""
    joined = history.table("next_steps").inner_join(lives, "deal")
    first = (epoch_us(joined.due_at) - joined.opened_us).min()
    return joined.group_by("deal").aggregate(next_step_hours=hours(from_zero(first)))


def known_stages(history: History) -> tuple[Stage, ...]:
    """The stages of the meta; where it names none, those found in the record, most frequent first."""
    if history.meta.stages:
        return history.meta.stages[:MOST_STAGES]
    rows = history.table("stage_changes")
    counted = rows.group_by("stage").aggregate(rows_=rows.count())
    frequent = counted.order_by(counted.rows_.desc(), counted.stage).limit(MOST_STAGES).to_pyarrow()
    return tuple(Stage(label) for label in frequent["stage"].to_pylist())


def stages(history: History, known: tuple[Stage, ...]) -> ir.Table:
    """By deal: when it first entered each stage."""
    rows = history.table("stage_changes")
    rows = rows.filter(epoch_us(rows.entered_at) <= history.horizon)
    at = epoch_us(rows.entered_at)
    entered = {STAGE_PREFIX + stage.label: make_timestamptz(at.min(where=rows.stage == stage.label)) for stage in known}
    return rows.group_by("deal").aggregate(**entered)


def stage_summary(joined: ir.Table, known: tuple[Stage, ...]) -> dict[str, ir.Value]:
    """How many stages each deal entered and the last of them, stages that say it was lost apart."""
    worked = [stage.label for stage in known if stage.kind != "lost" and STAGE_PREFIX + stage.label in joined.columns]
    if not worked:
        return {"stages_entered": ibis.literal(0), "last_stage": ibis.null("string")}
    times = [joined[STAGE_PREFIX + label] for label in worked]
    latest = times[0] if len(times) == 1 else ibis.greatest(*times)
    # Of stages entered at the same moment the later one of the process is the last.
    last = ibis.cases(*((time == latest, label) for label, time in reversed(list(zip(worked, times, strict=True)))))
    count = sum((time.notnull().cast("int64") for time in times), start=ibis.literal(0))
    return {"stages_entered": count, "last_stage": last}


def debriefs(history: History) -> ir.Table:
    """By deal: when it was first debriefed, the latest deciding reason and the latest preparation."""
    rows = history.table("debriefs")
    at = epoch_us(rows["at"]).fill_null(0)
    rows = rows.filter(at <= history.horizon).mutate(order=at)
    return rows.group_by("deal").aggregate(
        debriefed_at=rows["at"].min(),
        debriefs=rows.count(),
        debrief_reason=text_at_last(rows.deciding_reason, rows.order),
        preparation=number_at_last(rows.preparation, rows.order),
    )


def answers(history: History) -> ir.Table:
    """By deal: the first invitation, the latest answer, its deciding reason, and whether its buyer signed it."""
    rows, now = history.table("buyer_answers"), history.horizon
    rows = rows.filter(epoch_us(ibis.coalesce(rows.invited_at, rows.answered_at)) <= now)
    answered = (epoch_us(rows.answered_at) <= now).fill_null(False)
    order = epoch_us(rows.answered_at)
    return rows.group_by("deal").aggregate(
        invited_at=ibis.coalesce(rows.invited_at, rows.answered_at).min(),
        answered_at=rows.answered_at.max(where=answered),
        buyer_reason=text_at_last(rows.deciding_reason, order, where=answered),
        signed=flag_at_last(rows.signed.fill_null(False), order, where=answered),
    )
