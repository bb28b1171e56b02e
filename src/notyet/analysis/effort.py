"""What conversations and their minutes went into: deals that were won, and deals that were not, by stage."""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from notyet.analysis.facts_record import STAGE_PREFIX
from notyet.analysis.history import History
from notyet.analysis.intervals import NOTHING, Estimate, wilson
from notyet.analysis.meta import Stage
from notyet.analysis.moments import DAY, epoch_us

OUTCOMES = ("won", "lost", "no_decision", "disqualified")
NO_STAGE = ""
SMALLEST = 5
SEED, REPEATS = 20_260_303, 1_000
MOST_BLOCKS = 2_000
INTERVAL = (0.025, 0.975)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Spent:
    """What was spent in a stage (of kind ``kind``; no label: before any, or in all of them).

    By outcome the conversations held and the minutes that are recorded of them. ``share`` is the part of the
    conversations, ``minutes_share`` of the minutes, that went into deals not won, each with an interval over deals;
    withheld (no estimate) below five deals. ``deals`` had a conversation there, ``not_won`` of them were not won.
    """

    label: str
    kind: str
    deals: int
    not_won: int
    conversations: dict[str, int]
    minutes: dict[str, float]
    share: Estimate
    minutes_share: Estimate


@dataclass(frozen=True)
class Effort:
    """What was spent in all and by stage, and how many conversations have their minutes recorded."""

    total: Spent
    stages: tuple[Spent, ...]
    timed: int


def effort(history: History, ended: ir.Table, stages: Sequence[Stage]) -> Effort | None:
    """What was spent on ``ended``, rows of the facts that are won, lost, undecided or disqualified.

    A conversation belongs to the stage last entered by then; missed calls and notes are none. ``stages`` are in the
    order of the process. ``None`` where no conversation is on record.
    """
    known = [stage for stage in stages if stage.kind != "lost" and STAGE_PREFIX + stage.label in ended.columns]
    table = _by_deal_and_stage(history, ended, known)
    if not table.num_rows:
        return None
    cells = _Cells.of(table)
    everything = np.ones(table.num_rows, dtype=bool)
    spans = [everything, *(cells.place == number for number in range(-1, len(known)))]
    shares = cells.shares(spans)
    named = [Stage("", "other"), Stage(NO_STAGE, "other"), *known]
    made = [cells.spent(stage, span, *pair) for stage, span, pair in zip(named, spans, shares, strict=True)]
    return Effort(made[0], tuple(one for one in made[1:] if one.deals), int(cells.timed.sum()))


def spent_on(history: History, ended: ir.Table, stages: Sequence[Stage], label: str | None) -> npt.NDArray[np.int64]:
    """The deals of ``ended`` that were not won and had a conversation, in a stage where one is named."""
    known = [stage for stage in stages if stage.kind != "lost" and STAGE_PREFIX + stage.label in ended.columns]
    table = _by_deal_and_stage(history, ended, known)
    names = [NO_STAGE, *(stage.label for stage in known)]
    wanted = pc.not_equal(table["outcome"], "won")
    if label is not None:
        number = names.index(label) - 1 if label in names else len(names)
        wanted = pc.and_(wanted, pc.equal(table["place"], number))
    return np.unique(np.asarray(table.filter(wanted)["deal"].to_numpy(), dtype=np.int64))


def _by_deal_and_stage(history: History, ended: ir.Table, stages: Sequence[Stage]) -> pa.Table:
    """By deal and the place of its stage (-1: none entered yet): conversations held, minutes, how many have them."""
    times = {f"entered_{number}": epoch_us(ended[STAGE_PREFIX + stage.label]) for number, stage in enumerate(stages)}
    spans = ended.select("deal", "outcome", end_us=epoch_us(ended.closed_at) + DAY, **times)
    rows = history.table("conversations").inner_join(spans, "deal")
    at = epoch_us(rows["at"])
    held = ~rows.channel.identical_to("note") & ~rows.missed.identical_to(True)
    rows = rows.filter(held, (at <= rows.end_us).fill_null(True))
    rows = rows.mutate(place=_place(rows, len(stages)))
    return (
        rows.group_by("deal", "outcome", "place")
        .aggregate(held=rows.count(), minutes=rows.minutes.sum().fill_null(0.0), timed=rows.minutes.count())
        .order_by("deal", "place")
        .to_pyarrow()
    )


