"""The refused rows come back as a file that can be mended and imported again."""

import csv
from pathlib import Path

from notyet.deals.models import Conversation, Deal, FieldChange, NextStep, Promise
from notyet.exchange.ready import find_mapping
from tests.exchange.conftest import Bring, Write, read_csv


def mend(path: Path, changes: dict[str, dict[str, str]]) -> None:
    """Change fields of rows by their deal's id, in place."""
    rows = read_csv(path)
    for row in rows:
        row.update(changes.get(row["deal_id"], {}))
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_mended_rows_go_in(write: Write, bring: Bring, tmp_path: Path) -> None:
    """Of several tables at once, also those that had to wait for their deal."""
    write("deals.csv", "deal_id,outcome,amount,Own\nA,won,5,=x\nB,sold,6,y\nC,lost,x,\n")
    write("promises.csv", "deal_id,text\nA,call\nB,quote\n")
    write("field_changes.csv", "deal_id,field,value,at\nA,amount,4,someday\n")
    refused = tmp_path / "refused.csv"
    assert bring(refused_path=refused).refused == 4
    rows = read_csv(refused)
    assert [(row["refused_file"], row["refused_line"], row["refused_column"]) for row in rows] == [
        ("deals.csv", "3", "outcome"),
        ("deals.csv", "4", "amount"),
        ("field_changes.csv", "2", "at"),
        ("promises.csv", "3", "deal_id"),
    ]
    mend(refused, {"B": {"outcome": "won"}, "C": {"amount": "7"}, "A": {"at": "2024-01-01"}})
    result = bring(refused)
    assert result.exit_code == 0, result.refusals
    assert Deal.objects.get(deal_id="B").attributes == {"Own": "y"}
    assert Deal.objects.get(deal_id="C").amount == 7
    assert Promise.objects.filter(deal__deal_id="B").count() == 1
    assert FieldChange.objects.get().value == "4"


def test_rows_that_stay_bad_are_refused_again(write: Write, bring: Bring, tmp_path: Path) -> None:
    """Importing the file as it is changes nothing."""
    write("deals.csv", "deal_id,outcome\nA,won\nB,sold\n")
    refused = tmp_path / "refused.csv"
    bring(refused_path=refused)
    again = bring(refused)
    assert (again.exit_code, again.refused) == (1, 1)


def test_a_ragged_row_keeps_its_fields(write: Write, bring: Bring, tmp_path: Path) -> None:
    """As far as they can be told, and its whole text beside them."""
    write("deals.csv", "deal_id,outcome,name\nA,won,x\nB,lost\n")
    refused = tmp_path / "refused.csv"
    bring(refused_path=refused)
    [row] = read_csv(refused)
    assert (row["deal_id"], row["outcome"], row["refused_value"]) == ("B", "lost", "B,lost")


def test_refused_rows_of_a_foreign_file(write: Write, bring: Bring, tmp_path: Path) -> None:
    """Keep the columns that the file had."""
    path = write("x.csv", "Deal ID,Result,Colour\n1,Won,red\n2,Lost,blue\n3,Zorp,green\n")
    refused = tmp_path / "refused.csv"
    bring(path, refused_path=refused)
    text = refused.read_text(encoding="utf-8").replace("3,Zorp", "3,Lost")
    refused.write_text(text, encoding="utf-8")
    result = bring(refused)
    assert result.exit_code == 0, result.refusals
    assert Deal.objects.get(deal_id="3").attributes == {"Colour": "green"}


def test_nothing_refused_makes_no_file(write: Write, bring: Bring, tmp_path: Path) -> None:
    """But an old one is emptied, so that nobody mends what is mended."""
    write("deals.csv", "deal_id,outcome\nA,won\n")
    refused = tmp_path / "refused.csv"
    bring(refused_path=refused)
    assert not refused.exists()
    refused.write_text("old", encoding="utf-8")
    bring(refused_path=refused)
    assert read_csv(refused) == []


TASKS = (
    "id,what_id,activity_date,task_subtype,subject,is_closed,call_type\n"
    "00T1,006A,2025-01-05 09:00:00,Call,Asked,TRUE,\n"
    "00T2,006A,someday,Call,Asked again,TRUE,\n"
    "00T3,006A,soon,Task,Call back,FALSE,\n"
)


def test_refused_rows_of_an_export(write: Write, bring: Bring, tmp_path: Path) -> None:
    """Of tables beside the deals alone: read by the same ready mapping, they go in without the deals."""
    write(
        "opportunity.csv", "id,amount,created_date,is_won,is_closed,_fivetran_synced\n006A,9,2025-01-01,true,true,x\n"
    )
    write("task.csv", TASKS)
    refused = tmp_path / "refused.csv"
    assert bring(mapping=find_mapping("salesforce"), refused_path=refused).refused == 2
    text = refused.read_text(encoding="utf-8")
    days = text.replace("006A,someday", "006A,2025-01-06 09:00:00").replace("006A,soon", "006A,2025-02-01 00:00:00")
    refused.write_text(days, encoding="utf-8")
    result = bring(refused, mapping=find_mapping("salesforce"))
    assert (result.exit_code, result.refusals) == (0, ())
    assert (result.table("conversations").added, result.table("next_steps").added) == (1, 1)
    assert Conversation.objects.get(summary="Asked again").channel == "call"
    assert NextStep.objects.get().text == "Call back"
    assert bring(refused, mapping=find_mapping("salesforce")).table("next_steps").unchanged == 1


MAPPING = """
[deals]
file = "opps*"
[deals.columns]
deal_id = "No"
loss_reason = "Why"
[deals.outcome]
column = "End"
values = { "Yes" = "won", "No" = "lost" }
[conversations]
file = "talks*"
[conversations.columns]
deal_id = "Opp"
at = "When"
summary = "What"
"""


def test_refused_rows_by_a_mapping_file(write: Write, bring: Bring, tmp_path: Path) -> None:
    """Columns that are empty in all of them, and tables of which none was refused, are not missed."""
    mapping = tmp_path / "map.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    deals = write("opps7.csv", "No,End,Why\n1,Yes,\n2,No,Price\n")
    talks = write("talks7.csv", "Opp,When,What\n1,2025-01-05,\n2,2025-01-05,hello\n1,someday,\n")
    refused = tmp_path / "refused.csv"
    assert bring(deals, talks, mapping=mapping, refused_path=refused).refused == 1
    refused.write_text(refused.read_text(encoding="utf-8").replace("1,someday", "1,2025-01-06"), encoding="utf-8")
    assert bring(refused, mapping=mapping).table("conversations").added == 1
    both = write("opps7.csv", "No,End,Why\n3,Maybe,\n"), write("talks7.csv", "Opp,When,What\n3,2025-01-05,\n")
    assert bring(*both, mapping=mapping, refused_path=refused).accepted == 0
    refused.write_text(refused.read_text(encoding="utf-8").replace("3,Maybe", "3,Yes"), encoding="utf-8")
    result = bring(refused, mapping=mapping)
    assert (result.table("deals").added, result.table("conversations").added) == (1, 1)
