"""Every figure against plain Python over the rows it is made from."""

import random
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from notyet.analysis.metrics import Apart, Total
from notyet.analysis.registry import BY_KEY, METRICS
from notyet.analysis.report import analyse
from notyet.analysis.results import Figure, Report
from notyet.analysis.selection import Selection
from tests.analysis.figures_oracle import Closed
from tests.analysis.written import Row, day, deal, deals, opened

ELSEWHERE = {"missed_returned", "missed_returned_difference", "promises_kept_difference", "next_step_7d_difference"}


def company(seed: int, size: int = 160) -> dict[str, list[Row]]:
    """A history in which everything that figures are made of happens now and then."""
    draw = random.Random(seed)
    tables: dict[str, list[Row]] = {n: [] for n in ("deals", "conversations", "promises", "debriefs", "buyer_answers")}
    for number in range(size):
        outcome = draw.choice(["won", "won", "lost", "lost", "no_decision", "disqualified", "open"])
        begun, length = day(draw.randrange(100), draw.random()), draw.choice([0.5, 3, 12, 30])
        row = deal(number, outcome, opened_at=begun, value=draw.choice([None, 500.0, 800.0, draw.lognormvariate(7, 1)]))
        row["closed_at"] = None if outcome == "open" else begun + timedelta(days=length * (0.5 + draw.random()))
        row["paid_at"] = row["closed_at"] if outcome == "won" and draw.random() < 0.9 else None
        row["loss_reason"] = draw.choice([None, "Too pricey", "We were slow", "Frozen", "Strange"])
        row |= {name: draw.choice([None, "A", "B", "None"]) for name in ("persona", "team")}
        tables["deals"].append(row)
        _lived(tables, row, draw)
    return tables


def _lived(tables: dict[str, list[Row]], row: Row, draw: random.Random) -> None:
    number, begun = row["deal"], row["opened_at"]
    for index in range(draw.randrange(4)):
        talk = {"at": begun + timedelta(hours=60 * draw.random() * (1 + 3 * index)), "channel": "call", "missed": False}
        way = "out" if index == 0 else draw.choice(["in", "out"])
        tables["conversations"].append(
            {"deal": number, **talk, "direction": way, "contact": draw.choice(["Ann", "Bo"])}
        )
    tables["conversations"] = [
        t for t in tables["conversations"] if t["deal"] != number or _sellers_speak_first(t, tables)
    ]
    for _ in range(draw.randrange(3)):
        due = begun + timedelta(days=draw.randrange(1, 20))
        kept = draw.choice([None, due - timedelta(hours=2), due, due + timedelta(hours=1)])
        tables["promises"].append({"deal": number, "made_at": begun, "due_at": due, "kept_at": kept})
    if row["closed_at"] and draw.random() < 0.6:
        tables["debriefs"].append({"deal": number, "at": row["closed_at"], "preparation": draw.random()})
    if row["closed_at"] and draw.random() < 0.6:
        asked = row["closed_at"] + timedelta(days=14)
        answered = asked + timedelta(days=2) if draw.random() < 0.5 else None
        reason = draw.choice(["Too pricey", "We were slow", "zu teuer"]) if answered else None
        answer = {"invited_at": asked, "answered_at": answered, "deciding_reason": reason}
        tables["buyer_answers"].append({"deal": number, **answer})


def _sellers_speak_first(talk: Row, tables: dict[str, list[Row]]) -> bool:
    first = min(t["at"] for t in tables["conversations"] if t["deal"] == talk["deal"] and t["direction"] == "out")
    return bool(talk["at"] >= first)


def _report(folder: Path, tables: dict[str, list[Row]], selection: Selection | None = None) -> Report:
    with opened(folder, tables) as history:
        return analyse(history, None, selection, drivers=False)


@pytest.mark.parametrize("seed", range(3))
def test_every_figure_agrees_with_plain_python(tmp_path: Path, seed: int) -> None:
    tables = company(seed)
    report = _report(tmp_path, tables)
    for key, (value, n) in Closed(tables).figures().items():
        figure = report.figure(key)
        assert figure is not None
        assert figure.n == n, key
        assert figure.value == pytest.approx(value), key
        if figure.value is not None and not isinstance(BY_KEY[key].shape, Total):
            assert figure.low is not None and figure.low <= figure.value, key


