"""Which won deals are like a deal, and how those were prepared. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

FEWEST = 5
"""Below so many deals nothing is said: of a kind of likeness, and of a tick."""
SIZE = 2
"""A deal is of like size from half to twice the value, in the same currency."""


@dataclass(frozen=True)
class Traits:
    """What makes deals alike; what is empty or ``None`` is not known, and is like nothing."""

    product: str = ""
    persona: str = ""
    process: str = ""
    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True)
class Prepared:
    """A debriefed won deal: its traits, and its ticks as they were answered."""

    traits: Traits
    said: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Tally:
    """Of ``n`` won deals that answered a tick ``yes`` said yes."""

    yes: int
    n: int


@dataclass(frozen=True)
class Comparison:
    """How won deals like one were prepared: in what they are like it, how many answered, and each tick by its key.

    A tick that fewer than five of them answered is not among ``ticks``.
    """

    traits: tuple[str, ...]
    deals: int
    ticks: Mapping[str, Tally]

    @property
    def like(self) -> str:
        """In what they are alike, in words: ``the same persona and a like size``."""
        return words(self.traits)


def words(traits: Sequence[str]) -> str:
    """In what deals are alike: ``the same persona and a like size``."""
    *others, last = [WORDS[one] for one in traits]
    return f"{', '.join(others)} and {last}" if others else last


def size_range(amount: Decimal | None) -> tuple[Decimal, Decimal] | None:
    """From where to where a deal is of like size; ``None`` for one without a value."""
    return (amount / SIZE, amount * SIZE) if amount is not None and amount > 0 else None


def _like_size(one: Traits, other: Traits) -> bool:
    span = size_range(one.amount)
    if span is None or other.amount is None:
        return False
    return one.currency == other.currency and span[0] <= other.amount <= span[1]


_ALIKE: Mapping[str, Callable[[Traits, Traits], bool]] = {
    "product": lambda one, other: bool(one.product) and one.product == other.product,
    "persona": lambda one, other: bool(one.persona) and one.persona == other.persona,
    "size": _like_size,
    "process": lambda one, other: bool(one.process) and one.process == other.process,
}
WORDS = {
    "product": "the same product",
    "persona": "the same persona",
    "size": "a like size",
    "process": "the same process",
}
LADDER = (
    ("product", "persona", "size"),
    ("persona", "size"),
    ("product", "size"),
    ("product", "persona"),
    ("product",),
    ("persona",),
    ("size",),
    ("process",),
)
"""The kinds of likeness, the narrowest first; the first one with five deals counts."""


def alike(traits: Sequence[str], one: Traits, other: Traits) -> bool:
    """Whether two deals are alike in all of these."""
    return all(_ALIKE[trait](one, other) for trait in traits)


def likest(deal: Traits, others: Mapping[int, Traits]) -> tuple[tuple[str, ...], list[int]] | None:
    """The narrowest likeness that five of the others have with a deal, and which they are; ``None`` where none has."""
    for traits in LADDER:
        found = [key for key, other in others.items() if alike(traits, deal, other)]
        if len(found) >= FEWEST:
            return traits, found
    return None


def compare(deal: Traits, won: Sequence[Prepared], ticks: Sequence[str]) -> Comparison | None:
    """How won deals like ``deal`` answered these ticks; ``None`` where no likeness has five deals that answered any."""
    answered = [one for one in won if any(key in one.said for key in ticks)]
    found = likest(deal, {place: one.traits for place, one in enumerate(answered)})
    if found is None:
        return None
    traits, places = found
    tallies = {key: _tally(key, [answered[place] for place in places]) for key in ticks}
    return Comparison(traits, len(places), {key: one for key, one in tallies.items() if one.n >= FEWEST})


def _tally(key: str, deals: Sequence[Prepared]) -> Tally:
    said = [one.said[key] for one in deals if key in one.said]
    return Tally(sum(said), len(said))
