"""What is missing or odd in the record, and what it costs."""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from notyet.analysis import facts, health_costs
from notyet.analysis.health import examine
from notyet.analysis.health_checks import CHECKS
from notyet.analysis.health_fields import plain
from notyet.analysis.health_results import Finding, Health, SourceHealth
from notyet.analysis.health_rows import CHECKS as ROW_CHECKS
from notyet.analysis.meta import DataSource, Field, Stage
from notyet.analysis.metrics import Apart
from notyet.analysis.readings import Reasons, with_readings
from notyet.analysis.registry import BY_KEY, METRICS
from notyet.analysis.report import analyse
from notyet.analysis.settings import Settings
from tests.analysis.test_figures import company
from tests.analysis.written import DIMENSIONS, Row, day, deal, meta, opened


def whole(number: int, **more: Any) -> Row:
    """A deal of which everything is told."""
    outcome = "won" if number % 2 else "lost"
    begun = day(number * 3)
    own = {name: f"{name} {number % 3}" for name in DIMENSIONS}
    row = deal(number, outcome, account=f"Buyer {number}", name=f"Deal {number}", owner=f"Seller {number % 4}", **own)
    row |= {"opened_at": begun, "closed_at": _weekday(begun + timedelta(days=20)), "value": 900.0 + number}
    row |= {"loss_reason": "Too pricey" if outcome == "lost" else None}
    return row | more


def _weekday(moment: Any) -> Any:
    return moment + timedelta(days=max(0, moment.weekday() - 4) and 7 - moment.weekday())


def healthy(count: int = 100) -> dict[str, list[Row]]:
    """A record in which nothing is missing and nothing odd."""
    tables: dict[str, list[Row]] = {"deals": [whole(number) for number in range(count)]}
    at = {row["deal"]: row["opened_at"] for row in tables["deals"]}
    talk = {"channel": "call", "direction": "in", "missed": False, "contact": "Ida"}
    tables["conversations"] = [{"deal": n, "at": begun + timedelta(hours=1), **talk} for n, begun in at.items()]
    tables["stage_changes"] = [{"deal": n, "stage": "Need", "entered_at": begun} for n, begun in at.items()]
    tables["promises"] = [{"deal": n, "due_at": begun + timedelta(days=3)} for n, begun in at.items()]
    tables["next_steps"] = [{"deal": n, "due_at": begun + timedelta(days=2)} for n, begun in at.items()]
    tables["debriefs"] = [{"deal": n, "at": begun + timedelta(days=22), "preparation": 0.5} for n, begun in at.items()]
    return tables


def examined(folder: Path, tables: dict[str, list[Row]], settings: Settings | None = None, **about: Any) -> Health:
    """The health of a history written into a folder."""
    with opened(folder, tables, meta(**about)) as history:
        return examine(history, settings)


def _only(found: Health) -> SourceHealth:
    [source] = found.sources
    return source


def _told(source: SourceHealth) -> dict[str, Finding]:
    return {one.key: one for one in source.findings}


def test_a_whole_record_has_nothing_to_mend(tmp_path: Path) -> None:
    """Every field is full, and nothing is said."""
    source = _only(examined(tmp_path, healthy()))
    assert source.findings == ()
    assert (source.deals, source.closed) == (100, 100)
    filled = {one.field: (one.filled, one.of) for one in source.fields}
    assert filled["opened_at"] == (100, 100)
    assert filled["loss_reason"] == (50, 50)
    assert "lost_to" in source.absent


SPOILT: dict[str, Row] = {
    "no_opening": {"opened_at": None},
    "opened_later": {"opened_at": day(500), "closed_at": day(501)},
    "no_close": {"closed_at": None},
    "closed_later": {"closed_at": day(400)},
    "overdue": {"outcome": "open", "closed_at": day(250), "paid_at": None},
    "long_open": {"outcome": "open", "closed_at": None, "opened_at": day(0), "paid_at": None},
    "no_amount": {"value": None},
    "no_rate": {"value": None, "amount": 5, "currency": "CHF"},
    "no_currency": {"currency": None},
    "zero": {"value": 0.0},
    "negative": {"value": -5.0},
    "huge": {"value": 9e9},
    "no_account": {"account": None},
    "no_owner": {"owner": None},
    "no_reason": {"outcome": "lost", "loss_reason": None},
    "reason_unmapped": {"outcome": "lost", "loss_reason": "Well"},
    "unpaid": {"outcome": "won", "paid_at": None},
}


