"""Reading XES event logs: each event is a row, with what its trace says repeated beside it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import pyarrow as pa

from notyet.exchange.errors import FileRefused
from notyet.exchange.event_log import ACTIVITY, CASE, TIME
from notyet.exchange.rows import BATCH_ROWS, MAX_COLUMNS, RowBatch, without_zero_bytes
from notyet.exchange.sources import InputFile
from notyet.exchange.xml_stream import local_name, parse_xml

_VALUES = frozenset({"string", "date", "int", "float", "boolean", "id"})
_CASE = "case:"

Row = dict[str, str]


@dataclass
class XesRows:
    """An event log; see ``RowSource``. A row's line is the number of its event, from 1."""

    file: InputFile
    header: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    def batches(self) -> Iterator[RowBatch]:
        """All events in the log's order, ``BATCH_ROWS`` at a time."""
        events = _events(self.file)
        first = 1
        while part := list(islice(events, BATCH_ROWS)):
            columns = tuple(pa.array([row.get(name) for row in part], pa.string()) for name in self.header)
            lines = np.arange(first, first + len(part), dtype=np.int64)
            first += len(part)
            yield without_zero_bytes(RowBatch(self.header, columns, lines))
        self.file.check_unchanged()


def read_xes(file: InputFile) -> XesRows:
    """Read a log once for the names of its attributes. Raises ``FileRefused`` where it is no log or broken."""
    names: dict[str, None] = {}
    for row in _events(file):
        names.update(dict.fromkeys(row))
        if len(names) > MAX_COLUMNS:
            raise FileRefused(f"{file.name} has more than {MAX_COLUMNS} attributes; at most so many are read")
    if not names:
        raise FileRefused(f"{file.name} holds no events; is it an event log in XES?", 1)
    missing = [name for name in (CASE, ACTIVITY, TIME) if name not in names]
    if missing:
        raise FileRefused(f"{file.name}: no event has {', '.join(missing)}, without which a log cannot be read")
    return XesRows(file, (CASE, ACTIVITY, TIME, *(name for name in names if name not in (CASE, ACTIVITY, TIME))))


@dataclass
class _Log:
    """Puts events together from the tags of a log."""

    done: list[Row] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    trace: Row = field(default_factory=dict)
    event: Row = field(default_factory=dict)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """A tag begins: a trace, an event, or an attribute right below one of these."""
        name, parent = local_name(tag), self.path[-1] if self.path else ""
        if name == "trace":
            self.trace = {}
        elif name == "event":
            self.event = {}
        elif name in _VALUES and parent in ("trace", "event") and self.path[1:2] in (["trace"], ["event"]):
            key, value = attributes.get("key", ""), attributes.get("value", "")
            row, key = (self.event, key) if parent == "event" else (self.trace, _CASE + key)
            if value and len(row) <= MAX_COLUMNS:
                row[key] = value
        self.path.append(name)

    def end(self, _: str) -> None:
        """A tag ends; an event's end completes a row."""
        if self.path.pop() == "event":
            self.done.append({**self.trace, **self.event})


def _events(file: InputFile) -> Iterator[Row]:
    log = _Log()
    with file.open(lines=False) as source:
        for _ in parse_xml(source, file.name, log.start, log.end):
            yield from log.done
            log.done.clear()
