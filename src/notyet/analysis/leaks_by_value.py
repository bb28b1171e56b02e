"""Evidence in the values: filled for one outcome only, or telling the outcome better than anything early could."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from notyet.analysis.meta import Field
from notyet.analysis.population import Flags, Floats, Ints, Population

PURE = 0.99
FILL_DIFFERENCE = 0.4
ROUNDNESS_DIFFERENCE = 0.15
FOLLOWS = 0.9
FOLLOWS_LOOSELY = 0.5
TOO_GOOD = 0.85
CHANCE = 1e-6
FOLDS = 5
MOST_LEVELS = 1_000


@dataclass(frozen=True)
class Values:
    """A field's rows as levels (``codes``, -1 missing), which are ``filled``, which ``held`` (neither zero nor no)."""

    codes: Ints
    levels: tuple[str, ...]
    filled: Flags
    held: Flags


def read(population: Population, field: Field, column: str) -> Values:
    """The values of a field; numbers and times are binned by their deciles (zero by itself)."""
    if field.kind in ("number", "flag", "time"):
        numbers = population.numbers(column)
        filled = np.isfinite(numbers)
        codes = (
            _deciles(numbers) if field.kind != "flag" else np.where(filled, np.nan_to_num(numbers), -1).astype(np.int64)
        )
        held = filled if field.kind == "time" else filled & (numbers != 0)
        return Values(codes, (), filled, held)
    codes, levels = population.levels(column)
    return Values(codes, levels, codes >= 0, codes >= 0)


def _deciles(numbers: Floats) -> Ints:
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        return np.full(len(numbers), -1)
    edges = np.unique(np.quantile(known, np.arange(0.1, 1.0, 0.1)))
    codes = 1 + np.searchsorted(edges, numbers, side="right")
    codes[numbers == 0] = 0
    codes[~np.isfinite(numbers)] = -1
    return codes.astype(np.int64)


def one_outcome_only(values: Values, won: Flags) -> str | None:
    """Whether being filled (or non-zero) goes with one outcome only, as a sentence; ``None`` where it does not."""
    if not 0 < won.mean() < 1:
        return None
    zeros = bool((values.filled & ~values.held).any())
    word, opposite = ("filled and not zero", "empty or zero") if zeros else ("filled", "empty")
    for side, called in ((values.held, word), (~values.held, opposite)):
        n = int(side.sum())
        if n < max(30, 0.01 * len(won)) or n > 0.995 * len(won):
            continue
        share = float(won[side].mean())
        for rate, base, outcome in ((share, float(won.mean()), "won"), (1 - share, float(1 - won.mean()), "not won")):
            if rate >= PURE and n * np.log(base) < np.log(CHANCE):
                return f"{called} on {n:,} closed deals, of which {rate:.1%} were {outcome} (of all: {base:.0%})"
    return _fill_depends(values.filled, won)


def _fill_depends(filled: Flags, won: Flags) -> str | None:
    on_won, on_lost = float(filled[won].mean()), float(filled[~won].mean())
    few = min(won.sum(), (~won).sum()) < 30
    if few or abs(on_won - on_lost) < FILL_DIFFERENCE:
        return None
    return f"filled on {on_won:.0%} of the won deals and on {on_lost:.0%} of those not won"


