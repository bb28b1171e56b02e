"""Reasons for losses side by side: what sellers recorded as bars, what buyers say as hollow marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from notyet.analysis.results import Agreement, Hides, ReasonRow
from notyet.web import numbers
from notyet.web.drawing import Scale, nice, place
from notyet.web.figure_view import Linker

Measure = Literal["value", "count"]
MOST_ROWS = 12
MOST_LABELS = 5
HEATS = 4


@dataclass(frozen=True)
class ReasonBar:
    """A label's bar: seller's width and text, buyers' mark where five or more named it."""

    label: str
    control: str
    width: str
    text: str
    buyer: str
    buyer_text: str
    wordings: tuple[str, ...]
    url: str


@dataclass(frozen=True)
class ReasonBars:
    """All bars, how many labels did not fit, and whether buyers are on the drawing."""

    bars: list[ReasonBar]
    more: int
    buyers: bool


@dataclass(frozen=True)
class _Sum:
    label: str
    control: str
    seller: float
    buyer: float | None
    wordings: tuple[str, ...]


def reason_bars(rows: Sequence[ReasonRow], measure: Measure, currency: str, link: Linker) -> ReasonBars:
    """The reasons by their label, the largest first, by value lost or by count."""
    sums = sorted(_sums(rows, measure), key=lambda one: (-one.seller, -(one.buyer or 0), one.label))
    shown = [one for one in sums if one.seller or one.buyer][:MOST_ROWS]
    scale = Scale(0, nice(max([max(one.seller, one.buyer or 0) for one in shown], default=1)))

    def text(amount: float) -> str:
        return numbers.money(amount, currency) if measure == "value" else f"{amount:,.0f}"

    bars = [
        ReasonBar(
            one.label,
            one.control,
            place(scale.at(one.seller)),
            text(one.seller),
            "" if one.buyer is None else place(scale.at(one.buyer)),
            "" if one.buyer is None else text(one.buyer),
            one.wordings,
            link("lost", {"reason": one.label}) if one.seller else "",
        )
        for one in shown
    ]
    return ReasonBars(bars, len(sums) - len(shown), any(bar.buyer for bar in bars))


def _sums(rows: Sequence[ReasonRow], measure: Measure) -> list[_Sum]:
    grouped: dict[str, list[ReasonRow]] = {}
    for row in rows:
        grouped.setdefault(row.label, []).append(row)
    found = []
    for label, same in grouped.items():
        sellers = [row.seller.value if measure == "value" else row.seller.deals for row in same]
        buyers = [row.buyer.estimate_value if measure == "value" else row.buyer.estimate for row in same]
        known = [amount for amount in buyers if amount is not None]
        wordings = tuple(row.reason for row in same if row.reason != label)
        found.append(
            _Sum(label, same[0].control, sum(a or 0 for a in sellers), sum(known) if known else None, wordings)
        )
    return found


@dataclass(frozen=True)
class MatrixCell:
    """How many answers, as text, and how strong its colour is (0 to 4)."""

    text: str
    heat: int


@dataclass(frozen=True)
class Matrix:
    """Seller's labels down, buyers' across."""

    columns: list[str]
    rows: list[tuple[str, list[MatrixCell]]]
    hides: tuple[Hides, ...]


def matrix(agreement: Agreement) -> Matrix | None:
    """The confusion of labels, the largest ones; ``None`` where no cell may be shown."""
    cells = {(cell.seller, cell.buyer): cell.answers for cell in agreement.matrix}
    totals: dict[str, int] = {}
    for (seller, buyer), answers in cells.items():
        for label in {seller, buyer}:
            totals[label] = totals.get(label, 0) + (answers or 0)
    labels = sorted((label for label, total in totals.items() if total), key=lambda one: (-totals[one], one))
    labels = labels[:MOST_LABELS]
    most = max((answers or 0 for answers in cells.values()), default=0)
    if not labels or not most:
        return None
    rows = [(seller, [_cell(cells.get((seller, buyer)), most) for buyer in labels]) for seller in labels]
    return Matrix(labels, rows, agreement.hides[:2])


def _cell(answers: int | None, most: int) -> MatrixCell:
    if answers is None:
        return MatrixCell("<5", 0)
    return MatrixCell(f"{answers:,}", max(round(answers / most * HEATS), 1) if answers else 0)
