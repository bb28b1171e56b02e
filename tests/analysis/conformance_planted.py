"""Companies in which the effect of doing a step is known, drawn with numpy and written as histories."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from notyet.analysis.history import History
from notyet.analysis.meta import Field, Meta
from notyet.analysis.process import Due, ProcessStage, ProcessVersion, Step
from notyet.analysis.tables import TABLES, frozen_schema
from notyet.analysis.working import Calendar

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DAY = 86_400_000_000
BEGUN = 1_640_995_200_000_000
NOW = datetime(2025, 1, 1, tzinfo=UTC)
STEPS = ("written", "asked", "thanked")
_STAGES = (
    ProcessStage("enquiry", "Enquiry", (Step("thanked", "Thanked", Due(1, "days")),)),
    ProcessStage(
        "need", "Need", (Step("written", "In writing", Due(3, "days")), Step("asked", "Who decides", Due(5, "days")))
    ),
    ProcessStage("proposal", "Proposal"),
)
PROCESS = ProcessVersion(
    "1",
    datetime(2022, 1, 1, tzinfo=UTC),
    _STAGES,
    tuple((stage.label, stage.key) for stage in _STAGES),
    tuple((step.text, step.key) for stage in _STAGES for step in stage.steps),
)


@dataclass(frozen=True)
class World:
    """What is planted, in log-odds: what ``written`` in time is worth, and how far good owners win more.

    Owners who win more also do every step more often (``diligence``). ``living``: how much longer won deals live than
    others. ``together``: how much of whether a step is done is the same for all steps of a deal.
    """

    worth: float = 0.0
    owner_sd: float = 0.0
    diligence: float = 0.0
    living: float = 1.0
    together: float = 0.0
    deals: int = 1_500


@dataclass(frozen=True)
class Drawn:
    """An open history, and the true change of the win rate that goes with not having the step in writing."""

    history: History
    truth: float


def draw(folder: Path, seed: int, world: World) -> Drawn:
    """A company; the same seed gives the same."""
    rng, n = np.random.default_rng(seed), world.deals
    owner = rng.integers(0, 12, n)
    good = rng.normal(0, 1, 12)[owner]
    opened = BEGUN + (rng.random(n) * 800 * DAY).astype(np.int64)
    need = opened + (rng.exponential(6, n) * DAY).astype(np.int64) + DAY // 24
    wait = _waits(rng, world, good)
    done = {name: np.where(name == "thanked", opened, need) + (wait[name] * DAY).astype(np.int64) for name in STEPS}
    calendar = Calendar.of(_meta().working, _meta().zone, datetime(2021, 12, 1).date(), datetime(2026, 1, 1).date())  # noqa: DTZ001
    in_time = done["written"] <= calendar.after(need, Due(3, "days"))
    odds = -0.6 + world.owner_sd * good + world.worth * in_time
    won = rng.random(n) < _chance(odds)
    life = rng.gamma(2, 18, n) * np.where(won, world.living, 1.0)
    closed = opened + (life * DAY).astype(np.int64) + DAY // 2
    _write(folder, owner, opened, need, closed, won, done)
    without = odds - world.worth * in_time
    open_then = closed > calendar.after(need, Due(3, "days"), 2)
    truth = float((_chance(without) - _chance(without + world.worth))[open_then].mean())
    return Drawn(History.open(folder), truth)


def _waits(rng: np.random.Generator, world: World, good: Floats) -> dict[str, Floats]:
    """Days until each step is done, while the deal lives."""
    shared = rng.normal(0, 1, len(good))
    waits: dict[str, Floats] = {}
    for name in STEPS:
        speed = world.together * shared + np.sqrt(1 - world.together**2) * rng.normal(0, 1, len(good))
        waits[name] = np.exp(1.2 - world.diligence * good - speed)
    return waits


def _chance(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float64)


def _meta() -> Meta:
    fields = (Field("owner", "owner", "Owner", "category", person=True),)
    return Meta("Acme", "EUR", "Europe/Berlin", NOW, fields=fields, process=(PROCESS,))


def _write(
    folder: Path, owner: Ints, opened: Ints, need: Ints, closed: Ints, won: npt.NDArray[np.bool_], done: dict[str, Ints]
) -> None:
    n = len(owner)
    _table(
        folder,
        "deals",
        {
            "deal": np.arange(n),
            "deal_id": np.arange(n).astype(str),
            "owner": np.char.add("owner ", owner.astype(str)),
            "opened_at": opened,
            "closed_at": closed,
            "paid_at": closed,
            "outcome": np.where(won, "won", "lost"),
        },
    )
    came = np.flatnonzero(need < closed)
    _table(folder, "stage_changes", {"deal": came, "stage": np.full(len(came), "Need"), "entered_at": need[came]})
    texts = {key: text for text, key in PROCESS.wordings}
    rows = {name: np.flatnonzero(done[name] < closed) for name in STEPS}
    _table(
        folder,
        "steps_done",
        {
            "deal": np.concatenate(list(rows.values())),
            "step": np.concatenate([np.full(len(kept), texts[name]) for name, kept in rows.items()]),
            "done_at": np.concatenate([done[name][kept] for name, kept in rows.items()]),
        },
    )
    _meta().save(folder)


def _table(folder: Path, name: str, columns: dict[str, npt.NDArray[np.generic]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    n = len(columns["deal"])
    arrays = []
    for one in frozen_schema(TABLES[name]):
        values = columns.get(one.name, np.zeros(n, dtype=np.int64) if one.name == "plain_dates" else None)
        arrays.append(pa.nulls(n, one.type) if values is None else pa.array(values).cast(one.type))
    pq.write_table(pa.Table.from_arrays(arrays, schema=frozen_schema(TABLES[name])), folder / f"{name}.parquet")