def follows_life(numbers: Floats, days: Floats) -> tuple[float, str | None]:
    """A number's rank correlation with the deal's length, which only the close tells; the sentence where it is high.

    ``days``: from opening to close, NaN unknown. What is known at an opening (the size, the field of business) goes
    with the length too, but loosely.
    """
    both = np.flatnonzero(np.isfinite(numbers) & np.isfinite(days))
    both = both[:: max(1, len(both) // 20_000)]
    if len(both) < 50 or np.ptp(numbers[both]) == 0 or np.ptp(days[both]) == 0:
        return 0.0, None
    rank = abs(float(stats.spearmanr(numbers[both], days[both]).statistic))
    said = f"it follows the length of the deal, which only the close tells (rank correlation {rank:.2f})"
    return rank, said if rank >= FOLLOWS_LOOSELY else None


def made_exact(value: Floats, won: Flags) -> str | None:
    """Whether amounts that are not round are won far more (or less) often than round ones: put right at the close.

    Looked at for multiples of 1,000 and of 100; 15 points apart, far beyond chance.
    """
    known = value > 0
    for unit in (1_000, 100):
        exact = known & (value % unit != 0)
        rounded = known & ~exact
        if min(exact.sum(), rounded.sum()) < max(100, 0.1 * known.sum()):
            continue
        table = [[int((side & won).sum()), int((side & ~won).sum())] for side in (exact, rounded)]
        rates = [wins / (wins + losses) for wins, losses in table]
        if min(map(sum, zip(*table, strict=True))) and abs(rates[0] - rates[1]) >= ROUNDNESS_DIFFERENCE:
            chance = stats.chi2_contingency(table).pvalue
            if chance < CHANCE:
                return f"amounts that are no multiple of {unit:,} win {rates[0]:.0%}, the others {rates[1]:.0%}"
    return None


def too_good(values: Values, won: Flags) -> tuple[float, str | None]:
    """How well the field alone tells won from lost (AUC on unseen deals), and the evidence where that is too good."""
    if len(values.levels) > MOST_LEVELS:
        return 0.5, None
    auc = cross_validated_auc(values.codes, won)
    if auc >= TOO_GOOD:
        return auc, f"alone it tells won from lost with an AUC of {auc:.2f} on deals not seen"
    return auc, _pure_level(values, won) if values.levels else None


def cross_validated_auc(codes: Ints, won: Flags) -> float:
    """AUC of the levels' own win rates (drawn to the base rate as by 5 deals), learned on the other four fifths.

    Ties count half. 0.5 tells nothing, 1 everything; below some 200 deals it is too noisy and counts as 0.5.
    """
    if min(won.sum(), (~won).sum()) < 50:
        return 0.5
    groups = int(codes.max(initial=-1)) + 2
    fold = np.random.default_rng(0).integers(0, FOLDS, len(won))
    cell = (fold * groups + codes + 1) * 2 + won
    counts = np.bincount(cell, minlength=FOLDS * groups * 2).reshape(FOLDS, groups, 2).astype(float)
    learned = counts.sum(axis=0)[None] - counts
    base = learned[:, :, 1].sum(axis=1) / learned.sum(axis=(1, 2))
    rate = (learned[:, :, 1] + 5 * base[:, None]) / (learned.sum(axis=2) + 5)
    return float(np.mean([_auc(rate[i], counts[i, :, 0], counts[i, :, 1]) for i in range(FOLDS)]))


def _auc(score: Floats, lost: Floats, won: Floats) -> float:
    order = np.argsort(score, kind="stable")
    places, inverse = np.unique(score[order], return_inverse=True)
    down = np.bincount(inverse, weights=lost[order], minlength=len(places))
    up = np.bincount(inverse, weights=won[order], minlength=len(places))
    below = np.cumsum(down) - down
    return float((up * (below + down / 2)).sum() / max(1.0, up.sum() * down.sum()))


def _pure_level(values: Values, won: Flags) -> str | None:
    """A frequent value that occurs with one outcome only, far beyond what the base rate and strong drivers give."""
    n = np.bincount(values.codes + 1, minlength=len(values.levels) + 1)[1:].astype(float)
    wins = np.bincount(values.codes + 1, weights=won, minlength=len(values.levels) + 1)[1:]
    frequent = n >= max(50, 0.02 * len(won))
    rate = float(won.mean())
    for i in np.flatnonzero(frequent) if 0 < rate < 1 else ():
        fewer, outcome = min((wins[i], "not won"), (n[i] - wins[i], "won"))
        base = rate if outcome == "won" else 1 - rate
        ceiling = float(stats.beta.ppf(0.95, fewer + 1, n[i] - fewer))
        if (1 - ceiling) / ceiling > 40 * base / (1 - base):
            share = f"{1 - fewer / n[i]:.1%} were {outcome}"
            return f"its value “{values.levels[i]}” stands on {n[i]:,.0f} closed deals, of which {share}"
    return None
