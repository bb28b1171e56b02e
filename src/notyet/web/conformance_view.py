"""What deviating from the process did, ready to print: a panel for the page of the process."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from notyet.analysis.conformance_results import Deviated, StepFollowed, Way, WayWon
from notyet.analysis.intervals import Estimate
from notyet.analysis.process import Due
from notyet.history.conformance import current_conformance
from notyet.history.reading import NoHistory
from notyet.web import numbers
from notyet.web.drawing import Mark, mark, symmetric
from notyet.workspaces.access import Actor, Permission

DEVIATIONS: dict[Way, str] = {"late": "Late", "skipped": "Not done", "out_of_order": "Out of its stage"}
VERBS: dict[Way, str] = {
    "late": "Doing “{}” late",
    "skipped": "Not doing “{}”",
    "out_of_order": "Doing “{}” before or after its stage",
}


@dataclass(frozen=True)
class WayCell:
    """The deals that went one way: their win rate, and (for a deviation) how far it is from doing as the process says.

    ``difference`` is with other things equal where ``equal``; else the two groups as they are. ``stands``: they surely
    differ.
    """

    label: str
    rate: str
    interval: str
    deals: int
    withheld: str
    url: str
    difference: str = ""
    difference_interval: str = ""
    equal: bool = False
    stands: bool = False


@dataclass(frozen=True)
class StepRow:
    """A step: how often it is done in time, the win rate then, and each deviation (``None`` where there was none)."""

    text: str
    detail: str
    often: str
    judged: int
    in_time: WayCell | None
    deviations: list[WayCell | None]


@dataclass(frozen=True)
class StageRows:
    """The steps of a stage."""

    label: str
    rows: list[StepRow]


@dataclass(frozen=True)
class Finding:
    """A deviation that surely goes with another win rate, as a sentence, on a scale shared by all of them."""

    text: str
    difference: str
    interval: str
    mark: Mark
    url: str


@dataclass(frozen=True)
class ConformancePanel:
    """The panel “What deviating did”: what stands, then every step of the process, then steps that none knows."""

    findings: list[Finding]
    stages: list[StageRows]
    recorded: list[StageRows]
    tested: int

    @property
    def steps(self) -> int:
        """How many steps there are in all."""
        return sum(len(one.rows) for one in (*self.stages, *self.recorded))


def conformance_panel(actor: Actor) -> ConformancePanel | None:
    """The panel of the actor's workspace; ``None`` where nothing is on record yet, or she may not see the analysis.

    It takes a second for some thousand deals and ten for a hundred thousand, once for each frozen history.
    """
    if not actor.may(Permission.SEE_ANALYSIS):
        return None
    try:
        told = current_conformance(actor)
    except NoHistory:
        return None
    if not told.steps:
        return None
    links = actor.may(Permission.SEE_DEALS)
    standing = [(step, one) for step in told.steps for one in step.deviations if one.stands]
    standing.sort(key=lambda pair: -abs(_effect(pair[1]).value or 0))
    return ConformancePanel(
        findings=_findings(standing, links),
        stages=_stages([one for one in told.steps if not one.recorded], links),
        recorded=_stages([one for one in told.steps if one.recorded], links),
        tested=told.tested,
    )


def _effect(deviated: Deviated) -> Estimate:
    return deviated.equal or deviated.plain


def _findings(standing: Sequence[tuple[StepFollowed, Deviated]], links: bool) -> list[Finding]:
    effects = [_effect(one) for _, one in standing]
    ends = [end for one in effects for end in (one.low, one.high) if end is not None]
    scale = symmetric(ends)
    found: list[Finding] = []
    for (step, one), effect in zip(standing, effects, strict=True):
        if effect.value is not None and effect.low is not None and effect.high is not None:
            drawn = mark(effect.value, effect.low, effect.high, scale)
            difference, interval = _difference(effect)
            found.append(Finding(_sentence(step, one), difference, interval, drawn, _url(step, one.way, links)))
    return found


def _sentence(step: StepFollowed, one: Deviated) -> str:
    said = VERBS[one.way].format(step.text) if step.key else f"Going past “{step.text}” without having been in it"
    value = _effect(one).value or 0
    points = abs(round(100 * value))
    much = f"{points} {'point' if points == 1 else 'points'}"
    return f"{said} goes with {much} {'more' if value > 0 else 'less'} win rate, other things equal."


def _stages(steps: Sequence[StepFollowed], links: bool) -> list[StageRows]:
    found: dict[str, list[StepRow]] = {}
    for step in steps:
        found.setdefault(step.stage, []).append(_row(step, links))
    return [StageRows(label or "Before any stage", rows) for label, rows in found.items()]


def _row(step: StepFollowed, links: bool) -> StepRow:
    in_time, judged = step.counts["in_time"], step.judged - step.counts["not_yet_due"]
    own = step.way("in_time")
    return StepRow(
        text=step.text if step.key else f"“{step.text}” gone through",
        detail=_detail(step),
        often=numbers.percent(in_time / judged, 0) if judged else "",
        judged=judged,
        in_time=None if own is None else _cell("Done", own, None, _url(step, "in_time", links)),
        deviations=[_deviation(step, way, label, links) for way, label in DEVIATIONS.items()],
    )


def _detail(step: StepFollowed) -> str:
    if not step.key:
        return "looked at on entering a later stage"
    return f"{due_text(step.due)}, looked at after twice that" if step.due else f"looked at on {step.landmark}"


def due_text(due: Due) -> str:
    """A due time in words."""
    if not due.amount and due.unit == "days":
        return "the same day"
    return f"within {due.amount} working {due.unit[:-1] if due.amount == 1 else due.unit}"


def _deviation(step: StepFollowed, way: Way, label: str, links: bool) -> WayCell | None:
    won = step.way(way)
    return None if won is None else _cell(label, won, step.deviation(way), _url(step, way, links))


def _cell(label: str, won: WayWon, deviated: Deviated | None, url: str) -> WayCell:
    known = won.share.value is not None
    effect = _effect(deviated) if deviated else None
    difference, interval = _difference(effect) if effect and effect.value is not None else ("", "")
    return WayCell(
        label=label,
        rate=numbers.percent(won.share.value) if won.share.value is not None else "",
        interval=numbers.interval(won.share.low or 0, won.share.high or 0, "share", "") if known else "",
        deals=won.deals,
        withheld="" if known else "withheld: fewer than five",
        url=url,
        difference=difference,
        difference_interval=interval,
        equal=deviated is not None and deviated.equal is not None,
        stands=deviated is not None and deviated.stands,
    )


def _difference(effect: Estimate) -> tuple[str, str]:
    value, low, high = effect.value or 0, effect.low or 0, effect.high or 0
    digits = numbers.points_digits(value, low, high)
    return f"{numbers.points(value, digits)} pts", f"{numbers.points(low, digits)} to {numbers.points(high, digits)}"


def _url(step: StepFollowed, way: Way, links: bool) -> str:
    if not links:
        return ""
    by = {"stage": step.stage_key, "step": step.key, "way": way, "text": step.text}
    asked = {"period": "all", "figure": "followed"} | {f"by.{name}": value for name, value in by.items()}
    return "/deals/behind/?" + urlencode(asked | ({"by.recorded": "1"} if step.recorded else {}))