@pytest.mark.parametrize("key", SPOILT)
def test_each_thing_that_is_odd_is_counted(key: str, tmp_path: Path) -> None:
    """Three deals of a hundred; the sentence has the count in it."""
    tables = healthy()
    for number in (3, 4, 5):
        tables["deals"][number] |= SPOILT[key]
    finding = _told(_only(examined(tmp_path, tables)))[key]
    assert finding.count == 3
    assert finding.text.startswith("3 of ")
    assert finding.mend
    assert "{" not in finding.text + finding.mend + finding.loses


def test_what_is_odd_only_in_bulk_is_said_from_a_share_on(tmp_path: Path) -> None:
    """Some deals are closed on a Sunday, or on the day they were opened."""
    for share, said in ((0.1, set()), (0.6, {"weekend", "same_day"})):
        tables = healthy()
        for row in tables["deals"][: int(100 * share)]:
            sunday = row["opened_at"] + timedelta(days=6 - row["opened_at"].weekday())
            row |= {"opened_at": sunday, "closed_at": sunday + timedelta(hours=1)}
        found = _told(_only(examined(tmp_path / f"{share}", tables)))
        assert {"weekend", "same_day"} & set(found) == said


def test_tables_that_are_not_there_are_missed(tmp_path: Path) -> None:
    """With the way to get them, and every figure that would need them withheld."""
    tables = {"deals": healthy()["deals"]}
    found = _told(_only(examined(tmp_path, tables)))
    assert {"no_talk", "no_stage", "no_debrief"} <= set(found)
    assert found["no_talk"].mend.startswith("Export the activities")
    withheld = {cost.key for cost in found["no_talk"].costs if cost.withheld}
    assert {"replied_24h", "second_contact_7d", "first_reply_hours_won"} <= withheld
    assert {cost.key for cost in found["no_debrief"].costs} == {"preparation_won", "preparation_lost"}


ROWS: dict[str, tuple[str, Row]] = {
    "talk_unknown_contact": ("conversations", {"contact": None}),
    "talk_unknown_direction": ("conversations", {"direction": None}),
    "talk_early": ("conversations", {"at": day(-90)}),
    "talk_late": ("conversations", {"at": day(359)}),
    "stage_unknown_kind": ("stage_changes", {"stage": "Phase 7"}),
    "stage_late": ("stage_changes", {"entered_at": day(359)}),
    "promise_undated": ("promises", {"due_at": None}),
    "step_undated": ("next_steps", {"due_at": None}),
}


@pytest.mark.parametrize("key", ROWS)
def test_odd_rows_are_counted(key: str, tmp_path: Path) -> None:
    """Twenty of a hundred."""
    tables, (table, spoilt) = healthy(), ROWS[key]
    for row in tables[table][:20]:
        row.update(spoilt)
    stages = (*meta().stages, Stage("Phase 7", "other"))
    finding = _told(_only(examined(tmp_path, tables, stages=stages)))[key]
    assert (finding.count, finding.of) == (20, 100)
    assert finding.field.startswith(f"{table}.")


def test_every_check_is_tried_here() -> None:
    """A new one needs a case."""
    bulk = {"weekend", "same_day", "no_talk", "no_stage", "no_debrief"}
    assert {check.key for check in CHECKS} == set(SPOILT) | bulk
    assert {check.key for check in ROW_CHECKS} == set(ROWS)


def test_orders_and_losses_may_be_entered_after_the_close(tmp_path: Path) -> None:
    """A stage that says how it ended is not late."""
    tables = healthy()
    for row in tables["stage_changes"]:
        row |= {"stage": "Lost", "entered_at": day(359)}
    assert "stage_late" not in _told(_only(examined(tmp_path, tables)))


def test_wholes_are_looked_at(tmp_path: Path) -> None:
    """One outcome, amounts of one outcome, one day, an old export, deals entered twice."""
    tables = healthy()
    for row in tables["deals"]:
        row |= {"outcome": "won", "paid_at": day(300)}
    assert _told(_only(examined(tmp_path / "won", tables)))["one_outcome"].text == "All 100 closed deals are won."

    tables = healthy()
    for row in tables["deals"]:
        row["value"] = 0.0 if row["outcome"] == "lost" else row["value"]
    found = _told(_only(examined(tmp_path / "zero", tables)))
    assert found["valued_for_one_outcome"].text.startswith("None of 50 lost deals")
    assert "zero" not in found

    tables = healthy()
    for row in tables["deals"][:30]:
        row["closed_at"] = day(319)
    assert _told(_only(examined(tmp_path / "day", tables)))["one_day"].count >= 30

    old = _told(_only(examined(tmp_path / "old", healthy(), frozen_at=day(600))))
    assert set(old) == {"old"}
    assert old["old"].text == "Nothing has been opened or closed since 19 Nov 2025."

    tables = healthy()
    tables["deals"] += [{**row, "deal": row["deal"] + 500, "deal_id": f"X{row['deal']}"} for row in tables["deals"][:7]]
    assert _told(_only(examined(tmp_path / "twice", tables)))["twice"].count == 7


