"""Exports of CRMs, invented here in the shapes that they have, read without a mapping."""

from pathlib import Path

import pytest

from notyet.deals.models import DataSource, Deal
from notyet.exchange.errors import ImportFailed
from notyet.exchange.mapping_file import read_mapping
from notyet.exchange.plan import make_plan, open_files
from notyet.exchange.sources import find_files
from notyet.exchange.starter import mapping_text
from tests.exchange.conftest import Bring, Write


def pipeline(write: Write) -> None:
    """A folder of a pipeline, its accounts, products and sellers, and a description of the columns."""
    stages = [("Won", "2024-02-01", "100"), ("Lost", "2024-02-02", "0"), ("Engaging", "", ""), ("Prospecting", "", "")]
    rows = [
        f"OP{n:03d}X,Seller {n % 6},Prod {n % 5},Firm {n % 9},{stage},2024-01-{n % 28 + 1:02d},{closed},{value}\n"
        for n in range(80)
        for stage, closed, value in [stages[n % 4]]
    ]
    header = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
    write("sales_pipeline.csv", header + "".join(rows))
    write("accounts.csv", "account,sector,revenue\n" + "".join(f"Firm {n},s{n % 3},{n}.5\n" for n in range(9)))
    write("products.csv", "product,series\n" + "".join(f"Prod {n},x{n % 2}\n" for n in range(4)))
    write("sales_teams.csv", "sales_agent,manager,regional_office\n" + "".join(f"Seller {n},M,R\n" for n in range(9)))
    write("data_dictionary.csv", "Table,Field,Description\naccounts,account,Name\naccounts,sector,Industry\n")


def test_a_pipeline_with_tables_beside_it(write: Write, bring: Bring) -> None:
    """Outcome from the stage, columns by name and value, the other tables looked up."""
    pipeline(write)
    result = bring()
    assert result.exit_code == 0
    assert result.outcomes == {"open": 40, "won": 20, "lost": 20}
    assert [one.file for one in result.passed_over] == ["data_dictionary.csv"]
    deal = Deal.objects.select_related("account").get(deal_id="OP008X")
    assert (deal.owner, deal.product, deal.account and deal.account.name) == ("Seller 2", "Prod 3", "Firm 8")
    assert deal.attributes == {"sector": "s2", "revenue": "8.5", "series": "x1", "manager": "M", "regional_office": "R"}
    assert deal.plain_dates == 0b11
    assert "Prod 4" in " ".join(result.warnings)
    columns = DataSource.objects.get().columns
    assert (columns["amount"], columns["owner"], columns["outcome"]) == ("close_value", "sales_agent", "deal_stage")


def test_the_guess_can_be_kept_as_a_file(write: Write, bring: Bring, tmp_path: Path) -> None:
    """The mapping file of a guess says the same as the guess."""
    pipeline(write)
    result = bring(dry_run=True)
    path = tmp_path / "mapping.toml"
    path.write_text(mapping_text(result.mapping), encoding="utf-8")
    opened, wrong = open_files(find_files([tmp_path / "history"], tmp_path).files)
    again = make_plan(opened, wrong, read_mapping(path)).mapping
    assert again.tables == result.mapping.tables
    assert again.lookups == result.mapping.lookups
    assert bring(mapping=path).outcomes == result.outcomes


def test_results_in_words_and_a_currency_in_the_header(write: Write, bring: Bring) -> None:
    """``None`` is a value, numbers about the sale are the deal's own."""
    rows = "".join(f"{n * 7},{'Won' if n % 3 else 'Loss'},{n * 1000},None,{n % 30}\n" for n in range(1, 60))
    path = write(
        "x.csv", "Opportunity Number,Opportunity Result,Opportunity Amount USD,Competitor Type,Elapsed Days\n" + rows
    )
    assert bring(path).outcomes == {"won": 40, "lost": 19}
    deal = Deal.objects.get(deal_id="7")
    assert (deal.amount, deal.currency) == (1000, "USD")
    assert deal.attributes == {"Competitor Type": "None", "Elapsed Days": "1"}


