"""Ready mappings: each CRM's export with its documented headers comes in by name."""

import tomllib
from pathlib import Path

import pytest

from notyet.analysis.tables import OUTCOMES, TABLES
from notyet.deals.models import Conversation, Deal, FieldChange, NextStep, StageChange
from notyet.exchange.errors import ImportFailed
from notyet.exchange.ready import _FOLDER, find_mapping, ready_names
from tests.exchange.conftest import Bring, Write
from tests.exchange.test_public_data import DATA
from tests.exchange.workbooks import write_book

pytestmark = pytest.mark.django_db


def outcomes() -> dict[str, str]:
    """Each deal's outcome."""
    return dict(Deal.objects.values_list("deal_id", "outcome"))


def test_there_are_five() -> None:
    """By these names."""
    assert ready_names() == ("dynamics", "hubspot", "odoo", "pipedrive", "salesforce")


@pytest.mark.parametrize("name", ready_names())
def test_they_name_columns_that_there_are(name: str) -> None:
    """Every section is a table of the exchange format, every column one of its, every outcome known."""
    content = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    assert set(content) - {"timezones", "joins"} <= set(TABLES)
    for table in set(content) & set(TABLES):
        parts = [content[table]] if isinstance(content[table], dict) else content[table]
        for part in parts:
            assert set(part["columns"]) <= set(TABLES[table].names)
            known = {"file", "not", "columns", "only", "changed", "constants", "values", "expected_close", "id", "name"}
            assert set(part) <= known | {"leave_out", "outcome"}
            for column, values in part.get("values", {}).items():
                choices = TABLES[table].column(column).choices
                assert not choices or set(values.values()) <= set(choices)
    for step in content["deals"]["outcome"]["when"]:
        assert set(step["values"].values()) <= set(OUTCOMES)


def test_a_name_that_is_none() -> None:
    """The sentence lists those that there are."""
    with pytest.raises(ImportFailed, match="neither a file nor a ready mapping; these are dynamics, hubspot"):
        find_mapping("sugar")
    assert find_mapping("Salesforce").name == "salesforce"


def test_a_report_of_salesforce(bring: Bring, write: Write) -> None:
    """As a workbook with a title, or as a CSV with any name; an open deal's close date is only hoped for."""
    rows: list[list[object]] = [
        ["Opportunities, all"],
        ["Opportunity ID", "Account Name", "Stage", "Amount", "Close Date", "Created Date", "Loss Reason", "Type"],
        ["006A", "Nordwind", "Closed Won", 1200, "3/25/2025", "1/31/2025", None, "New"],
        ["006B", "Adler", "Closed Lost", 800, "4/2/2025", "2/14/2025", "Price", "New"],
        ["006C", "Falk", "Negotiation", 500, "12/31/2025", "3/1/2025", None, "Renewal"],
    ]
    result = bring(
        write_book(write("x", "").with_name("report1742.xlsx"), {"Sheet1": rows}), mapping=find_mapping("salesforce")
    )
    assert result.exit_code == 0
    assert outcomes() == {"006A": "won", "006B": "lost", "006C": "open"}
    deal = Deal.objects.get(deal_id="006B")
    assert (str(deal.opened_at)[:10], deal.attributes["Type"]) == ("2025-02-14", "New")
    assert Deal.objects.get(deal_id="006C").closed_at is None


