"""What a frozen history says about itself: ``history.json`` beside the Parquet files."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Literal, cast, get_args
from zoneinfo import ZoneInfo

from notyet.analysis.process import ProcessVersion, Working, version_of, working_of

FieldKind = Literal["category", "number", "flag", "time", "text"]
Control = Literal["ours", "shared", "theirs", "unknown"]
StageKind = Literal["enquiry", "discovery", "need", "proposal", "order", "paid", "lost", "other"]

META_FILE = "history.json"
VERSION = 1


class HistoryError(ValueError):
    """A folder is no history that this version can read; the message says what is wrong with it."""


@dataclass(frozen=True)
class DataSource:
    """A place deals come from, and from when on it knows payments (``None``: never)."""

    key: str
    payments_from: datetime | None = None


@dataclass(frozen=True)
class Field:
    """A field of a deal that can be a dimension or a candidate for a driver.

    ``column`` is its column in ``deals`` and ``facts`` (an attribute's begins with ``attr.``),
    ``source_column`` the header it had where it came from. ``person``: its values are people, who
    are neither dimensions nor drivers. ``changes``: ``field_changes`` has rows for it.
    """

    name: str
    column: str
    source_column: str
    kind: FieldKind
    person: bool = False
    changes: bool = False


@dataclass(frozen=True)
class Stage:
    """A stage of the process; without a ``position`` its place is inferred from the record."""

    label: str
    kind: StageKind = "other"
    position: int | None = None


@dataclass(frozen=True)
class ReasonEntry:
    """A reason as it is worded in the data, the label it is compared under, and whose it is to change."""

    text: str
    label: str
    control: Control = "unknown"


@dataclass(frozen=True)
class Meta:
    """A history's workspace, currency, time zone, sources, fields, stages, reasons, process and working time.

    ``frozen_at`` is the moment up to which the record is known; where facts are rebuilt as known
    at an earlier moment it is that moment. ``process`` holds the versions published, the oldest first.
    """

    workspace: str
    currency: str
    timezone: str
    frozen_at: datetime
    revision: int = 0
    sources: tuple[DataSource, ...] = ()
    fields: tuple[Field, ...] = ()
    stages: tuple[Stage, ...] = ()
    reasons: tuple[ReasonEntry, ...] = field(default=())
    process: tuple[ProcessVersion, ...] = ()
    working: Working = field(default_factory=Working)

    @property
    def zone(self) -> ZoneInfo:
        """The workspace's time zone."""
        return ZoneInfo(self.timezone)

    def field(self, name: str) -> Field | None:
        """The field called so by its name, its column or its source's column; ``None`` where there is none."""
        for key in ("name", "column", "source_column"):
            for one in self.fields:
                if getattr(one, key) == name:
                    return one
        return None

    def source_column(self, column: str) -> str:
        """The header that a column of the facts had in its source (the column's own name where unknown)."""
        for one in self.fields:
            if one.column == column:
                return one.source_column
        return column

    def to_json(self) -> dict[str, Any]:
        """The object written to ``history.json``."""
        plain = cast("dict[str, Any]", _plain(asdict(self)))
        return {"version": VERSION, **plain}

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write ``history.json`` into a folder, whole or not at all."""
        target = Path(folder) / META_FILE
        temporary = target.with_suffix(".json.new")
        temporary.write_text(json.dumps(self.to_json(), ensure_ascii=False, indent=1), encoding="utf-8")
        temporary.replace(target)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Meta":
        """Read the object of ``history.json``. Raises ``HistoryError`` where it is none of this version."""
        if data.get("version") != VERSION:
            raise HistoryError(f"history.json is of version {data.get('version')!r}; this reads version {VERSION}")
        try:
            return cls(
                workspace=str(data["workspace"]),
                currency=str(data["currency"]),
                timezone=str(data["timezone"]),
                frozen_at=_moment(data["frozen_at"]),
                revision=int(data.get("revision", 0)),
                sources=tuple(DataSource(s["key"], _since(s, "payments_from")) for s in data.get("sources", ())),
                fields=tuple(Field(**{**f, "kind": _one_of(FieldKind, f["kind"])}) for f in data.get("fields", ())),
                stages=tuple(
                    Stage(s["label"], _one_of(StageKind, s.get("kind", "other")), s.get("position"))
                    for s in data.get("stages", ())
                ),
                reasons=tuple(
                    ReasonEntry(r["text"], r["label"], _one_of(Control, r.get("control", "unknown")))
                    for r in data.get("reasons", ())
                ),
                process=tuple(
                    version_of(v, _moment(v["published_at"]) if v.get("published_at") else None)
                    for v in data.get("process", ())
                ),
                working=working_of(data["working"]) if data.get("working") else Working(),
            )
        except (KeyError, TypeError) as error:
            raise HistoryError(f"history.json lacks or misnames a key: {error}") from error

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> "Meta":
        """Read ``history.json`` of a folder. Raises ``HistoryError`` where it is absent or unreadable."""
        try:
            text = (Path(folder) / META_FILE).read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise HistoryError(f"{folder} holds no {META_FILE}") from error
        try:
            return cls.from_json(json.loads(text))
        except json.JSONDecodeError as error:
            raise HistoryError(f"{META_FILE} is no JSON: {error}") from error


def iso(moment: datetime) -> str:
    """A moment as ISO 8601 in UTC, ending in ``Z``."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise HistoryError(f"{text!r} has no offset from UTC")
    return moment.astimezone(UTC)


def _since(data: Mapping[str, Any], key: str) -> datetime | None:
    return _moment(data[key]) if data.get(key) else None


def _one_of(kind: Any, value: str) -> Any:
    if value not in get_args(kind):
        raise HistoryError(f"{value!r} is none of {', '.join(get_args(kind))}")
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
