"""What the page of the record's health shows: what was found, grouped by how much it costs."""

from collections.abc import Sequence
from dataclasses import dataclass

from notyet.analysis.health_costs import Cost
from notyet.analysis.health_results import Filled, Finding, Health, SourceHealth
from notyet.workspaces.access import Actor, Permission

WORTH_SAYING = 0.005
PLACES = {
    "reasons": ("reasons", "Open the table of reasons", Permission.EDIT_REASONS),
    "duplicates": ("duplicates", "Open the duplicates", Permission.MERGE),
}


@dataclass(frozen=True)
class Line:
    """One finding: where, what, what it costs in words, how it is mended, and the page where that is done."""

    column: str
    text: str
    costs: list[str]
    mend: str
    url_name: str
    link: str


@dataclass(frozen=True)
class Group:
    """Findings of one weight."""

    title: str
    lines: list[Line]


@dataclass(frozen=True)
class Bar:
    """How well a field is filled."""

    column: str
    filled: int
    of: int
    share: str


@dataclass(frozen=True)
class SourceView:
    """One data source."""

    key: str
    deals: int
    closed: int
    groups: list[Group]
    bars: list[Bar]
    absent: str

    @property
    def found(self) -> int:
        """How many things there are to mend."""
        return sum(len(group.lines) for group in self.groups)


def source_views(health: Health, actor: Actor) -> list[SourceView]:
    """The sources as they are shown to the actor."""
    return [_source(one, actor) for one in health.sources]


def _source(one: SourceHealth, actor: Actor) -> SourceView:
    withheld = [f for f in one.findings if any(cost.withheld for cost in f.costs)]
    wider = [f for f in one.findings if f not in withheld and f.costs]
    rest = [f for f in one.findings if not f.costs]
    groups = [
        _group("Figures are withheld because of it", withheld, actor),
        _group("Figures rest on fewer deals because of it", wider, actor),
        _group("Odd, or costly in other ways", rest, actor),
    ]
    bars = [_bar(filled) for filled in one.fields]
    return SourceView(one.key, one.deals, one.closed, [g for g in groups if g.lines], bars, ", ".join(one.absent))


def _group(title: str, findings: Sequence[Finding], actor: Actor) -> Group:
    return Group(title, [_line(one, actor) for one in findings])


def _line(one: Finding, actor: Actor) -> Line:
    url_name, link, permission = PLACES.get(one.place, ("", "", Permission.SEE_ANALYSIS))
    costs = [*cost_words(one.costs), *([one.loses] if one.loses else [])]
    may = bool(url_name) and actor.may(permission)
    return Line(one.column, one.text, costs, one.mend, url_name if may else "", link if may else "")


def cost_words(costs: Sequence[Cost]) -> list[str]:
    """What figures lose, in at most three sentences: those withheld, those widened, those that count fewer deals."""
    withheld = [_withheld(one) for one in costs if one.withheld]
    wider = [one for one in costs if not one.withheld and (one.wider or 0.0) >= WORTH_SAYING]
    fewer = [one for one in costs if not one.withheld and one not in wider]
    said = [
        ("Withheld", withheld),
        ("Wider intervals", [f"“{one.label}” by about {one.wider:.0%} ({_deals(one)})" for one in wider]),
        ("Made of fewer deals", [f"“{one.label}” ({_deals(one)})" for one in fewer]),
    ]
    return [f"{title}: {'; '.join(each)}." for title, each in said if each]


def _withheld(one: Cost) -> str:
    beside = f" (needs {' and '.join(name.replace('_', ' ') for name in one.beside)} too)" if one.beside else ""
    return f"“{one.label}”{beside}"


def _deals(one: Cost) -> str:
    return f"{one.n:,} of {one.could:,} deals"


def _bar(one: Filled) -> Bar:
    # Neither is whole what lacks one deal, nor empty what has one.
    whole = 99.0 if 0.99 < one.share < 1 else 1.0 if 0 < one.share < 0.01 else one.share * 100
    return Bar(one.column, one.filled, one.of, f"{whole:.0f}%")