def test_the_oracle_knows_every_metric_that_has_no_test_of_its_own() -> None:
    made = {metric.key for metric in METRICS if not isinstance(metric.shape, Apart)}
    assert made - ELSEWHERE == set(Closed(company(0)).figures())


def test_win_rates_by_group_are_those_of_the_groups_deals(tmp_path: Path) -> None:
    tables = company(4)
    report, closed = _report(tmp_path, tables), Closed(tables)
    for level in ("A", "B", "None", "(not recorded)"):
        rows = [row for row in closed.rows if (row["persona"] or "(not recorded)") == level]
        figure = report.figure("win_rate", persona=level)
        assert figure is not None and (figure.n, figure.count) == (len(rows), sum(row in closed.won for row in rows))
        assert figure.pooled_low is not None and figure.pooled is not None and figure.pooled_low < figure.pooled
    assert not [one for one in report.figures if "owner" in one.by]


def test_a_selection_changes_every_figure_as_if_only_its_deals_were_there(tmp_path: Path) -> None:
    tables = company(5)
    chosen = {row["deal"] for row in tables["deals"] if row["team"] == "A"}
    narrowed = {name: [row for row in rows if row["deal"] in chosen] for name, rows in tables.items()}
    whole = _report(tmp_path / "whole", tables, Selection(where=(("team", ("A",)),)))
    alone = _report(tmp_path / "alone", narrowed)
    for part in ("figures", "reasons", "deals"):
        said, expected = flat(getattr(whole, part)), flat(getattr(alone, part))
        assert said.keys() == expected.keys()
        assert said == pytest.approx(expected, rel=1e-12), "the order in which rows are added up may differ"


def flat(part: object, path: str = "") -> dict[str, object]:
    """The values within a part of a report, by where they stand; others than numbers in their names."""
    if is_dataclass(part):
        inside: Iterable[tuple[object, object]] = ((one.name, getattr(part, one.name)) for one in fields(part))
    elif isinstance(part, dict):
        inside = part.items()
    elif isinstance(part, list | tuple):
        inside = enumerate(part)
    elif isinstance(part, float):
        return {path: part}
    else:
        return {f"{path}={part!r}": 0.0}
    return {where: value for name, one in inside for where, value in flat(one, f"{path}.{name}").items()}


def _history(**children: list[Row]) -> dict[str, list[Row]]:
    return {"deals": deals(won=10, lost=10), **children}


def test_missed_calls_are_returned_or_not_deal_by_deal(tmp_path: Path) -> None:
    talks = []
    for number in range(20):
        opening = deal(number)["opened_at"]
        talks.append(_call(number, opening + timedelta(days=2), "in", missed=True))
        if number < 12:
            talks.append(_call(number, opening + timedelta(days=2, hours=20), "out"))
    report = _report(tmp_path, _history(conversations=talks))
    returned, difference = report.figure("missed_returned"), report.figure("missed_returned_difference")
    assert returned is not None and (returned.value, returned.n) == (pytest.approx(12 / 20), 20)
    # 10 of the 12 with all calls returned were won, none of the other 8.
    assert difference is not None and (difference.value, difference.n) == (pytest.approx(10 / 12), 20)


def test_broken_promises_and_next_steps_go_with_the_outcome(tmp_path: Path) -> None:
    promises = [
        {
            "deal": n,
            "made_at": deal(n)["opened_at"],
            "due_at": deal(n)["opened_at"] + timedelta(days=5),
            "kept_at": None,
        }
        for n in range(20)
    ]
    for promise in promises[:8]:
        promise["kept_at"] = promise["due_at"]
    steps = [{"deal": n, "due_at": deal(n)["opened_at"] + timedelta(days=3 if n < 15 else 9)} for n in range(20)]
    report = _report(tmp_path, _history(promises=promises, next_steps=steps))
    kept, step = report.figure("promises_kept_difference"), report.figure("next_step_7d_difference")
    assert kept is not None and kept.value == pytest.approx(1 - 2 / 12)
    assert step is not None and step.value == pytest.approx(10 / 15 - 0)


def _call(number: int, at: object, direction: str, *, missed: bool = False) -> Row:
    return {"deal": number, "at": at, "channel": "call", "direction": direction, "missed": missed, "contact": "Ann"}


