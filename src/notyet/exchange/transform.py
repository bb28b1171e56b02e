"""From a file's own columns to the texts of the exchange format's columns."""

import hashlib
from collections import Counter
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from notyet.analysis.tables import TABLES
from notyet.exchange.mapping import Lookup, OutcomeRule, TableMapping, folded
from notyet.exchange.rows import RowBatch

MOST_UNKNOWN = 2_000


@dataclass(frozen=True)
class LookupTable:
    """A small table in memory: the deals' header that points to it, its keys and its attribute columns.

    ``unknown`` counts the values of that header that were no key, as long as they are not too many.
    """

    lookup: Lookup
    keys: pa.StringArray
    columns: MappingOf[str, pa.StringArray]
    unknown: Counter[str] = field(default_factory=Counter)

    def attributes(self, batch: RowBatch) -> dict[str, pa.StringArray]:
        """What it says of the deals of a batch."""
        values = _by_value(batch.column(self.lookup.on), lambda text: self.lookup.same.get(text, text))
        at = pc.index_in(values, self.keys, skip_nulls=True)
        missed = values.filter(pc.and_(at.is_null(), values.is_valid()))
        if len(missed) and len(self.unknown) < MOST_UNKNOWN:
            for pair in pc.value_counts(missed):
                self.unknown[pair["values"].as_py()] += pair["counts"].as_py()
        return {name: column.take(at) for name, column in self.columns.items()}


@dataclass(frozen=True)
class Texts:
    """A batch in the words of the exchange format: texts by column, a deal's further attributes by name."""

    columns: dict[str, pa.StringArray]
    attributes: dict[str, pa.StringArray]


@dataclass
class Transform:
    """Applies one file's mapping to its batches, in order."""

    mapping: TableMapping
    lookups: tuple[LookupTable, ...] = ()
    seen: Counter[bytes] = field(default_factory=Counter)

    def __call__(self, batch: RowBatch) -> Texts:
        """Texts for every column that the mapping fills."""
        mapping = self.mapping
        columns: dict[str, pa.StringArray] = {}
        for name in TABLES[mapping.table].names:
            if name in mapping.columns:
                columns[name] = _mapped(batch.column(mapping.columns[name]), mapping.values.get(name))
            elif name in mapping.constants:
                columns[name] = pa.repeat(pa.scalar(mapping.constants[name], pa.string()), batch.size)
        if mapping.row_id:
            columns["id"] = batch.column(mapping.row_id)
        if mapping.outcome:
            columns["outcome"] = _outcomes(batch, mapping.outcome)
        if mapping.id_from_content:
            columns["deal_id"] = self._content_ids(batch)
        if mapping.expected_close and "closed_at" in columns:
            is_open = pc.equal(columns["outcome"], "open").fill_null(False)
            columns["closed_at"] = pc.if_else(is_open, pa.scalar(None, pa.string()), columns["closed_at"])
        attributes = {name: batch.column(header) for header, name in mapping.attributes.items()}
        for lookup in self.lookups:
            attributes |= lookup.attributes(batch)
        return Texts(columns, attributes)

    def _content_ids(self, batch: RowBatch) -> pa.StringArray:
        """An id from a row's content and how often it came before: the same file gives the same ids."""
        ids = []
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            text = "\x1f".join("" if value is None else value for value in row)
            digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            self.seen[digest] += 1
            again = self.seen[digest]
            ids.append(f"row-{digest.hex()}" + (f"-{again}" if again > 1 else ""))
        return pa.array(ids, pa.string())


def _mapped(texts: pa.StringArray, values: MappingOf[str, str] | None) -> pa.StringArray:
    if not values:
        return texts
    return _by_value(texts, lambda text: values.get(folded(text), text))


def _by_value(texts: pa.StringArray, read: object) -> pa.StringArray:
    coded = texts.dictionary_encode()
    found = pa.array([read(text) for text in coded.dictionary.to_pylist()], pa.string())  # type: ignore[operator]
    return found.take(coded.indices)


def _outcomes(batch: RowBatch, rule: OutcomeRule) -> pa.StringArray:
    """The first listed value decides; a text that nothing lists stays, and is refused by the check."""
    known = [
        _by_value(batch.column(header), lambda text, v=values: v.get(folded(text))) for header, values in rule.when
    ]
    if rule.default is not None:
        return pc.coalesce(*known, pa.scalar(rule.default))
    return pc.coalesce(*known, *(batch.column(header) for header, _ in rule.when), pa.scalar(rule.empty, pa.string()))
