"""What the current history says of asking again, for whoever may see the analysis."""

from dataclasses import dataclass

from notyet.analysis import facts
from notyet.analysis.asking import BestTime, OfferResult, best_time, offers
from notyet.analysis.history import History
from notyet.analysis.intervals import Estimate, share
from notyet.analysis.losses import losses
from notyet.analysis.readings import Reasons, with_readings
from notyet.analysis.returning import ReturnCurve, Step, return_curves, steps
from notyet.analysis.settings import Settings
from notyet.history import store
from notyet.history.kept import Kept
from notyet.history.reading import settings_of
from notyet.workspaces.access import Actor, Permission


@dataclass(frozen=True)
class WinBackAnalysis:
    """Of the losses: those asked again and what came of it, when losses return, when and with what asking worked.

    ``value``: what won-back deals paid, in the workspace's ``currency``, over ``paid`` deals. ``unasked``: how many
    came back without being asked.
    """

    currency: str
    losses: int
    asked: Estimate
    n_asked: int
    steps: tuple[Step, ...]
    curves: tuple[ReturnCurve, ...]
    best: BestTime
    offers: tuple[OfferResult, ...]
    value: float
    paid: int
    unasked: int


_kept: Kept[WinBackAnalysis] = Kept(16)


def win_back_analysis(actor: Actor) -> WinBackAnalysis | None:
    """The analysis of the whole current history; ``None`` before anything was frozen. Raises ``Denied``."""
    actor.require(Permission.SEE_ANALYSIS)
    folder = store.current(actor.workspace)
    if folder is None:
        return None
    with History.open(folder) as history:
        settings = settings_of(actor.workspace, history.meta)
        return _kept.get((folder, settings.reasons), lambda: _analysed(history, settings))


def _analysed(history: History, settings: Settings) -> WinBackAnalysis:
    reasons = Reasons.of(history.meta, settings)
    read = facts.read(history)
    found = losses(history, read, with_readings(read, reasons), reasons)
    smallest = settings.smallest_group
    return WinBackAnalysis(
        currency=history.meta.currency,
        losses=found.n,
        asked=share(int(found.asked.sum()), found.n),
        n_asked=int(found.asked.sum()),
        steps=steps(found, smallest),
        curves=return_curves(found, smallest),
        best=best_time(found),
        offers=offers(found, smallest),
        value=float(found.value.sum()),
        paid=int(found.paid.sum()),
        unasked=int((found.returned & ~found.asked).sum()),
    )
