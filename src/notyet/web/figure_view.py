"""A figure as every surface shows it: its value, its interval, what it rests on, and the way to its deals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from notyet.analysis.registry import BY_KEY
from notyet.analysis.results import Figure
from notyet.web import numbers
from notyet.web.drawing import Mark, Scale, mark

WITHHELD = {
    "below_five": "withheld: fewer than five",
    "not_recorded": "not in the record",
    "one_outcome_only": "withheld: one outcome only",
    "not_matured": "too early to say",
}

NONE_YET = {"won_back_value": "nothing paid yet", "won_back_share": "nobody asked again yet"}
NOUNS = {"agreement": "buyer answers"}

Linker = Callable[[str, Mapping[str, str]], str]
"""Makes the address of the deals behind a figure from its key and group."""


def no_link(key: str, by: Mapping[str, str]) -> str:
    """For surfaces from which no deal can be opened."""
    return ""


@dataclass(frozen=True)
class FigureView:
    """A figure, ready to print. ``value`` is empty where it is withheld, and ``withheld`` says why."""

    key: str
    label: str
    value: str
    interval: str
    n: int
    count: int | None
    withheld: str
    url: str
    question: str
    mark: Mark | None = None
    debriefed: str = ""
    """How many closed deals were debriefed, where the figure is made of debriefs."""

    @property
    def basis(self) -> str:
        """What the figure rests on: ``403 of 1,284`` or ``1,284 deals``."""
        if self.count is not None:
            return f"{self.count:,} of {self.n:,}"
        return f"{self.n:,} {NOUNS.get(self.key, 'deals')}"


def _why(figure: Figure) -> str:
    if not figure.n:
        return NONE_YET.get(figure.key, WITHHELD["not_recorded"])
    return WITHHELD.get(figure.withheld or "", "no value")


def view(figure: Figure, currency: str, link: Linker, scale: Scale | None = None, label: str = "") -> FigureView:
    """Print one figure; with a scale also where its mark stands."""
    known = figure.value is not None
    has_interval = figure.low is not None and figure.high is not None
    drawn = scale is not None and known and has_interval
    return FigureView(
        key=figure.key,
        label=label or figure.label,
        value=numbers.shown(figure.value, figure.unit, currency) if figure.value is not None else "",
        interval=numbers.interval(figure.low, figure.high, figure.unit, currency)
        if figure.low is not None and figure.high is not None
        else "",
        n=figure.n,
        count=figure.count,
        withheld="" if known else _why(figure),
        url=link(figure.key, figure.by) if figure.n else "",
        question=BY_KEY[figure.key].question if figure.key in BY_KEY else "",
        mark=mark(figure.value, figure.low, figure.high, scale)  # type: ignore[arg-type]
        if drawn and scale
        else None,
    )
