"""What a frozen history says of itself: fields, stages, reasons, sources."""

from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import duckdb
import pyarrow.parquet as pq

from notyet.analysis.meta import Control, Field, FieldKind, Meta, ReasonEntry, Stage, StageKind
from notyet.analysis.meta import DataSource as SourceMeta
from notyet.analysis.tables import ATTRIBUTE_PREFIX, DEALS
from notyet.deals.models import DataSource
from notyet.debriefs.queries import read_reasons
from notyet.history.fields import Kind, is_group, names_person
from notyet.history.process_meta import process_of, working_of
from notyet.process.models import Stage as StageModel
from notyet.process.rules import stage_kind
from notyet.workspaces.models import Workspace

_OWN_FIELDS: dict[str, FieldKind] = {
    "owner": "category",
    "team": "category",
    "amount": "number",
    "contract_term_months": "number",
    "source": "category",
    "campaign": "category",
    "message": "category",
    "persona": "category",
    "segment": "category",
    "region": "category",
    "product": "category",
    "competitor": "category",
    "reopened_from": "text",
}
MOST_WORDINGS = 20_000
"""So many wordings of steps are told apart; the rarer ones are no step of anybody's process."""


def describe(workspace: Workspace, folder: Path, *, frozen_at: datetime) -> Meta:
    """The meta of the tables in ``folder``, for the workspace in scope."""
    with duckdb.connect() as db:
        sources = list(DataSource.objects.order_by("pk"))
        columns: dict[str, str] = {}
        for source in sources:
            columns = {**source.columns, **columns}
        return Meta(
            workspace=workspace.name,
            currency=workspace.currency,
            timezone=workspace.time_zone,
            frozen_at=frozen_at.astimezone(UTC),
            revision=workspace.record_revision,
            sources=tuple(SourceMeta(one.key, one.payments_from) for one in sources),
            fields=_fields(db, folder, columns),
            stages=_stages(db, folder),
            reasons=_reasons(db, folder),
            process=process_of(_texts(db, _labels(folder)), _texts(db, _wordings(folder))),
            working=working_of(workspace),
        )


def _table(folder: Path, name: str) -> str:
    return "read_parquet('" + str(folder / f"{name}.parquet").replace("'", "''") + "')"


def _texts(db: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    return [text for (text,) in db.execute(sql).fetchall()]


def _fields(db: duckdb.DuckDBPyConnection, folder: Path, columns: dict[str, str]) -> tuple[Field, ...]:
    changed = set(_texts(db, f"SELECT DISTINCT field FROM {_table(folder, 'field_changes')}"))
    schema = pq.read_schema(folder / "deals.parquet")
    headers = [name.removeprefix(ATTRIBUTE_PREFIX) for name in schema.names if name.startswith(ATTRIBUTE_PREFIX)]
    listed = [(name, name, _OWN_FIELDS[name]) for name in DEALS.names if name in _OWN_FIELDS]
    listed += [(name, ATTRIBUTE_PREFIX + name, _stored_kind(db, folder, name)) for name in headers]
    wanted = ", ".join(f"count({_name(column)})" for _, column, _ in listed)
    filled = db.execute(f"SELECT {wanted} FROM {_table(folder, 'deals')}").fetchone() or ()
    return tuple(
        Field(
            name=name,
            column=column,
            source_column=columns.get(name, name),
            kind=kind,
            person=name == "owner" or (column != name and names_person(name)),
            changes=name in changed,
        )
        for (name, column, kind), count in zip(listed, filled, strict=True)
        if count
    )


def _stored_kind(db: duckdb.DuckDBPyConnection, folder: Path, header: str) -> Kind:
    column = ATTRIBUTE_PREFIX + header
    stored = str(pq.read_schema(folder / "deals.parquet").field(column).type)
    if stored.startswith("timestamp"):
        return "time"
    if stored in ("double", "bool"):
        return "number" if stored == "double" else "flag"
    row = db.execute(
        f"SELECT count({_name(column)}), count(DISTINCT {_name(column)}) FROM {_table(folder, 'deals')}"
    ).fetchone()
    filled, distinct = row or (0, 0)
    return "category" if is_group(distinct, filled) else "text"


def _stages(db: duckdb.DuckDBPyConnection, folder: Path) -> tuple[Stage, ...]:
    known = {one.label: one for one in StageModel.objects.all()}
    found = _texts(db, _labels(folder))
    met = [one for one in known.values() if one.label in set(found)]
    stages = [Stage(one.label, cast(StageKind, one.kind), one.position) for one in met]
    stages += [Stage(label, cast(StageKind, stage_kind(label))) for label in found if label not in known]
    return tuple(stages)


def _labels(folder: Path) -> str:
    return f"SELECT stage FROM {_table(folder, 'stage_changes')} GROUP BY 1 ORDER BY min(entered_at), 1"


def _wordings(folder: Path) -> str:
    return f"SELECT step FROM {_table(folder, 'steps_done')} GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {MOST_WORDINGS}"


def _reasons(db: duckdb.DuckDBPyConnection, folder: Path) -> tuple[ReasonEntry, ...]:
    asked = [f"SELECT loss_reason AS r FROM {_table(folder, 'deals')}"]
    for table in ("debriefs", "buyer_answers"):
        asked.append(f"SELECT deciding_reason FROM {_table(folder, table)}")
        asked.append(f"SELECT unnest(string_split(contributing_reasons, ';')) FROM {_table(folder, table)}")
    texts = _texts(
        db, f"SELECT DISTINCT trim(r) FROM ({' UNION ALL '.join(asked)}) WHERE trim(r) <> '' ORDER BY 1 LIMIT 5000"
    )
    return tuple(ReasonEntry(one.text, one.label, cast(Control, one.control)) for one in read_reasons(texts))


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
