"""The deals behind a figure of the pipeline: the very deals that it was counted on."""

from collections.abc import Callable, Collection
from datetime import datetime

import numpy as np
import numpy.typing as npt

from notyet.analysis import facts
from notyet.analysis.behind import UnknownFigure
from notyet.analysis.effort import spent_on
from notyet.analysis.facts_record import known_stages
from notyet.analysis.given_away import CAUSES
from notyet.analysis.history import History
from notyet.analysis.moments import DAY, microseconds
from notyet.analysis.pipeline import Question, ended_rows, judged_losses, late_orders, paid_in
from notyet.analysis.pipeline_book import MONTH, Book, read
from notyet.analysis.pipeline_openings import RECENT_WEEKS
from notyet.analysis.prospects import evidence

Ints = npt.NDArray[np.int64]
BOOKED = ("live", "paid", "unpaid", "late", "counted", "waiting", "closed", "opened")
LOST = ("lost", "given", "got")


def deals_behind(
    history: History, asked: Question, now: datetime, figure: str, part: str, support: Collection[str]
) -> Ints:
    """The deals behind a figure, in the order in which they are read.

    ``figure``: ``live`` and ``opened`` (the newest first), ``paid``, ``counted``, ``closed`` (of the win rate; the last
    first), ``unpaid``, ``waiting`` and ``late`` (the oldest order first), ``lost``, ``got``, ``given`` (``part``: a
    cause, or none), or
    ``effort`` (``part``: the stage, or ``*`` for all). Raises ``UnknownFigure``.
    """
    if figure in BOOKED:
        return _booked(history, asked, now, figure)
    if figure in LOST and part in ("", *CAUSES):
        judged = judged_losses(history, asked, now, support)
        given = judged.causes[part] if part else judged.given
        chosen = {"lost": judged.known, "given": judged.known & given, "got": judged.known & ~judged.given}
        return _newest(history, asked, now, judged.deal[chosen[figure]])
    if figure == "effort":
        ended = ended_rows(facts.read(history), asked, now)
        deals = spent_on(history, ended, known_stages(history), None if part == "*" else part)
        return _newest(history, asked, now, deals)
    raise UnknownFigure(f"the pipeline has no figure {figure!r}")


def _booked(history: History, asked: Question, now: datetime, figure: str) -> Ints:
    book, today = read(history, asked.scope, now), microseconds(now) / DAY
    limits = asked.period.limits(history.meta)
    inside = (book.ended >= limits[0]) & (book.ended < limits[1])
    ways: dict[str, Callable[[], npt.NDArray[np.bool_]]] = {
        "live": lambda: book.live,
        "paid": lambda: paid_in(book, limits),
        "unpaid": lambda: book.unpaid,
        "counted": lambda: book.won & inside,
        "waiting": lambda: book.unpaid & inside,
        "late": lambda: late_orders(book, today, asked.unpaid_days),
        "closed": lambda: _closed(book, today, limits, asked.months),
        "opened": lambda: (book.opened <= today) & (book.opened > today - 7 * RECENT_WEEKS),
    }
    chosen = np.flatnonzero(ways[figure]())
    moment = {
        "live": -book.opened,
        "opened": -book.opened,
        "unpaid": book.ended,
        "waiting": book.ended,
        "late": book.ended,
    }
    keys = moment.get(figure, -np.where(figure == "paid", book.paid, book.ended))
    return book.deal[chosen[np.lexsort((book.deal[chosen], keys[chosen]))]]


def _closed(book: Book, today: float, limits: tuple[float, float], months: int) -> npt.NDArray[np.bool_]:
    """The deals that the win rate is of."""
    last = today - evidence(book, today, limits, months).lag_days
    return (book.won | book.lost) & (book.ended <= last) & (book.ended > last - months * MONTH)


def _newest(history: History, asked: Question, now: datetime, deals: Ints) -> Ints:
    """These deals, those that ended last first."""
    book = read(history, asked.scope, now)
    places = np.flatnonzero(np.isin(book.deal, deals))
    return book.deal[places[np.lexsort((book.deal[places], -book.ended[places]))]]