def test_a_flag_and_two_columns_of_ids(write: Write, bring: Bring) -> None:
    """``0`` and ``1``, and a header that ends in a comma."""
    rows = "".join(f"{n:08x}-beef,{9000 - n},{'API' if n % 2 else 'Form'},{n % 2},Select,\n" for n in range(40))
    path = write("Leads.csv", "Prospect ID,Lead Number,Lead Origin,Converted,City,\n" + rows)
    assert bring(path).outcomes == {"won": 20, "lost": 20}
    assert Deal.objects.get(deal_id="00000001-beef").attributes == {
        "Lead Number": "8999",
        "Lead Origin": "API",
        "City": "Select",
    }


def test_two_flags(write: Write, bring: Bring) -> None:
    """Closed and won apart; a close date of an open deal is a hope; midnight is no time of day."""
    path = write(
        "opportunity.csv",
        "_synced,amount,close_date,created_date,id,is_closed,is_won,lead_source,name,owner_id,stage_name\n"
        "x,10,2024-01-05 00:00:00,2024-01-05 09:12:00,006A,true,true,Web,One,u1,h1\n"
        "x,20,2024-02-05 00:00:00,2024-01-06 09:12:00,006B,true,false,Web,Two,u1,h2\n"
        "x,,2034-01-05 00:00:00,2024-01-07 09:12:00,006C,false,false,,Three,u2,h3\n",
    )
    result = bring(path)
    assert result.exit_code == 0
    assert result.outcomes == {"open": 1, "won": 1, "lost": 1}
    won, _, still_open = Deal.objects.order_by("deal_id")
    assert (won.name, won.source, won.owner) == ("One", "Web", "u1")
    assert won.plain_dates == 0b10
    assert still_open.closed_at is None


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (
            "Deal - ID,Deal - Title,Deal - Owner,Deal - Value,Deal - Currency,Deal - Status,Deal - Lost reason,"
            "Deal - Deal created,Deal - Deal closed on",
            ["{n},Deal {n},Ada,1200.50,EUR,{o},{r},2024-01-03 08:00:00,2024-02-01 10:00:00"],
            {"name": "Deal 1", "owner": "Ada", "currency": "EUR", "loss_reason": "Too pricey"},
        ),
        (
            "External ID,Opportunity,Salesperson,Expected Revenue,Stage,Lost Reason,Created on,Closed Date",
            ["x{n},Chairs {n},Ada,1200.50,{o},{r},2024-01-03 08:00:00,2024-02-01 10:00:00"],
            {"name": "Chairs 1", "owner": "Ada", "loss_reason": "Too pricey"},
        ),
        (
            "(Do Not Modify) Opportunity,Opportunity ID,Topic,Owner,Est. Revenue,Status,Created On,Actual Close Date",
            ["g{n},o{n},Topic {n},Ada,1200.50,{o},1/3/2024 8:00 AM,2/21/2024"],
            {"name": "Topic 1", "owner": "Ada"},
        ),
        (
            "Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Pipeline,Create Date,Closed Lost Reason",
            ["{n},Deal {n},Closed {o},2024-02-01 10:00,Ada,1200.50,Sales,2024-01-03 08:00,{r}"],
            {"name": "Deal 1", "owner": "Ada", "loss_reason": "Too pricey"},
        ),
    ],
    ids=["pipedrive", "odoo", "dynamics", "hubspot"],
)  # fmt: skip
def test_headers_of_the_usual_systems(
    write: Write, bring: Bring, header: str, row: list[str], expected: dict[str, str]
) -> None:
    """As they export them."""
    lines = [row[0].format(n=n, o="Won" if n % 2 == 0 else "Lost", r="Too pricey" if n % 2 else "") for n in range(30)]
    path = write("export.csv", header + "\n" + "\n".join(lines) + "\n")
    result = bring(path)
    assert result.outcomes == {"won": 15, "lost": 15}
    deal = Deal.objects.get(deal_id__endswith="1", name__endswith=" 1")
    assert {name: getattr(deal, name) for name in expected} == expected
    assert deal.amount is not None
    assert float(deal.amount) == 1200.5
    assert deal.opened_at is not None
    assert deal.closed_at is not None


