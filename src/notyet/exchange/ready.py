"""Ready mappings for the exports of CRMs: found by name, and fitted to the files and headers that are there."""

import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from notyet.analysis.tables import TABLES
from notyet.exchange.derived_rows import Beside, ChangedRows, JoinedRows, SomeRows
from notyet.exchange.errors import ImportFailed
from notyet.exchange.guess_values import amount_form, time_form
from notyet.exchange.mapping import Mapping, TableMapping
from notyet.exchange.mapping_file import MappingTemplate, read_mapping
from notyet.exchange.profile import profile
from notyet.exchange.refused_file import MendedRows
from notyet.exchange.rows import RowSource
from notyet.exchange.sources import PassedOver

LEAST_KNOWN = 5
_FOLDER = Path(__file__).parent / "mappings"

Table = tuple[str, RowSource]
"""A table's name and its rows."""


def ready_names() -> tuple[str, ...]:
    """The names of the mappings that come with NotYet."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def find_mapping(given: str | Path) -> "MappingTemplate | ReadyMapping":
    """A mapping by its path, or a ready one by its name.

    Raises ``ImportFailed`` where it is neither, or the file is no mapping.
    """
    name = str(given).lower()
    if name in ready_names() and not Path(given).is_file():
        return ReadyMapping(name, tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8")))
    if not Path(given).exists():
        raise ImportFailed(f"{given} is neither a file nor a ready mapping; these are {', '.join(ready_names())}")
    return read_mapping(Path(given))


@dataclass(frozen=True)
class ReadyMapping(MappingTemplate):
    """A mapping that takes an export as it is.

    Its TOML is that of a mapping file, but a column may have several names, of which the first that is there counts;
    tables other than ``deals`` may be missing, or be several (``[[field_changes]]``); ``file`` may be several patterns,
    and ``not`` those that do not count; ``only`` picks rows, ``changed`` a column whose changes alone count;
    ``[[joins]]`` add the columns of ``with`` to ``file``; ``timezones`` says the zone of an export that has a header.
    """

    def fitted(self, tables: Sequence[Table]) -> tuple[Mapping, list[Table], list[PassedOver]]:
        """The mapping of these tables, the tables that it needs (some made of others), and those that it does not.

        Raises ``ImportFailed`` where none of them holds the deals.
        """
        held, used = self._joined(tables)
        found: list[TableMapping] = []
        rows: dict[str, RowSource] = {}
        for table in TABLES:
            sections = self.content.get(table, ())
            for part in [sections] if isinstance(sections, dict) else sections:
                chosen = self._choose(table, part, held)
                if chosen is not None:
                    mapping, made = self._section(table, part, chosen)
                    found.append(mapping)
                    rows[mapping.file] = made
                    used.add(chosen[0])
        passed = [PassedOver(n, f"the mapping {self.name} knows no use for it") for n, _ in tables if n not in used]
        headers = {header for one in found if one.table == "deals" for header in dict(held)[one.file].header}
        headers |= {header for _, one in held if isinstance(one, MendedRows) for header in one.header}
        zones = [zone for header, zone in self.content.get("timezones", {}).items() if header in headers]
        plain = MappingTemplate(self.name, {k: v for k, v in self.content.items() if k in ("reasons", "stages")})
        beside, _ = plain.applied([])
        whole = replace(beside, tables=tuple(found), time_zone=zones[0] if zones else None, guessed=True)
        return whole.with_remarks(*self._said(found)), list(rows.items()), passed

    def _said(self, found: list[TableMapping]) -> list[str]:
        return [
            f"{one.file}: {one.table} as {self.name} has them: "
            + ", ".join(f"{name} = {own}" for name, own in one.columns.items())
            for one in found
        ]

    def _joined(self, tables: Sequence[Table]) -> tuple[list[Table], set[str]]:
        """The tables with what belongs beside them, and the names of those that stand beside others."""
        held, used = list(tables), set()
        for join in self.content.get("joins", ()):
            beside = next((one for one in tables if _named(one[0], join["with"], join.get("not"))), None)
            if beside is None or (key := _first(join["key"], beside[1].header)) is None:
                continue
            for place, (name, rows) in enumerate(held):
                on = _first(join["on"], rows.header)
                if on is not None and name != beside[0] and _named(name, join["file"], join.get("not")):
                    held[place] = (name, JoinedRows(rows, Beside(beside[1], key, on, join["prefix"])))
                    used.add(beside[0])
        return held, used

    def _choose(self, table: str, part: dict[str, Any], held: list[Table]) -> Table | None:
        """The table that has what a section requires; one with the right name before others."""
        if all(isinstance(rows, MendedRows) for _, rows in held):
            return next((one for one in held if _came_from(one[1], table, part)), None)
        need = [column.name for column in TABLES[table].columns if column.required and column.name != "outcome"]
        able = [
            one
            for one in held
            if all(n in part.get("constants", {}) or _first(part["columns"].get(n), one[1].header) for n in need)
            and all(_first(header, one[1].header) for header in part.get("only", {}))
            and (table != "deals" or _outcomes(part, one[1].header))
        ]
        named = [one for one in able if _named(one[0], part["file"], part.get("not"))]
        if table != "deals":
            return named[0] if named else None
        free = [one for one in able if not _named(one[0], part.get("not", ()))]
        if not named and not free:
            headers = ", ".join(dict.fromkeys(_names(part["columns"]["deal_id"])))
            ends = ", ".join(dict.fromkeys(n for step in part["outcome"]["when"] for n in _names(step["column"])))
            raise ImportFailed(
                f"none of these files holds deals as {self.name} exports them: a column that is their id ({headers}) "
                f"and one that says how they ended ({ends}); without --mapping the columns are guessed"
            )
        return (named or free)[0]

    def _section(self, table: str, part: dict[str, Any], chosen: Table) -> tuple[TableMapping, RowSource]:
        """The plain mapping of a table and its rows."""
        name, rows = chosen
        columns = {n: own for n, names in part["columns"].items() if (own := _first(names, rows.header))}
        if (only := part.get("only")) and not isinstance(rows, MendedRows):
            patterns = {str(_first(header, rows.header)): tuple(values) for header, values in only.items()}
            rows = SomeRows(rows, patterns)
        if value := columns.get(part.get("changed", "")):
            at = next(columns[one] for one in TABLES[table].times if one in columns)
            rows = ChangedRows(rows, columns["deal_id"], at, value)
        plain: dict[str, Any] = {k: part[k] for k in ("constants", "values", "expected_close") if k in part}
        plain |= {"columns": columns, **_written(table, columns, name, rows)}
        if identity := _first(part.get("id"), rows.header):
            plain["id"] = identity
        if table == "deals":
            plain["outcome"] = {**part["outcome"], "when": _outcomes(part, rows.header)}
            plain["leave_out"] = [h for h in rows.header if _named(h, part.get("leave_out", ()))]
        known = f"{name} ({table}{'.' + part['name'] if 'name' in part else ''})" if table != "deals" else name
        mapping, _ = MappingTemplate(self.name, {table: plain}).applied([(known, known, rows.header)])
        return mapping.tables[0], rows


def _written(table: str, columns: dict[str, str], name: str, rows: RowSource) -> dict[str, Any]:
    """How the file writes its times and amounts: an export is in its user's language."""
    file, comma = profile(name, rows), False
    formats: dict[str, list[str]] = {}
    days: list[str] = []
    for column, own in columns.items():
        kind, seen = TABLES[table].column(column).kind, file.column(own)
        if kind == "time" and (form := time_form(seen)) is not None:
            formats |= {column: list(form.formats)} if form.formats else {}
            days += [column] if form.days_only else []
        if kind == "amount" and (amounts := amount_form(seen)) is not None:
            comma = amounts.comma
    return {"formats": formats, "days_only": days, "decimal_comma": comma}


