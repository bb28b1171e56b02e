"""Drivers, the funnel, groups and the trend of a report, ready to draw."""

from collections.abc import Sequence
from dataclasses import dataclass

from notyet.analysis.results import Driver, Figure, Funnel, FunnelStage
from notyet.web import numbers
from notyet.web.drawing import Mark, Scale, mark, place, share_scale, symmetric
from notyet.web.figure_view import FigureView, Linker, view

MOST_LEVELS = 12


@dataclass(frozen=True)
class DriverRow:
    """A driver: its words, its mark around zero, and what is at stake."""

    name: str
    control: str
    reading: str
    landmark: str
    mark: Mark
    effect: str
    interval: str
    deals: str
    stake: str
    stake_interval: str
    url: str


def driver_rows(drivers: Sequence[Driver], currency: str, link: Linker) -> list[DriverRow]:
    """Drivers in the report's order on one scale around zero."""
    scale = symmetric([end for one in drivers for end in (one.low, one.high)])
    return [_driver_row(one, scale, currency, link) for one in drivers]


def _driver_row(one: Driver, scale: Scale, currency: str, link: Linker) -> DriverRow:
    low, high = one.at_stake_low, one.at_stake_high
    digits = numbers.points_digits(one.effect, one.low, one.high)
    return DriverRow(
        name=one.name[:1].upper() + one.name[1:],
        control=one.control,
        reading=one.reading,
        landmark="at the opening" if one.landmark == "opening" else f"by {one.landmark}",
        mark=mark(one.effect, one.low, one.high, scale),
        effect=f"{numbers.points(one.effect, digits)} pts",
        interval=f"{numbers.points(one.low, digits)} to {numbers.points(one.high, digits)}",
        deals=f"{one.n:,}",
        stake="" if one.at_stake is None else numbers.money(one.at_stake, currency),
        stake_interval=""
        if low is None or high is None
        else f"{numbers.money(low, currency)} – {numbers.money(high, currency)}",
        url=link("driver", {"name": one.name}),
    )


@dataclass(frozen=True)
class FunnelRow:
    """A stage's bar in three parts: went on, left for what is ours, left otherwise."""

    stage: FunnelStage
    went: str
    ours_at: str
    ours: str
    other_at: str
    other: str
    days: str
    url: str


def funnel_rows(funnel: Funnel, link: Linker) -> list[FunnelRow]:
    """The stages on one scale, the fullest stage being the whole width."""
    scale = Scale(0, max([stage.entered for stage in funnel.stages], default=1) or 1)
    return [_funnel_row(stage, scale, link) for stage in funnel.stages]


def _funnel_row(stage: FunnelStage, scale: Scale, link: Linker) -> FunnelRow:
    went, ours = scale.at(stage.went_on), scale.at(stage.left_ours)
    return FunnelRow(
        stage=stage,
        went=place(went),
        ours_at=place(went),
        ours=place(ours),
        other_at=place(went + ours),
        other=place(scale.at(stage.left_other)),
        days="" if stage.median_days is None else numbers.days(stage.median_days),
        url=link("left", {"stage": stage.stage}),
    )


@dataclass(frozen=True)
class Group:
    """The win rate by the levels of one field."""

    field: str
    label: str
    rows: list[FigureView]
    more: int


def group(field: str, label: str, figures: Sequence[Figure], currency: str, link: Linker) -> Group:
    """The levels of a field, drawn towards their mean for the order, so that a group of four does not lead."""
    ordered = sorted(figures, key=_order)
    shown = ordered[:MOST_LEVELS]
    scale = share_scale(shown)
    rows = [view(one, currency, link, scale, label=one.by[field]) for one in shown]
    return Group(field, label, rows, len(ordered) - len(shown))


def _order(figure: Figure) -> tuple[bool, float, int]:
    ranked = figure.pooled if figure.pooled is not None else figure.value
    return (figure.value is None, -(ranked or 0), -figure.n)


@dataclass(frozen=True)
class TrendPoint:
    """A period's figure and where it stands; ``x2``, ``y2`` lead to the next known point, ``tick`` is its label."""

    figure: FigureView
    x: str
    y: str
    top: str
    bottom: str
    tick: str
    x2: str = ""
    y2: str = ""


@dataclass(frozen=True)
class Trend:
    """A figure over time, with the scale's lines."""

    points: list[TrendPoint]
    lines: list[tuple[str, str]]


MOST_TICKS = 6
FIRST, LAST = 6.0, 97.0
TOP, BOTTOM = 5.0, 86.0


def quarter(level: str) -> str:
    """A quarter as a short label: ``2025-Q3`` is ``Q3 2025``."""
    year, dash, number = level.partition("-")
    return f"{number} {year}" if dash else level


def trend(field: str, figures: Sequence[Figure], currency: str, link: Linker) -> Trend | None:
    """The periods in their order; ``None`` with fewer than two known ones."""
    ordered = sorted((one for one in figures if one.value is not None), key=lambda one: one.by[field])
    if len(ordered) < 2:
        return None
    scale = share_scale(ordered)

    def height(value: float) -> str:
        return place(BOTTOM - scale.at(value) / 100 * (BOTTOM - TOP))

    step = (LAST - FIRST) / len(ordered)
    every = -(-len(ordered) // MOST_TICKS)
    xs = [place(FIRST + step * (number + 0.5)) for number in range(len(ordered))]
    ys = [height(one.value or 0) for one in ordered]
    points = [
        TrendPoint(
            view(one, currency, link, label=quarter(one.by[field])),
            x,
            y,
            height(one.high if one.high is not None else one.value or 0),
            height(one.low if one.low is not None else one.value or 0),
            quarter(one.by[field]) if number % every == 0 else "",
            xs[number + 1] if number + 1 < len(xs) else "",
            ys[number + 1] if number + 1 < len(ys) else "",
        )
        for number, (one, x, y) in enumerate(zip(ordered, xs, ys, strict=True))
    ]
    lines = [(height(scale.high * part), numbers.percent(scale.high * part, 0)) for part in (0, 0.5, 1)]
    return Trend(points, lines)
