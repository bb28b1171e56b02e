"""Tables beside the deals that say more about an account, a product, a seller."""

from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

from notyet.analysis.tables import TABLES
from notyet.exchange.guess_values import time_form
from notyet.exchange.mapping import Lookup, TableMapping
from notyet.exchange.profile import ColumnProfile, FileProfile

OVERLAP = 0.3
MANY = 0.9


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
    stem = PurePosixPath(other.name).name.split(".", 1)[0]
    columns = [column.header for column in other.columns if column.header != key.header and column.filled]
    named = {header: header if header not in taken else f"{stem}.{header}" for header in columns}
    return Lookup(other.name, key.header, on.header, named) if named else None


def unmatched(deals: FileProfile, other: FileProfile, lookup: Lookup) -> list[str]:
    """Values of the deals that the lookup does not know."""
    keys = set(_values(other, other.column(lookup.key)).to_pylist())
    return [value for value in deals.column(lookup.on).values if value not in keys]


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
