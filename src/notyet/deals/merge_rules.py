"""What merged names come to, and what is left to be asked. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from notyet.deals.likeness import WHYS, Alike, Why


def kept_names(aliases: Mapping[str, str]) -> dict[str, str]:
    """Each aliased name -> the name it counts as in the end, through names that were themselves merged later."""
    return {name: _end(name, aliases) for name in aliases}


def _end(name: str, aliases: Mapping[str, str]) -> str:
    seen = set()
    while name in aliases and name not in seen:
        seen.add(name)
        name = aliases[name]
    return name


@dataclass(frozen=True)
class Likeness:
    """What a search found: names that may be one, each with in how many deals it is used, and why."""

    kind: str
    names: tuple[tuple[str, int], ...]
    why: Why

    @classmethod
    def of(cls, kind: str, found: Alike, used: Mapping[str, int]) -> "Likeness":
        """What was found among names with how often each is used."""
        return cls(kind, tuple((name, used[name]) for name in found.names), found.why)


@dataclass(frozen=True)
class Proposal:
    """Two names to decide on; ``keep`` is the more used. Deals are counted over all names that count as each."""

    kind: str
    keep: str
    keep_deals: int
    other: str
    other_deals: int
    why: Why

    @property
    def reason(self) -> str:
        """Why they look like one, in words."""
        return WHYS[self.why]


def proposals(
    found: Iterable[Likeness], kept: Mapping[str, Mapping[str, str]], apart: Iterable[tuple[str, str, str]]
) -> list[Proposal]:
    """What is still to be decided, the surest and most used first.

    ``kept``: by kind, the names that were merged already; ``apart``: kind and two names that are not the same. Of
    several spellings each is proposed with the most used one that it may still be.
    """
    found = list(found)
    distinct = {(kind, frozenset(pair)) for kind, *pair in apart}
    used = _used(found, kept)
    made: dict[tuple[str, frozenset[str]], Proposal] = {}
    for one in found:
        roots = dict.fromkeys(kept[one.kind].get(name, name) for name, _ in one.names)
        names = sorted(roots, key=lambda name: (-used[one.kind, name], _shouted(name), name))
        for at, other in enumerate(names):
            keep = next((n for n in names[:at] if (one.kind, frozenset((n, other))) not in distinct), None)
            if keep is not None:
                proposal = Proposal(one.kind, keep, used[one.kind, keep], other, used[one.kind, other], one.why)
                made.setdefault((one.kind, frozenset((keep, other))), proposal)
    order = list(WHYS)
    return sorted(made.values(), key=lambda p: (order.index(p.why), -p.other_deals, -p.keep_deals, p.kind, p.other))


def _shouted(name: str) -> bool:
    """Whether a name is all capitals, or all small letters, or begins or ends with a space: seldom the one to keep."""
    return name.isupper() or name.islower() or name != name.strip()


def _used(found: Iterable[Likeness], kept: Mapping[str, Mapping[str, str]]) -> dict[tuple[str, str], int]:
    """How many deals count for each name now; those of names that were found nowhere are not known here."""
    each = {(one.kind, name): deals for one in found for name, deals in one.names}
    used: dict[tuple[str, str], int] = {}
    for (kind, name), deals in each.items():
        root = kept[kind].get(name, name)
        used[kind, root] = used.get((kind, root), 0) + deals
    return used
