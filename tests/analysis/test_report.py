"""The report as a whole: its keys, its counts, its warnings, and histories at the edge."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from notyet.analysis import quality
from notyet.analysis.groups import Level
from notyet.analysis.meta import DataSource, Field, Meta
from notyet.analysis.report import analyse, to_json
from notyet.analysis.results import DealCounts, Report
from notyet.analysis.selection import Selection
from tests.analysis.test_figures import company
from tests.analysis.written import NOW, Row, day, deal, deals, meta, opened


def _report(folder: Path, tables: dict[str, list[Row]], about: Meta | None = None, **more: object) -> Report:
    with opened(folder, tables, about) as history:
        return analyse(history, selection=Selection(**more), drivers=False)  # type: ignore[arg-type]


def test_the_keys_of_the_exchange_format_are_there(tmp_path: Path) -> None:
    with opened(tmp_path, company(1)) as history:
        found = json.loads(json.dumps(to_json(analyse(history)), allow_nan=False))
    promised = {"as_of", "deals", "figures", "reasons", "agreement", "drivers", "tested", "experiments", "warnings"}
    assert promised <= set(found)
    counts = {"closed", "won", "lost", "no_decision", "disqualified", "ordered_unpaid", "open", "payment_known_from"}
    assert set(found["deals"]) == counts
    figure = {"key", "label", "unit", "value", "low", "high", "n", "by", "withheld"}
    assert all(figure <= set(one) for one in found["figures"])
    assert all({"reason", "control", "seller", "buyer"} <= set(one) for one in found["reasons"])
    assert all({"deals", "value"} <= set(one[side]) for one in found["reasons"] for side in ("seller", "buyer"))
    assert {"share", "low", "high", "kappa", "n"} <= set(found["agreement"])
    assert all({"kind", "field", "text"} <= set(one) for one in found["warnings"])
    assert found["experiments"] == [] and found["as_of"] == "2025-12-31T23:00:00Z"


def test_deals_are_counted_by_how_they_ended(tmp_path: Path) -> None:
    rows = deals(won=4, lost=3, no_decision=2, disqualified=1, open=5)
    rows += [deal(50, "won", paid_at=None), deal(51, "won", paid_at=None, data_source="old")]
    counts = _report(tmp_path, {"deals": rows}).deals
    assert counts == DealCounts(10, 5, 3, 2, 1, 1, 5, payment_known_from=day(0))


def test_won_counts_as_won_where_its_source_did_not_know_payments_yet(tmp_path: Path) -> None:
    about = replace(meta(), sources=(DataSource("crm", day(30)),))
    before, after = deal(1, closed_at=day(29), paid_at=None), deal(2, closed_at=day(31), paid_at=None)
    counts = _report(tmp_path, {"deals": [before, after]}, about).deals
    assert (counts.won, counts.ordered_unpaid) == (1, 1)


@pytest.mark.parametrize("outcome", ["open", "won", "lost", "disqualified"])
@pytest.mark.parametrize("count", [1, 40])
def test_a_history_of_one_outcome_has_a_report(tmp_path: Path, outcome: str, count: int) -> None:
    with opened(tmp_path, {"deals": deals(**{outcome: count})}) as history:
        report = analyse(history)
    assert report.deals.closed == (count if outcome in ("won", "lost") else 0)
    assert report.drivers == ()
    json.dumps(to_json(report), allow_nan=False)


def test_an_empty_history_has_a_report(tmp_path: Path) -> None:
    with opened(tmp_path, {"deals": []}) as history:
        report = analyse(history)
    assert report.deals.closed == 0 and report.reasons == ()
    assert all(figure.value is None for figure in report.figures)
    assert "small_sample" in {warning.kind for warning in report.warnings}


def test_deals_without_any_time_or_amount_have_a_report(tmp_path: Path) -> None:
    bare = [{"deal": n, "data_source": "crm", "deal_id": str(n), "outcome": ("won", "lost")[n % 2]} for n in range(20)]
    report = _report(tmp_path, {"deals": bare}, replace(meta(), sources=()))
    win_rate, cycle = report.figure("win_rate"), report.figure("cycle_won_days")
    assert win_rate is not None and win_rate.value == 0.5
    assert cycle is not None and (cycle.value, cycle.n) == (None, 0)
    texts = " ".join(warning.text for warning in report.warnings)
    assert "20 of 20 deals have no opening" in texts and "won means ordered, not paid" in texts
    assert _report(tmp_path, {"deals": bare}, replace(meta(), sources=()), since=day(0).date()).deals.closed == 0


def test_what_was_not_known_at_an_earlier_moment_is_not_in_its_report(tmp_path: Path) -> None:
    report = _report(tmp_path, {"deals": deals(won=30, lost=30)}, as_of=day(40))
    assert report.as_of == day(40)
    assert report.deals.open > 0 and report.deals.ordered_unpaid > 0
    assert _report(tmp_path, {"deals": deals(won=30, lost=30)}, as_of=NOW).deals.won == 30


def test_gaps_in_the_record_are_said_with_the_sources_own_words(tmp_path: Path) -> None:
    about = replace(meta(), fields=(*meta().fields, Field("amount", "amount", "Deal size", "number")))
    rows = [deal(n, value=None, amount=5, currency="XXX") for n in range(3)] + [
        deal(n, currency=None) for n in range(3, 9)
    ]
    report = _report(tmp_path, {"deals": rows}, about)
    said = {(warning.field, warning.text.split(" of ")[0]) for warning in report.warnings}
    assert {("Deal size", "3"), ("currency", "6"), ("currency", "3")} <= said
    assert any(
        "taken as known at the opening" in warning.text and "Deal size" in warning.text for warning in report.warnings
    )


def test_answers_that_depend_on_a_circumstance_are_said_to() -> None:
    about = replace(meta(), fields=(Field("persona", "persona", "Buyer role", "category"),))
    biased = {"persona": (Level("IT", 100, 50, 100, 70), Level("Founder", 100, 50, 100, 30))}
    even = {"persona": (Level("IT", 100, 50, 100, 52), Level("Founder", 100, 50, 100, 48))}
    found = quality.answer_bias(biased, about)
    assert [(one.kind, one.field) for one in found] == [("answer_bias", "Buyer role")]
    assert quality.answer_bias(even, about) == ()


def test_few_answers_or_everybodys_are_no_bias() -> None:
    few = {"persona": (Level("IT", 5, 1, 5, 4), Level("Founder", 5, 1, 5, 0))}
    everybody = {"persona": (Level("IT", 90, 9, 90, 90), Level("Founder", 90, 9, 90, 90))}
    assert quality.answer_bias(few, meta()) == quality.answer_bias(everybody, meta()) == ()


def test_a_meta_comes_back_from_its_file(tmp_path: Path) -> None:
    about = replace(meta(), frozen_at=datetime(2025, 5, 1, 12, 30, tzinfo=UTC), revision=9)
    about.save(tmp_path)
    assert Meta.load(tmp_path) == about
