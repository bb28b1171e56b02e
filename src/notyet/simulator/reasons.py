"""Why a deal was really lost, what the seller files, and whose the reason is to change."""

from typing import Literal

import numpy as np

from notyet.simulator.openings import Openings
from notyet.simulator.shares import Flags, Floats, Ints, chance, pick
from notyet.simulator.truth import Confusion

REASONS: tuple[tuple[str, Literal["ours", "shared", "theirs", "unknown"]], ...] = (
    ("Need not uncovered", "ours"),
    ("Slow follow-up", "ours"),
    ("Promise broken", "ours"),
    ("Trust / not understood", "ours"),
    ("Weak proposal or demo", "ours"),
    ("Wrong people in the room", "ours"),
    ("Value not shown", "ours"),
    ("Price above value", "shared"),
    ("Terms or contract", "shared"),
    ("Missing feature", "shared"),
    ("Integration missing", "shared"),
    ("Not our buyer", "shared"),
    ("Support let us down", "shared"),
    ("Implementation risk", "shared"),
    ("References missing", "shared"),
    ("Competitor offer", "theirs"),
    ("Incumbent kept", "theirs"),
    ("Built in-house", "theirs"),
    ("Budget frozen", "theirs"),
    ("Project stopped", "theirs"),
    ("Champion left", "theirs"),
    ("Bad timing", "theirs"),
    ("Merger or reorganisation", "theirs"),
    ("Regulation or policy", "theirs"),
    ("Unknown", "unknown"),
)
LABELS = tuple(label for label, _ in REASONS)
CODE = {label: code for code, label in enumerate(LABELS)}
NONE = -1
"""The code of a deal that has no reason."""

_LOST = (9, 4, 3, 10, 4, 4, 5, 11, 3, 6, 4, 5, 2, 3, 2, 7, 4, 2, 2, 1, 2, 2, 1, 1, 0)
_NO_DECISION = (4, 2, 1, 3, 1, 3, 8, 2, 1, 1, 1, 3, 0, 3, 1, 0, 7, 3, 14, 11, 5, 12, 4, 2, 0)
_PRICE = CODE["Price above value"]
_HIDDEN = {"Trust / not understood": 0.55, "Need not uncovered": 0.38, "Value not shown": 0.40, "Slow follow-up": 0.34}


def confusions(planted: bool) -> tuple[Confusion, ...]:
    """What sellers file under price although something else decided."""
    return tuple(Confusion(reason, LABELS[_PRICE], share) for reason, share in _HIDDEN.items()) if planted else ()


def true_reasons(rng: np.random.Generator, deals: Openings, lost: Flags, no_decision: Flags, planted: bool) -> Ints:
    """A reason code a deal (``NONE`` where it was neither lost nor left undecided).

    Where causes are planted they also shift the reasons: a late reply makes "Slow follow-up" likelier, and so on.
    """
    n = len(deals.opened)
    codes = np.full(n, NONE, dtype=np.int64)
    weights: Floats = np.array([_LOST, _NO_DECISION], dtype=np.float64)
    codes[lost | no_decision] = pick(rng, weights, np.where(no_decision, 1, 0)[lost | no_decision])
    if planted:
        for flags, label, share in (
            (deals.hard_competitor, "Competitor offer", 0.30),
            (~deals.fast_reply, "Slow follow-up", 0.16),
            (deals.broken_early, "Promise broken", 0.34),
            (deals.hard_persona, "Not our buyer", 0.24),
            (~deals.second_early, "Wrong people in the room", 0.06),
        ):
            codes[(lost | no_decision) & flags & chance(rng, share, n)] = CODE[label]
    return codes


def filed_reasons(rng: np.random.Generator, true: Ints, planted: bool) -> Ints:
    """What the seller files: mostly the true reason, now and then unknown or nothing.

    Where planted it is often price although something else decided.
    """
    n = len(true)
    filed = true.copy()
    has = true != NONE
    astray = has & chance(rng, 0.12, n)
    filed[astray] = pick(rng, np.array([_LOST], dtype=np.float64), np.zeros(int(astray.sum()), dtype=np.int64))
    filed[has & chance(rng, 0.05, n)] = CODE["Unknown"]
    if planted:
        hidden = np.zeros(len(LABELS))
        for reason, share in _HIDDEN.items():
            hidden[CODE[reason]] = share
        filed[has & chance(rng, hidden[np.maximum(true, 0)], n)] = _PRICE
    filed[chance(rng, 0.03, n)] = NONE
    return filed


def answer_chance(true: Ints, won: Flags, planted: bool) -> Floats:
    """The chance that an invited buyer answers; where planted, those we failed answer least."""
    if not planted:
        return np.full(len(true), 0.34)
    by_reason = np.full(len(LABELS), 0.34)
    for reason, share in {
        "Trust / not understood": 0.18,
        "Slow follow-up": 0.20,
        "Promise broken": 0.24,
        "Need not uncovered": 0.22,
        "Not our buyer": 0.14,
        "Price above value": 0.44,
        "Budget frozen": 0.42,
        "Missing feature": 0.46,
        "Competitor offer": 0.38,
    }.items():
        by_reason[CODE[reason]] = share
    return np.where(won, 0.52, by_reason[np.maximum(true, 0)])


_DEPTH_EARLY = {"Not our buyer", "Wrong people in the room", "Slow follow-up", "Bad timing"}
_DEPTH_MIDDLE = {"Need not uncovered", "Trust / not understood", "Promise broken", "Value not shown", "Champion left"}


def leaving_stages(rng: np.random.Generator, true: Ints, planted: bool) -> Ints:
    """The last stage (0 enquiry to 3 proposal) a deal reached that ended without an order, by its reason."""
    weights = np.array([[5, 40, 30, 25], [22, 48, 20, 10], [4, 46, 30, 20], [3, 14, 25, 58]], dtype=np.float64)
    kind = np.full(len(LABELS) + 1, 3)
    for label in LABELS:
        kind[CODE[label]] = 1 if label in _DEPTH_EARLY else 2 if label in _DEPTH_MIDDLE else 3
    kind[NONE] = 1
    return pick(rng, weights, kind[true] if planted else np.zeros(len(true), dtype=np.int64))
