"""Where marks of a drawing stand, in per cent of its width or height.

Drawings are SVG whose places are percentages: they fit any width without scaling their text, need no script and no
inline style, and are the same on a page, in print and in a report that stands alone.
"""

from dataclasses import dataclass
from math import ceil, floor, log10

from notyet.analysis.results import Figure


@dataclass(frozen=True)
class Scale:
    """A straight scale from ``low`` (0 %) to ``high`` (100 %)."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """The place of a value in per cent, held inside the drawing."""
        span = self.high - self.low
        return min(max((value - self.low) / span * 100, 0), 100) if span > 0 else 0.0


@dataclass(frozen=True)
class Mark:
    """An estimate on its interval, as attributes of SVG elements; ``down`` where it lies below zero."""

    point: str
    start: str
    width: str
    down: bool = False


def place(percent: float) -> str:
    """A place as an SVG attribute."""
    return f"{percent:.2f}%"


def mark(value: float, low: float, high: float, scale: Scale) -> Mark:
    """An estimate with its interval on a scale."""
    start, end = scale.at(low), scale.at(high)
    return Mark(place(scale.at(value)), place(start), place(max(end - start, 0.4)), value < 0)


def symmetric(values: list[float]) -> Scale:
    """A scale around zero that holds all values; ±5 points at least."""
    reach = nice(max([abs(value) for value in values], default=0.05))
    return Scale(-max(reach, 0.05), max(reach, 0.05))


def nice(value: float) -> float:
    """The next larger of 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(step * power for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * power >= value * (1 - 1e-9))


def share_scale(figures: list[Figure]) -> Scale:
    """From zero to the next ten per cent above all intervals."""
    top = max([figure.high or figure.value or 0 for figure in figures], default=1.0)
    return Scale(0.0, min(max(ceil(top * 10 - 1e-9) / 10, 0.1), 1.0))
