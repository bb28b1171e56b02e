"""What was counted, in words: one finding for each thing that is missing or odd in a source."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from notyet.analysis import health_rows
from notyet.analysis.candidates import is_candidate
from notyet.analysis.health_checks import CHECKS, Check
from notyet.analysis.health_costs import Cost
from notyet.analysis.health_fields import FieldValues, Level
from notyet.analysis.health_results import Counts, Finding
from notyet.analysis.history import History
from notyet.analysis.leaks_by_name import suspicion
from notyet.analysis.meta import Field, Meta
from notyet.analysis.settings import Settings

MOST_NAMED = 4
HARDLY, NEARLY = 0.02, 0.95
"""A field that fewer fill is not used by the team; one that more fill has no gap worth a word."""


def of_deals(counts: Counts, lost: Mapping[tuple[str, str], tuple[Cost, ...]], meta: Meta) -> Iterator[Finding]:
    """What the checks of deals found, with the figures that lose by it."""
    for source, row in counts.items():
        for check in CHECKS:
            n, of = row[f"odd:{check.key}"], row[f"of:{check.key}"]
            if n and n >= check.least * of:
                yield _of_check(check, source, n, of, lost.get((source, check.gap or ""), ()), meta)


def _of_check(check: Check, source: str, n: int, of: int, costs: tuple[Cost, ...], meta: Meta) -> Finding:
    words = {"n": f"{n:,}", "of": f"{of:,}", "share": f"{n / of:.0%}", "currency": meta.currency}
    mend = check.mend_all if n == of and check.mend_all else check.mend
    loses = check.loses_all if n == of and check.loses_all else check.loses
    return Finding(
        source,
        check.key,
        check.field,
        meta.source_column(check.field),
        check.text.format(**words),
        n,
        of,
        mend.format(**words),
        check.place,
        loses.format(**words),
        costs,
    )


def of_rows(history: History) -> Iterator[Finding]:
    """What the checks of the other tables found."""
    for table in health_rows.TABLES:
        for source, row in health_rows.counted(history, table).items():
            for check in health_rows.CHECKS:
                n, of = row.get(f"n:{check.key}", 0), row.get(f"of:{check.key}", 0)
                if n and n >= check.least * of:
                    text = check.text.format(n=f"{n:,}", of=f"{of:,}")
                    field = f"{table}.{check.field}"
                    yield Finding(source, check.key, field, field, text, n, of, check.mend, check.place, check.loses)


def of_gaps(source: str, row: Mapping[str, int], settings: Settings, meta: Meta) -> Iterator[Finding]:
    """Fields that could be drivers and are filled for some closed deals only; those that lack as many go together.

    ``row``: the source's counts. What is filled for one outcome only, or is a leak by its name or its owner's word,
    cannot be filled at the opening, so nobody is asked to.
    """
    closed = row["closed"]
    empty: dict[tuple[int, str], list[Field]] = defaultdict(list)
    for field in meta.fields:
        filled = row.get(f"won:{field.name}", 0) + row.get(f"lost:{field.name}", 0)
        usable = is_candidate(field) and not _late(field, row, settings)
        if usable and HARDLY * closed <= filled < NEARLY * closed:
            empty[filled, " at the opening" if field.changes else ""].append(field)
    for (filled, when), fields in empty.items():
        it, they = ("it", "it speaks") if len(fields) == 1 else ("them", "they speak")
        yield Finding(
            source,
            "field_empty",
            fields[0].name,
            ", ".join(field.source_column for field in fields),
            f"{closed - filled:,} of {closed:,} closed deals leave {it} empty{when}.",
            closed - filled,
            closed,
            f"Make {it} part of opening a deal, and fill {it} in once for those that are closed.",
            "source",
            f"As a driver, and wherever win rates are split by {it}, {they} for {filled:,} closed deals only.",
        )


def _late(field: Field, row: Mapping[str, int], settings: Settings) -> bool:
    decided = settings.leaks.get(field.source_column)
    suspect = decided == "leak" or (decided is None and suspicion(field.source_column) is not None)
    return suspect or not row.get(f"won:{field.name}") or not row.get(f"lost:{field.name}")


def of_values(found: Mapping[tuple[str, str], FieldValues], counts: Counts, meta: Meta) -> Iterator[Finding]:
    """Words that stand for nothing, and one value in two spellings."""
    for (source, name), values in found.items():
        field = meta.field(name)
        header, of = field.source_column if field else name, counts[source]["deals"]
        if values.placeholders:
            n = sum(level.deals for level in values.placeholders)
            yield Finding(
                source,
                "placeholder",
                name,
                header,
                f"{n:,} of {of:,} deals hold a word that may stand for nothing: {_named(values.placeholders)}.",
                n,
                of,
                "If it means that nothing was answered, empty it in the source; if it is an answer, leave it.",
                "source",
                "It is a group of its own in every split, and can pass for a driver.",
            )
        if values.spellings:
            n = sum(level.deals for group in values.spellings for level in group[1:])
            product = name == "product"
            yield Finding(
                source,
                "spellings",
                name,
                header,
                f"{n:,} of {of:,} deals use a second spelling of a value: {_paired(values.spellings)}.",
                n,
                of,
                "Merge them on the page of duplicates." if product else "Choose one spelling where they come from.",
                "duplicates" if product else "source",
                "One group is split into two smaller ones, each with a wider interval.",
            )


def _named(levels: tuple[Level, ...]) -> str:
    shown = ", ".join(f"“{level.text}” ({level.deals:,})" for level in levels[:MOST_NAMED])
    return shown if len(levels) <= MOST_NAMED else f"{shown} and {len(levels) - MOST_NAMED} more"


def _paired(groups: tuple[tuple[Level, ...], ...]) -> str:
    shown = "; ".join(" and ".join(f"“{level.text}”" for level in group) for group in groups[:MOST_NAMED])
    return shown if len(groups) <= MOST_NAMED else f"{shown}; and {len(groups) - MOST_NAMED} more"
