"""What people did between comparing and writing: the marks are read again once the rows to be changed are held."""

from collections.abc import Sequence

from notyet.analysis.tables import DEALS, TABLES
from notyet.exchange import record
from notyet.exchange.content import digest_sql
from notyet.exchange.differences import find_deals_again, leave_edited_rows, tidied
from notyet.exchange.edited import hear_rows, keep_edited_deals
from notyet.exchange.staging import Staging


def edited_meanwhile(staged: Staging, tables: Sequence[str], source: int, zone: str) -> bool:
    """Let edits stand that were made, made again or undone since the files were compared with the record.

    Expects that nobody else can write the rows of ``changed_<table>`` any more. ``tables``: those that were compared.
    Says whether there were such edits; ``changed_<table>`` and ``heard`` are made anew then. It costs what the edits
    of the source's deals cost to read, however many rows are written.
    """
    db = staged.db
    db.execute("ALTER TABLE edited_fields RENAME TO edits_before")
    staged.take("edited_fields", record.edited_fields(source), record.EDITED_SCHEMA)
    db.execute(
        "CREATE TABLE raced AS FROM (SELECT name, pk FROM edited_fields ANTI JOIN edits_before USING (key) "
        "UNION SELECT name, pk FROM edits_before ANTI JOIN edited_fields USING (key))"
    )
    _find_deals_as_they_are(staged, source)
    names = {name for (name,) in staged.rows_of("SELECT DISTINCT name FROM raced")}
    if "deals" in names:
        pks = "(SELECT pk FROM deals_now)"
        db.execute(f"DELETE FROM record_deals WHERE pk IN {pks}")
        db.execute("INSERT INTO record_deals BY NAME FROM deals_now")
        keep_edited_deals(staged, zone)
        find_deals_again(staged)
    for name in tables:
        if name in names and name != "deals":
            leave_edited_rows(staged, TABLES[name], source)
            hear_rows(staged, TABLES[name], zone)
    return bool(names)


def _find_deals_as_they_are(staged: Staging, source: int) -> None:
    """Make ``deals_now`` of the deals whose edits are others than before, and note in ``raced`` those edited again."""
    gone = [pk for (pk,) in staged.rows_of("SELECT pk FROM raced WHERE name = 'deals'")]
    marked = f'SELECT "row" FROM {record.EDITED} WHERE "table" = \'deals\''
    where = f"AND (t.id IN ({marked})" + (f" OR t.id IN ({', '.join(map(str, gone))}))" if gone else ")")
    some = gone or staged.count("edited_fields WHERE name = 'deals'")
    found = (tidied(batch) for batch in record.stored(DEALS, source, where)) if some else ()
    staged.take("deals_marked", found, record.held_schema(DEALS))
    staged.db.execute(f"CREATE TABLE deals_now AS SELECT *, {digest_sql(DEALS)} AS digest FROM deals_marked")
    staged.db.execute(
        "INSERT INTO raced SELECT 'deals', n.pk FROM deals_now n JOIN record_deals o ON o.pk = n.pk "
        "WHERE o.digest <> n.digest AND n.pk NOT IN (SELECT pk FROM raced WHERE name = 'deals')"
    )
    staged.db.execute("DELETE FROM deals_now WHERE pk NOT IN (SELECT pk FROM raced WHERE name = 'deals')")
