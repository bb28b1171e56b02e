"""What only shows when all rows are there: repeated ids, and rows whose deal is not."""

from collections.abc import Iterator

from notyet.analysis.tables import TABLES
from notyet.exchange.content import digest_sql
from notyet.exchange.refusals import Refusal, RefusalLog
from notyet.exchange.staging import Staging


def cross_check(staged: Staging, log: RefusalLog) -> dict[str, int]:
    """Make a view ``good_<table>`` of the staged rows that may go in, each with its ``digest``.

    Expects the tables ``record_deals`` (``deal_id`` of every deal that the source has in the record already) and
    ``refused_deals`` (``file, line, deal_id`` of deals refused before). A later file's word on a deal replaces
    an earlier one's. Returns how many rows of each table their file said before, word for word.
    """
    db = staged.db
    repeated = {"deals": _once(staged, log, "deals", "staged_deals", "deal_id")}
    db.execute("CREATE TABLE known_deals AS SELECT deal_id FROM good_deals UNION SELECT deal_id FROM record_deals")
    for name in TABLES:
        if name == "deals" or not staged.rows.get(name):
            continue
        view = f"staged_{name}"
        if name != "changes":
            log.add(_orphans(staged, name))
            view = f"placed_{name}"
            db.execute(f"CREATE VIEW {view} AS FROM staged_{name} SEMI JOIN known_deals USING (deal_id)")
        repeated[name] = _once(staged, log, name, view, "id")
    return repeated


def _once(staged: Staging, log: RefusalLog, name: str, view: str, key: str) -> int:
    """Keep the first row of a file with a key; count its repetitions, refuse those that say something else."""
    db, digest = staged.db, digest_sql(TABLES[name])
    said = digest if name in ("deals", "changes") else f"hash(deal_id, {digest})"
    db.execute(
        f"CREATE TABLE keys_{name} AS SELECT file, line, {key} AS key, {said} AS said FROM {view} "
        f"WHERE {key} IS NOT NULL"
    )
    if not staged.count(f"keys_{name}"):
        db.execute(f"CREATE VIEW good_{name} AS SELECT *, {digest} AS digest FROM {view}")
        return 0
    db.execute(
        f"CREATE TABLE firsts_{name} AS SELECT file, key, min(line) AS line, arg_min(said, line) AS said, "
        f"count(*) AS n FROM keys_{name} GROUP BY file, key"
    )
    db.execute(
        f"CREATE TABLE others_{name} AS SELECT k.file, k.line, k.key, k.said <> f.said AS differs, f.line AS first "
        f"FROM keys_{name} k JOIN firsts_{name} f ON k.file = f.file AND k.key = f.key "
        "WHERE k.line <> f.line AND f.n > 1"
    )
    log.add(_second_rows(staged, name, key))
    db.execute(
        f"CREATE VIEW good_{name} AS SELECT *, {digest} AS digest FROM {view} r "
        f"WHERE NOT EXISTS (FROM others_{name} o WHERE o.file = r.file AND o.line = r.line) "
        f"AND NOT EXISTS (FROM firsts_{name} f WHERE f.key = r.{key} AND f.file > r.file)"
    )
    return staged.count(f"others_{name} WHERE NOT differs")


def _second_rows(staged: Staging, name: str, key: str) -> Iterator[Refusal]:
    sql = f"SELECT file, line, key, first FROM others_{name} WHERE differs ORDER BY file, line"
    for number, line, value, first in staged.rows_of(sql):
        file = staged.files[number]
        reason = f"line {first} has the same {file.header_of(key)} and other content; that one was taken"
        yield Refusal(file.file, line, file.header_of(key), value, reason, name)


def _orphans(staged: Staging, name: str) -> Iterator[Refusal]:
    sql = (
        "SELECT r.file, r.line, r.deal_id, any_value(d.file), min(d.line) "
        f"FROM (SELECT file, line, deal_id FROM staged_{name} ANTI JOIN known_deals USING (deal_id)) r "
        "LEFT JOIN refused_deals d ON d.deal_id = r.deal_id GROUP BY r.file, r.line, r.deal_id ORDER BY 1, 2"
    )
    for number, line, deal_id, deal_file, deal_line in staged.rows_of(sql):
        file = staged.files[number]
        reason = "there is no deal with this id, neither in these files nor in the record"
        if deal_file is not None:
            reason = f"its deal was refused ({staged.files[deal_file].file}, line {deal_line})"
        yield Refusal(file.file, line, file.header_of("deal_id"), deal_id, reason, name)
