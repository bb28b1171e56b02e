"""What became of each step, deal by deal in plain Python, with the working time of the workspace's own rules."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from notyet.analysis.conformance_rules import DAYS
from notyet.analysis.process import Due, ProcessVersion, Working
from notyet.core.working_time import WorkingTime
from tests.analysis.written import Row

Key = tuple[str, str]
NEVER = datetime.max.replace(tzinfo=UTC)
CLOSED = ("won", "lost", "no_decision")


@dataclass(frozen=True)
class Span:
    """A moment, or a day of which the hour is not known."""

    at: datetime
    until: datetime


@dataclass
class Expected:
    """Counts by status, and at each landmark by group and outcome."""

    statuses: dict[Key, Counter[str]]
    groups: dict[tuple[Key, int], Counter[tuple[str, bool]]]


@dataclass(frozen=True)
class World:
    """The rows of a history and the rules it is judged by."""

    deals: list[Row]
    entries: list[Row]
    done: list[Row]
    versions: tuple[ProcessVersion, ...]
    working: Working
    zone: ZoneInfo
    now: datetime

    def version(self, deal: Row) -> ProcessVersion:
        """The version that a deal names, else the one in force at its opening, else the first."""
        named = [one for one in self.versions if one.name == (deal.get("process_version") or "").strip()]
        since = [
            v for v in self.versions if v.published_at and deal["opened_at"] and v.published_at <= deal["opened_at"]
        ]
        return (named or since[-1:] or [self.versions[0]])[0]

    def span(self, row: Row, column: str, bit: int) -> Span:
        """When a row says that something happened."""
        at = row[column]
        if not row.get("plain_dates", 0) >> bit & 1:
            return Span(at, at)
        local = at.astimezone(self.zone)
        following = datetime.combine(local.date() + timedelta(days=1), local.min.time(), self.zone)
        return Span(at, following.astimezone(UTC) - timedelta(microseconds=1))

    def firsts(self, deal: Row, rows: list[Row], text: str, time: str, said: dict[str, str]) -> dict[str, Span]:
        """The first time of each stage or step of a deal, by key."""
        found: dict[str, Span] = {}
        for row in rows:
            key = said.get(row[text])
            if row["deal"] != deal["deal"] or key is None or row[time] > self.now:
                continue
            new, old = self.span(row, time, 0), found.get(key, Span(NEVER, NEVER))
            found[key] = Span(min(new.at, old.at), min(new.until, old.until))
        return found

    def due(self, since: Span, due: Due, times: int) -> datetime:
        """The moment by which so many times what is allowed has passed."""
        known = self.working
        rules = WorkingTime(self.zone, frozenset(known.days), known.starts, known.ends, frozenset(known.closed))
        if due.amount == 0:
            at_once = due.unit == "hours" and times == 1
            return (
                since.until if at_once else rules.add_days(since.until if due.unit == "hours" else since.at, times - 1)
            )
        if due.unit == "hours":
            return rules.add_hours(since.until, due.amount * times)
        return rules.add_days(since.at, due.amount * times)


def expected(world: World) -> Expected:
    """Walk through every deal."""
    found = Expected(defaultdict(Counter), defaultdict(Counter))
    entered = {d["deal"]: _entered(world, d) for d in world.deals}
    done = {
        d["deal"]: world.firsts(d, world.done, "step", "done_at", dict(world.version(d).wordings)) for d in world.deals
    }
    stages_from: dict[Key, datetime] = defaultdict(lambda: NEVER)
    steps_from: dict[Key, datetime] = defaultdict(lambda: NEVER)
    for deal in world.deals:
        name = world.version(deal).name
        for key, when in entered[deal["deal"]].items():
            stages_from[name, key] = min(stages_from[name, key], when.at)
        for stage in world.version(deal).stages:
            for key in {step.key for step in stage.steps} & done[deal["deal"]].keys():
                begun = entered[deal["deal"]].get(stage.key, Span(NEVER, NEVER)).at
                steps_from[name, key] = min(steps_from[name, key], begun)
    for deal in world.deals:
        walk = _Walk(world, deal, entered[deal["deal"]], done[deal["deal"]], found)
        name = world.version(deal).name
        for turn, stage in enumerate(world.version(deal).stages):
            walk.jump(turn, stages_from[name, stage.key])
            for number in range(len(stage.steps)):
                walk.step(turn, number, steps_from[name, stage.steps[number].key])
    return found


def _entered(world: World, deal: Row) -> dict[str, Span]:
    version = world.version(deal)
    found = world.firsts(deal, world.entries, "stage", "entered_at", dict(version.labels))
    opened, first = world.span(deal, "opened_at", 0), version.stages[0].key
    earliest = min((when.at for when in found.values()), default=NEVER)
    said_so = first in found and found[first].at == earliest
    if opened.at < earliest and not said_so:
        found[first] = opened
    return found


@dataclass(frozen=True)
class _Walk:
    world: World
    deal: Row
    entered: dict[str, Span]
    done: dict[str, Span]
    found: Expected

    @property
    def ended(self) -> datetime:
        return self.deal["closed_at"] or NEVER

    def _later(self, turn: int) -> datetime:
        later = self.world.version(self.deal).stages[turn + 1 :]
        return min((self.entered[one.key].until for one in later if one.key in self.entered), default=NEVER)

    def _compare(self, key: Key, number: int, landmark: datetime, group: str) -> None:
        if self.deal["outcome"] in CLOSED and self.ended > landmark and landmark < NEVER:
            self.found.groups[key, number][group, self.deal["outcome"] == "won"] += 1

    def jump(self, turn: int, since: datetime) -> None:
        stages = self.world.version(self.deal).stages
        later = self._later(turn)
        if not 0 < turn < len(stages) - 1 or later > self.world.now or later < since:
            return
        own = self.entered.get(stages[turn].key)
        group = "in_time" if own is not None and own.at <= later else "skipped"
        self.found.statuses[stages[turn].key, ""][group] += 1
        self._compare((stages[turn].key, ""), 0, later, group)

    def step(self, turn: int, number: int, since: datetime) -> None:
        stage = self.world.version(self.deal).stages[turn]
        step, own = stage.steps[number], self.entered.get(stage.key)
        if own is None or own.at < since or own.at > self.world.now:
            return
        key = (stage.key, step.key)
        when = self.done.get(step.key, Span(NEVER, NEVER))
        gone = self._later(turn) if self._later(turn) >= own.at else NEVER
        out = when.until < own.at or when.at > max(gone, own.until)
        end = min(self.ended, self.world.now)
        if step.due is None:
            due, landmarks = None, [own.at + timedelta(days=days) for days in DAYS]
        else:
            due, landmarks = self.world.due(own, step.due, 1), [self.world.due(own, step.due, 2)]
        self.found.statuses[key][self._status(when, due, gone, end, out)] += 1
        for place, landmark in enumerate(landmarks):
            if when.at <= (due or landmark):
                group = "out_of_order" if out else "in_time"
            else:
                group = "late" if when.at <= landmark else "skipped"
            self._compare(key, place, landmark, group)

    def _status(self, when: Span, due: datetime | None, gone: datetime, end: datetime, out: bool) -> str:
        if when.at <= end:
            if due is not None and when.at > due:
                return "late"
            return "out_of_order" if out else "in_time"
        if gone <= end or (due is not None and due < end):
            return "skipped"
        return "ended_before" if self.ended <= self.world.now else "not_yet_due"