def test_a_spreadsheet_of_another_country(write: Write, bring: Bring) -> None:
    """Semicolons, decimal commas, days before months, an old encoding."""
    words = ("Verloren", "Gewonnen")
    rows = "".join(
        f"{n};Müller {n};{words[n % 2]};1.{n:03d},50 €;{n % 28 + 1:02d}.01.2024;{n % 28 + 1:02d}.02.2024\n"
        for n in range(100, 140)
    )
    text = "Vorgangsnummer;Kunde;Ergebnis;Betrag;Erstellt am;Abschlussdatum\n" + rows
    result = bring(write("Verkäufe.csv", text.encode("cp1252")))
    assert result.exit_code == 0
    assert result.outcomes == {"won": 20, "lost": 20}
    deal = Deal.objects.select_related("account").get(deal_id="101")
    assert (str(float(deal.amount or 0)), deal.currency) == ("1101.5", "EUR")
    assert deal.account is not None
    assert deal.account.name == "Müller 101"
    assert deal.closed_at is not None
    assert deal.closed_at.strftime("%Y-%m-%d") == "2024-02-18"


def test_deals_without_an_id(write: Write, bring: Bring) -> None:
    """Are known by what they say, and counted as often as they are there."""
    path = write("x.csv", "Customer,Status\nAcme,won\nAcme,won\nBolt,lost\n")
    brought = bring(path)
    assert brought.table("deals").added == 3
    assert any("no column was taken for the day of the close" in said for said in brought.warnings)
    assert any(said.startswith("3 closed deals have no day of close") for said in brought.warnings)
    assert bring(path).table("deals").unchanged == 3
    assert Deal.objects.count() == 3


def test_an_unknown_result_is_refused_with_a_hint(write: Write, bring: Bring) -> None:
    """It may be an end; only its owner knows."""
    path = write("x.csv", "Deal ID,Result\n1,Won\n2,Lost\n3,Zorp\n4,\n")
    result = bring(path)
    [refusal] = result.refusals
    assert (refusal.line, refusal.column, refusal.value) == (4, "Result", "Zorp")
    assert "mapping file" in refusal.reason
    assert result.outcomes == {"open": 1, "won": 1, "lost": 1}


def test_a_file_that_says_no_outcome(write: Write, bring: Bring) -> None:
    """Nothing goes in; a mapping file to begin with comes with the reason."""
    path = write("x.csv", "Deal ID,Colour,Amount\n1,red,5\n2,blue,6\n3,red,7\n")
    with pytest.raises(ImportFailed, match="how its deals ended") as failed:
        bring(path)
    starter = failed.value.starter or ""
    assert 'deal_id = "Deal ID"' in starter
    assert '"Colour": "red", "blue"' in starter


def test_own_columns_named_like_ours(write: Write, bring: Bring) -> None:
    """A column that is not what its name says in the exchange format stays apart from it."""
    path = write("x.csv", "Deal ID,Status,opened_at\n1,won,soon\n2,lost,later\n")
    bring(path)
    deal = Deal.objects.get(deal_id="1")
    assert deal.opened_at is None
    assert deal.attributes == {"opened_at (own)": "soon"}


def test_foreign_deals_beside_tables_of_ours(write: Write, bring: Bring) -> None:
    """The deals are guessed, the others taken by their names."""
    write("deals.csv", "Deal ID,Stage,Owner\n1,Closed Won,Ada\n2,Closed Lost,Ben\n")
    write("conversations.csv", "deal_id,at,channel\n1,2024-01-01T10:00:00Z,call\n")
    result = bring()
    assert result.outcomes == {"won": 1, "lost": 1}
    assert result.table("conversations").added == 1


def test_what_was_guessed_is_said(write: Write, bring: Bring) -> None:
    """Column by column, and what the words of the outcome mean."""
    path = write(
        "x.csv", "Deal ID,Result,Created Date,Colour\n1,Won,2024-01-01 10:00,red\n2,Lost,2024-01-02 11:00,red\n"
    )
    said = "\n".join(bring(path).warnings)
    for part in ("deal_id = Deal ID", "opened_at = Created Date", "won = won, lost = lost", "own: Colour", "time zone"):
        assert part in said


def test_hours_of_one_digit(write: Write, bring: Bring) -> None:
    """As some systems write them: no ISO 8601, and meant as clearly."""
    rows = "1,Won,2025-01-07 6:49:18\n2,Lost,2025-01-09 18:07:07\n"
    result = bring(write("x.csv", "Deal ID,Result,Created Date\n" + rows))
    assert result.exit_code == 0
    opened = Deal.objects.get(deal_id="1").opened_at
    assert opened is not None and f"{opened:%H:%M}" == "06:49"