def test_amounts_of_one_outcome_only_cost_the_rate_by_value(tmp_path: Path) -> None:
    """It is withheld in the report, and said to be here."""
    tables = healthy()
    for row in tables["deals"]:
        row["value"] = None if row["outcome"] == "lost" else row["value"]
    with opened(tmp_path, tables) as history:
        [cost] = _told(_only(examine(history)))["valued_for_one_outcome"].costs
        figure = analyse(history, drivers=False).figure("win_rate_by_value")
    assert (cost.key, cost.withheld) == ("win_rate_by_value", True)
    assert figure is not None
    assert figure.withheld == "one_outcome_only"


def test_placeholders_and_spellings_are_named(tmp_path: Path) -> None:
    """``None`` under competitor is a value; elsewhere it may stand for nothing."""
    tables = healthy()
    for number, row in enumerate(tables["deals"]):
        row |= {"competitor": "None", "persona": ("Select", "-", "Founder")[number % 3]}
        row |= {"segment": ("SMB", "smb", "Smb.")[number % 3], "product": ("NorthPro", "North Pro")[number % 2]}
    source = _only(examined(tmp_path, tables))
    odd = {(one.key, one.field): one for one in source.findings}
    assert set(odd) == {("placeholder", "persona"), ("spellings", "segment"), ("spellings", "product")}
    assert odd["placeholder", "persona"].count == 67
    assert "“Select” (34), “-” (33)" in odd["placeholder", "persona"].text
    assert odd["spellings", "segment"].count == 66
    assert odd["spellings", "product"].place == "duplicates"


def test_a_field_that_some_deals_have_speaks_for_those(tmp_path: Path) -> None:
    """Unless nobody could fill it at the opening: a leak by evidence, by its name or by its owner's word."""
    names = ("Need", "Known late", "Closing note", "Decided")
    attributes = tuple(Field(name, f"attr.{name}", f"{name} (own)", "category") for name in names)
    tables = healthy()
    for number, row in enumerate(tables["deals"]):
        filled = "a" if number % 4 < 2 else None
        row |= {"attr.Need": filled, "attr.Closing note": filled, "attr.Decided": filled}
        row["attr.Known late"] = "a" if row["outcome"] == "won" else None
    decided = Settings(leaks={"Decided (own)": "leak"})
    about = {"fields": (*meta().fields, *attributes)}
    source = _only(examined(tmp_path, tables, decided, **about))
    [finding] = [one for one in source.findings if one.key == "field_empty"]
    assert (finding.field, finding.column, finding.count, finding.of) == ("Need", "Need (own)", 50, 100)
    for row in tables["deals"]:
        row["attr.Size"] = row["attr.Need"]
    about["fields"] = (*about["fields"], Field("Size", "attr.Size", "Size", "category"))
    [both] = [one for one in _only(examined(tmp_path / "two", tables, decided, **about)).findings if one.count == 50]
    assert both.column == "Need (own), Size"
    assert "leave them empty" in both.text
    assert "speaks for 50 closed deals only" in finding.loses


def test_people_are_not_named(tmp_path: Path) -> None:
    """Neither owners nor any other field of people."""
    tables = healthy()
    for number, row in enumerate(tables["deals"]):
        row |= {
            "owner": "Mallory" if number else None,
            "attr.Account Manager": ("Trent", "trent", "unknown")[number % 3],
        }
    fields = (*meta().fields, Field("Account Manager", "attr.Account Manager", "Account Manager", "category"))
    found = repr(examined(tmp_path, tables, fields=fields))
    assert "deals have no owner" in found
    assert "Mallory" not in found
    assert "rent" not in found.replace("different", "")


def test_each_source_is_looked_at_by_itself(tmp_path: Path) -> None:
    """The larger first; what one lacks is not held against the other."""
    tables = healthy()
    for row in tables["deals"][:30]:
        row |= {"data_source": "fair", "owner": None}
    sources = examined(tmp_path, tables, sources=(DataSource("crm", day(0)), DataSource("fair"))).sources
    assert [(one.key, one.deals) for one in sources] == [("crm", 70), ("fair", 30)]
    assert "no_owner" in _told(sources[1])
    assert "no_owner" not in _told(sources[0])


