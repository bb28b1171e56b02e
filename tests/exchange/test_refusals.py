"""Every refusal of the exchange format: its file, line, column, value, and what would be accepted."""

import pytest

from notyet.deals.models import Deal
from notyet.exchange.errors import ImportFailed
from notyet.exchange.refusals import Refusal
from tests.exchange.conftest import Bring, Write

GOOD = {"deal_id": "GOOD", "outcome": "won"}


def one_bad(write: Write, bring: Bring, **fields: str) -> Refusal:
    """Import a good deal and one with these fields; the one thing refused."""
    bad = {"deal_id": "BAD", "outcome": "lost", **fields}
    header = list(dict.fromkeys([*GOOD, *bad]))
    write("deals.csv", [header, [GOOD.get(name, "") for name in header], [bad[name] for name in header]])
    result = bring()
    assert result.exit_code == 4
    assert list(Deal.objects.values_list("deal_id", flat=True)) == ["GOOD"]
    [refusal] = result.refusals
    assert (refusal.file, refusal.line, refusal.table) == ("deals.csv", 3, "deals")
    return refusal


@pytest.mark.parametrize("value", ["", "   "])
def test_a_deal_without_an_id(write: Write, bring: Bring, value: str) -> None:
    """A required field is missing."""
    refusal = one_bad(write, bring, deal_id=value)
    assert (refusal.column, refusal.value) == ("deal_id", value)
    assert "required" in refusal.reason


def test_a_deal_without_an_outcome(write: Write, bring: Bring) -> None:
    """A required field is missing."""
    refusal = one_bad(write, bring, outcome="")
    assert refusal.column == "outcome"
    assert "required" in refusal.reason


@pytest.mark.parametrize("value", ["pending", "Won", "won;lost", "None"])
def test_an_unknown_outcome(write: Write, bring: Bring, value: str) -> None:
    """The reason names those that are known."""
    refusal = one_bad(write, bring, outcome=value)
    assert (refusal.column, refusal.value) == ("outcome", value)
    assert "open, won, lost, no_decision, disqualified" in refusal.reason


@pytest.mark.parametrize(
    "value", ["abc", "nan", "NaN", "inf", "-Infinity", "1,000", "1 000", "€5", "12.34567", "1234567890123456", "1e15",
      "0x10", "1_0", "١٢", "--1"]
)  # fmt: skip
def test_an_amount_that_is_none(write: Write, bring: Bring, value: str) -> None:
    """No finite number of at most 15 digits before and 4 after the point."""
    refusal = one_bad(write, bring, amount=value)
    assert (refusal.column, refusal.value) == ("amount", value)
    assert "15 digits" in refusal.reason


@pytest.mark.parametrize("value", ["EURO", "eur", "XQQ", "E", "€", "123"])
def test_a_currency_that_is_none(write: Write, bring: Bring, value: str) -> None:
    """ISO 4217 does not know it."""
    refusal = one_bad(write, bring, currency=value)
    assert (refusal.column, refusal.value) == ("currency", value)
    assert "ISO 4217" in refusal.reason


@pytest.mark.parametrize(
    "value",
    ["yesterday", "2026-02-30", "2026-13-01", "31.01.2026", "01/31/2026", "2026-01-31T25:00:00Z",
     "2026-01-31T10:00:60Z",
     "2026-01-31T10:00:00", "2026-01-31 10:00", "2026-01-31T10:00:00+25:00", "0026-01-31", "2026-1-31", "1769817600"],
)  # fmt: skip
def test_a_time_that_cannot_be_read(write: Write, bring: Bring, value: str) -> None:
    """No ISO 8601 with an offset and no date."""
    refusal = one_bad(write, bring, opened_at=value)
    assert (refusal.column, refusal.value) == ("opened_at", value)
    assert "ISO 8601" in refusal.reason


@pytest.mark.parametrize(
    ("opened", "closed"),
    [
        ("2026-01-31", "2026-01-30"),
        ("2026-01-31T10:00:00Z", "2026-01-31T09:59:59Z"),
        ("2026-01-31T10:00:00Z", "2026-01-30"),
        ("2026-01-31", "2026-01-30T23:59:59Z"),
    ],
)
def test_a_close_before_the_opening(write: Write, bring: Bring, opened: str, closed: str) -> None:
    """At the precision that the two have."""
    refusal = one_bad(write, bring, opened_at=opened, closed_at=closed)
    assert (refusal.column, refusal.value) == ("closed_at", closed)
    assert "before the opening" in refusal.reason


def test_a_second_row_with_the_same_id_and_other_content(write: Write, bring: Bring) -> None:
    """The first is taken, the second refused; the same content twice counts once."""
    write("deals.csv", "deal_id,outcome,name\nA,won,x\nB,won,y\nA,won,x\nA,lost,x\n")
    result = bring()
    [refusal] = result.refusals
    assert (refusal.line, refusal.column, refusal.value) == (5, "deal_id", "A")
    assert "line 2 has the same deal_id" in refusal.reason
    deals = result.table("deals")
    assert (deals.added, deals.refused, deals.repeated) == (2, 1, 1)
    assert Deal.objects.get(deal_id="A").outcome == "won"


