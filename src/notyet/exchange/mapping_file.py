"""The mapping as a TOML file: reading it, holding it against the files, writing it."""

import json
import re
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any, get_args
from zoneinfo import ZoneInfo

from notyet.analysis.meta import Control, StageKind
from notyet.analysis.tables import OUTCOMES, TABLES
from notyet.exchange.errors import ImportFailed
from notyet.exchange.event_log import CASE_PREFIX
from notyet.exchange.mapping import (
    EventLog,
    Lookup,
    Mapping,
    OutcomeRule,
    ReasonMapping,
    StageMapping,
    TableMapping,
    attribute_names,
    folded,
)
from notyet.exchange.sources import PassedOver

_TABLE_KEYS = {
    "file", "columns", "constants", "values", "formats", "days_only", "attributes", "leave_out", "outcome",
    "decimal_comma", "expected_close", "id", "id_from_content",
}  # fmt: skip
_EVENT_KEYS = {"file", "case", "activity", "time", "outcome", "ordered", "paid", "columns", "attributes", "leave_out"}
_TOP_KEYS = {"timezone", "payments_from", "lookups", "events", "reasons", "stages", *TABLES}

FileHeader = tuple[str, str, tuple[str, ...]]
"""A file's name, the name that mappings know it by, and its header."""