def test_tables_of_salesforce(bring: Bring, write: Write) -> None:
    """Accounts stand beside them; versions become stage and field changes, tasks conversations and next steps."""
    write(
        "opportunity.csv",
        "id,account_id,owner_id,amount,close_date,created_date,is_won,is_closed,stage_name,_fivetran_synced\n"
        "006A,001X,005P,100,2025-03-01 00:00:00,2025-01-01 10:00:00,true,true,Signed,2025-04-01 00:00:00\n"
        "006B,001X,005P,90,2025-03-02 00:00:00,2025-01-02 10:00:00,false,true,Gone,2025-04-01 00:00:00\n"
        "006C,001Y,005P,80,2025-09-02 00:00:00,2025-01-03 10:00:00,false,false,Talks,2025-04-01 00:00:00\n",
    )
    write("account.csv", "id,name,industry\n001X,Nordwind,Retail\n001Y,Falk,Steel\n")
    write("user.csv", "id,name,email\n005P,Pat,p@x.example\n")
    write(
        "opportunity_history.csv",
        "id,_fivetran_start,stage_name,amount\n"
        "006A,2025-01-20 10:00:00,Signed,100\n006A,2025-01-01 10:00:00,Talks,120\n006A,2025-01-10 10:00:00,Talks,100\n",
    )
    write(
        "task.csv",
        "id,what_id,activity_date,task_subtype,call_type,subject,is_closed\n"
        "00T1,006A,2025-01-05 09:00:00,Call,Inbound,Asked,TRUE\n00T2,001X,2025-01-05 09:00:00,Call,,Other,TRUE\n"
        "00T3,006C,2025-10-05 00:00:00,Task,,Call back,FALSE\n",
    )
    result = bring(mapping=find_mapping("salesforce"))
    assert (result.exit_code, result.passed_over) == (0, ())
    assert outcomes() == {"006A": "won", "006B": "lost", "006C": "open"}
    deal = Deal.objects.get(deal_id="006A")
    assert (str(deal.opened_at), deal.attributes["account.industry"]) == ("2025-01-01 10:00:00+00:00", "Retail")
    assert Deal.objects.filter(account__name="Nordwind").count() == 2
    stages = StageChange.objects.order_by("entered_at").values_list("stage", flat=True)
    assert list(stages) == ["Talks", "Signed"]
    assert list(FieldChange.objects.order_by("at").values_list("field", "value")) == [
        ("amount", "120"),
        ("amount", "100"),
    ]
    assert Conversation.objects.get().direction == "in"
    assert NextStep.objects.get().text == "Call back"
    again = bring(mapping=find_mapping("salesforce"))
    assert [one.table for one in again.tables if one.added or one.updated] == []


def test_tables_of_hubspot(bring: Bring, write: Write) -> None:
    """The stage's own table says which stages are won and lost."""
    write(
        "deal.csv",
        "deal_id,deal_pipeline_stage_id,owner_id,property_dealname,property_amount,property_closedate,property_createdate\n"
        "1,s9,7,One,10,2025-03-01 00:00:00,2025-01-01 10:00:00\n2,s8,7,Two,20,2025-03-01 12:00:00,2025-01-01 10:00:00\n"
        "3,s1,7,Three,30,,2025-01-01 10:00:00\n4,,7,Four,,,2025-01-01 10:00:00\n",
    )
    write(
        "deal_pipeline_stage.csv",
        "stage_id,label,closed_won,is_closed,probability\n"
        "s9,Signed,TRUE,TRUE,1.0\n"
        "s8,Gone,FALSE,TRUE,0.0\n"
        "s1,Talks,FALSE,FALSE,0.2\n",
    )
    write("deal_stage.csv", "deal_id,value,date_entered\n1,s1,2025-01-01 10:00:00\n1,s9,2025-03-01 10:00:00\n")
    write("deal_property_history.csv", "deal_id,name,value,timestamp\n1,amount,15,2025-01-01 10:00:00\n")
    write("owner.csv", "owner_id,email\n7,p@x.example\n")
    write(
        "engagement_call.csv",
        "engagement_id,property_hs_timestamp,property_hs_call_direction\n5,2025-01-02 10:00:00,INBOUND\n",
    )
    write("engagement_deal.csv", "engagement_id,deal_id\n5,1\n")
    result = bring(mapping=find_mapping("hubspot"))
    assert (result.exit_code, result.passed_over) == (0, ())
    assert outcomes() == {"1": "won", "2": "lost", "3": "open", "4": "open"}
    assert set(StageChange.objects.values_list("stage", flat=True)) == {"Talks", "Signed"}
    assert FieldChange.objects.get().field == "amount"
    conversation = Conversation.objects.get()
    assert (conversation.channel, conversation.direction, conversation.deal.deal_id) == ("call", "in", "1")


