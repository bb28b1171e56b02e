"""A first look at uploaded files: what each is, its columns with examples, and what they are taken for."""

import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal

from notyet.core.home import folder
from notyet.exchange.aliases import LOST_FLAGS
from notyet.exchange.errors import FileRefused, ImportFailed
from notyet.exchange.event_log import is_event_log
from notyet.exchange.groups import by_source
from notyet.exchange.guess_columns import guess_deals
from notyet.exchange.guess_values import has_decimal_comma, time_form
from notyet.exchange.intake import Progress
from notyet.exchange.lookups import Near, near_in
from notyet.exchange.mapping import Mapping
from notyet.exchange.mapping_file import FileHeader, parse_mapping
from notyet.exchange.plan import Opened, Plan, make_plan, open_files
from notyet.exchange.profile import ColumnProfile, FileProfile, profile
from notyet.exchange.ready import likely
from notyet.exchange.refused_file import MendedRows
from notyet.exchange.sources import find_files
from notyet.exchange.starter import mapping_text

Form = Literal["exchange", "columns", "events"]
EXAMPLES, MOST_VALUES, LONGEST = 3, 60, 60
_NAME = "look.json"


@dataclass(frozen=True)
class SeenColumn:
    """A column: its header, the rows that fill it, examples, how its times are written if it holds times.

    ``values`` are its different values with their rows, the most frequent first, where they are few.
    """

    header: str
    filled: int
    examples: list[str]
    values: list[tuple[str, int]]
    formats: list[str] | None = None
    comma: bool = False


