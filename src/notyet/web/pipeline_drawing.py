"""The pipeline's drawings: the ring of live deals, and how far a period gets towards its target."""

from dataclasses import dataclass

from notyet.analysis.concentration import Basket
from notyet.analysis.pipeline import Outlook
from notyet.web.drawing import Mark, Scale, mark, nice, place


@dataclass(frozen=True)
class Arc:
    """A part of the ring, as attributes of a circle whose length is 100: its dash, and where it begins."""

    kind: str
    dash: str
    offset: str
    label: str


def ring(basket: Basket, names: dict[int, str]) -> list[Arc]:
    """The largest deals and the rest, clockwise from the top. ``names``: of the deals that may be named."""
    parts = [(f"deal{place_}", value, names.get(deal, "")) for place_, (deal, value) in enumerate(basket.largest)]
    rest = basket.n - len(basket.largest)
    if rest:
        parts.append(("rest", basket.total - sum(value for _, value in basket.largest), f"{rest:,} more"))
    arcs, begun = [], 0.0
    for kind, value, label in parts:
        length = value / basket.total * 100
        # A hair between two parts, but no part vanishes.
        drawn = max(length - 0.6, 0.2) if len(parts) > 1 else length
        arcs.append(Arc(kind, f"{drawn:.2f} {100 - drawn:.2f}", f"{25 - begun:.2f}", label))
        begun += length
    return arcs


@dataclass(frozen=True)
class Progress:
    """A period's orders on one scale: paid, waiting, the likely end with and without the largest deal, the target."""

    paid: str
    waiting_at: str
    waiting: str
    end: Mark | None
    without: Mark | None
    target: str


def progress(seen: Outlook, target: float | None) -> Progress:
    """The drawing; without an estimate or a target their marks are left out."""
    ending = None if isinstance(seen.ending, str) else seen.ending
    highs = [one.high or 0.0 for one in (ending.expected, ending.without_largest) if one] if ending else []
    top = max([target or 0.0, seen.counted.value + seen.waiting.value, *highs, 1.0])
    scale = Scale(0.0, nice(top))
    marks = [
        mark(one.value or 0.0, one.low, one.high, scale)
        if one is not None and one.low is not None and one.high is not None
        else None
        for one in ((ending.expected, ending.without_largest) if ending else (None, None))
    ]
    paid, both = scale.at(seen.counted.value), scale.at(seen.counted.value + seen.waiting.value)
    return Progress(
        paid=place(paid),
        waiting_at=place(paid),
        waiting=place(both - paid),
        end=marks[0],
        without=marks[1],
        target=place(scale.at(target)) if target is not None else "",
    )