EXPORTS = {
    "hubspot": (
        "Record ID,Deal Name,Deal Stage,Close Date,Create Date,Amount,Deal owner,Closed Lost Reason\n"
        "1,One,Closed won,2025-03-01 10:30,2025-01-01 09:00,10,Pat,\n"
        "2,Two,Closed lost,2025-03-01 10:30,2025-01-01 09:00,20,Pat,Price\n"
        "3,Three,Qualified to buy,2025-12-01 10:30,2025-01-01 09:00,30,Pat,\n"
    ),
    "pipedrive": (
        "Deal - ID,Deal - Title,Deal - Status,Deal - Value,Deal - Currency of Value,Deal - Organization,"
        "Deal - Deal created,"
        "Deal - Deal closed on,Deal - Won time,Deal - Lost reason\n"
        "1,One,Won,10,EUR,Nordwind,2025-01-01 09:00:00,2025-03-01 10:30:00,2025-03-01 10:30:00,\n"
        "2,Two,Lost,20,EUR,Adler,2025-01-01 09:00:00,2025-03-01 10:30:00,,Price\n"
        "3,Three,Open,30,EUR,Falk,2025-01-01 09:00:00,,,\n"
    ),
    "odoo": (
        "External ID,Opportunity,Customer,Expected Revenue,Stage,Active,Lost Reason,Created on,Closed Date\n"
        "1,One,Nordwind,10.0,Won,True,,2025-01-01 09:00:00,2025-03-01 10:30:00\n"
        "2,Two,Adler,20.0,Proposition,False,Price,2025-01-01 09:00:00,2025-03-01 10:30:00\n"
        "3,Three,Falk,30.0,Proposition,True,,2025-01-01 09:00:00,\n"
    ),
    "dynamics": (
        "(Do Not Modify) Opportunity,Topic,Potential Customer,Est. Revenue,Status,Status Reason,"
        "Created On,Actual Close Date\n"
        "1,One,Nordwind,€10.00,Won,Won,1/31/2025 9:00 AM,3/1/2025\n"
        "2,Two,Adler,€20.00,Lost,Out-Sold,1/31/2025 9:00 AM,3/1/2025\n"
        "3,Three,Falk,€30.00,Open,In Progress,1/31/2025 9:00 AM,\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPORTS)
def test_exports(bring: Bring, write: Write, name: str) -> None:
    """Won, lost and open, with amounts and times; the file may be called anything."""
    result = bring(write("export.csv", EXPORTS[name]), mapping=find_mapping(name))
    assert [one.reason for one in result.refusals] == []
    assert outcomes() == {"1": "won", "2": "lost", "3": "open"}
    deal = Deal.objects.get(deal_id="2")
    assert (float(deal.amount or 0), str(deal.opened_at)[:4], str(deal.closed_at)[:7]) == (20.0, "2025", "2025-03")


def test_another_export_than_named(bring: Bring, write: Write) -> None:
    """Says which columns were looked for."""
    with pytest.raises(
        ImportFailed, match=r"none of these files holds deals as odoo exports them.*External ID.*without --mapping"
    ):
        bring(write("export.csv", EXPORTS["hubspot"].replace("Record ID", "Key")), mapping=find_mapping("odoo"))


@pytest.mark.data
@pytest.mark.skipif(not DATA.is_dir(), reason=f"the public data sets are not in {DATA}")
def test_tables_of_real_connectors(bring: Bring, tmp_path: Path) -> None:
    """Their headers are those of the ready mappings; what their hashed rows refer to is not in them."""
    for kind, name, deals in (("sf", "salesforce", 9), ("hubspot", "hubspot", 44)):
        files = sorted((DATA / "crm_exports").glob(f"fivetran_{kind}_*.csv"))
        result = bring(*files, mapping=find_mapping(name), source=name)
        assert result.table("deals").added == deals
        tables = {one.table for one in result.tables if one.accepted or one.refused}
        assert {"stage_changes", "field_changes"} <= tables
