"""The public data sets, where they are there: what the guess makes of them."""

import os
from pathlib import Path

import pytest

from notyet.deals.models import DataSource, Deal
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


MAPPING = """
[events]
ordered = ["A_APPROVED"]
[events.outcome]
A_ACTIVATED = "won"
A_APPROVED = "won"
A_REGISTERED = "won"
A_DECLINED = "lost"
A_CANCELLED = "lost"
[events.columns]
amount = "case:AMOUNT_REQ"
"""


def test_an_event_log(bring: Bring, tmp_path: Path) -> None:
    """Every case a deal, every event a stage."""
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    result = bring(DATA / "bpic2012", mapping=mapping)
    assert result.exit_code == 0
    assert result.table("deals").added == 10_469
    assert result.table("stage_changes").added == 214_377
    assert result.outcomes["won"] == 1871
