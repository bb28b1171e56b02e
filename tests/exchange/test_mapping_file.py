"""Mapping files: what they can say, and how what is wrong with them is said."""

from pathlib import Path

import pytest

from notyet.deals.models import DataSource, Deal, StageChange
from notyet.debriefs.models import ReasonWording
from notyet.exchange.errors import ImportFailed
from notyet.process.models import Stage
from tests.exchange.conftest import Bring, Write

MAPPING = """
timezone = "America/New_York"
payments_from = 2024-03-01

[deals]
file = "sold*.csv"
decimal_comma = true
leave_out = ["Secret"]

[deals.columns]
deal_id = "Nr"
amount = "Sum"
opened_at = "Start"
loss_reason = "Why"

[deals.constants]
currency = "CHF"

[deals.formats]
opened_at = ["%d.%m.%Y %H:%M"]

[deals.outcome]
column = "How"
default = "open"
values = { Ja = "won", Nein = "lost" }

[deals.values.loss_reason]
teuer = "Too pricey"

[deals.attributes]
"Fav. Colour" = "colour"

[stage_changes]
file = "steps.csv"
[stage_changes.columns]
deal_id = "Nr"
stage = "Step"
entered_at = "When"

[[lookups]]
file = "firms.csv"
key = "Firm"
on = "Who"
columns = { Size = "firm size" }

[reasons."Too pricey"]
label = "Price above value"
control = "shared"

[stages."Quote sent"]
kind = "proposal"
position = 3
"""


def test_everything_a_mapping_can_say(write: Write, bring: Bring, tmp_path: Path) -> None:
    """In one file."""
    write(
        "sold 2024.csv",
        "Nr;How;Sum;Start;Why;Who;Secret;Fav. Colour\n1;NEIN;1.234,5;01.02.2024 10:00;Teuer;Acme;x;red\n2;?;;;;;;\n",
    )
    write("steps.csv", "Nr,Step,When\n1,Quote sent,2024-02-03 09:00\n")
    write("firms.csv", "Firm,Size,City\nAcme,9,Bern\n")
    write("more.csv", "a,b\n1,2\n")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    result = bring(mapping=mapping)
    assert result.refusals == ()
    assert [one.file for one in result.passed_over] == ["more.csv"]
    deal = Deal.objects.get(deal_id="1")
    assert (deal.outcome, float(deal.amount or 0), deal.currency, deal.loss_reason) == (
        "lost",
        1234.5,
        "CHF",
        "Too pricey",
    )
    assert str(deal.opened_at) == "2024-02-01 15:00:00+00:00"
    assert deal.attributes == {"Who": "Acme", "colour": "red", "firm size": "9"}
    assert Deal.objects.get(deal_id="2").outcome == "open"
    assert str(StageChange.objects.get().entered_at) == "2024-02-03 14:00:00+00:00"
    source = DataSource.objects.get()
    assert (str(source.payments_from), source.payments_set) == ("2024-03-01 00:00:00+00:00", True)
    assert source.columns["colour"] == "Fav. Colour"
    wording = ReasonWording.objects.select_related("reason").get(text="Too pricey")
    assert wording.reason is not None
    assert (wording.reason.label, wording.reason.control) == ("Price above value", "shared")
    assert Stage.objects.values("label", "kind", "position").get() == {
        "label": "Quote sent",
        "kind": "proposal",
        "position": 3,
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[deals", "no TOML"),
        ("colour = 1", "means nothing"),
        ("[deals]\ncolour = 1", "means nothing"),
        ("deals = 5", "no table"),
        ('[deals]\nfile = "nope.csv"', "not there"),
        ('[deals.columns]\ndeal_id = "Nope"', "no column 'Nope'"),
        ('[deals.columns]\nzorp = "Nr"', "means nothing"),
        ("[deals.columns]\ndeal_id = 5", "names and texts"),
        ('[deals.outcome]\ncolumn = "How"\nvalues = { a = "sold" }', "no outcome"),
        ('[deals.outcome]\nvalues = { a = "won" }', "needs a column"),
        ('[deals.outcome]\ncolumn = "How"\nvalues = "x"', "wrong shape"),
        ('timezone = "Mars/Base"', "no time zone"),
        ("timezone = 5", "no time zone"),
        ("payments_from = 5", "neither a date"),
        ('[reasons]\nx = "y"', "control"),
        ('[stages.x]\nkind = "y"', "kind"),
        ('[events]\ncase = "Nr"\nactivity = "How"\ntime = "Nr"', "which activities end a case"),
        ('[[lookups]]\nkey = "Zorp"', "no column 'Zorp'"),
    ],
)
def test_what_is_wrong_with_a_mapping_is_said(
    write: Write, bring: Bring, tmp_path: Path, text: str, reason: str
) -> None:
    """By the name of the mapping file."""
    write("x.csv", "Nr,How\n1,Ja\n")
    mapping = tmp_path / "my.toml"
    mapping.write_text(text, encoding="utf-8")
    with pytest.raises(ImportFailed, match=reason) as failed:
        bring(mapping=mapping)
    assert "my.toml" in str(failed.value)


def test_a_mapping_that_is_not_there(write: Write, bring: Bring, tmp_path: Path) -> None:
    """A sentence."""
    write("x.csv", "Nr,How\n1,Ja\n")
    with pytest.raises(ImportFailed, match="cannot be read"):
        bring(mapping=tmp_path / "nope.toml")


EVENTS = """case:concept:name,case:AMOUNT,concept:name,time:timestamp
c1,100,Submitted,2024-01-01T10:00:00+01:00
c1,100,Offered,2024-01-02T10:00:00+01:00
c2,200,Submitted,2024-01-03T10:00:00+01:00
c1,100,Accepted,2024-01-05T10:00:00.250+01:00
c2,200,Offered,2024-01-04T10:00:00+01:00
c2,200,Declined,2024-01-09T10:00:00+01:00
c3,300,Submitted,2024-01-09T10:00:00+01:00
c3,300,Submitted,not a time
"""
EVENT_MAPPING = """
[events]
ordered = ["Accepted"]
[events.outcome]
accepted = "won"
Declined = "lost"
[events.columns]
amount = "case:AMOUNT"
"""


def test_an_event_log(write: Write, bring: Bring, tmp_path: Path) -> None:
    """A case is a deal, an event the entry of a stage; a bad event is refused, its case stays."""
    path = write("log.csv", EVENTS)
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(EVENT_MAPPING, encoding="utf-8")
    result = bring(path, mapping=mapping)
    assert result.outcomes == {"open": 1, "won": 1, "lost": 1}
    assert result.table("stage_changes").added == 7
    assert [(one.line, one.column) for one in result.refusals] == [(9, "time:timestamp")]
    won = Deal.objects.get(deal_id="c1")
    assert (won.amount, str(won.opened_at)) == (100, "2024-01-01 09:00:00+00:00")
    assert str(won.closed_at) == str(won.ordered_at) == "2024-01-05 09:00:00.250000+00:00"
    assert Deal.objects.get(deal_id="c3").closed_at is None
    assert bring(path, mapping=mapping).table("stage_changes").unchanged == 7


def test_an_event_log_without_a_mapping(write: Write, bring: Bring) -> None:
    """Nothing goes in; the mapping to begin with names the activities."""
    with pytest.raises(ImportFailed, match="event log") as failed:
        bring(write("log.csv", EVENTS))
    assert 'Declined = "lost"' in (failed.value.starter or "")
    assert "# Submitted" in (failed.value.starter or "")
