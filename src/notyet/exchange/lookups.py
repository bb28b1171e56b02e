"""Tables beside the deals that say more about an account, a product, a seller."""

from collections import Counter
from collections.abc import Collection, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

from notyet.analysis.tables import TABLES
from notyet.deals.likeness import alike
from notyet.deals.names import NameKind
from notyet.exchange.guess_values import time_form
from notyet.exchange.mapping import Lookup, TableMapping
from notyet.exchange.profile import ColumnProfile, FileProfile

OVERLAP = 0.3
MANY = 0.9
MOST_KEYS = 50_000


def find_lookup(deals: FileProfile, other: FileProfile, taken: set[str]) -> Lookup | None:
    """How ``other`` hangs on the deals: a column of it names its rows and shares its values with one of theirs.

    ``taken`` are attribute names that are used already.
    """
    best: tuple[float, ColumnProfile, ColumnProfile] | None = None
    for key in other.columns:
        if not key.naming or not other.size or time_form(key) is not None:
            continue
        keys = _values(other, key)
        if len(keys.unique()) < len(keys):
            continue
        for on in deals.columns:
            score = _fit(deals, on, other, key, keys)
            if score and (best is None or score > best[0]):
                best = (score, key, on)
    if best is None:
        return None
    _, key, on = best
    named = column_names(other.name, [c.header for c in other.columns if c.header != key.header and c.filled], taken)
    return Lookup(other.name, key.header, on.header, named) if named else None


def column_names(file: str, headers: Sequence[str], taken: Collection[str]) -> dict[str, str]:
    """The attributes that a file's columns become: their headers, after the file's name where one is taken already."""
    stem = PurePosixPath(file).name.split(".", 1)[0]
    return {header: header if header not in taken else f"{stem}.{header}" for header in headers}


@dataclass(frozen=True)
class Near:
    """A value of the deals in so many rows that a file beside them does not know, and the key that may be meant."""

    file: str
    value: str
    rows: int
    key: str


def near_keys(file: str, unknown: MappingOf[str, int], keys: Sequence[str], kind: NameKind) -> list[Near]:
    """Which keys unknown values may mean, told from their letters; nothing where there are too many keys."""
    if not unknown or len(keys) > MOST_KEYS:
        return []
    known = set(keys)
    meant: dict[str, str] = {}
    for group in alike({**dict.fromkeys(keys, 0), **unknown}, kind):
        hits = [name for name in group.names if name in known]
        if len(hits) == 1:
            meant |= {name: hits[0] for name in group.names if name in unknown and name not in meant}
    return [Near(file, value, unknown[value], key) for value, key in meant.items()]


def kind_of(column: str) -> NameKind:
    """What a column of the deals names, for telling names that are one."""
    return "account" if column == "account" else "contact" if column == "owner" else "product"


def near_in(deals: FileProfile, other: FileProfile, lookup: Lookup, column: str) -> list[Near]:
    """The same for a lookup that was guessed; ``column`` is what its ``on`` is in the exchange format, if anything."""
    on, keys = deals.column(lookup.on), _values(other, other.column(lookup.key)).to_pylist()
    known = set(keys)
    counts = on.counts or Counter[str]()
    unknown = {value: counts[value] for value in on.values if value not in known}
    return near_keys(other.name, unknown, keys, kind_of(column))


def taken_names(deals: TableMapping, lookups: list[Lookup]) -> set[str]:
    """The names that a further lookup's columns must not have."""
    names = set(TABLES["deals"].names) | set(deals.attributes.values())
    return names | {name for lookup in lookups for name in lookup.columns.values()}


def _fit(deals: FileProfile, on: ColumnProfile, other: FileProfile, key: ColumnProfile, keys: pa.StringArray) -> float:
    """How well the deals' column points to the key: its share of known values, more where the names agree."""
    if not on.filled or (on.naming and on.size > other.size):
        return 0.0
    values = pa.array(on.values, pa.string())
    known = pc.sum(pc.is_in(values, value_set=keys)).as_py() or 0
    overlap = known / len(values)
    stem = PurePosixPath(other.name).name.split(".", 1)[0].lower().rstrip("s")
    same = on.words == key.words or (key.words == "id" and on.words.endswith(f"{stem.split('_')[-1]} id"))
    if same and overlap >= OVERLAP:
        return 1 + overlap
    return overlap if overlap >= MANY and len(values) >= 5 and not all(v.isdigit() for v in on.values[:50]) else 0.0


def _values(file: FileProfile, column: ColumnProfile) -> pa.StringArray:
    parts = [batch.column(column.header) for batch in file.rows.batches()]
    return pa.concat_arrays(parts).drop_null() if parts else pa.array([], pa.string())