def test_four_deals_are_withheld_and_counted(tmp_path: Path) -> None:
    figure = _report(tmp_path, {"deals": deals(won=2, lost=2)}).figure("win_rate")
    assert figure is not None
    assert (figure.value, figure.low, figure.high, figure.n, figure.count) == (None, None, None, 4, 2)
    assert figure.withheld == "below_five"


def test_values_of_one_outcome_only_make_no_win_rate_by_value(tmp_path: Path) -> None:
    rows = [row | ({} if row["outcome"] == "won" else {"value": None}) for row in deals(won=10, lost=10)]
    report = _report(tmp_path, {"deals": rows})
    figure = report.figure("win_rate_by_value")
    assert figure is not None and (figure.value, figure.withheld) == (None, "one_outcome_only")
    assert any("one outcome only" in warning.text for warning in report.warnings)


def test_never_replied_counts_as_longer_than_any_time(tmp_path: Path) -> None:
    talks = [_call(n, deal(n)["opened_at"] + timedelta(hours=5), "out") for n in range(4)]
    talks += [_call(n, deal(n)["opened_at"] - timedelta(hours=1), "in") for n in range(4, 10)]
    figure = _report(tmp_path, _history(conversations=talks)).figure("first_reply_hours_won")
    assert figure is not None and (figure.value, figure.n, figure.low) == (None, 10, 5.0)
    assert figure.withheld == "not_recorded"


def test_the_value_won_back_counts_once_paid_and_once_only(tmp_path: Path) -> None:
    rows = deals(lost=10)
    rows += [deal(20, "won", value=700.0), deal(21, "won", value=90.0, reopened_from="D1", deal_id="N1")]
    rows += [deal(22, "won", paid_at=None, reopened_from="D2"), deal(23, "won", value=5.0, reopened_from="Nobody")]
    asked = [{"deal": n, "asked_at": day(100), "result": "no"} for n in range(6)]
    asked += [{"deal": 1, "asked_at": day(101), "result": "reopened", "new_deal_id": "N1"}]
    asked += [
        {"deal": 0, "asked_at": day(101), "result": "reopened", "new_deal_id": "D20"},
        {"deal": 9, "result": "waiting"},
    ]
    report = _report(tmp_path, {"deals": rows, "win_backs": asked})
    share, value = report.figure("won_back_share"), report.figure("won_back_value")
    assert share is not None and (share.count, share.n) == (2, 6)
    assert value is not None and (value.n, value.withheld) == (2, "below_five")


def test_accounts_count_by_the_weight_of_what_they_bought(tmp_path: Path) -> None:
    rows = [deal(n, "won", account=f"A{n}", value=100.0) for n in range(6)] + [
        deal(9, "won", account="A0", value=500.0)
    ]
    figure = _report(tmp_path, {"deals": rows}).figure("effective_accounts")
    assert figure is not None and figure.n == 6
    assert figure.value == pytest.approx(1100**2 / (600**2 + 5 * 100**2))


def test_young_cohorts_are_withheld_until_they_have_matured(tmp_path: Path) -> None:
    old = [deal(n, ("won", "lost")[n % 2], opened_at=day(1), closed_at=day(60)) for n in range(20)]
    young = [deal(n, "won", opened_at=day(340), closed_at=day(341)) for n in range(50, 56)]
    report = _report(tmp_path, {"deals": old + young})
    first, last = (report.figure("cohort_win_rate", opened_quarter=q) for q in ("2025-Q1", "2025-Q4"))
    assert first is not None and (first.value, first.n) == (0.5, 20)
    assert last is not None and (last.value, last.withheld, last.n) == (None, "not_matured", 6)


def test_every_metric_says_what_it_is() -> None:
    for metric in METRICS:
        texts = (metric.label, metric.question, metric.population, metric.method, metric.rejected, metric.window)
        assert all(len(text) > 3 for text in texts), metric.key
    assert len(BY_KEY) == len(METRICS)


def test_figures_are_in_the_registry(tmp_path: Path) -> None:
    figures: tuple[Figure, ...] = _report(tmp_path, company(1)).figures
    assert {figure.key for figure in figures} == set(BY_KEY)