def test_fields_are_named_as_their_source_names_them(tmp_path: Path) -> None:
    """As far as the source is known to."""
    tables = healthy()
    for row in tables["deals"][:9]:
        row |= {"opened_at": None, "account": None}
    with opened(tmp_path, tables) as history:
        source = _only(examine(history, headers={"crm": {"opened_at": "Engage date"}, "fair": {"account": "Firm"}}))
    assert _told(source)["no_opening"].column == "Engage date"
    assert _told(source)["no_account"].column == "account"
    assert "Engage date" in {one.column for one in source.fields}


def test_an_empty_record_is_whole(tmp_path: Path) -> None:
    """There is nothing to say of it."""
    assert examined(tmp_path, {"deals": []}).sources == ()


@pytest.mark.parametrize("seed", [1, 2])
def test_what_a_figure_rests_on_is_what_the_report_says(seed: int, tmp_path: Path) -> None:
    """The costs count the same deals as the figures do."""
    with opened(tmp_path, company(seed)) as history:
        rows = with_readings(facts.read(history), Reasons.of(history.meta, Settings()))
        wanted = health_costs.needs(rows)
        [row] = rows.aggregate(**health_costs.asked(wanted, rows)).to_pyarrow().to_pylist()
        report = analyse(history, drivers=False)
    for one in wanted:
        figure = report.figure(one.metric.key)
        if figure is not None and not isinstance(one.metric.shape, Apart) and figure.withheld != "one_outcome_only":
            assert row[f"n:{one.metric.key}"] == figure.n, one.metric.key


@pytest.mark.parametrize(
    ("gap", "emptied", "keys"),
    [
        ("no_amount", {"value": None}, {"win_rate_by_value", "value_won", "value_lost", "median_deal_value"}),
        ("no_opening", {"opened_at": None}, {"cycle_won_days", "cycle_lost_days", "cohort_win_rate"}),
        ("no_close", {"closed_at": None}, {"cycle_won_days", "cycle_lost_days"}),
        ("no_account", {"account": None}, {"effective_accounts"}),
    ],
)
def test_what_is_said_to_be_lost_is_there_once_it_is_filled_in(
    gap: str, emptied: Row, keys: set[str], tmp_path: Path
) -> None:
    """``n`` is of the record as it is, ``could`` of the same record mended."""
    full, spoilt = healthy(), healthy()
    for row in random.Random(4).sample(spoilt["deals"], 40):
        row.update(emptied)
    costs = {cost.key: cost for cost in _told(_only(examined(tmp_path / "spoilt", spoilt)))[gap].costs}
    assert keys <= set(costs)
    counted = {}
    for name, tables in (("full", full), ("less", spoilt)):
        with opened(tmp_path / name, tables) as history:
            counted[name] = {one.key: one.n for one in analyse(history, drivers=False).figures if not one.by}
    for key in keys - {"effective_accounts", "cohort_win_rate"}:
        assert costs[key].n == counted["less"][key], key
        assert costs[key].could == counted["full"][key], key
        wider = costs[key].wider
        if wider is not None:
            assert wider == pytest.approx((counted["full"][key] / counted["less"][key]) ** 0.5 - 1)


def test_what_is_lacking_beside_is_told(tmp_path: Path) -> None:
    """With neither opening nor close, each alone would not make a cycle."""
    tables = healthy()
    for row in tables["deals"]:
        row |= {"opened_at": None, "closed_at": None}
    costs = {cost.key: cost for cost in _told(_only(examined(tmp_path, tables)))["no_opening"].costs}
    assert costs["cycle_won_days"].beside == ("closed_at",)
    assert costs["cohort_win_rate"].beside == ()


def test_every_column_that_a_figure_reads_is_known_here(tmp_path: Path) -> None:
    """And none is listed that no figure reads."""
    with opened(tmp_path, healthy(5)) as history:
        rows = with_readings(facts.read(history), Reasons.of(history.meta, Settings()))
        read: set[str] = set()
        for metric in METRICS:
            for name in health_costs._named(metric.of(rows), rows):
                read |= health_costs._columns(name, rows)
            read |= set(health_costs._held(metric))
    assert read == set(health_costs.MADE_FROM)
    assert {m.shape.module for m in BY_KEY.values() if isinstance(m.shape, Apart)} == set(health_costs.APART)


def test_words_are_compared_without_their_dress() -> None:
    """Capitals, punctuation and spaces."""
    assert plain(" Please-Select… ") == "please select"
    assert plain("--") == ""
