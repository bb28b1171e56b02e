"""The three clocks of won deals, against the rows in plain Python."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import median

import pytest

from notyet.analysis.clocks import StageClock, stage_clocks
from notyet.analysis.meta import Stage
from tests.analysis.written import STAGES, Row, day, deal, meta, opened

Stay = tuple[str, datetime, datetime]
KINDS = {"Enquiry": "enquiry", "Need": "need", "Proposal": "proposal"}


def _clocks(folder: Path, rows: list[Row], entries: list[Row], talks: list[Row]) -> dict[str, StageClock]:
    with opened(folder, {"deals": rows, "stage_changes": entries, "conversations": talks}) as history:
        return {one.kind: one for one in stage_clocks(history)}


def _entry(number: int, stage: str, days: float) -> Row:
    return {"deal": number, "stage": stage, "entered_at": day(days)}


def _talk(number: int, days: float, **more: object) -> Row:
    return {"deal": number, "at": day(days), "channel": "call", "missed": False, **more}


def _same(count: int = 5) -> tuple[list[Row], list[Row], list[Row]]:
    """Deals of 20 days: Need on day 4, Proposal on day 10; talks on days 1, 3, 9 and 12."""
    numbers = range(count)
    rows = [deal(n, opened_at=day(0), closed_at=day(20)) for n in numbers]
    entries = [_entry(n, s, at) for n in numbers for s, at in (("Enquiry", 0), ("Need", 4), ("Proposal", 10))]
    talks = [_talk(n, at) for n in numbers for at in (1, 3, 9, 12)]
    return rows, entries, talks


def test_each_clock_is_the_median_over_won_deals(tmp_path: Path) -> None:
    found = _clocks(tmp_path, *_same())
    assert found["need"] == StageClock("need", 5, 10 * 24, 6 * 24, 6 * 24)
    assert found["proposal"] == StageClock("proposal", 5, 20 * 24, 10 * 24, 8 * 24)
    assert found["enquiry"] == StageClock("enquiry", 5, 4 * 24, 4 * 24, 2 * 24)
    assert found[""] == StageClock("", 5, 20 * 24, 10 * 24, 8 * 24)


def test_below_five_deals_nothing_is_said(tmp_path: Path) -> None:
    found = _clocks(tmp_path, *_same(4))
    assert found["need"] == StageClock("need", 4, None, None, None)


def test_lost_open_and_unpaid_deals_do_not_count(tmp_path: Path) -> None:
    rows, entries, talks = _same(8)
    rows[5] |= {"outcome": "lost", "paid_at": None}
    rows[6] |= {"outcome": "open", "closed_at": None, "paid_at": None}
    rows[7] |= {"paid_at": None}
    assert _clocks(tmp_path, rows, entries, talks)["need"].n == 5


def test_nothing_won_tells_nothing(tmp_path: Path) -> None:
    assert _clocks(tmp_path, [deal(1, "lost"), deal(2, "open")], [], []) == {}


def test_a_record_without_stages_has_the_fallback(tmp_path: Path) -> None:
    rows, _, talks = _same()
    assert _clocks(tmp_path, rows, [], talks) == {"": StageClock("", 5, 480, None, 8 * 24)}


def test_entering_a_stage_again_is_no_new_stay(tmp_path: Path) -> None:
    rows, entries, talks = _same()
    entries += [_entry(n, "Need", 7) for n in range(5)]
    assert _clocks(tmp_path, rows, entries, talks)["need"].stage_hours == 6 * 24


def test_missed_calls_and_notes_do_not_break_a_silence(tmp_path: Path) -> None:
    rows, entries, talks = _same()
    talks += [_talk(n, 16, missed=True) for n in range(5)]
    talks += [_talk(n, 17, channel="note") for n in range(5)]
    assert _clocks(tmp_path, rows, entries, talks)["proposal"].quiet_hours == 8 * 24


def test_an_order_waits_for_its_payment(tmp_path: Path) -> None:
    rows, entries, talks = _same()
    rows = [row | {"paid_at": day(26)} for row in rows]
    about = {"deals": rows, "conversations": talks}
    entries += [_entry(n, "Ordered", 20) for n in range(5)] + [_entry(n, "Paid", 26) for n in range(5)]
    stages = (*STAGES, Stage("Ordered", "order", 4), Stage("Paid", "paid", 5))
    with opened(tmp_path, {**about, "stage_changes": entries}, meta(stages=stages)) as history:
        found = {one.kind: one for one in stage_clocks(history)}
    assert found["order"].stage_hours == 6 * 24
    assert "paid" not in found


@pytest.mark.parametrize("seed", range(6))
def test_it_agrees_with_the_rows(tmp_path: Path, seed: int) -> None:
    rows, entries, talks = _drawn(Random(seed))
    found = _clocks(tmp_path, rows, entries, talks)
    wanted = _expected(rows, entries, talks)
    assert set(found) == set(wanted)
    for kind, values in wanted.items():
        for name, each in zip(("opening_hours", "stage_hours", "quiet_hours"), values, strict=True):
            expected = median(each) if len(each) >= 5 else None
            assert getattr(found[kind], name) == pytest.approx(expected), (kind, name)


def _drawn(random: Random) -> tuple[list[Row], list[Row], list[Row]]:
    rows: list[Row] = []
    entries: list[Row] = []
    talks: list[Row] = []
    for number in range(30):
        start, length = random.uniform(0, 50), random.uniform(5, 40)
        outcome = random.choice(("won", "won", "lost", "open"))
        rows.append(deal(number, outcome, opened_at=day(start)))
        if outcome != "open":
            rows[-1]["closed_at"] = day(start + length)
        at = start
        for _ in range(random.randint(0, 5)):
            entries.append(_entry(number, random.choice((*KINDS, "Elsewhere", "Lost")), at))
            at += random.uniform(0, 12)
        talks += [_talk(number, start + random.uniform(-3, length + 5)) for _ in range(random.randint(0, 6))]
    return rows, entries, talks


def _expected(rows: list[Row], entries: list[Row], talks: list[Row]) -> dict[str, tuple[list[float], ...]]:
    found: dict[str, tuple[list[float], ...]] = defaultdict(lambda: ([], [], []))
    for row in (one for one in rows if one["outcome"] == "won"):
        mine = sorted((e["entered_at"], e["stage"]) for e in entries if e["deal"] == row["deal"])
        kept = [e for number, e in enumerate(mine) if number == 0 or mine[number - 1][1] != e[1]]
        ends = [*(at for at, _ in kept[1:]), row["closed_at"]]
        stays = [
            (KINDS.get(stage, "other" if stage != "Lost" else "lost"), at, end)
            for (at, stage), end in zip(kept, ends, strict=False)
        ]
        stays = [one for one in stays if one[0] != "lost" and one[2] >= one[1]]
        said = sorted([row["opened_at"], *(t["at"] for t in talks if t["deal"] == row["deal"])])
        for kind in {one[0] for one in stays}:
            of_kind = [one for one in stays if one[0] == kind]
            _add(found[kind], of_kind, of_kind, said, row)
        _add(found[""], [("", row["opened_at"], row["closed_at"])], stays, said, row)
    return found


def _add(to: tuple[list[float], ...], spans: list[Stay], stays: list[Stay], said: list[datetime], row: Row) -> None:
    to[0].append(max(end - row["opened_at"] for _, _, end in spans) / timedelta(hours=1))
    if stays:
        to[1].append(max(end - at for _, at, end in stays) / timedelta(hours=1))
    silences = [
        min(until, end) - since
        for since, until in [*pairwise(said), (said[-1], row["closed_at"] + timedelta(days=999))]
        for _, at, end in spans
        if since < end and until > at
    ]
    if silences:
        to[2].append(max(silences) / timedelta(hours=1))