def _outcomes(part: dict[str, Any], header: tuple[str, ...]) -> list[dict[str, Any]]:
    """The steps of an outcome whose columns are there."""
    steps = [{**step, "column": own} for step in part["outcome"]["when"] if (own := _first(step["column"], header))]
    return steps if any("won" in step["values"].values() for step in steps) else []


def _came_from(rows: RowSource, table: str, part: dict[str, Any]) -> bool:
    """Whether mended rows are those that this section of the mapping had read."""
    if not isinstance(rows, MendedRows) or rows.table != table:
        return False
    return "name" not in part or rows.origin.endswith(f"({table}.{part['name']})")


def likely(files: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    """The ready mapping that knows most columns of one of these files (name, header) as a deal's; empty for none.

    It must know the deal's id, how the deal ended and three more columns, and more than any other does.
    """
    scores: Counter[str] = Counter()
    for name in ready_names():
        content = find_mapping(name).content
        part = content["deals"]
        for file, own in files:
            header = (*own, *_joined_header(content, file, own, files))
            known = {_first(names, header) for names in part["columns"].values()} - {None}
            if _first(part["columns"]["deal_id"], own) and _outcomes(part, header):
                scores[name] = max(scores[name], len(known))
    (best, most), *others = [*scores.most_common(), ("", 0)]
    return best if most >= LEAST_KNOWN and (not others or others[0][1] < most) else ""


def _joined_header(
    content: dict[str, Any], file: str, own: tuple[str, ...], files: Sequence[tuple[str, tuple[str, ...]]]
) -> Iterator[str]:
    """The columns that a mapping would add to a file from those beside it."""
    for join in content.get("joins", ()):
        fits = _named(file, join["file"], join.get("not")) and _first(join["on"], own)
        beside = next((header for name, header in files if _named(name, join["with"], join.get("not"))), None)
        if fits and beside and _first(join["key"], beside):
            yield from (join["prefix"] + name for name in beside)


def _names(names: Any) -> list[str]:
    return [names] if isinstance(names, str) else list(names or ())


def _first(names: Any, header: tuple[str, ...]) -> str | None:
    """The header that is the first of some names, letters' case aside."""
    own = {one.casefold(): one for one in reversed(header)}
    return next((own[name.casefold()] for name in _names(names) if name.casefold() in own), None)


def _named(name: str, patterns: Any, but: Any = None) -> bool:
    last = PurePosixPath(name).name.lower()
    return any(fnmatchcase(last, one) for one in _names(patterns)) and not any(
        fnmatchcase(last, n) for n in _names(but)
    )
