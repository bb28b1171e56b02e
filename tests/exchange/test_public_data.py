"""The public data sets, where they are there: what the guess makes of them."""

import os
from pathlib import Path

import pytest

from notyet.deals.models import DataSource, Deal
from notyet.exchange.errors import ImportFailed
from notyet.exchange.mapping_file import parse_mapping
from tests.exchange.conftest import Bring

DATA = Path(os.environ.get("NOTYET_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"the public data sets are not in {DATA}"),
]


def test_maven(bring: Bring) -> None:
    """A folder with lookups and a data dictionary."""
    result = bring(DATA / "maven_crm")
    assert result.exit_code == 0
    assert result.outcomes == {"won": 4238, "lost": 2473, "open": 2089}
    assert [one.file for one in result.passed_over] == ["data_dictionary.csv"]
    assert DataSource.objects.get().columns["amount"] == "close_value"
    held = set().union(*Deal.objects.values_list("attributes", flat=True))
    assert {"sector", "office_location", "series", "sales_price", "manager", "regional_office"} <= held
    assert Deal.objects.filter(account=None).count() == 1425


def test_ibm(bring: Bring) -> None:
    """Repeated ids with other content are refused, the rest is in."""
    result = bring(DATA / "ibm_winloss")
    deals = result.table("deals")
    assert result.exit_code == 4
    assert (deals.added, deals.added + deals.refused + deals.repeated) == (77_829, 78_025)
    assert {one.column for one in result.refusals} == {"Opportunity Number"}
    assert Deal.objects.filter(**{"attributes__Competitor Type": "None"}).count() > 9_000
    assert DataSource.objects.get().columns["amount"] == "Opportunity Amount USD"


def test_leads(bring: Bring) -> None:
    """A flag for the outcome, a header without a name."""
    result = bring(DATA / "lead_scoring")
    assert result.outcomes == {"won": 3561, "lost": 5679}
    deal = Deal.objects.get(deal_id="7927b2df-8bba-4d29-b9a2-b6e0beafe620")
    assert "Lead Quality" in deal.attributes


def test_an_opportunity_table(bring: Bring) -> None:
    """Flags, midnight dates, and a close that is before the opening."""
    result = bring(DATA / "crm_exports" / "fivetran_sf_opportunity_data.csv")
    assert result.accepted == 9
    assert result.refusals[0].reason == "a close before the opening"


EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


def test_an_event_log(bring: Bring) -> None:
    """Every case a deal, every event a stage, by the mapping that is shipped as an example."""
    result = bring(DATA / "bpic2012", mapping=EXAMPLES / "bpic2012.toml")
    assert result.exit_code == 0
    assert result.table("deals").added == 10_469
    assert result.table("stage_changes").added == 214_377
    assert result.outcomes["won"] == 1871


def test_customers_that_left(bring: Bring) -> None:
    """A workbook that does not say how deals ended gets a mapping to begin with, and goes in by it."""
    with pytest.raises(ImportFailed) as refused:
        bring(DATA / "telco_churn")
    result = bring(DATA / "telco_churn", mapping=parse_mapping(refused.value.starter or ""))
    assert (result.exit_code, result.outcomes) == (0, {"won": 5174, "lost": 1869})
    assert Deal.objects.exclude(loss_reason="").count() == 1869
