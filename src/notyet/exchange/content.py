"""What a row says, as one number: equal rows have equal digests."""

from notyet.analysis.tables import Table


def digest_sql(table: Table) -> str:
    """A DuckDB expression for the first eight bytes of the SHA-256 of a row's content, as a signed BIGINT.

    The content is every column but the deal's own id, which of the times are plain dates and, for deals, their
    attributes; each is preceded by its length, so that no two rows read alike.
    """
    parts = [_text(column.name, column.kind) for column in table.columns if column.name != "deal_id"]
    parts.append("plain_dates::VARCHAR")
    if table.name == "deals":
        parts.append("attributes")
    joined = " || ".join(f"coalesce(strlen({part}) || ':' || {part}, '-')" for part in parts)
    return f"unhex(substr(sha256({joined}), 1, 16))::BIT::BIGINT"


def _text(name: str, kind: str) -> str:
    return f"epoch_us({_quoted(name)})::VARCHAR" if kind == "time" else f"{_quoted(name)}::VARCHAR"


def _quoted(name: str) -> str:
    return f'"{name}"'
