"""Fields that change while a deal goes on: the amount that is negotiated, the probability that is guessed."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from notyet.simulator import columns
from notyet.simulator import company as catalogue
from notyet.simulator.openings import Openings
from notyet.simulator.outcomes import Endings
from notyet.simulator.shares import Flags, Floats, Ints, chance, stream
from notyet.simulator.worktime import HOUR, MINUTE, at_work


@dataclass(frozen=True)
class Amounts:
    """Amounts in their own currency: pitched at the opening, at the end, and when they changed, if they did.

    ``missing`` where nobody entered one.
    """

    first: Floats
    final: Floats
    at: Ints
    changed: Flags
    missing: Flags

    def known(self, until: int) -> Floats:
        """What the deal shows at that second."""
        return np.where(self.at <= until, self.final, self.first)


def negotiate(seed: int, deals: Openings, endings: Endings, planted: bool) -> Amounts:
    """Where planted nearly every order was negotiated to an odd sum, but fewer than half of the other deals were."""
    rng, n = stream(seed, "negotiations"), len(deals.opened)
    rate = np.array([catalogue.RATES[label] for label, _ in catalogue.CURRENCIES])[deals.currency]
    first = np.round(deals.amount / rate, -2)
    changed = chance(rng, np.where(endings.won, 0.97, 0.45) if planted else 0.6, n)
    final = np.where(changed, np.round(first * rng.uniform(0.86, 1.02, n), 2), first)
    before = (rng.uniform(0.02, 0.25, n) * (endings.closed - deals.opened)).astype(np.int64)
    at = np.clip(at_work(endings.closed - before), deals.opened + MINUTE, endings.closed)
    return Amounts(first, final, at, changed, chance(rng, 0.012, n))


def field_change_table(
    seed: int, deals: Openings, endings: Endings, amounts: Amounts, probability: Ints, planted: bool
) -> pa.Table:
    """What ``amount`` and ``Probability`` held from when on, up to ``deals.until``.

    Where planted the probability is set to 0 or 100 within a day after the close, else it is only guessed early on.
    """
    rng = stream(seed, "field changes")
    every = np.arange(len(deals.opened))
    valued = every[~amounts.missing]
    dealt = valued[(amounts.changed & (amounts.at <= deals.until))[valued]]
    known_end = endings.closed <= deals.until
    closed = every[known_end] if planted else every[:0]
    guessed = every[~known_end] if planted else every
    written = endings.closed[closed] + rng.integers(0, 20, len(closed)) * HOUR
    middle = deals.opened[guessed] + rng.integers(1, 24, len(guessed)) * HOUR
    deal = np.concatenate([valued, dealt, every, guessed, closed])
    field = np.repeat([0, 1], [len(valued) + len(dealt), len(every) * 2])
    moment = np.concatenate([deals.opened[valued], amounts.at[dealt], deals.opened, middle, written])
    values = [
        _money(amounts.first[valued]),
        _money(amounts.final[dealt]),
        pa.array(np.full(len(every), 10)).cast(pa.string()),
        pa.array(probability[np.concatenate([guessed, closed])]).cast(pa.string()),
    ]
    order = np.lexsort((moment, field, deal))
    order = order[moment[order] <= deals.until]
    return columns.table(
        "field_changes",
        {
            "deal_id": columns.deal_ids(deal[order]),
            "field": columns.text(("amount", "Probability"), field[order]),
            "value": pa.concat_arrays(values).take(pa.array(order)),
            "at": columns.times(moment[order]),
        },
    )


def _money(values: Floats) -> pa.Array:
    return columns.amounts(values).cast(pa.decimal128(19, 2)).cast(pa.string())
