"""Lost deals that were given away, told apart from those that got away.

Given away: a call that nobody returned or an enquiry that nobody answered, a broken promise, support that let the
buyer down, or no record at all. Each cause is judged only where its source writes such things down.
"""

from collections.abc import Collection
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from notyet.analysis.history import History
from notyet.analysis.intervals import NOTHING, Estimate, Sums, ratio, share
from notyet.analysis.moments import DAY, epoch_us
from notyet.analysis.tables import TABLES

CAUSES = ("unanswered", "promise", "support", "no_record")
SMALLEST = 5

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Judged:
    """Lost deals, one an entry: their numbers, values (NaN: unknown), and which causes each was given away by."""

    deal: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    causes: dict[str, Flags]
    known: Flags
    """Whether the deal's source writes down what this is judged by."""

    @property
    def given(self) -> Flags:
        """Whether a deal was given away, by whatever cause."""
        return np.asarray(np.logical_or.reduce([self.causes[cause] for cause in CAUSES]), dtype=bool)


@dataclass(frozen=True)
class Part:
    """Some of the lost deals: how many, their share (Wilson), their value, and its share of all value lost."""

    count: int
    share: Estimate
    value: float
    value_share: Estimate


@dataclass(frozen=True)
class GivenAway:
    """Lost deals given away and got away, and by cause; a deal with several causes is in each of them.

    ``n``: the deals judged. ``unjudged``: those whose source records neither conversations nor promises. Below five
    deals shares are withheld (no estimate).
    """

    n: int
    unjudged: int
    given: Part
    got: Part
    causes: tuple[tuple[str, Part], ...]


def given_away(judged: Judged) -> GivenAway:
    """Count what was judged."""
    known, value = judged.known, judged.value
    given = judged.given & known
    return GivenAway(
        n=int(known.sum()),
        unjudged=int((~known).sum()),
        given=_part(given, known, value),
        got=_part(known & ~given, known, value),
        causes=tuple((cause, _part(judged.causes[cause] & known, known, value)) for cause in CAUSES),
    )


def _part(chosen: Flags, of: Flags, value: npt.NDArray[np.float64]) -> Part:
    count, n = int(chosen.sum()), int(of.sum())
    valued = of & ~np.isnan(value)
    part, whole = value[valued & chosen], value[valued]
    worth, squares = float(part.sum()), float((part**2).sum())
    if n < SMALLEST:
        return Part(count, NOTHING, worth, NOTHING)
    sums = Sums(len(whole), worth, float(whole.sum()), squares, float((whole**2).sum()), squares)
    return Part(count, share(count, n), worth, ratio(sums) if len(whole) >= SMALLEST else NOTHING)


def judge(history: History, facts: ir.Table, lost: ir.Table, support: Collection[str]) -> Judged:
    """Judge ``lost``, rows of the ``facts``. ``support``: the seller's reasons that say support let the buyer down."""
    recording = _recording(facts)
    rows = lost.left_join(_talk(history, lost), "deal", rname="_{name}").drop("_deal")
    talks = rows.data_source.isin(recording["talks"])
    replies = rows.data_source.isin(recording["replies"])
    promises = rows.data_source.isin(recording["promises"])
    table = rows.select(
        "deal",
        value=rows.value_final,
        known=talks | promises,
        unanswered=replies & _unanswered(rows),
        promise=promises & (rows.promises_due > rows.promises_kept),
        support=rows.seller_reason.isin(sorted(support)) if support else ibis.literal(False),
        no_record=talks & rows.written.isnull(),
    ).to_pyarrow()
    flags = {name: _flags(table[name]) for name in (*CAUSES, "known")}
    value = np.asarray(pc.cast(table["value"], pa.float64()).to_numpy(), dtype=float)
    known = flags.pop("known") | flags["support"]
    return Judged(np.asarray(table["deal"].to_numpy(), dtype=np.int64), value, flags, known)


def _recording(facts: ir.Table) -> dict[str, list[str]]:
    """The sources that write down conversations, replies of ours, promises."""
    told = facts.group_by("data_source").aggregate(
        talks=((facts.conversations > 0) | (facts.missed_calls > 0)).any(),
        replies=facts.first_reply_hours.notnull().any(),
        promises=(facts.promises > 0).any(),
    )
    found = told.to_pyarrow().to_pylist()
    return {name: [row["data_source"] for row in found if row[name]] for name in ("talks", "replies", "promises")}


def _talk(history: History, lost: ir.Table) -> ir.Table:
    """By lost deal: its conversations until the end, the buyer's first word, the last missed call, our last reply."""
    plain = (lost.plain_dates & (1 << TABLES["deals"].times.index("closed_at"))) != 0
    ends = lost.select("deal", end_us=epoch_us(lost.closed_at) + ibis.cases((plain, DAY), else_=0))
    rows = history.table("conversations").inner_join(ends, "deal")
    at = epoch_us(rows["at"])
    rows = rows.filter(at <= rows.end_us)
    at = epoch_us(rows["at"])
    said, missed = ~rows.channel.identical_to("note"), rows.missed.identical_to(True)
    came_in, went_out = rows.direction.identical_to("in") & said, rows.direction.identical_to("out") & said
    return rows.group_by("deal").aggregate(
        written=rows.count(),
        end_us=rows.end_us.max(),
        asked=at.min(where=came_in),
        called=at.max(where=came_in & missed),
        replied=at.max(where=went_out & ~missed),
    )


def _unanswered(rows: ir.Table) -> ir.Value:
    """Never answered at all, or the last missed call never returned; either had a day before the end."""
    never = rows.replied.isnull() & (rows.asked + DAY <= rows.end_us)
    unreturned = (rows.called > rows.replied) & (rows.called + DAY <= rows.end_us)
    return never.fill_null(False) | unreturned.fill_null(False)


def _flags(column: pa.ChunkedArray) -> Flags:
    return np.asarray(pc.fill_null(column, False).to_numpy(), dtype=bool)
