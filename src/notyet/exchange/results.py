"""What an import says of itself."""

from dataclasses import dataclass
from typing import Any

from notyet.exchange.mapping import Mapping
from notyet.exchange.refusals import Alike, Refusal
from notyet.exchange.sources import PassedOver


@dataclass(frozen=True)
class TableResult:
    """What became of the rows of one table. ``repeated``: the same file said the same twice."""

    table: str
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    repeated: int = 0

    @property
    def accepted(self) -> int:
        """The rows that are in the record now."""
        return self.added + self.updated + self.unchanged

    def plus(self, other: "TableResult") -> "TableResult":
        """Both together."""
        return TableResult(
            self.table,
            self.added + other.added,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.refused + other.refused,
            self.repeated + other.repeated,
        )


@dataclass(frozen=True)
class Kept:
    """Something that a person edited here, so that it stands though a file says otherwise; all as texts.

    ``field`` is empty where a row of another table than ``deals`` was edited, which stands as a whole.
    """

    file: str
    line: int
    deal_id: str
    table: str
    field: str
    yours: str
    source: str
    mark: int = 0
    """The key of the ``EditedField`` that keeps it."""

    def __str__(self) -> str:
        what = (self.field or self.table).replace("_", " ")
        return f"{self.file}, line {self.line}: {what} of deal {self.deal_id} stays {self.yours!r}, not {self.source!r}"


@dataclass(frozen=True)
class ImportResult:
    """An import of one source: what is in, what was refused, what a person should know.

    ``outcomes`` counts the accepted deals of these files by outcome. ``refusals`` holds the first thousand,
    ``refused`` counts the rows of all, ``refused_alike`` some of each kind. ``kept`` holds the first things that stand
    as they were edited here though the files say otherwise, ``kept_count`` counts all; ``settled_count`` those of which
    somebody had decided so before, which are not listed again. ``mapping`` is what the files
    were read by, ``number`` that of the import on record. A trial run also shows its ``first_deals`` and the
    ``stages`` that it names, see ``preview``.
    """

    source: str
    tables: tuple[TableResult, ...]
    outcomes: dict[str, int]
    refusals: tuple[Refusal, ...]
    warnings: tuple[str, ...]
    passed_over: tuple[PassedOver, ...]
    mapping: Mapping
    dry_run: bool = False
    first_deals: tuple[dict[str, str], ...] = ()
    stages: tuple[dict[str, Any], ...] = ()
    refused_alike: tuple[Alike, ...] = ()
    kept: tuple[Kept, ...] = ()
    kept_count: int = 0
    settled_count: int = 0
    number: int | None = None

    @property
    def refused(self) -> int:
        """The number of refused rows."""
        return sum(table.refused for table in self.tables)

    @property
    def accepted(self) -> int:
        """The number of rows that are in the record now."""
        return sum(table.accepted for table in self.tables)

    @property
    def exit_code(self) -> int:
        """0: all went in; 4: some rows were refused, the others are in; 1: nothing went in."""
        return 0 if not self.refused else 4 if self.accepted else 1

    def table(self, name: str) -> TableResult:
        """The result of one table, zeros where no file held any of it."""
        return next((one for one in self.tables if one.table == name), TableResult(name))