@pytest.mark.parametrize(
    ("table", "header", "row", "column", "accepted"),
    [
        ("conversations", "deal_id,at,channel", "GOOD,2026-01-31,pigeon", "channel", "call, email, meeting"),
        ("conversations", "deal_id,at,direction", "GOOD,2026-01-31,up", "direction", "in, out"),
        ("conversations", "deal_id,at,missed", "GOOD,2026-01-31,perhaps", "missed", "true or false"),
        ("conversations", "deal_id,at,minutes", "GOOD,2026-01-31,-3", "minutes", "from 0 on"),
        ("conversations", "deal_id,at", "GOOD,", "at", "required"),
        ("conversations", "deal_id,channel", "GOOD,call", "at", "required"),
        ("conversations", "deal_id,at", ",2026-01-31", "deal_id", "required"),
        ("stage_changes", "deal_id,stage,entered_at", "GOOD,,2026-01-31", "stage", "required"),
        ("field_changes", "deal_id,field,value,at", "GOOD,,x,2026-01-31", "field", "required"),
        ("debriefs", "deal_id,preparation", "GOOD,1.01", "preparation", "between 0 and 1"),
        ("buyer_answers", "deal_id,ask_again", "GOOD,later", "ask_again", "never"),
        ("buyer_answers", "deal_id,signed", "GOOD,1", "signed", "true or false"),
        ("win_backs", "deal_id,result", "GOOD,maybe", "result", "waiting, no, reopened"),
        ("changes", "change,started_at,smallest_effect", "Script,2026-01-01,5", "smallest_effect", "between 0 and 1"),
        ("changes", "change,started_at", ",2026-01-01", "change", "required"),
    ],
)  # fmt: skip
def test_a_bad_row_of_another_table(
    write: Write, bring: Bring, table: str, header: str, row: str, column: str, accepted: str
) -> None:
    """It is refused; the deals go in."""
    write("deals.csv", "deal_id,outcome\nGOOD,won\n")
    write(f"{table}.csv", f"{header}\n{row}\n")
    result = bring()
    assert result.exit_code == 4
    [refusal] = result.refusals
    assert (refusal.file, refusal.line, refusal.column, refusal.table) == (f"{table}.csv", 2, column, table)
    assert accepted in refusal.reason
    assert result.table(table).refused == 1
    assert result.table("deals").added == 1


def test_a_row_whose_deal_is_not_there(write: Write, bring: Bring) -> None:
    """Neither in the files nor in the record."""
    write("deals.csv", "deal_id,outcome\nA,won\n")
    write("promises.csv", "deal_id,text\nA,call back\nZ,send a quote\n")
    result = bring()
    [refusal] = result.refusals
    assert (refusal.file, refusal.line, refusal.column, refusal.value) == ("promises.csv", 3, "deal_id", "Z")
    assert "no deal with this id" in refusal.reason
    assert result.table("promises").added == 1


def test_a_refused_deal_takes_its_rows_with_it(write: Write, bring: Bring) -> None:
    """And they say why."""
    write("deals.csv", "deal_id,outcome\nA,won\nB,sold?\n")
    write("promises.csv", "deal_id,text\nB,send a quote\n")
    result = bring()
    assert [one.table for one in result.refusals] == ["deals", "promises"]
    assert result.refusals[1].reason == "its deal was refused (deals.csv, line 3)"


def test_a_row_whose_deal_came_earlier_goes_in(write: Write, bring: Bring) -> None:
    """A later import may bring only what is new about deals that are there."""
    bring(write("deals.csv", "deal_id,outcome\nA,won\n"))
    later = bring(write("promises.csv", "deal_id,text\nA,call back\n"))
    assert later.exit_code == 0
    assert later.table("promises").added == 1


def test_everything_that_is_wrong_with_a_row_is_said(write: Write, bring: Bring) -> None:
    """Mending one field to meet the next complaint is no help; and the row counts once."""
    write("deals.csv", "deal_id,outcome,amount,currency\nA,won,5,EUR\nB,lost,x,Y\n")
    result = bring()
    assert [one.column for one in result.refusals] == ["amount", "currency"]
    assert result.refused == 1


def test_nothing_went_in(write: Write, bring: Bring) -> None:
    """Every row is bad: the exit code is 1 and nothing is left behind."""
    write("deals.csv", "deal_id,outcome\nA,?\n")
    result = bring()
    assert result.exit_code == 1
    assert not Deal.objects.exists()


@pytest.mark.parametrize("words", ["None", "NA", "null", "=1+1", "+49", "@SUM(A1)", "-", " padded "])
def test_words_that_are_values(write: Write, bring: Bring, words: str) -> None:
    """What looks like nothing or like a formula is data."""
    write("deals.csv", [["deal_id", "outcome", "competitor", "Own"], ["A", "won", words, words]])
    assert bring().exit_code == 0
    deal = Deal.objects.get()
    assert deal.competitor == words
    assert deal.attributes == {"Own": words}


@pytest.mark.parametrize("header", ["deal_id,name", "outcome,name", "deal_id,outcome,outcome"])
def test_a_header_that_lacks_or_repeats_what_is_required(write: Write, bring: Bring, header: str) -> None:
    """Nothing goes in, and the message says what to do."""
    write("deals.csv", f"{header}\n{','.join('x' for _ in header.split(','))}\n")
    with pytest.raises(ImportFailed, match=r"outcome|deal_id|ended"):
        bring()


def test_refusals_of_one_kind_are_told_together(write: Write, bring: Bring) -> None:
    """With examples and how many there are; a rare one is not lost among the many."""
    rows = "".join(f"A,won,{n}\n" for n in range(60)) + "B,perhaps,1\n"
    result = bring(write("deals.csv", "deal_id,outcome,amount\n" + rows))
    assert [(one.count, len(one.examples), one.examples[0].column) for one in result.refused_alike] == [
        (1, 1, "outcome"),
        (59, 3, "deal_id"),
    ]
