"""Which of many names may be one, told from their letters alone. Pure.

No name is compared with all others. Names whose letters are the same meet in a table; the rest meet where they
would be equal once a letter, or a word, is taken out (deletion neighbourhoods, as in SymSpell: Garbe 2012; a typing
error then costs one look-up, wherever it stands). Where many meet at one place each is compared with its next
neighbours in the alphabet only, so that the work grows with the number of names (sorted neighbourhood: Hernández,
Stolfo 1995).
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from notyet.deals.names import Form, NameKind, form

Why = Literal["letters", "legal_form", "word_order", "typing", "word", "initial"]

WHYS: dict[Why, str] = {
    "letters": "the same but for spaces, capitals or punctuation",
    "legal_form": "the same but for the legal form",
    "word_order": "the same words in another order",
    "typing": "a letter or two apart",
    "word": "one word ends differently",
    "initial": "one is shortened to an initial",
}
"""In the order of how sure they are."""

NEIGHBOURS = 10
SHORTEST = 5
LONG_WORD = 8
SAME_START = 5
SAME_WORD = 80.0


@dataclass(frozen=True)
class Alike:
    """Names that may be one, the most used first, and why they look so."""

    names: tuple[str, ...]
    why: Why


def alike(names: Mapping[str, int], kind: NameKind) -> list[Alike]:
    """Groups of names that may be one, from names with how often each is used.

    Spellings of one name form a group; two such groups whose names are close are a group of their most used names.
    """
    forms = [form(name, kind) for name in sorted(names, key=lambda one: (-names[one], one))]
    spellings: dict[str, list[Form]] = {}
    for one in forms:
        if one.key:
            spellings.setdefault(one.key, []).append(one)
    found = [_spelt(group) for group in spellings.values() if len(group) > 1]
    first = [group[0] for group in spellings.values()]
    for a, b in sorted(_meetings(first, kind)):
        why = closeness(first[a], first[b], kind)
        if why is not None:
            found.append(Alike((first[a].name, first[b].name), why))
    return found


def _spelt(group: list[Form]) -> Alike:
    same = len({one.plain for one in group}) == 1 or len({one.core for one in group}) > 1
    return Alike(tuple(one.name for one in group), "letters" if same else "legal_form")


def closeness(first: Form, second: Form, kind: NameKind) -> Why | None:
    """Why two names with different keys may be one, or ``None``. Different numbers are different things."""
    if first.numbers != second.numbers:
        return None
    if len(first.core) != len(second.core):
        near = min(len(first.key), len(second.key)) > SHORTEST and _typed(first.key, second.key, 1)
        return "typing" if near else None
    if len(first.core) > 1 and first.ordered == second.ordered:
        return "word_order"
    apart = [(a, b) for a, b in zip(first.core, second.core, strict=True) if a != b]
    if len(apart) == 1 and _mistyped(*apart[0]):
        return "typing"
    return _one_word_apart(first, second, kind) if len(first.core) > 1 else None


def _one_word_apart(first: Form, second: Form, kind: NameKind) -> Why | None:
    """Two names of as many words, whatever their order, of which one differs."""
    mine, theirs = set(first.core) - set(second.core), set(second.core) - set(first.core)
    if len(mine) != 1 or len(theirs) != 1:
        return None
    [a], [b] = mine, theirs
    if kind == "contact" and _initial(a, b):
        return "initial"
    return "word" if _same_stem(a, b) else None


def _mistyped(first: str, second: str) -> bool:
    """Whether two words differ as one typed in a hurry does; words of few letters mean what they say."""
    shortest = min(len(first), len(second))
    return shortest >= SHORTEST and _typed(first, second, 2 if shortest >= LONG_WORD else 1)


def _typed(first: str, second: str, most: int) -> bool:
    return first[0] == second[0] and OSA.distance(first, second, score_cutoff=most) <= most


def _same_stem(first: str, second: str) -> bool:
    return first[:SAME_START] == second[:SAME_START] and fuzz.ratio(first, second, score_cutoff=SAME_WORD) > SAME_WORD


def _initial(first: str, second: str) -> bool:
    short, long = sorted((first, second), key=len)
    return len(short) == 1 and len(long) > 1 and long.startswith(short)


def _meetings(forms: Sequence[Form], kind: NameKind) -> set[tuple[int, int]]:
    """Pairs of places in ``forms`` (the smaller first) that meet somewhere: some dozens a name at the very most."""
    where, who = array("q"), array("q")
    for number, one in enumerate(forms):
        for place in _places(one, kind):
            where.append(hash(place))
            who.append(number)
    places, numbers = np.asarray(where), np.asarray(who)
    order = np.lexsort((numbers, places))
    places, numbers = places[order], numbers[order]
    limits = np.flatnonzero(np.diff(places)) + 1
    starts, ends = np.concatenate(([0], limits)), np.concatenate((limits, [len(places)]))
    crowded = np.flatnonzero(ends - starts > 1)
    found: set[tuple[int, int]] = set()
    for at in crowded:
        met = np.unique(numbers[starts[at] : ends[at]]).tolist()
        found.update(_neighbours(met, forms))
    return found


def _neighbours(met: list[int], forms: Sequence[Form]) -> Iterator[tuple[int, int]]:
    met.sort(key=lambda number: forms[number].key)
    for place, one in enumerate(met):
        for other in met[place + 1 : place + 1 + NEIGHBOURS]:
            yield (one, other) if one < other else (other, one)


def _places(one: Form, kind: NameKind) -> Iterator[object]:
    """Where a name waits for others: itself and itself without one letter, its words, its words but for one."""
    key = one.key
    if len(key) >= SHORTEST:
        yield key
        for at, letter in enumerate(key):
            if not letter.isdigit() and (at == 0 or key[at - 1] != letter):
                yield key[:at] + key[at + 1 :]
    if len(one.core) > 1:
        yield one.ordered
        for at, word in enumerate(one.core):
            rest = tuple(sorted(one.core[:at] + one.core[at + 1 :]))
            if len(word) >= SHORTEST and not word[0].isdigit():
                yield word[:SAME_START], rest
            if kind == "contact":
                yield word[0], rest
