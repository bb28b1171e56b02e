"""Facts tables with planted causes, drawn independently of the project's simulator."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from notyet.analysis.meta import Field, Meta

DAY = 86_400.0
HOURS_7 = 168.0
LEVELS = {
    "persona": (("Finance", "Operations", "Technical", "Founder"), (0.3, 0.3, 0.25, 0.15)),
    "source": (("Web", "Fair", "Referral", "Cold call", "Partner"), (0.3, 0.2, 0.2, 0.2, 0.1)),
    "region": (("North", "South", "East"), (0.4, 0.35, 0.25)),
    "segment": (("Small", "Large"), (0.65, 0.35)),
    "competitor": (("None", "Alpha", "Beta"), (0.5, 0.3, 0.2)),
}
BEHAVIOURS = {"reply": 0.5, "second": 0.4, "meeting": 0.35}

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class World:
    """What is planted: ``effects`` in log-odds by ``field=level`` or behaviour, and how the rest varies."""

    effects: dict[str, float] = field(default_factory=dict)
    deals: int = 1_500
    owners: int = 10
    owner_sd: float = 0.3
    account_sd: float = 0.3
    deals_an_account: float = 3.0
    base: float = -0.7


@dataclass(frozen=True)
class Drawn:
    """A facts table, its meta and the true average marginal effect of each thing planted."""

    facts: pa.Table
    meta: Meta
    truth: dict[str, float]

    def with_column(self, name: str, values: object, kind: str) -> "Drawn":
        """The same with an attribute of the source."""
        column = f"attr.{name}"
        facts = self.facts.append_column(column, pa.array(values, from_pandas=True))
        added = Field(name, column, name, kind)  # type: ignore[arg-type]
        return Drawn(facts, with_fields(self.meta, added), self.truth)

    @property
    def won(self) -> Flags:
        """Which deals were won."""
        return np.asarray(self.facts["outcome"].to_numpy() == "won")


def with_fields(meta: Meta, *added: Field) -> Meta:
    """The same meta with more fields."""
    return Meta(meta.workspace, meta.currency, meta.timezone, meta.frozen_at, fields=(*meta.fields, *added))


def draw(seed: int, world: World | None = None) -> Drawn:
    """A history of closed deals; the same seed gives the same."""
    world = world or World()
    rng, n = np.random.default_rng(seed), (world or World()).deals
    fields = {name: rng.choice(levels, n, p=shares) for name, (levels, shares) in LEVELS.items()}
    likes_basic = np.where(fields["persona"] == "Technical", 0.75, 0.25)
    fields["product"] = np.where(rng.random(n) < likes_basic, "Basic", np.where(rng.random(n) < 0.5, "Pro", "Max"))
    done = {name: rng.random(n) < share for name, share in BEHAVIOURS.items()}
    owner = rng.integers(0, world.owners, n)
    account = rng.integers(0, max(1, int(n / world.deals_an_account)), n)
    opened = rng.uniform(0, 3 * 365 * DAY, n)
    odds = world.base + rng.normal(0, world.owner_sd, world.owners)[owner] + 0.15 * opened / (365 * DAY)
    odds += rng.normal(0, world.account_sd, n)[account]
    has = {name: _has(name, fields, done) for name in world.effects}
    for name, effect in world.effects.items():
        odds = odds + effect * has[name]
    truth = {name: _true_effect(odds - effect * has[name], effect) for name, effect in world.effects.items()}
    won = rng.random(n) < _chance(odds)
    facts = _facts(rng, fields, done, owner, account, opened, won)
    return Drawn(facts, _meta(), truth)


def _has(name: str, fields: dict[str, npt.NDArray[np.str_]], done: dict[str, Flags]) -> Flags:
    if name in done:
        return done[name]
    column, level = name.split("=")
    return np.asarray(fields[column] == level)


def _chance(odds: Array) -> Array:
    return 1 / (1 + np.exp(-odds))


def _true_effect(without: Array, effect: float) -> float:
    return float((_chance(without + effect) - _chance(without)).mean())


def _facts(
    rng: np.random.Generator,
    fields: dict[str, npt.NDArray[np.str_]],
    done: dict[str, Flags],
    owner: npt.NDArray[np.int64],
    account: npt.NDArray[np.int64],
    opened: Array,
    won: Flags,
) -> pa.Table:
    """Won deals live longer, and talk and promise as often a day as others: totals of a life mean nothing."""
    n = len(won)
    days = np.where(won, rng.gamma(4, 20, n), rng.gamma(3, 12, n)) + 2
    closed = opened + days * DAY
    talks = rng.gamma(2, 0.25, n)
    columns: dict[str, object] = {
        "deal": np.arange(n),
        "account": np.char.add("account ", account.astype(str)),
        "owner": np.char.add("owner ", owner.astype(str)),
        **fields,
        "value": np.exp(rng.normal(9, 1, n)).round(),
        "outcome": np.where(won, "won", np.where(rng.random(n) < 0.2, "no_decision", "lost")),
        "opened_at": moments(opened),
        "enquiry_at": moments(opened),
        "closed_at": moments(closed),
        "conversations_7d": rng.poisson(talks * np.minimum(days, 7)).astype(float),
        "conversations": rng.poisson(talks * days).astype(float),
    }
    for name, column, by in (
        ("reply", "first_reply_hours", 24.0),
        ("second", "second_contact_hours", HOURS_7),
        ("meeting", "first_meeting_hours", HOURS_7),
    ):
        late = np.where(rng.random(n) < 0.5, rng.uniform(by + 1, 8 * by, n), np.nan)
        hours = np.where(done[name], rng.uniform(0, by, n), late)
        columns[column] = np.where(hours <= days * 24, hours, np.nan)
    return pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})


def moments(seconds: Array) -> pa.Array:
    """UTC timestamps of seconds since some day in 2023."""
    micros = ((seconds + 1.68e9) * 1e6).astype("int64")
    return pa.array(micros).cast(pa.timestamp("us", tz="UTC"))


def _meta() -> Meta:
    names = (*LEVELS, "product", "owner")
    fields = tuple(Field(name.title(), name, name, "category", person=name == "owner") for name in names)
    return Meta("Acme", "EUR", "UTC", datetime(2026, 1, 1, tzinfo=UTC), fields=fields)
