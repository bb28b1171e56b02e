"""Which reasons come back: the share of losses that has returned by one common month, as bars."""

from collections.abc import Sequence
from dataclasses import dataclass

from notyet.analysis.intervals import Estimate
from notyet.analysis.returning import ReturnCurve
from notyet.web import numbers
from notyet.web.drawing import Scale, nice, place

MONTHS = (24, 12, 6)
"""The latest of these by which at least half of the reasons have been watched counts for all of them."""


@dataclass(frozen=True)
class ReturnBar:
    """A reason's bar: its width and that of its interval in per cent, the share as text, and what it rests on."""

    label: str
    width: str
    low: str
    between: str
    value: str
    interval: str
    basis: str


@dataclass(frozen=True)
class ReturnBars:
    """The bars, the highest share first, and by how many months after the loss."""

    months: int
    bars: tuple[ReturnBar, ...]


def return_bars(curves: Sequence[ReturnCurve]) -> ReturnBars | None:
    """The bars of the reasons that were watched long enough; ``None`` where none was."""
    reasons = [one for one in curves if one.reason]
    for month in MONTHS:
        known = [(one, told) for one in reasons if (told := _at(one, month)) is not None]
        if known and 2 * len(known) >= len(reasons):
            return ReturnBars(month, _bars(known))
    return None


def _at(curve: ReturnCurve, month: int) -> Estimate | None:
    """The share by a month; ``None`` where too few losses were watched so long."""
    told = dict(zip(curve.months, curve.shares, strict=True)).get(month)
    return told if told is not None and told.value is not None else None


def _bars(known: Sequence[tuple[ReturnCurve, Estimate]]) -> tuple[ReturnBar, ...]:
    ordered = sorted(known, key=lambda one: (-(one[1].value or 0.0), one[0].reason))
    scale = Scale(0, nice(max(told.high or told.value or 0.0 for _, told in ordered) or 0.05))
    return tuple(_bar(curve, told, scale) for curve, told in ordered)


def _bar(curve: ReturnCurve, told: Estimate, scale: Scale) -> ReturnBar:
    value = told.value or 0.0
    bounds = None if told.low is None or told.high is None else (scale.at(told.low), scale.at(told.high))
    return ReturnBar(
        label=curve.reason,
        width=place(scale.at(value)),
        low=place(bounds[0]) if bounds else "",
        between=place(bounds[1] - bounds[0]) if bounds else "",
        value=numbers.percent(value),
        interval=numbers.interval(told.low, told.high, "share", "")
        if told.low is not None and told.high is not None
        else "",
        basis=f"{curve.returned:,} of {curve.n:,} losses came back so far",
    )
