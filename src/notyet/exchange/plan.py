"""Which file is read as what: the exchange format by its names, anything else by a mapping or a guess."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from notyet.analysis.tables import TABLES
from notyet.exchange.csv_rows import read_csv
from notyet.exchange.errors import FileRefused, ImportFailed
from notyet.exchange.guess import guess_mapping
from notyet.exchange.mapping import REFUSED_PREFIX, ROW_ID, Mapping, TableMapping, exchange_table
from notyet.exchange.mapping_file import MappingTemplate, mentioned
from notyet.exchange.parquet_rows import read_parquet
from notyet.exchange.ready import ReadyMapping
from notyet.exchange.refusals import Refusal
from notyet.exchange.refused_file import MendedRows, is_refused_file, mended_rows
from notyet.exchange.rows import RowSource
from notyet.exchange.sources import ENDINGS, InputFile, PassedOver
from notyet.exchange.xes_rows import read_xes
from notyet.exchange.xlsx_rows import read_workbook


@dataclass(frozen=True)
class Opened:
    """A file that can be read as a table. ``origin``: the name that mappings know it by."""

    name: str
    origin: str
    folder: str
    rows: RowSource

    @property
    def stem(self) -> str:
        """The name without folders and endings, in small letters."""
        return PurePosixPath(self.origin).name.split(".", 1)[0].lower()


@dataclass
class Plan:
    """What is to be read, by which mapping, and what is left."""

    files: dict[str, RowSource]
    mapping: Mapping
    passed_over: list[PassedOver] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def open_files(files: Sequence[InputFile]) -> tuple[list[Opened], dict[str, FileRefused]]:
    """Open each file; those that are no tables come back with the reason."""
    opened: list[Opened] = []
    wrong: dict[str, FileRefused] = {}
    for file in files:
        try:
            for name, rows in _tables(file):
                if is_refused_file(rows.header):
                    mended = mended_rows(name, rows)
                    opened += [Opened(f"{name} ({m.origin})", m.origin, file.folder, m) for m in mended]
                else:
                    opened.append(Opened(name, name, file.folder, rows))
        except FileRefused as error:
            wrong[file.name] = error
    return opened, wrong


def _tables(file: InputFile) -> list[tuple[str, RowSource]]:
    """The tables of a file with their names: a workbook of several sheets has one for each."""
    match file.form:
        case "parquet":
            return [(file.name, read_parquet(file))]
        case "xes":
            return [(file.name, read_xes(file))]
        case "xlsx":
            sheets = read_workbook(file)
            return [(f"{file.name}/{one.sheet}" if len(sheets) > 1 else file.name, one) for one in sheets]
        case "csv":
            return [(file.name, read_csv(file))]


def make_plan(opened: list[Opened], wrong: dict[str, FileRefused], template: MappingTemplate | None) -> Plan:
    """Decide what each file is. Raises ``ImportFailed`` where no file can be read as a table of deals."""
    if template is not None:
        return _by_template(opened, wrong, template)
    known = {one.name: table for one in opened if (table := exchange_name(one, len(opened) == 1))}
    if "deals" in known.values() or (known and not any(one.stem == "deals" for one in opened)):
        return _exchange_plan(opened, wrong, known)
    if not opened:
        raise ImportFailed(_nothing(wrong))
    foreign = [one for one in opened if one.name not in known] or opened
    guessed, passed = guess_mapping([(one.name, one.rows) for one in foreign])
    _deals_with_ids(guessed, foreign)
    beside = [_exchange_table(one, known[one.name]) for one in opened if one not in foreign]
    mapping = replace(guessed, tables=(*guessed.tables, *(table for table, _ in beside)))
    return _plan(opened, wrong, mapping.with_remarks(*(remark for _, more in beside for remark in more)), passed)


def _deals_with_ids(mapping: Mapping, files: list[Opened]) -> None:
    """A file named and written as our deals, but without their id, is no foreign one."""
    deals = mapping.deals()
    for one in files:
        if deals and deals.id_from_content and one.name == deals.file and one.stem == "deals":
            raise ImportFailed(f"{one.name} has no column deal_id, which the exchange format requires")


def exchange_name(file: Opened, alone: bool) -> str | None:
    """The table of the exchange format that a file is by its name and headers, else ``None``."""
    header = set(file.rows.header)
    table = TABLES.get(file.stem)
    if table is None:
        return "deals" if alone and {"deal_id", "outcome"} <= header else None
    if table.name == "deals":
        return "deals" if {"deal_id", "outcome"} <= header else None
    return table.name if header & set(table.names) else None


def _exchange_plan(opened: list[Opened], wrong: dict[str, FileRefused], known: dict[str, str]) -> Plan:
    tables: list[TableMapping] = []
    remarks: list[str] = []
    passed: list[PassedOver] = []
    for one in opened:
        if one.name not in known:
            passed.append(PassedOver(one.name, "its name and headers are those of no table of the exchange format"))
            continue
        table, more = _exchange_table(one, known[one.name])
        tables.append(table)
        remarks += more
    return _plan(opened, wrong, Mapping(tuple(tables), remarks=tuple(remarks)), passed)


def _exchange_table(file: Opened, table: str) -> tuple[TableMapping, list[str]]:
    """The mapping of a table in the exchange format, and what to say of columns that it does not have."""
    names = TABLES[table].names
    for name in names:
        # A header that comes twice was renamed; of a column of ours it cannot be told which is meant.
        if f"{name} (2)" in file.rows.header:
            raise ImportFailed(f"{file.name}: the header {name!r} comes twice; which of the two is meant?")
    other = [own for own in file.rows.header if own not in (*names, ROW_ID) and not own.startswith(REFUSED_PREFIX)]
    remarks = []
    if other and table != "deals":
        shown = ", ".join(other[:10])
        remarks.append(f"{file.name}: {shown}: no columns of {table}; only deals keep columns of their own")
    return exchange_table(file.name, table, file.rows.header), remarks


def _by_template(opened: list[Opened], wrong: dict[str, FileRefused], template: MappingTemplate) -> Plan:
    mended = [one.rows for one in opened if isinstance(one.rows, MendedRows)]
    only_mended = bool(opened) and len(mended) == len(opened)
    if only_mended:
        named = mentioned(template.content)
        opened = [replace(one, rows=rows.with_columns(named)) for one, rows in zip(opened, mended, strict=True)]
    if isinstance(template, ReadyMapping):
        try:
            whole, tables, left = template.fitted([(one.name, one.rows) for one in opened])
        except FileRefused as error:
            raise ImportFailed(str(error)) from error
        return _plan([Opened(name, name, "", rows) for name, rows in tables], wrong, whole, left)
    files = [(one.name, one.origin, one.rows.header) for one in opened]
    if only_mended:
        # Rows that were refused may be of some of the mapping's tables alone.
        template = template.without_missing(files, {rows.table for rows in mended})
    mapping, passed = template.applied(files)
    return _plan(opened, wrong, mapping, passed)


def _plan(opened: list[Opened], wrong: dict[str, FileRefused], mapping: Mapping, passed: list[PassedOver]) -> Plan:
    plan = Plan({one.name: one.rows for one in opened}, mapping, list(passed))
    for name, error in wrong.items():
        if _stem(name) == "deals":
            raise ImportFailed(str(error))
        if _stem(name) in TABLES:
            plan.refusals.append(Refusal(name, error.line, "", "", str(error), _stem(name)))
        else:
            plan.passed_over.append(PassedOver(name, str(error)))
    return plan


def _nothing(wrong: dict[str, FileRefused]) -> str:
    if not wrong:
        return f"no file there ends in {ENDINGS}"
    return "; ".join(str(error) for error in wrong.values())


def _stem(name: str) -> str:
    return PurePosixPath(name).name.split(".", 1)[0].lower()