@dataclass(frozen=True)
class SeenFile:
    """A file that can be read as a table. ``origin`` is the name by which mappings know it."""

    name: str
    origin: str
    rows: int
    columns: list[SeenColumn] = field(default_factory=list)

    @property
    def header(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(column.header for column in self.columns)

    def column(self, header: str) -> SeenColumn | None:
        """The column of that header, if there is one."""
        return next((column for column in self.columns if column.header == header), None)


@dataclass(frozen=True)
class Look:
    """What the files are: in the exchange ``form``, an event log, or columns to be told.

    ``mapping`` is the guess as a mapping file's text (empty for the exchange format, and for a log); ``remarks`` are
    what is doubtful or left aside. ``others`` are guesses with another file as the deals, by that file's name.
    ``ready`` is the ready mapping that they look like, if any; ``mended``: they are rows that an import refused.
    ``near`` are values of the deals that files beside them may know, written in another way.
    """

    form: Form
    files: list[SeenFile]
    mapping: str = ""
    remarks: list[str] = field(default_factory=list)
    others: dict[str, str] = field(default_factory=dict)
    ready: str = ""
    mended: bool = False
    near: list[Near] = field(default_factory=list)

    def headers(self) -> list[FileHeader]:
        """The files as mappings are held against them."""
        return [(one.name, one.origin, one.header) for one in self.files]

    def file(self, name: str) -> SeenFile | None:
        """The file of that name, if there is one."""
        return next((one for one in self.files if one.name == name), None)

    def save(self, below: Path) -> None:
        """Keep it beside the files."""
        (below / _NAME).write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")


def saved(below: Path) -> Look | None:
    """The look that was kept in a folder; ``None`` where there is none."""
    try:
        data = json.loads((below / _NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    files = [
        SeenFile(one["name"], one["origin"], one["rows"], [SeenColumn(**column) for column in one["columns"]])
        for one in data["files"]
    ]
    return Look(**{**data, "files": files, "near": [Near(**one) for one in data["near"]]})


def look_at(paths: Sequence[Path], source: str, zone: str, progress: Progress) -> Look:
    """Read the files once and say what they are. ``zone`` is the time zone of times without an offset.

    Raises ``ImportFailed`` where none can be read as a table.
    """
    scratch = Path(tempfile.mkdtemp(prefix="unpacked-", dir=folder("imports", "staging")))
    try:
        found = find_files(paths, scratch)
        opened, wrong = open_files(found.files)
        remarks = [f"{one.file} is left aside: {one.why}" for one in found.passed_over]
        if not opened:
            make_plan(opened, wrong, None)
        if len(groups := by_source(opened, source)) > 1:
            return _exchange(opened, [f"each folder is a source of its own: {', '.join(groups)}", *remarks])
        return _one_source(opened, wrong, zone, remarks, progress)
    except OSError as error:
        raise ImportFailed(f"a file cannot be read: {error.strerror or error}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _one_source(
    opened: list[Opened], wrong: dict[str, FileRefused], zone: str, remarks: list[str], progress: Progress
) -> Look:
    logs = [one for one in opened if is_event_log(one.rows.header)]
    plan: Plan | None = None
    why: ImportFailed | None = None
    try:
        plan = make_plan(opened, dict(wrong), None)
    except ImportFailed as error:
        why = error
    if plan is not None and plan.mapping.tables and all(table.strict for table in plan.mapping.tables):
        return _exchange(opened, remarks + [f"{one.file} is left aside: {one.why}" for one in plan.passed_over])
    profiles = [_profiled(one, progress) for one in opened]
    seen = [_seen(one, file) for one, file in zip(opened, profiles, strict=True)]
    if logs and plan is None:
        return Look("events", seen, "", remarks)
    if plan is None:
        plan = _without_outcome(profiles, wrong, why)
    guessed = plan.mapping
    remarks += [*guessed.remarks, *(f"{one.file} is left aside: {one.why}" for one in plan.passed_over)]
    headers = {one.name: one.header for one in seen}
    text = mapping_text(_with_zone(guessed, zone), headers)
    deals = guessed.deals()
    others = {
        file.name: mapping_text(Mapping(tables=(guess_deals(file).mapping,), time_zone=zone), headers)
        for file in profiles
        if file.size and deals and file.name != deals.file
    }
    mended = all(isinstance(one.rows, MendedRows) for one in opened)
    known, near = likely(list(headers.items())), _near(profiles, guessed)
    look = Look("columns", seen, text, _worth_saying(remarks), others, known, mended, near)
    try:
        parse_mapping(text).applied(look.headers())
    except ImportFailed:
        # Tables made of others, as a ready mapping makes them: read as they were recognised, nothing to mend.
        return _exchange(opened, _worth_saying(remarks))
    return look


def _near(profiles: Sequence[FileProfile], mapping: Mapping) -> list[Near]:
    """What the guessed lookups do not know, and may know under another spelling."""
    deals, files = mapping.deals(), {one.name: one for one in profiles}
    if deals is None or deals.file not in files:
        return []
    columns = {header: name for name, header in deals.columns.items()}
    return [
        near
        for lookup in mapping.lookups
        if lookup.file in files
        for near in near_in(files[deals.file], files[lookup.file], lookup, columns.get(lookup.on, ""))
    ]


def _worth_saying(remarks: list[str]) -> list[str]:
    """Without what the table of columns shows anyway."""
    shown = re.compile(r"guessed |^kept as the deals' own|: looked up by ")
    return [one for one in dict.fromkeys(remarks) if not shown.search(one)]


def _exchange(opened: list[Opened], remarks: list[str]) -> Look:
    files = [SeenFile(one.name, one.origin, 0, [SeenColumn(h, 0, [], []) for h in one.rows.header]) for one in opened]
    return Look("exchange", files, "", remarks)


def _without_outcome(profiles: list[FileProfile], wrong: dict[str, FileRefused], why: ImportFailed | None) -> Plan:
    """The best guess where none is good enough to go on with: a person has to say how the deals ended."""
    guesses = [(guess_deals(file), file) for file in profiles if file.size]
    if not guesses:
        raise why or ImportFailed("no file holds any rows")
    best, deals = max(guesses, key=lambda pair: (pair[0].score, len(pair[1].columns), pair[1].size))
    left = next((column for column in deals.columns if column.words in LOST_FLAGS), None)
    said = [*best.remarks, *([f"{left.header} tells who left: it may be the outcome"] if left else [])]
    plan = Plan({}, Mapping(tables=(best.mapping,), guessed=True, remarks=tuple(said)))
    plan.mapping = plan.mapping.with_remarks(*(f"{name} cannot be read: {error}" for name, error in wrong.items()))
    return plan


def _profiled(file: Opened, progress: Progress) -> FileProfile:
    progress(0, None, f"looking at {file.name}")
    try:
        return profile(file.name, file.rows)
    except FileRefused as error:
        raise ImportFailed(str(error)) from error


def _seen(opened: Opened, file: FileProfile) -> SeenFile:
    return SeenFile(file.name, opened.origin, file.size, [_column(column) for column in file.columns])


def _column(column: ColumnProfile) -> SeenColumn:
    few = column.counts if column.counts is not None and len(column.counts) <= MOST_VALUES else None
    times = time_form(column)
    examples = [value[:LONGEST] for value in list(column.sample)[:EXAMPLES]]
    return SeenColumn(
        header=column.header,
        filled=column.filled,
        examples=examples,
        values=[(value, rows) for value, rows in few.most_common()] if few else [],
        formats=list(times.formats) if times else None,
        comma=not times and has_decimal_comma(column.values[:400]),
    )


def _with_zone(mapping: Mapping, zone: str) -> Mapping:
    return replace(mapping, time_zone=mapping.time_zone or zone)