def _place(rows: ir.Table, stages: int) -> ir.Value:
    """The place of the stage entered last when a conversation was held; of those entered at once the later one."""
    at = epoch_us(rows["at"])
    before = [ibis.cases((rows[f"entered_{n}"] <= at, rows[f"entered_{n}"]), else_=-1) for n in range(stages)]
    if not before:
        return ibis.literal(-1)
    last = before[0] if len(before) == 1 else ibis.greatest(*before)
    entered = [((before[n] == last) & (last >= 0), n) for n in reversed(range(stages))]
    return ibis.cases(*entered, else_=-1)


@dataclass(frozen=True)
class _Cells:
    """Conversations by deal and stage, in the order of the deals.

    ``outcome`` is a place in ``OUTCOMES``, ``block`` the group of deals that a deal is redrawn with.
    """

    deal: npt.NDArray[np.int64]
    block: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]
    outcome: npt.NDArray[np.int64]
    held: Floats
    minutes: Floats
    timed: Floats

    @classmethod
    def of(cls, table: pa.Table) -> "_Cells":
        numbers = {name: np.asarray(table[name].to_numpy()) for name in ("deal", "place", "held", "minutes", "timed")}
        deals, which = np.unique(numbers["deal"], return_inverse=True)
        blocks = np.random.default_rng(SEED).permutation(len(deals)) % MOST_BLOCKS
        places = pc.index_in(table["outcome"], value_set=pa.array(OUTCOMES))
        outcome = np.asarray(places.to_numpy(), dtype=np.int64)
        floats = (numbers[name].astype(float) for name in ("held", "minutes", "timed"))
        return cls(numbers["deal"], blocks[which], numbers["place"], outcome, *floats)

    @property
    def not_won(self) -> npt.NDArray[np.bool_]:
        """Which went into deals that were not won."""
        return np.asarray(self.outcome != OUTCOMES.index("won"), dtype=bool)

    def spent(self, stage: Stage, span: npt.NDArray[np.bool_], share: Estimate, minutes_share: Estimate) -> Spent:
        """What was spent in one stage."""
        of = {outcome: span & (self.outcome == place) for place, outcome in enumerate(OUTCOMES)}
        return Spent(
            stage.label,
            stage.kind,
            _distinct(self.deal[span]),
            _distinct(self.deal[span & self.not_won]),
            {outcome: int(self.held[rows].sum()) for outcome, rows in of.items()},
            {outcome: float(self.minutes[rows].sum()) for outcome, rows in of.items()},
            share,
            minutes_share,
        )

    def shares(self, spans: list[npt.NDArray[np.bool_]]) -> list[tuple[Estimate, Estimate]]:
        """By span the shares of conversations and of minutes that went into deals not won.

        Percentile bootstrap by deal (Efron and Tibshirani 1993, chapter 13). Of more than 2,000 deals, groups of
        deals made by lot are redrawn in their place, whose sums vary as those of deals do.
        """
        n = int(self.block.max()) + 1
        drawn = np.random.default_rng(SEED).multinomial(n, np.full(n, 1 / n), size=REPEATS)
        found = []
        for span in spans:
            found.append((self._redrawn(self.held, span, drawn), self._redrawn(self.minutes, span, drawn)))
        return found

    def _redrawn(self, weight: Floats, span: npt.NDArray[np.bool_], drawn: npt.NDArray[np.int64]) -> Estimate:
        mine = span & (weight > 0)
        if _distinct(self.deal[mine]) < SMALLEST:
            return NOTHING
        lost = mine & self.not_won
        n = drawn.shape[1]
        part = np.bincount(self.block[lost], weights=weight[lost], minlength=n)
        whole = np.bincount(self.block[mine], weights=weight[mine], minlength=n)
        return _share(np.asarray(part, dtype=float), np.asarray(whole, dtype=float), drawn)


def _distinct(ordered: npt.NDArray[np.int64]) -> int:
    return int((np.diff(ordered) != 0).sum()) + 1 if len(ordered) else 0


def _share(part: Floats, whole: Floats, drawn: npt.NDArray[np.int64]) -> Estimate:
    total = float(whole.sum())
    if total <= 0:
        return NOTHING
    value = float(part.sum()) / total
    if value in (0.0, 1.0):
        effective = total**2 / float((whole**2).sum())
        low, high = wilson(value * effective, effective)
        return Estimate(value, float(low), float(high))
    parts, wholes = drawn @ part, drawn @ whole
    ratios = parts[wholes > 0] / wholes[wholes > 0]
    low, high = np.quantile(ratios, INTERVAL)
    return Estimate(value, float(low), float(high))