@dataclass(frozen=True)
class MappingTemplate:
    """A mapping file that has been read but not yet held against the files it is for."""

    name: str
    content: dict[str, Any]

    def applied(self, files: Sequence[FileHeader]) -> tuple[Mapping, list[PassedOver]]:
        """The mapping of these files. Raises ``ImportFailed`` where a file or a column that it names is not there."""
        try:
            return self._applied(files)
        except (AttributeError, TypeError, ValueError) as error:
            raise self._wrong(f"a part of it has the wrong shape: {error}") from error

    def without_missing(self, files: Sequence[FileHeader], tables: Collection[str]) -> "MappingTemplate":
        """The same without the sections whose file is not there, or whose table is none of these."""
        kept = {name: part for name, part in self.content.items() if name not in TABLES or name in tables}
        content = {name: part for name, part in kept.items() if not isinstance(part, dict) or self._has(part, files)}
        if "lookups" in content:
            content["lookups"] = [part for part in content["lookups"] if self._has(part, files)]
        return replace(self, content=content)

    def _has(self, part: dict[str, Any], files: Sequence[FileHeader]) -> bool:
        """Whether the file of a section is there; of the sections that are for no file, always."""
        try:
            return "file" not in part or bool(self._file(part, files, ""))
        except ImportFailed:
            return False

    def _applied(self, files: Sequence[FileHeader]) -> tuple[Mapping, list[PassedOver]]:
        content, used = self.content, set()
        tables = []
        for table in TABLES:
            if table in content:
                file = self._file(content[table], files, table)
                tables.append(self._table(table, content[table], file))
                used.add(file[0])
        lookups = []
        for part in content.get("lookups", ()):
            file = self._file(part, files, "lookups")
            lookups.append(self._lookup(part, file, tables, {name: header for name, _, header in files}))
            used.add(file[0])
        events = None
        if "events" in content:
            file = self._file(content["events"], files, "events")
            events = self._events(content["events"], file)
            used.add(file[0])
        mapping = Mapping(
            tables=tuple(tables),
            lookups=tuple(lookups),
            events=events,
            reasons={text: self._reason(text, part) for text, part in content.get("reasons", {}).items()},
            stages={label: self._stage(label, part) for label, part in content.get("stages", {}).items()},
            time_zone=self._zone(),
            payments_from=self._payments(),
        )
        passed = [PassedOver(name, f"{self.name} does not name it") for name, _, _ in files if name not in used]
        return mapping, passed

    def _table(self, table: str, part: dict[str, Any], file: FileHeader) -> TableMapping:
        self._known(part, _TABLE_KEYS, table)
        name, _, header = file
        columns = self._texts(part.get("columns", {}), f"{table}.columns")
        for column, own in columns.items():
            self._known({column: 0}, set(TABLES[table].names), f"{table}.columns")
            self._there(own, header, name)
        rule = self._outcome(part["outcome"], header, name) if "outcome" in part else None
        used = {*columns.values(), *(own for own, _ in (rule.when if rule else ())), *part.get("leave_out", ())}
        renamed = self._texts(part.get("attributes", {}), f"{table}.attributes")
        for own in renamed:
            self._there(own, header, name)
        free = [own for own in header if own not in used or own in renamed]
        named = {own: renamed.get(own, label) for own, label in attribute_names(free).items()}
        formats = part.get("formats", {})
        values = part.get("values", {})
        return TableMapping(
            file=name,
            table=table,
            columns=columns,
            row_id=self._there(part["id"], header, name) if "id" in part else None,
            constants=self._texts(part.get("constants", {}), f"{table}.constants"),
            values={column: {folded(k): str(v) for k, v in texts.items()} for column, texts in values.items()},
            attributes=named if table == "deals" else {},
            outcome=rule,
            formats={key: (one,) if isinstance(one, str) else tuple(one) for key, one in formats.items()},
            days_only=frozenset(part.get("days_only", ())),
            decimal_comma=bool(part.get("decimal_comma", False)),
            expected_close=bool(part.get("expected_close", False)),
            id_from_content=bool(part.get("id_from_content", False)),
        )

    def _outcome(self, part: dict[str, Any], header: tuple[str, ...], file: str) -> OutcomeRule:
        self._known(part, {"column", "values", "default", "empty", "when"}, "outcome")
        steps = part.get("when") or [part]
        when = []
        for step in steps:
            if "column" not in step:
                raise self._wrong("outcome needs a column")
            values = {folded(text): str(outcome) for text, outcome in step.get("values", {}).items()}
            self._outcomes(values.values())
            when.append((self._there(step["column"], header, file), values))
        self._outcomes([part[key] for key in ("default", "empty") if key in part])
        return OutcomeRule(tuple(when), part.get("default"), part.get("empty"))

    def _lookup(
        self, part: dict[str, Any], file: FileHeader, tables: list[TableMapping], headers: dict[str, tuple[str, ...]]
    ) -> Lookup:
        self._known(part, {"file", "key", "on", "columns", "same"}, "lookups")
        name, _, header = file
        key = self._there(part.get("key", ""), header, name)
        columns = part.get("columns") or [own for own in header if own != key]
        named = columns if isinstance(columns, dict) else {own: own for own in columns}
        for own in named:
            self._there(own, header, name)
        taken = {label for table in tables for label in table.attributes.values()} | set(TABLES["deals"].names)
        stem = PurePosixPath(name).name.split(".", 1)[0]
        free = {own: label if label not in taken else f"{stem}.{label}" for own, label in named.items()}
        on = part.get("on", key)
        for deals in (one.file for one in tables if one.table == "deals"):
            self._there(on, headers[deals], deals)
        return Lookup(name, key, on, free, self._texts(part.get("same", {}), "lookups.same"))

    def _events(self, part: dict[str, Any], file: FileHeader) -> EventLog:
        self._known(part, _EVENT_KEYS, "events")
        name, _, header = file
        case = self._there(part.get("case", "case:concept:name"), header, name)
        activity = self._there(part.get("activity", "concept:name"), header, name)
        time = self._there(part.get("time", "time:timestamp"), header, name)
        outcome = self._texts(part.get("outcome", {}), "events.outcome")
        if not outcome:
            raise self._wrong("events.outcome must say which activities end a case and how")
        self._outcomes(outcome.values())
        columns = self._texts(part.get("columns", {}), "events.columns")
        renamed = {self._there(own, header, name): column for column, own in columns.items()}
        renamed |= self._texts(part.get("attributes", {}), "events.attributes")
        own_case = [h for h in header if h.startswith(CASE_PREFIX) and h != case and h not in renamed]
        plain = {h: h.removeprefix(CASE_PREFIX) for h in own_case if h not in part.get("leave_out", ())}
        taken = attribute_names(list(plain.values()))
        attributes = {**{h: taken[label] for h, label in plain.items()}, **renamed}
        lists = (tuple(str(one) for one in part.get(key, ())) for key in ("ordered", "paid"))
        ordered, paid = lists
        return EventLog(name, case, activity, time, outcome, ordered, paid, attributes)

    def _file(self, part: Any, files: Sequence[FileHeader], section: str) -> FileHeader:
        if not isinstance(part, dict):
            raise self._wrong(f"[{section}] is no table")
        wanted = part.get("file")
        if wanted is None:
            if len(files) == 1:
                return files[0]
            raise self._wrong(f"[{section}] must say which file it is for: {', '.join(name for name, _, _ in files)}")
        for file in files:
            for name in (file[0], file[1], PurePosixPath(file[1]).name):
                if name == wanted or fnmatch(name.lower(), str(wanted).lower()):
                    return file
        raise self._wrong(f"[{section}] wants the file {wanted!r}, which is not there")

    def _there(self, own: Any, header: tuple[str, ...], file: str) -> str:
        if own not in header:
            raise self._wrong(f"{file} has no column {own!r}; it has {', '.join(header[:40])}")
        return str(own)

    def _known(self, part: dict[str, Any], keys: set[str], section: str) -> None:
        for key in part:
            if key not in keys:
                raise self._wrong(f"[{section}] has {key!r}, which means nothing; known are {', '.join(sorted(keys))}")

    def _texts(self, part: Any, section: str) -> dict[str, str]:
        if not isinstance(part, dict) or not all(isinstance(one, str) for one in part.values()):
            raise self._wrong(f"[{section}] must be names and texts")
        return dict(part)

    def _outcomes(self, values: Any) -> None:
        for value in values:
            if value not in OUTCOMES:
                raise self._wrong(f"{value!r} is no outcome; known are {', '.join(OUTCOMES)}")

    def _reason(self, text: str, part: Any) -> ReasonMapping:
        if not isinstance(part, dict) or part.get("control") not in get_args(Control) or not part.get("label", text):
            raise self._wrong(f"reasons.{text!r} must say a label and a control: {', '.join(get_args(Control))}")
        return ReasonMapping(str(part.get("label", text))[:200], part["control"])

    def _stage(self, label: str, part: Any) -> StageMapping:
        if not isinstance(part, dict) or part.get("kind") not in get_args(StageKind):
            raise self._wrong(f"stages.{label!r} must say its kind: {', '.join(get_args(StageKind))}")
        position = part.get("position")
        if position is not None and (not isinstance(position, int) or not 0 <= position < 2**31):
            raise self._wrong(f"stages.{label!r} has a position that is no whole number")
        return StageMapping(part["kind"], position)

    def _zone(self) -> str | None:
        zone = self.content.get("timezone")
        if zone is None:
            return None
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError, TypeError) as error:
            raise self._wrong(f"timezone {zone!r} is no time zone like Europe/Berlin") from error
        return str(zone)

    def _payments(self) -> Any:
        value = self.content.get("payments_from")
        if isinstance(value, datetime):
            return value.date()
        if value is None or value == "never" or isinstance(value, date):
            return value
        raise self._wrong(f'payments_from {value!r} is neither a date nor "never"')

    def _wrong(self, what: str) -> ImportFailed:
        return ImportFailed(f"{self.name}: {what}")


def read_mapping(path: Path) -> MappingTemplate:
    """Read a mapping file. Raises ``ImportFailed`` where it is no TOML or holds what means nothing."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ImportFailed(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ImportFailed(f"{path.name} is no TOML: {error}") from error
    return _template(path.name, content)


def parse_mapping(text: str, name: str = "the mapping") -> MappingTemplate:
    """A mapping file's text, as ``read_mapping`` reads the file."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ImportFailed(f"{name} is no TOML: {error}") from error
    return _template(name, content)


def _template(name: str, content: dict[str, Any]) -> MappingTemplate:
    template = MappingTemplate(name, content)
    template._known(content, _TOP_KEYS, "the mapping")
    return template


def mentioned(content: Any) -> frozenset[str]:
    """Every text in a mapping file's content, in small letters: the headers that it names are among them."""
    if isinstance(content, str):
        return frozenset({content.casefold()})
    parts = [*content, *content.values()] if isinstance(content, dict) else content if isinstance(content, list) else []
    return frozenset(text for part in parts for text in mentioned(part))


def toml_key(text: str) -> str:
    """A key as TOML writes it: bare where it may be, else quoted."""
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else toml_text(text)


def toml_text(text: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
