"""What a trial run shows of an import: its first deals as they would be, and the stages that it names."""

from typing import Any

from notyet.analysis.tables import DEALS
from notyet.exchange.staging import Staging
from notyet.process.rules import stage_kind

ROWS, STAGES = 8, 60


def first_deals(staged: Staging) -> list[dict[str, str]]:
    """The first good deals, their filled columns as texts; attributes under ``attributes``."""
    if not staged.rows.get("deals"):
        return []
    columns = ", ".join(f'"{name}"::VARCHAR' for name in DEALS.names)
    names = [*DEALS.names, "attributes", "plain_dates"]
    sql = f"SELECT {columns}, attributes, plain_dates FROM good_deals ORDER BY file, line LIMIT {ROWS}"
    return [_shown(dict(zip(names, row, strict=True))) for row in staged.rows_of(sql)]


def _shown(row: dict[str, Any]) -> dict[str, str]:
    plain = int(row.pop("plain_dates") or 0)
    for bit, name in enumerate(DEALS.times):
        if row[name]:
            # Times are UTC here; a plain date is its day's beginning in the workspace's zone, shown as it will be.
            row[name] = f"{row[name][:19]}|{plain >> bit & 1}"
    if row.get("amount"):
        row["amount"] = row["amount"].rstrip("0").rstrip(".") if "." in row["amount"] else row["amount"]
    return {name: str(value) for name, value in row.items() if value not in (None, "", "{}")}


def stages(staged: Staging) -> list[dict[str, Any]]:
    """The stages that the files name, with their rows and the kind that their label suggests."""
    if not staged.rows.get("stage_changes"):
        return []
    sql = f"SELECT stage, count(*) FROM good_stage_changes GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {STAGES}"
    return [{"label": label, "rows": int(rows), "kind": stage_kind(label)} for label, rows in staged.rows_of(sql)]
