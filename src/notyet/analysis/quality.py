"""What a reader must know of the data before the figures: small samples, biased answers, gaps in the record."""

from collections.abc import Sequence

import ibis.expr.types as ir
import numpy as np
from scipy import special

from notyet.analysis import results
from notyet.analysis.figures import Row, first_row
from notyet.analysis.groups import Levels
from notyet.analysis.meta import Field, Meta
from notyet.analysis.results import Figure

SMALL = 30
LEVEL = 0.05
FEWEST_EXPECTED = 5.0


def small_sample(figures: Sequence[Figure], closed: int) -> tuple[results.Warning, ...]:
    """Said where the selection holds few closed deals, or where figures had to be withheld."""
    withheld = sorted({one.label for one in figures if one.withheld == "below_five" and not one.by and one.n > 0})
    if closed >= SMALL and not withheld:
        return ()
    text = f"{closed:,} closed deals"
    if closed < SMALL:
        text += f": too few for more than a first impression (fewer than {SMALL})"
    if withheld:
        text += f"; withheld for resting on fewer than five: {', '.join(withheld)}"
    return (results.Warning("small_sample", None, text + "."),)


def answer_bias(levels: Levels, meta: Meta) -> tuple[results.Warning, ...]:
    """Which circumstances go with answering at all, among the buyers invited.

    Pearson's chi-squared of answered by level, levels with too few expected answers taken together, Benjamini and
    Hochberg over all circumstances at 5 %.
    """
    tested = [(name, *_chi_squared(name, levels)) for name in levels]
    known = [(name, p, told) for name, p, told in tested if p is not None]
    found: list[results.Warning] = []
    for number, (name, p, told) in enumerate(sorted(known, key=lambda one: one[1])):
        if p > LEVEL * (number + 1) / len(known):
            break
        field = meta.field(name)
        text = f"Buyers' answers depend on {name}: {told}. Figures made of answers speak for those who answered."
        found.append(
            results.Warning(
                "answer_bias", field.source_column if field else None, text, (f"chi-squared test, p = {p:.2g}",)
            )
        )
    return tuple(found)


def _chi_squared(name: str, levels: Levels) -> tuple[float | None, str]:
    """The p-value of answering by level, and the highest and lowest answer rates in words."""
    rows = [row for row in levels[name] if row.invited]
    invited = np.array([row.invited for row in rows], dtype=float)
    answered = np.array([row.answered for row in rows], dtype=float)
    if invited.sum() == 0 or answered.sum() in (0.0, invited.sum()):
        return None, ""
    rate = answered.sum() / invited.sum()
    enough = invited * min(rate, 1 - rate) >= FEWEST_EXPECTED
    if enough.sum() + bool((~enough).any()) < 2 or not enough.any():
        return None, ""
    groups = np.concatenate((invited[enough], [invited[~enough].sum()]))
    told = np.concatenate((answered[enough], [answered[~enough].sum()]))
    groups, told = groups[groups > 0], told[groups > 0]
    if len(groups) < 2:
        return None, ""
    statistic = float(((told - groups * rate) ** 2 / (groups * rate * (1 - rate))).sum())
    rates = [(row.answered / row.invited, row.name) for row, ok in zip(rows, enough, strict=True) if ok]
    (low, lowest), (high, highest) = min(rates), max(rates)
    return float(special.chdtrc(len(groups) - 1, statistic)), f"{high:.0%} of {highest}, {low:.0%} of {lowest}"


def data_quality(rows: ir.Table, meta: Meta, figures: Sequence[Figure]) -> tuple[results.Warning, ...]:
    """Gaps in the record of ``rows`` (facts ``with_readings``) that leave something out, and what it is that they
    leave out.
    """
    row = first_row(rows.aggregate(**_gaps(rows)))
    found = [*_missing(row, meta), *_taken_as_known(meta), *_payments(row, meta)]
    by_value = [one for one in figures if one.key == "win_rate_by_value" and one.withheld == "one_outcome_only"]
    if by_value:
        text = "Values are known for one outcome only: win rates by value are withheld."
        found.append(results.Warning("data_quality", meta.source_column("amount"), text))
    return tuple(found)


def _gaps(rows: ir.Table) -> dict[str, ir.Value]:
    ended = rows.outcome != "open"
    return {
        "all": rows.count(),
        "ended": rows.count(where=ended),
        "no_opening": rows.count(where=rows.opened_at.isnull()),
        "no_close": rows.count(where=ended & rows.closed_at.isnull()),
        "no_value": rows.count(where=rows.is_closed & rows.value_final.isnull()),
        "closed": rows.count(where=rows.is_closed),
        "no_reason": rows.count(where=rows.is_lost & rows.seller_reason.isnull()),
        "lost": rows.count(where=rows.is_lost),
        "no_currency": rows.count(where=rows.currency.isnull() & rows.value_final.notnull()),
        "unpaid": rows.count(where=rows.outcome == "ordered_unpaid"),
        "won": rows.count(where=rows.is_won),
        "unrated": rows.count(where=rows.unrated),
    }


def _missing(row: Row, meta: Meta) -> list[results.Warning]:
    texts = (
        ("no_opening", "all", "opened_at", "have no opening: cycles, cohorts and behaviours leave them out"),
        (
            "no_close",
            "ended",
            "closed_at",
            "have ended without a close date: they are in where no period is chosen",
        ),
        ("no_value", "closed", "amount", "have no value: figures in money leave them out"),
        ("no_reason", "lost", "loss_reason", "were lost without a recorded reason"),
        ("no_currency", "all", "currency", "have an amount without a currency: the workspace's is assumed"),
        ("unrated", "all", "currency", "have an amount in a currency without a rate: figures in money leave them out"),
    )
    return [
        results.Warning(
            "data_quality", meta.source_column(field), f"{row[gap]:,} of {row[whole]:,} {_deals(whole)} {text}."
        )
        for gap, whole, field, text in texts
        if row[gap]
    ]


def _deals(whole: str) -> str:
    return {"all": "deals", "ended": "ended deals", "closed": "closed deals", "lost": "losses"}[whole]


def _taken_as_known(meta: Meta) -> list[results.Warning]:
    unknown = [field.source_column for field in meta.fields if not field.changes and _could_change(field)]
    if not unknown:
        return []
    text = (
        "No changes are recorded of these fields, so what they hold now is taken as known at the opening: "
        f"{', '.join(unknown)}."
    )
    return [results.Warning("data_quality", None, text)]


def _could_change(field: Field) -> bool:
    known_later = field.column in (
        "closed_at",
        "paid_at",
        "ordered_at",
        "opened_at",
        "loss_reason",
        "lost_to",
        "outcome",
    )
    return not field.person and not known_later and field.kind != "time"


def _payments(row: Row, meta: Meta) -> list[results.Warning]:
    found: list[results.Warning] = []
    column = meta.source_column("paid_at")
    unknown = [source.key for source in meta.sources if source.payments_from is None]
    if row["won"] and (unknown or not meta.sources):
        where = f" of {', '.join(unknown)}" if len(meta.sources) > len(unknown) else ""
        found.append(
            results.Warning("data_quality", column, f"No payments{where} are known: won means ordered, not paid.")
        )
    if row["unpaid"]:
        text = f"{row['unpaid']:,} deals are ordered but not paid: they are pending, and in no win rate."
        found.append(results.Warning("data_quality", column, text))
    return found
